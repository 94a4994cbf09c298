"""A small export is loaded: what its rows say is on masters, deals and ledger. Commits are left out, so that all is rolled back."""

import frappe
import pytest

from crm_pipeline.importer.load import load
from tests.site.bench.loading import small_export


@pytest.fixture
def export(world, tmp_path, monkeypatch):
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	folder, mapping, _parsed = small_export(tmp_path, world.tag, 8)
	return lambda **values: load(folder, world.company, mapping, rejects=tmp_path, **values)


def test_it(export):
	report = export()
	print(report)
	assert report.loaded == 8

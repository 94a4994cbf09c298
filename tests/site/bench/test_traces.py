"""What benchless answers in ERPNext's place is what this site's ERPNext answers."""

import os
import subprocess
import sys
from pathlib import Path

import frappe
import pytest

from benchless.back_office import files

ROOT = Path(__file__).parents[3]
# Masters that ERPNext chooses from when nobody says which.
CHOSEN_FROM = ("Company", "Customer Group", "Territory", "Price List", "Sales Person")


@pytest.fixture
def like_recorded(site):
	"""Skips on a site with other masters: ERPNext would choose others there, which proves nothing."""
	import erpnext

	version = erpnext.__version__.partition(".")[0]
	for doctype in CHOSEN_FROM:
		recorded = {row["name"] for row in files.load("seed", version)[doctype]}
		present = set(frappe.get_all(doctype, pluck="name", order_by="name asc"))
		if present != recorded:
			pytest.skip(f"traces are compared on a fresh site; here {doctype} has others: {present ^ recorded}")


# All portable tests in one: minutes, and more on a busy machine.
@pytest.mark.timeout(1500)
@pytest.mark.usefixtures("like_recorded")
def test_every_story_is_answered_as_recorded(site):
	"""Tells all portable tests once more, recording, in a process of its own, and compares."""
	frappe.db.rollback()
	recorder = ("-p", "tests.site.recorder.plugin", "--traces=check", "-p", "no:cacheprovider", "-q")
	told = subprocess.run(
		[sys.executable, "-m", "pytest", *recorder, str(ROOT / "tests/site/portable")],
		cwd=ROOT,
		env={**os.environ, "PYTHONPATH": str(ROOT), "CRM_SITE": site},
		capture_output=True,
		text=True,
	)
	assert told.returncode == 0, told.stdout[-6000:] + told.stderr[-2000:]

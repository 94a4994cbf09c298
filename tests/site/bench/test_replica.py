"""Heavy figures are read from the site's replica, where it has one."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.analytics import funnel_picture, outlook
from crm_pipeline.crm_pipeline.report.stage_dwell import stage_dwell


def connection() -> int:
	return frappe.db.sql("select connection_id()")[0][0]


@pytest.fixture
def asked(monkeypatch):
	"""Connections that figures were asked on."""
	found = []

	def note(*_args, **_kwargs):
		found.append(connection())
		return {}

	monkeypatch.setattr(funnel_picture, "outline", note)
	monkeypatch.setattr(outlook, "outlook", note)
	monkeypatch.setattr(stage_dwell, "rows", lambda _filters: note() or [])
	return found


@pytest.fixture
def figures(world):
	filters = {"company": world.company}
	return (
		lambda: api.get_funnel_outline(filters),
		lambda: api.get_forecast(filters),
		lambda: stage_dwell.execute(filters),
	)


def test_without_a_replica_figures_are_read_where_all_is(asked, figures):
	for figure in figures:
		figure()
	assert set(asked) == {connection()}


def test_with_a_replica_figures_are_read_there_and_all_else_is_not(asked, figures, monkeypatch):
	own = connection()
	conf = {
		"read_from_replica": 1,
		"replica_host": frappe.conf.db_host or "127.0.0.1",
		"replica_db_port": frappe.conf.db_port or 3306,
	}
	for key, value in conf.items():
		monkeypatch.setitem(frappe.local.conf, key, value)
	for figure in figures:
		figure()
		assert connection() == own
		# A request goes to the replica once; the next one is another request.
		for name in ("primary_db", "replica_db"):
			delattr(frappe.local, name)
	assert len(asked) == 3 and own not in asked

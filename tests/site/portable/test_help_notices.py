"""Who is told of a help request: tasks and notifications, as the background job makes them."""

import frappe
import pytest

from crm_pipeline import api


@pytest.mark.parametrize("importing", [True, False])
def test_nobody_is_told_of_what_is_imported_or_of_the_demo(sale, as_user, monkeypatch, importing):
	queued = []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **values: queued.append((method, values.get("documents"))))
	as_user("rep")
	deal = sale.opportunity()
	frappe.flags.in_import = importing
	try:
		name = api.ask_for_help(deal.doctype, deal.name, "Price", "May I?")["name"]
	finally:
		frappe.flags.in_import = False
	frappe.db.after_commit.run()
	told = [documents for method, documents in queued if method == "crm_pipeline.chain.pending.work_off"]
	assert told == ([] if importing else [[("Sales Help Request", name)]])

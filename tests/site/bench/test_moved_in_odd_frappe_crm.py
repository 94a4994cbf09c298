"""What a Frappe CRM holds that nobody would type today, and what changes in it while both systems are used."""

import json

import frappe

from crm_pipeline import api
from crm_pipeline.importer.moving_in import erpnext_agreements
from tests.site.other_systems import child, put
from tests.site.portable.test_moved_in_frappe_crm import ANN, DEAL, PROSPECT, a_move, here, moved, old, record  # noqa: F401


def told(doc) -> dict:
	return json.loads(doc.move_report)


def test_a_deal_of_a_deleted_organization_stands_on_a_prospect_of_that_name(old):  # noqa: F811
	deal = old.deal("Stray", organization=old.name("Gone Org"))
	doc = moved(old)
	assert told(doc)["lines"] == []
	assert frappe.db.get_value(PROSPECT, here(deal).prospect, "prospect_name") == old.name("Gone Org")


def test_names_that_are_too_long_together_are_cut(old):  # noqa: F811
	number = "+49 30 " + "9" * 130
	put("CRM Call Log", "call", **{"from": number, "to": number}, status="Completed", type="Outgoing", caller=ANN, duration=90,
		start_time="2023-03-05 10:30:00", reference_doctype="CRM Deal", reference_docname=old.deal("Big"))  # fmt: skip
	old.deal("Never", expected_closure_date="2199-12-31", creation="2031-01-01 10:00:00")
	doc = moved(old)
	assert told(doc)["lines"] == []
	assert len(frappe.get_last_doc("Sales Activity", {"subject": ("like", "Call from +49 30 9%")}).subject) == 140
	assert "Expected Closure Date: 2199-12-31" in here(old.name("Never")).description


def test_a_quotation_of_a_deal_knows_it(old, monkeypatch):  # noqa: F811
	# A site whose Frappe CRM is connected has a column of its own for it.
	monkeypatch.setitem(erpnext_agreements.COLUMNS, "CRM Deal", "opportunity")
	deal = old.deal("Big")
	quotation = put("Quotation", old.name("Q"), opportunity=deal, docstatus=1)
	gone = put("Quotation", old.name("Cancelled"), opportunity=deal, docstatus=2)
	moved(old)
	of = [frappe.db.get_value("Quotation", name, ["crm_source_type", "crm_source_name"]) for name in (quotation, gone)]
	assert of == [(DEAL, here(deal).name), (None, None)]


def test_a_deal_that_moves_on_there_moves_on_here_with_its_days(old):  # noqa: F811
	deal = old.deal("Big", status=old.name("Negotiation"))
	note = put("FCRM Note", title="Hello", content="One", reference_doctype="CRM Deal", reference_docname=deal)
	task = put("CRM Task", title="Call them", status="Todo", priority="Low", assigned_to=ANN, due_date="2031-03-03 10:30:00",
		reference_doctype="CRM Deal", reference_docname=deal)  # fmt: skip
	doc = moved(old)
	assert frappe.db.get_value("Pipeline Stage", here(deal).stage, "label") == "Negotiation"
	frappe.db.set_value("CRM Deal", deal, "status", old.name("Signed"))
	frappe.db.delete("CRM Status Change Log", {"parent": deal})
	old.log(deal, 1, "Negotiation", "2023-02-01", "Signed", "2023-04-01")
	frappe.db.set_value("FCRM Note", note, "content", "Two")
	frappe.db.set_value("CRM Task", task, "status", "Done")
	rehearsed = api.preview_import(doc.name)["side_by_side"]
	api.start_import(doc.name)
	from crm_pipeline.importer import desk_import

	desk_import.run(doc.name)
	doc.reload()
	assert told(doc)["side_by_side"] == rehearsed and len(rehearsed["changed"]) == 3
	won = here(deal)
	assert (won.status, str(won.closed_on), won.won_amount) == ("Won", "2023-04-01", 1000)
	events = frappe.get_all(
		"Pipeline Event",
		filters={"reference_name": won.name, "kind": "Stage"},
		fields=["to_value", "at"],
		order_by="at asc",
	)
	assert [str(row.at)[:10] for row in events] == ["2023-04-01"]
	assert frappe.get_all("Sales Memo", filters={"reference_name": won.name}, pluck="memo", order_by="name asc") == [
		"Two"
	]
	assert frappe.get_all(
		"Sales Activity", filters={"reference_name": won.name}, pluck="status", order_by="name asc"
	) == ["Done"]


def test_a_field_of_the_site_s_own_is_kept(old):  # noqa: F811
	put("Custom Field", "CRM Deal-next_step", dt="CRM Deal", fieldname="next_step", label="Shoe Size", fieldtype="Data")
	deal = old.deal("Big", next_step="44 ½")
	moved(old)
	assert "Shoe Size: 44 ½" in here(deal).description


def test_an_orphaned_row_stops_nothing(old):  # noqa: F811
	child("CRM Products", ("CRM Deal", "GONE"), "products", 1, product_code="x", qty=1, rate=1)
	child("CRM Status Change Log", ("CRM Deal", "GONE"), "status_change_log", 1, **{"from": "x"})
	put("FCRM Note", title="x", content="x", reference_doctype="CRM Deal", reference_docname="GONE")
	doc = moved(old)
	assert [line["reasons"] for line in told(doc)["lines"]] == ['About (ID or Name): "GONE" is unknown']
	assert a_move(old).name

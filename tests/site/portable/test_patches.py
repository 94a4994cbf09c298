"""What a new version makes of the records of an older one."""

import frappe

from crm_pipeline import api
from crm_pipeline.patches.v0_2 import give_standard_playbook, learn_from_ledger


def test_deals_of_version_0_1_learn_where_they_were_closed_from_and_how_long_they_stood_before(sale):
	stage = "Standard Sales-{}".format
	lost, back = sale.opportunity(), sale.opportunity()
	api.move_stage(lost.doctype, lost.name, stage("proposal"))
	api.lose_deal(lost.doctype, lost.name, "Price")
	for key in ("proposal", "qualification"):
		api.move_stage(back.doctype, back.name, stage(key))
	left = {"reference_name": back.name, "from_value": stage("qualification")}
	frappe.db.set_value("Pipeline Event", frappe.db.get_value("Pipeline Event", left, "name"), "seconds_spent", 500)
	for name in (lost.name, back.name):
		frappe.db.set_value("Sales Opportunity", name, {"closed_from": None, "earlier_seconds": 0})
	for _twice in range(2):
		learn_from_ledger.execute()
	assert frappe.db.get_value("Sales Opportunity", lost.name, "closed_from") == stage("proposal")
	assert frappe.db.get_value("Sales Opportunity", back.name, "closed_from") is None
	assert frappe.db.get_value("Sales Opportunity", back.name, "earlier_seconds") == 500


def test_standard_stages_of_version_0_1_get_their_playbook_and_written_ones_stay(site):
	empty, written = (frappe.get_doc("Pipeline Stage", f"Standard Sales-{key}") for key in ("proposal", "negotiation"))
	empty.update({"guidance": None, "tasks": []})
	written.update({"guidance": "Ask Ines first.", "tasks": []})
	for stage in (empty, written):
		stage.save()
	for _twice in range(2):
		give_standard_playbook.execute()
	empty.reload()
	written.reload()
	assert "Offer what solves the need" in empty.guidance
	assert [row.subject for row in empty.tasks] == ["Walk through the quotation together"]
	assert written.guidance == "Ask Ines first." and not written.tasks

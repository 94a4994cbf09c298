"""What a new version makes of the records of an older one."""

import frappe

from crm_pipeline import api
from crm_pipeline.chain import ledger
from crm_pipeline.patches.v0_2 import give_standard_playbook, learn_from_ledger
from crm_pipeline.patches.v0_3 import fill_channel, keep_apart_what_is_confidential
from crm_pipeline.patches.v0_4 import give_notes_their_company


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


def test_notes_of_version_0_3_get_the_company_of_their_event(sale):
	deal = sale.opportunity()
	event = ledger.record(deal, "Help", None, "Price", note="May I?")
	of_event = {"event": event}
	assert frappe.db.get_value("Pipeline Event Note", of_event, "company") == sale.world.company
	frappe.db.set_value("Pipeline Event Note", of_event, "company", None)
	for _twice in range(2):
		give_notes_their_company.execute()
	assert frappe.db.get_value("Pipeline Event Note", of_event, "company") == sale.world.company


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


def test_notes_of_version_0_2_are_kept_apart_and_usual_amounts_are_forgotten(sale):
	deal = sale.opportunity()
	events = [ledger.record(deal, kind, None, "Price") for kind in ("Help", "Conversion")]
	for name in events:
		frappe.db.set_value("Pipeline Event", name, "note", "Margin: 12 %")
	reasons = '{"odd_amount": {"amount": 9600, "usual": 480.0}, "pushed": {"times": 3}}'
	frappe.db.set_value(deal.doctype, deal.name, "stalled_reasons", reasons)
	for _twice in range(2):
		keep_apart_what_is_confidential.execute()
	assert [frappe.db.get_value("Pipeline Event", name, "note") for name in events] == [None, "Margin: 12 %"]
	told = {event.kind: event.note for event in ledger.story(deal.doctype, deal.name)}
	assert (told["Help"], told["Conversion"]) == ("Margin: 12 %", "Margin: 12 %")
	kept = frappe.parse_json(frappe.db.get_value(deal.doctype, deal.name, "stalled_reasons"))
	assert kept == {"odd_amount": {"amount": 9600, "above": 1}, "pushed": {"times": 3}}


def test_deals_of_version_0_2_learn_the_channel_of_the_lead_they_came_from(sale):
	lead = sale.lead(channel="Exhibition", customer=sale.world.customer)
	deal, typed = (sale.opportunity(source_type=lead.doctype, source_name=lead.name) for _number in range(2))
	direct = sale.opportunity()
	project = api.opportunity_to_project(deal.name)["name"]
	typed.db_set("channel", "Referral")
	for doctype, name in ((deal.doctype, deal.name), (direct.doctype, direct.name), ("Sales Project", project)):
		frappe.db.set_value(doctype, name, "channel", None)
	for _twice in range(2):
		fill_channel.execute()
	channel = lambda doctype, name: frappe.db.get_value(doctype, name, "channel")  # noqa: E731
	assert channel("Sales Project", project) == channel(deal.doctype, deal.name) == "Exhibition"
	assert channel(typed.doctype, typed.name) == "Referral" and not channel(direct.doctype, direct.name)

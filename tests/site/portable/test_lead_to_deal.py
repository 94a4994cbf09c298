"""From a lead to its deal: what was planned goes along."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.leads import qualification
from tests.site import rows


def test_the_plan_of_a_lead_is_the_next_step_of_its_deal(sale, as_user):
	as_user("rep")
	lead = sale.lead()
	day = frappe.utils.add_days(frappe.utils.nowdate(), 5)
	api.contact_lead(lead.name, day, "Send the catalogue,\nthen call")
	deal = api.convert_lead(lead.name, assessment="Warm")
	stored = frappe.db.get_value(deal["doctype"], deal["name"], ["next_step", "next_step_date"])
	assert (stored[0], str(stored[1])) == ("Send the catalogue, then call", day)


def test_a_plan_longer_than_a_next_step_is_cut_and_no_plan_plans_nothing(sale, as_user):
	as_user("rep")
	long, without = sale.lead(), sale.lead()
	api.contact_lead(long.name, frappe.utils.nowdate(), "word " * 60)
	for lead, length in ((long, 140), (without, 0)):
		deal = api.convert_lead(lead.name, assessment="Warm")
		assert len(frappe.db.get_value(deal["doctype"], deal["name"], "next_step") or "") == length


def test_a_deal_that_a_lead_joins_takes_its_plan_and_keeps_its_own(sale, as_user):
	as_user("rep")
	first, second = sale.lead(), sale.lead()
	deal = sale.opportunity(prospect=first.prospect, customer=None, items=[])
	for lead, plan in ((first, "Call the buyer"), (second, "Something else")):
		api.contact_lead(lead.name, frappe.utils.add_days(frappe.utils.nowdate(), 2), plan)
		api.convert_lead(lead.name, opportunity=deal.name, assessment="Warm")
		assert frappe.db.get_value("Sales Opportunity", deal.name, "next_step") == "Call the buyer"


@pytest.mark.parametrize("target", ["Sales Opportunity", "Sales Project"])
def test_what_somebody_was_asked_to_do_about_a_lead_is_to_be_done_about_its_deal(sale, as_user, monkeypatch, target):
	lead = sale.lead()
	about = {"reference_type": lead.doctype, "reference_name": lead.name, "description": "Call", "docstatus": 0}
	task = rows.row("ToDo", status="Open", allocated_to="rep@crm-test.example", **about)
	monkeypatch.setattr(qualification.contacts, "add_to_deal", lambda *people: None)
	as_user("rep")
	made = qualification._new_deal(lead, target)
	found = frappe.db.get_value("ToDo", task, ["reference_type", "reference_name"])
	assert tuple(found) == (made.doctype, made.name) and made.doctype == target


def test_a_deal_that_a_lead_joins_gets_its_tags_and_open_tasks(sale, as_user, monkeypatch):
	monkeypatch.setattr(qualification.contacts, "add_to_deal", lambda *people: None)
	as_user("rep")
	lead = sale.lead()
	deal = sale.opportunity(prospect=lead.prospect, customer=None, items=[])
	lead.add_tag(f"urgent {sale.world.tag}")
	about = {"reference_type": lead.doctype, "reference_name": lead.name, "description": "Call", "docstatus": 0}
	waiting, done = (
		rows.row("ToDo", status=status, allocated_to="rep@crm-test.example", **about) for status in ("Open", "Closed")
	)
	made = qualification._join(lead, deal)
	assert (made.doctype, made.name, lead.reload().joined_opportunity) == (deal.doctype, deal.name, deal.name)
	of = lambda task: frappe.db.get_value("ToDo", task, ["reference_type", "reference_name"])  # noqa: E731
	assert (of(waiting), of(done)) == ((deal.doctype, deal.name), (lead.doctype, lead.name))
	assert f"urgent {sale.world.tag}" in (frappe.db.get_value(deal.doctype, deal.name, "_user_tags") or "").split(",")

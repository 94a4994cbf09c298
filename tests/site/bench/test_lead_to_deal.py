"""From a lead to its deal: what was planned goes along."""

import frappe

from crm_pipeline import api
from tests.site.conftest import USERS
from tests.site.portable.test_visibility import set_apart

OTHER, MANAGER = USERS["other_rep"][0], USERS["manager"][0]


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


def test_tags_and_open_tasks_go_on_with_the_deal_and_come_back_when_it_was_a_mistake(sale, as_user):
	as_user("rep")
	lead = sale.lead()
	lead.add_tag("Fair")
	assign(lead, OTHER)
	assign(lead, MANAGER, status="Closed")
	set_apart()
	deal = frappe.get_doc("Sales Opportunity", api.convert_lead(lead.name, assessment="Hot")["name"])
	assert (tags(deal), tags(lead)) == (["Fair"], ["Fair"])
	assert (assigned(deal), assigned(lead)) == ([OTHER], [])
	assert frappe.has_permission(deal.doctype, "read", doc=deal, user=OTHER)
	api.undo_conversion(lead.name)
	assert assigned(lead.reload()) == [OTHER]


def assign(doc, user: str, status: str = "Open") -> None:
	about = {"reference_type": doc.doctype, "reference_name": doc.name, "allocated_to": user, "status": status}
	frappe.get_doc({"doctype": "ToDo", "description": "Help", **about}).insert(ignore_permissions=True)


def tags(doc) -> list[str]:
	"""As they are stored, with a comma before them or without (16)."""
	return [tag for tag in (frappe.db.get_value(doc.doctype, doc.name, "_user_tags") or "").split(",") if tag]


def assigned(doc) -> list[str]:
	"""Whose open task a document is, as its list and its form show."""
	return frappe.parse_json(frappe.db.get_value(doc.doctype, doc.name, "_assign") or "[]")

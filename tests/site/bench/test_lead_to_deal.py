"""From a lead to its deal: what was planned goes along."""

import frappe

from crm_pipeline import api
from tests.site.conftest import USERS
from tests.site.portable.test_visibility import set_apart

OTHER, MANAGER = USERS["other_rep"][0], USERS["manager"][0]


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

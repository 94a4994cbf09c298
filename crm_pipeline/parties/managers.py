"""Who is asked about a document above its owner: the nearest manager in the tree, or every Sales Manager who may read it."""

import frappe

from crm_pipeline.parties import people

MANAGER_ROLE = "Sales Manager"


def manager_of(deal, asking: str | None) -> str | None:
	"""The user of the nearest Sales Person above the deal's own, `asking` left out; None without one."""
	person = deal.sales_person or people.person_of(deal.sales_owner or asking)
	edges = person and frappe.db.get_value("Sales Person", person, ["lft", "rgt"], as_dict=True)
	if not edges:
		return None
	above = frappe.get_all(
		"Sales Person",
		filters={"lft": ("<", edges.lft), "rgt": (">", edges.rgt), "crm_user": ("is", "set"), "enabled": 1},
		pluck="crm_user",
		order_by="lft desc",
	)
	enabled = people.enabled(above)
	return next((user for user in above if user in enabled and user not in (asking, deal.sales_owner)), None)


def managers_for(deal, asking: str | None) -> list[str]:
	"""Everybody whom `asking` calls for help with a deal, by the rule above."""
	manager = manager_of(deal, asking)
	if manager:
		return [manager]
	users = frappe.get_all(
		"Has Role",
		filters={"role": MANAGER_ROLE, "parenttype": "User", "parent": ("not in", ("Administrator", asking or ""))},
		pluck="parent",
		order_by="parent asc",
	)
	enabled = people.enabled(users)
	return [user for user in users if user in enabled and frappe.has_permission(deal.doctype, doc=deal, user=user)]

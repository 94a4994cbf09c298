"""Who would see what with team visibility on: shown to an admin before it is switched on."""

import frappe
from frappe.query_builder.functions import Count

from crm_pipeline.core.registry import DEALS, STATES
from crm_pipeline.parties import people

SALES_ROLES = ("Sales User", people.MANAGER, "Sales Master Manager")
COUNTED = ("Sales Lead", *DEALS)


def who_sees_what() -> dict:
	"""{"total": open leads and deals, "users": [{"user", "full_name", "is_manager", "everything", "persons": names in
	the tree, "count": open leads and deals that they would see}]}, of enabled people with a role in sales."""
	rows = [_row(user) for user in _sales_people()]
	return {"total": _count(None, ""), "users": sorted(rows, key=lambda row: (row["count"], row["full_name"]))}


def _sales_people() -> list[dict]:
	holders = frappe.get_all(
		"Has Role",
		filters={"role": ("in", SALES_ROLES), "parenttype": "User"},
		pluck="parent",
		distinct=True,
		order_by="parent asc",
		limit=0,
	)
	return frappe.get_all(
		"User",
		filters={"name": ("in", [*holders, ""]), "enabled": 1, "user_type": "System User"},
		fields=["name", "full_name"],
		order_by="name asc",
		limit=0,
	)


def _row(user: dict) -> dict:
	visibility = people.part_of_tree(user.name)
	return {
		"user": user.name,
		"full_name": user.full_name or user.name,
		"is_manager": people.MANAGER in frappe.get_roles(user.name),
		"everything": visibility is None,
		"persons": list(visibility.persons) if visibility else [],
		"count": _count(visibility, user.name),
	}


def _count(visibility: people.Visibility | None, user: str) -> int:
	"""Open leads and deals within a sight: what the lists of a user would hold, User Permissions aside."""
	total = 0
	for doctype in COUNTED:
		table = frappe.qb.DocType(doctype)
		query = frappe.qb.from_(table).select(Count("*"))
		query = query.where(table.status.notin(STATES[doctype].closed))
		if visibility:
			nobodys = (table.sales_owner.isnull() | (table.sales_owner == "")) & (
				table.sales_person.isnull() | (table.sales_person == "")
			)
			mine = table.sales_owner.isin(visibility.users) | (nobodys & (table.owner == user))
			if visibility.gives and doctype in people.GIVEN:
				mine |= table.sales_owner.isnull() | (table.sales_owner == "")
			if visibility.persons:
				mine |= table.sales_person.isin(visibility.persons)
			query = query.where(mine)
		total += query.run()[0][0]
	return total

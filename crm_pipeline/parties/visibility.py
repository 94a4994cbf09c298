"""Who would see what with team visibility on: shown to an admin before it is switched on."""

from collections.abc import Callable

import frappe
from frappe.query_builder.functions import Count
from pypika.terms import LiteralValue

from crm_pipeline.core.registry import DEALS, STATES
from crm_pipeline.parties import people

SALES_ROLES = ("Sales User", people.MANAGER, "Sales Master Manager")
COUNTED = ("Sales Lead", *DEALS)
Part = Callable[[people.Visibility, str, str], str]


def who_sees_what(part: Part) -> dict:
	"""{"total": open leads and deals, "users": [{"user", "full_name", "is_manager", "everything", "persons": names in
	the tree, "count": open leads and deals that they would see}]}, of enabled people with a role in sales.

	`part` answers the SQL of what a part of the tree shows to a user."""
	rows = [_row(user, part) for user in _sales_people()]
	return {"total": _count({}), "users": sorted(rows, key=lambda row: (row["count"], row["full_name"]))}


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


def _row(user: dict, part: Part) -> dict:
	visibility = people.part_of_tree(user.name)
	return {
		"user": user.name,
		"full_name": user.full_name or user.name,
		"is_manager": people.MANAGER in frappe.get_roles(user.name),
		"everything": visibility is None,
		"persons": list(visibility.persons) if visibility else [],
		"count": _count({doctype: part(visibility, user.name, doctype) for doctype in COUNTED} if visibility else {}),
	}


def _count(conditions: dict[str, str]) -> int:
	"""Open leads and deals under these conditions: what the lists of a user would hold, User Permissions aside."""
	total = 0
	for doctype in COUNTED:
		table = frappe.qb.DocType(doctype)
		query = frappe.qb.from_(table).select(Count("*"))
		query = query.where(table.status.notin(STATES[doctype].closed))
		if doctype in conditions:
			query = query.where(LiteralValue(conditions[doctype]))
		total += query.run()[0][0]
	return total

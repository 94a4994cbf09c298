"""Whose day somebody may look at: their own, and those of the people below them in the Sales Person tree."""

import frappe
from frappe import _

from crm_pipeline.parties import people
from crm_pipeline.wording import bold


def below(user: str) -> list[dict]:
	"""[{"user", "full_name"}] by name, the user among them; everybody of the tree for who answers for everything."""
	part = people.part_of_tree(user)
	users = {user} | set(part.users if part else _everybody())
	return frappe.get_all(
		"User",
		filters={"name": ("in", sorted(users)), "enabled": 1},
		fields=["name as user", "full_name"],
		order_by="full_name asc, name asc",
		limit=0,
	)


def _everybody() -> list[str]:
	return frappe.get_all(
		"Sales Person",
		filters={"crm_user": ("is", "set"), "enabled": 1},
		pluck="crm_user",
		distinct=True,
		order_by="crm_user asc",
		limit=0,
	)


def need(user: str, known: list[dict]) -> None:
	"""Raises PermissionError unless `user` is among those of below(). Who does not exist gets the same answer."""
	if user not in {row["user"] for row in known}:
		frappe.throw(_("You may not look at the day of {0}").format(bold(user)), frappe.PermissionError)

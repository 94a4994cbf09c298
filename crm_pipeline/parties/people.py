"""Users, their places in ERPNext's Sales Person tree, and whose documents they see."""

from collections.abc import Iterable
from dataclasses import dataclass

import frappe
from frappe import _

from crm_pipeline.parties import absences
from crm_pipeline.wording import bold

# Who answers for everything sees everything, whatever the tree says.
SEES_ALL = frozenset(("System Manager", "Sales Master Manager", "Accounts User", "Accounts Manager", "Order Desk"))
MANAGER = "Sales Manager"
# What a manager gives to people: nobody's are in the sight of every manager, lest nobody sees them.
GIVEN = ("Sales Lead", "Sales Prospect")


@dataclass(frozen=True)
class Visibility:
	"""Sales persons and users whose documents a user sees; `gives`: also what has no owner yet, of the types of GIVEN."""

	persons: tuple[str, ...]
	users: tuple[str, ...]
	gives: bool = False


def visibility_of(user: str) -> Visibility | None:
	"""What team visibility leaves a user. None: everything, as while it is off."""
	return part_of_tree(user) if team_visibility() else None


def part_of_tree(user: str) -> Visibility | None:
	"""What team visibility leaves a user once it is on: their own nodes of the tree and all below. None: everything."""
	roles = set(frappe.get_roles(user))
	if user == "Administrator" or SEES_ALL & roles:
		return None
	persons, users = [], {user}
	for node in nodes_of(user):
		for row in below(_top_of(node) if MANAGER in roles else node):
			persons.append(row.name)
			users.add(row.crm_user)
	# For whom they stand in: what is their own, not their team's.
	for away in absences.covered_by(user):
		persons += nodes_of(away)
		users.add(away)
	return Visibility(tuple(dict.fromkeys(persons)), tuple(sorted(users - {None, ""})), MANAGER in roles)


def _top_of(node: str) -> str:
	"""Where a manager's team begins. Documents name no groups, so a manager often stands in the tree beside the team."""
	place = frappe.db.get_value("Sales Person", node, ["is_group", "parent_sales_person"], as_dict=True)
	return node if place.is_group else place.parent_sales_person or node


def team_visibility() -> bool:
	return bool(frappe.db.get_single_value("CRM Pipeline Settings", "team_visibility"))


def nodes_of(user: str) -> list[str]:
	"""The places of a user in the Sales Person tree; most have one or none."""
	return frappe.get_all("Sales Person", filters={"crm_user": user}, pluck="name", order_by="lft asc")


def below(person: str) -> list[dict]:
	"""A Sales Person and everybody under it: rows with `name` and `crm_user`."""
	return subtree("Sales Person", person, ("name", "crm_user"))


def subtree(doctype: str, root: str, fields: tuple[str, ...] = ("name",)) -> list[dict]:
	"""A node of a native tree (Sales Person, Territory) with all below it; empty when there is no such node."""
	edges = frappe.db.get_value(doctype, root, ["lft", "rgt"], as_dict=True)
	if not edges:
		return []
	return frappe.get_all(
		doctype,
		filters={"lft": (">=", edges.lft), "rgt": ("<=", edges.rgt)},
		fields=list(fields),
		order_by="lft asc",
		limit=0,
	)


def person_of(user: str | None) -> str | None:
	"""The enabled Sales Person of a user, the one lowest in the tree when there are several."""
	if not user:
		return None
	found = frappe.get_all(
		"Sales Person",
		filters={"crm_user": user, "enabled": 1},
		pluck="name",
		order_by="is_group asc, lft asc",
		limit=1,
	)
	return found[0] if found else None


def is_colleague(user: str | None) -> bool:
	"""Whether a user works here: enabled, and of Desk."""
	there = {"name": user, "enabled": 1, "user_type": "System User"}
	return bool(user and user != "Guest" and frappe.db.exists("User", there))


def enabled(users: Iterable[str | None]) -> set[str]:
	"""Those of some users who are there and enabled."""
	named = sorted({user for user in users if user})
	if not named:
		return set()
	filters = {"name": ("in", named), "enabled": 1}
	return set(frappe.get_all("User", filters=filters, pluck="name", order_by="name asc", limit=0))


def need_possible_owner(doctype: str, user: str) -> None:
	"""Raises ValidationError unless documents of a type can be given to a user: enabled, of Desk, who may read them."""
	label = _("Sales Owner")
	if not frappe.db.get_value("User", user, "enabled"):
		frappe.throw(_("{0}: user {1} is disabled or does not exist").format(label, bold(user)))
	if not is_colleague(user) or not frappe.has_permission(doctype, "read", user=user):
		frappe.throw(_("{0}: user {1} has no right to read {2}").format(label, bold(user), _(doctype)))


def follow_owner(doc) -> None:
	"""Part of validate(): the Sales Person is the owner's, until somebody chooses another one."""
	before = doc.get_doc_before_save()
	given_away = before and before.sales_owner != doc.sales_owner
	if given_away and doc.sales_owner:
		need_possible_owner(doc.doctype, doc.sales_owner)
	handed_over = given_away and before.sales_person == doc.sales_person
	if not doc.sales_person or handed_over:
		doc.sales_person = person_of(doc.sales_owner) or (None if handed_over else doc.sales_person)

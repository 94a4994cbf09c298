"""The people of the demo: users nobody has a password for, and their places in the Sales Person tree."""

from contextlib import contextmanager

import frappe

from crm_pipeline.demo import story

ACTORS = {actor.key: actor for actor in story.ACTORS}


def email(key: str) -> str:
	return ACTORS[key].email


def emails() -> list[str]:
	return [actor.email for actor in story.ACTORS]


def sales_person(key: str) -> str:
	return ACTORS[key].full_name


def act_as(key: str) -> None:
	"""Be this person from now on. What the process keeps of the site's cache is the same for everybody, or kept by user;
	to read it anew with each of a thousand changes of user takes a seventh of the whole load."""
	kept = frappe.local.cache
	frappe.set_user(email(key))
	frappe.local.cache = kept


@contextmanager
def flags(**values):
	"""Set some of frappe.flags for a while."""
	before = {key: frappe.flags.get(key) for key in values}
	frappe.flags.update(values)
	try:
		yield
	finally:
		frappe.flags.update(before)


def make_users() -> None:
	"""Users with the roles of their function; frozen books stay closed to them unless the site's own role opens them."""
	# The flag makes Frappe create a user's Contact at once, not in a job that might run after `clear`.
	with flags(in_install="crm_pipeline"):
		for actor in story.ACTORS:
			user = frappe.new_doc("User")
			user.update(
				{
					"email": actor.email,
					"first_name": actor.first_name,
					"last_name": actor.last_name,
					"send_welcome_email": 0,
				}
			)
			user.extend("roles", [{"role": role} for role in (*actor.roles, *_roles_for_the_past(actor))])
			user.flags.no_welcome_mail = True
			# Loaded by a System Manager, who may hold no rights in sales: so are all masters of the demo.
			user.insert(ignore_permissions=True)


def choose_company() -> None:
	"""Cards and new documents show the demo company to its people."""
	for user in emails():
		frappe.defaults.set_user_default("company", story.COMPANY, user)


def _roles_for_the_past(actor: story.Actor) -> set[str]:
	"""The roles by which this site lets people post into the past, for those of the story who post."""
	if actor.key not in ("store", "finance"):
		return set()
	places = (
		("Accounts Settings", "frozen_accounts_modifier"),
		("Stock Settings", "stock_auth_role"),
		("Stock Settings", "role_allowed_to_create_edit_back_dated_transactions"),
	)
	found = {
		frappe.db.get_single_value(doctype, field)
		for doctype, field in places
		if frappe.get_meta(doctype).has_field(field)
	}
	return found - {None, ""}


def make_sales_persons() -> None:
	root = frappe.db.get_value("Sales Person", {"is_group": 1, "parent_sales_person": ("is", "not set")}, "name")
	# Questions and broken promises go to whoever stands above.
	_make_sales_person(story.SALES_TEAM, root, is_group=1, crm_user=email("manager"))
	for actor in story.ACTORS:
		if actor.sells:
			_make_sales_person(actor.full_name, story.SALES_TEAM, crm_user=actor.email)


def _make_sales_person(name: str, parent: str | None, **values) -> None:
	person = frappe.new_doc("Sales Person")
	person.update({"sales_person_name": name, "parent_sales_person": parent, "enabled": 1, **values})
	# As the users above.
	person.insert(ignore_permissions=True)

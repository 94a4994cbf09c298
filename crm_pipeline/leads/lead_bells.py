"""Calls people to a lead with Frappe's bell: its owner and whoever stands in, or a manager where the owner left."""

from collections.abc import Callable

import frappe
from frappe.desk.doctype.notification_log.notification_log import enqueue_create_notification

from crm_pipeline.parties import absences, managers


def people_of(lead) -> list[str]:
	"""Who is called: the owner and their deputy; without an owner who works here the managers above, or all that see it."""
	users = enabled([lead.sales_owner]) if lead.sales_owner else []
	users = enabled(absences.with_deputies(users)) if users else managers.managers_for(lead, None)
	return [user for user in users if frappe.has_permission(lead.doctype, doc=lead, user=user)]


def enabled(users: list[str]) -> list[str]:
	"""Those of the users who work here still, in their order."""
	there = frappe.get_all(
		"User",
		filters={"name": ("in", [*users, ""]), "enabled": 1, "user_type": "System User"},
		pluck="name",
		order_by="name asc",
		limit=0,
	)
	return [user for user in users if user in there]


def ring(users: list[str], lead, sentence: Callable[[str | None], str]) -> None:
	"""Ring the bell of each; `sentence(language)` is HTML. Called in a job: version 15 queues its notice at once."""
	for user in users:
		language = frappe.db.get_value("User", user, "language")
		enqueue_create_notification(
			[user],
			{
				"type": "Alert",
				"document_type": lead.doctype,
				"document_name": lead.name,
				"subject": sentence(language),
				"from_user": frappe.session.user,
			},
		)

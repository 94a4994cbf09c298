"""How long before an activity is due somebody wants to be reminded, where the activity does not say it."""

import frappe

SETTINGS = "Notification Settings"


def usual_of(user: str | None) -> str | None:
	"""The choice of a user in their Notification Settings, else that of the site."""
	own = user and frappe.db.get_value(SETTINGS, user, "crm_remind_before")
	return own or frappe.db.get_single_value("CRM Pipeline Settings", "remind_before")


def wants_mail(user: str) -> bool:
	"""Whether a user is reminded by e-mail, too: yes, until they switch it off."""
	row = frappe.db.get_value(
		SETTINGS, user, ["enabled", "enable_email_notifications", "crm_remind_by_email"], as_dict=True
	)
	return row is None or bool(row.enabled and row.enable_email_notifications and row.crm_remind_by_email)


def wants_notice(user: str) -> bool:
	enabled = frappe.db.get_value(SETTINGS, user, "enabled")
	return enabled is None or bool(enabled)

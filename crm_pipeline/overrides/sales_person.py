"""What happens when ERPNext's Sales Person is merged into another one: whose place it was keeps one."""

import frappe


def before_rename(doc, method=None, *renamed):
	"""before_rename(old, new, merge) of Sales Person."""
	old, new, merge = renamed
	user = merge and frappe.db.get_value("Sales Person", old, "crm_user")
	if user and not frappe.db.get_value("Sales Person", new, "crm_user"):
		frappe.db.set_value("Sales Person", new, "crm_user", user)

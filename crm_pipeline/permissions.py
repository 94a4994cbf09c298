"""Who may see the app at all. What a user sees inside it is decided per DocType by roles and User Permissions."""

import frappe

APP_ROLES = frozenset(("Sales User", "Sales Manager", "Sales Master Manager", "Order Desk", "Accounts User", "System Manager"))


def may_use_app() -> bool:
	"""Whether the current user gets the app's icon."""
	return bool(APP_ROLES & set(frappe.get_roles()))

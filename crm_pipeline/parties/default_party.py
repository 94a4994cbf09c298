"""Who may see one customer alone gets it as the default of every new document, from the framework. Where the document says
that it is about somebody else it is not what somebody chose."""

import frappe
from frappe.permissions import get_user_permissions

from crm_pipeline.core import matching

NAMES = {"customer": ("Customer", "customer_name"), "prospect": ("Sales Prospect", "prospect_name")}


def forget(doc, typed: str | None = None) -> None:
	"""Take a default party away from a new document whose `typed` name, or whose prospect, is another one."""
	if not doc.is_new() or doc.flags.history_import:
		return
	for field, (doctype, title) in NAMES.items():
		name = doc.get(field)
		if not name or name != _default(doctype, doc.doctype):
			continue
		own = frappe.db.get_value(doctype, name, title)
		if _is_another(typed, own) or (field == "customer" and _is_of_another(doc.get("prospect"), name)):
			doc.set(field, None)


def _default(doctype: str, wanted_by: str) -> str | None:
	"""The one that the framework takes for a user."""
	rows = get_user_permissions(frappe.session.user).get(doctype) or []
	held = [row for row in rows if row.get("applicable_for") in (None, "", wanted_by)]
	return next((row.get("doc") for row in held if row.get("is_default") or len(rows) == 1), None)


def _is_another(typed: str | None, own: str | None) -> bool:
	return bool(typed) and matching.search_name(typed) != matching.search_name(own)


def _is_of_another(prospect: str | None, customer: str) -> bool:
	return bool(prospect) and frappe.db.get_value("Sales Prospect", prospect, "customer") != customer

"""Who sees how much of a customer's credit is used, and of which companies."""

import frappe
from frappe.permissions import get_user_permissions

from crm_pipeline.chain.rights import limiting, reads_fields

# ERPNext's sum is of all of these; who sees a part of them would learn what the rest comes to.
SUMMED = {
	"GL Entry": ("debit", "credit"),
	"Sales Invoice": ("outstanding_amount", "base_grand_total"),
	"Sales Order": ("base_grand_total", "per_billed"),
	"Delivery Note": ("base_grand_total", "base_net_total"),
}


def may_see_sums() -> bool:
	"""Whether the user sees all that ERPNext sums up for one customer and one of their companies."""
	for doctype, fields in SUMMED.items():
		if not frappe.has_permission(doctype, "read") or not reads_fields(doctype, fields):
			return False
	limits = set(get_user_permissions(frappe.session.user)) - {"Company", "Customer"}
	return not limits & {link for doctype in SUMMED for link in limiting(doctype)}


def companies(asked: str | None = None) -> list[str]:
	"""Companies that the user may see, the one asked for alone where there is one."""
	allowed = {row.get("doc") for row in get_user_permissions(frappe.session.user).get("Company", [])}
	names = frappe.get_all("Company", pluck="name", order_by="name asc")
	return [name for name in names if (not allowed or name in allowed) and asked in (None, "", name)]

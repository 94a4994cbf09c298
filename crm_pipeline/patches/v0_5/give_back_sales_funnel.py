"""Our page of the funnel had the name of ERPNext's own, and stood in its place. ERPNext's comes back."""

import frappe

NAME = "sales-funnel"


def execute():
	if frappe.db.get_value("Page", NAME, "module") != "CRM Pipeline":
		return
	frappe.delete_doc("Page", NAME, force=True, delete_permanently=True)
	# Its own upgrade takes its file for older than what stood there, and leaves it.
	frappe.reload_doc("selling", "page", "sales_funnel", force=True)

"""Contracts whose last day is over."""

import frappe
from frappe.utils import nowdate


def expire_contracts():
	"""Daily job: contracts whose last day is over expire; one bad record never stops the rest."""
	for name in frappe.get_all(
		"Sales Contract",
		filters={"docstatus": 1, "status": "Active", "end_date": ("<", nowdate())},
		pluck="name",
		order_by="name asc",
	):
		frappe.db.savepoint("crm_pipeline_expire")
		try:
			frappe.get_doc("Sales Contract", name).expire()
		except Exception:
			frappe.db.rollback(save_point="crm_pipeline_expire")
			frappe.log_error(title="CRM Pipeline: contract not expired", message=name)

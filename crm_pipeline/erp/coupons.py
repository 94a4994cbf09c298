"""The coupon of a quotation on the orders that are made of it: the price that it gave was agreed, and it is used once."""

import frappe
from frappe import _
from frappe.utils import getdate

from crm_pipeline.erp import usable


def use_once(order, quotation: str) -> None:
	"""Take the coupon off an unsaved order of a quotation where an earlier part of it has used it, or where it ran out
	since it was quoted: ERPNext would refuse the order. Its price stays."""
	if not order.get("coupon_code"):
		return
	if _is_used(order.coupon_code, quotation):
		order.coupon_code = None
	elif _has_run_out(order.coupon_code, quotation):
		usable.report(order, "coupon_code", _("has run out since it was quoted; its price stays"))
		order.coupon_code = None


def _is_used(coupon: str, quotation: str) -> bool:
	order, row = frappe.qb.DocType("Sales Order"), frappe.qb.DocType("Sales Order Item")
	query = (
		frappe.qb.from_(order)
		.join(row)
		.on(row.parent == order.name)
		.select(order.name)
		.where((row.prevdoc_docname == quotation) & (order.coupon_code == coupon) & (order.docstatus < 2))
		.limit(1)
	)
	return bool(query.run())


def _has_run_out(coupon: str, quotation: str) -> bool:
	last = frappe.db.get_value("Coupon Code", coupon, "valid_upto")
	quoted_on = frappe.db.get_value("Quotation", quotation, "transaction_date")
	return bool(last) and getdate(quoted_on) <= getdate(last) < getdate()

"""Agreed payment terms and discounts of contracts and order requests."""

import frappe
from frappe import _
from frappe.query_builder.functions import Sum
from frappe.utils import flt, getdate

from crm_pipeline.chain import contract_versions
from crm_pipeline.core import pricing, schedule
from crm_pipeline.wording import bold, number


def check_payment_schedule(doc) -> None:
	"""Refuse a schedule that ERPNext would refuse when the order is made; set what each row comes to."""
	if not doc.payment_schedule:
		return
	portions = sum(flt(row.invoice_portion) for row in doc.payment_schedule)
	if abs(portions - 100) > 0.001:
		frappe.throw(
			_("The payment schedule adds up to {0}%, not 100%").format(number(portions)),
			title=_("Payment Schedule"),
		)
	seen = set()
	for row in doc.payment_schedule:
		if not row.due_date:
			_row_error(row, "due_date", _("is missing"))
		if flt(row.invoice_portion) <= 0:
			_row_error(row, "invoice_portion", _("must be more than zero"))
		if getdate(row.due_date) in seen:
			_row_error(row, "due_date", _("is the same as in an earlier row"))
		seen.add(getdate(row.due_date))
	parts = [flt(row.invoice_portion) for row in doc.payment_schedule]
	amounts = schedule.amounts_of(doc.amount, parts, doc.precision("amount"), flt)
	for row, amount in zip(doc.payment_schedule, amounts, strict=True):
		row.payment_amount = amount


def _row_error(row, field: str, message: str) -> None:
	frappe.throw(
		_("Payment Schedule, Row {0}: {1} {2}").format(row.idx, bold(_(row.meta.get_label(field))), message),
		title=_("Payment Schedule"),
	)


def share_discount(source, request) -> None:
	"""A part order of a contract or quotation gets its part of the additional discount amount."""
	if flt(source.additional_discount_percentage) or not flt(source.discount_amount):
		return
	precision = request.precision("discount_amount")
	taken_total, taken_discount = _taken(source, request.name)
	request.discount_amount = pricing.share_of_discount(
		flt(source.discount_amount),
		flt(source.total),
		sum(flt(flt(row.qty) * flt(row.rate), precision) for row in request.items),
		taken_total,
		taken_discount,
		precision,
	)


def _taken(source, leave_out: str | None) -> tuple[float, float]:
	"""Total and discount of the submitted requests of a contract (all its versions) or a quotation."""
	request = frappe.qb.DocType("Sales Order Request")
	query = (
		frappe.qb.from_(request)
		.select(Sum(request.total), Sum(request.discount_amount))
		.where((request.docstatus == 1) & (request.name != (leave_out or "")))
	)
	if source.doctype == "Sales Contract":
		query = query.where(request.contract.isin(contract_versions.contract_family(source.name)))
	else:
		query = query.where((request.source_type == source.doctype) & (request.source_name == source.name))
	total, discount = query.run()[0]
	return flt(total), flt(discount)

"""Quotations that speak for a deal: the latest one that holds, by the deal it came from."""

import frappe
from pypika import Order
from pypika.analytics import RowNumber

ITEMS = "Quotation Item"


def any_for(doctype: str, company: str) -> bool:
	"""Whether any submitted quotation came from a deal of `doctype`: most sites can spare the look for the latest."""
	quotation = frappe.qb.DocType("Quotation")
	query = (
		frappe.qb.from_(quotation)
		.select(quotation.name)
		.where(
			(quotation.crm_source_name > "")
			& (quotation.crm_source_type == doctype)
			& (quotation.docstatus == 1)
			& (quotation.company == company)
		)
		.limit(1)
	)
	return bool(query.run())


def latest(doctype: str, company: str, today=None):
	"""Subquery (deal, quotation, net): the latest submitted, not lost quotation per deal of `doctype`.

	With `today` only those still valid then; one that was ordered from stays valid. `net` is in company
	currency. Quotations of another company say nothing about this one's deals.
	"""
	quotation = frappe.qb.DocType("Quotation")
	turn = (
		RowNumber()
		.over(quotation.crm_source_name)
		.orderby(quotation.transaction_date, quotation.creation, quotation.name, order=Order.desc)
	)
	query = (
		frappe.qb.from_(quotation)
		.select(
			quotation.crm_source_name.as_("deal"),
			quotation.name.as_("quotation"),
			quotation.base_net_total.as_("net"),
			turn.as_("turn"),
		)
		.where((quotation.docstatus == 1) & (quotation.crm_source_type == doctype) & (quotation.company == company))
	)
	if today:
		ordered = quotation.status.isin(("Ordered", "Partially Ordered"))
		in_time = quotation.valid_till.isnull() | (quotation.valid_till >= today)
		query = query.where(quotation.status.notin(("Lost", "Cancelled", "Expired")) & (in_time | ordered))
	else:
		query = query.where(quotation.status.notin(("Lost", "Cancelled")))
	numbered = query.as_("numbered")
	return (
		frappe.qb.from_(numbered)
		.select(numbered.deal, numbered.quotation, numbered.net)
		.where(numbered.turn == 1)
	)

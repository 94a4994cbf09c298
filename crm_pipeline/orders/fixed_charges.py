"""Fixed charges of a quotation, such as freight: each order by parts bears its share, all of them together bear them once."""

import frappe
from frappe.query_builder.functions import Sum
from frappe.utils import flt

from crm_pipeline.core import pricing
from crm_pipeline.erp import quoted

FIXED = "Actual"
ROWS = "Sales Taxes and Charges"


def share(request, order, quotation: str) -> None:
	"""Set what an unsaved order that was mapped from `quotation` bears; ERPNext's mapper gives each order all of it."""
	offer = frappe.get_doc("Quotation", quotation)
	agreed = {_key(row): row for row in offer.taxes if row.get("charge_type") == FIXED}
	fixed = [row for row in order.taxes if row.get("charge_type") == FIXED and _key(row) in agreed]
	if not fixed:
		return
	orders = _orders_of(quotation)
	whole = _agreed_of(quotation, request.contract) if request.contract else flt(offer.total)
	taken = sum(flt(row.total) for row in orders)
	# What was added to the quoted rows is no reason to pay for freight.
	part = sum(
		flt(flt(row.qty) * flt(row.rate), order.precision("total"))
		for row in request.items
		if row.quotation == quotation
	)
	borne = _borne([row.name for row in orders])
	ratio = quoted.in_currency_of(offer, order)
	for row in fixed:
		charge = flt(flt(agreed[_key(row)].tax_amount) * ratio, row.precision("tax_amount"))
		row.tax_amount = pricing.share_of_charge(
			charge, whole, part, taken, borne.get(_key(row), 0.0), row.precision("tax_amount")
		)


def _agreed_of(quotation: str, contract: str) -> float:
	"""What the rows of a contract that came from a quotation come to."""
	rows = frappe.get_all(
		"Sales Contract Item",
		filters={"parent": contract, "quotation": quotation},
		pluck="amount",
		order_by="idx asc",
		limit=0,
	)
	return flt(sum(rows))


def _key(row) -> tuple[str, str]:
	return row.account_head, row.description or ""


def _orders_of(quotation: str) -> list:
	"""The live orders that a quotation was ordered with, and what its rows in them come to: [{"name", "total"}]. One that was
	closed before anything came of it bears nothing: its quantities are free again, and nobody was billed."""
	asked = frappe.get_all(
		"Sales Order Request Item", filters={"quotation": quotation}, pluck="name", order_by="name asc", limit=0
	)
	order, row = frappe.qb.DocType("Sales Order"), frappe.qb.DocType("Sales Order Item")
	query = (
		frappe.qb.from_(row)
		.join(order)
		.on(order.name == row.parent)
		.select(order.name, Sum(row.amount).as_("total"))
		.where((row.prevdoc_docname == quotation) | row.crm_request_item.isin(asked or [""]))
		.where(order.docstatus < 2)
		.where((order.status != "Closed") | (order.per_delivered > 0) | (order.per_billed > 0))
		.groupby(order.name)
		.orderby(order.name)
	)
	return query.run(as_dict=True)


def _borne(orders: list[str]) -> dict[tuple[str, str], float]:
	"""{(account, description): what these orders bear of it}."""
	borne: dict[tuple[str, str], float] = {}
	for row in frappe.get_all(
		ROWS,
		filters={"parenttype": "Sales Order", "parent": ("in", orders or [""]), "charge_type": FIXED},
		fields=["account_head", "description", "tax_amount"],
		order_by="parent asc, idx asc",
		limit=0,
	):
		borne[_key(row)] = borne.get(_key(row), 0.0) + flt(row.tax_amount)
	return borne

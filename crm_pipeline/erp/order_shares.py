"""What single documents count with in the figures of some Sales Orders (order_figures.py): net of tax, in company currency.

An invoice or a payment may be for other orders, too: here is the part that is for these.
"""

from collections import defaultdict
from collections.abc import Iterable

import frappe
from frappe.query_builder.functions import Sum
from frappe.utils import flt

from crm_pipeline.core import fulfilment
from crm_pipeline.erp import order_figures


def of_documents(doctype: str, orders: list[str]) -> dict[str, float]:
	"""{document: amount} of a type that is named by its number: Sales Order what was ordered, Delivery Note what was
	delivered, Sales Invoice what was billed, Payment Entry what was paid."""
	ask = {"Sales Order": _ordered, "Delivery Note": _delivered, "Sales Invoice": _billed, "Payment Entry": _paid}
	return ask[doctype](orders) if orders else {}


def _ordered(orders: list[str]) -> dict[str, float]:
	facts, shares = order_figures.order_facts(orders), order_figures.invoice_shares(orders)
	return {fact.name: fulfilment.of_order(fact, shares).ordered for fact in facts}


def _billed(orders: list[str]) -> dict[str, float]:
	return _added((invoice, share.net) for invoice, share in order_figures.shares_by_invoice(orders))


def _delivered(orders: list[str]) -> dict[str, float]:
	"""At the net rates of the orders, as all that is delivered."""
	note, sold = frappe.qb.DocType("Delivery Note Item"), frappe.qb.DocType("Sales Order Item")
	query = (
		frappe.qb.from_(note)
		.join(sold)
		.on(sold.name == note.so_detail)
		.select(note.parent, Sum(sold.base_net_amount * note.stock_qty / sold.stock_qty))
		.where((note.docstatus == 1) & note.against_sales_order.isin(orders) & (sold.stock_qty != 0))
		.groupby(note.parent)
		.orderby(note.parent)
	)
	return _added(query.run())


def _paid(orders: list[str]) -> dict[str, float]:
	parts: dict[str, float] = defaultdict(float)
	for invoice, share in order_figures.shares_by_invoice(orders):
		parts[invoice] += share.net / share.gross if share.gross else 0.0
	nets = {fact.name: fact.net / fact.gross for fact in order_figures.order_facts(orders) if fact.gross}
	found = [
		*_in_net(order_figures.settlements_of(set(parts)), "Sales Invoice", parts),
		*_in_net(order_figures.advances_of(list(nets)), "Sales Order", nets),
	]
	return _added(found)


def _in_net(rows: list[dict], doctype: str, parts: dict[str, float]) -> Iterable[tuple[str, float]]:
	"""(voucher, amount) of rows {voucher, name, currency, amount} of documents of which `parts` says how much is counted."""
	filters = {"name": ("in", sorted(parts) or [""])}
	fields = ["name", "currency", "grand_total", "rounded_total", "base_grand_total", "base_rounded_total"]
	totals = {
		row.name: row for row in frappe.get_all(doctype, filters=filters, fields=fields, order_by="name asc", limit=0)
	}
	for row in rows:
		amount = order_figures.in_company_currency(row.amount, row.currency, totals[row.name])
		yield row.voucher, amount * parts[row.name]


def _added(rows: Iterable[tuple[str, float]]) -> dict[str, float]:
	found: dict[str, float] = defaultdict(float)
	for name, amount in rows:
		found[name] += flt(amount)
	return dict(found)

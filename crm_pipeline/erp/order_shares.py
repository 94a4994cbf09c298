"""What single documents count with in the figures of some Sales Orders (order_figures.py): net of tax, in company currency,
or with `in_own_currency` in that of each order, at the order's exchange rate.

An invoice or a payment may be for other orders, too: here is the part that is for these.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import frappe
from frappe.utils import cint, flt

from crm_pipeline.core import fulfilment
from crm_pipeline.erp import money_received, order_figures

# (DocType, name) -> amount.
Counted = dict[tuple[str, str], float]
NOTE, INVOICE = "Delivery Note", "Sales Invoice"


@dataclass(frozen=True)
class _Asked:
	orders: list[str]
	in_own_currency: bool
	rates: dict[str, float]

	def shares(self) -> list[tuple[str, fulfilment.InvoiceShare]]:
		return order_figures.shares_by_invoice(self.orders, self.in_own_currency)

	def facts(self) -> list[fulfilment.OrderFacts]:
		return order_figures.order_facts(self.orders, self.in_own_currency)

	def shown(self, order: str, amount: float) -> float:
		return flt(amount) / self.rates[order] if self.in_own_currency else flt(amount)


def of_documents(number: str, orders: list[str], in_own_currency: bool = False) -> Counted:
	"""The documents behind what was "ordered", "delivered", "billed" or "paid" of these orders, with what they add to it."""
	ask = {"ordered": _ordered, "delivered": _delivered, "billed": _billed, "paid": _paid}
	return ask[number](_Asked(orders, in_own_currency, rates_of(orders))) if orders else {}


def rates_of(orders: list[str]) -> dict[str, float]:
	"""The exchange rates of orders, by name."""
	if not orders:
		return {}
	filters, fields = {"name": ("in", orders)}, ["name", "conversion_rate"]
	rows = frappe.get_all("Sales Order", filters=filters, fields=fields, order_by="name asc", limit=0)
	return {row.name: flt(row.conversion_rate) or 1.0 for row in rows}


def _ordered(asked: _Asked) -> Counted:
	shares = [share for _invoice, share in asked.shares()]
	return _added(
		("Sales Order", fact.name, asked.shown(fact.name, fulfilment.of_order(fact, shares).ordered))
		for fact in asked.facts()
	)


def _billed(asked: _Asked) -> Counted:
	return _added((INVOICE, invoice, asked.shown(share.order, share.net)) for invoice, share in asked.shares())


def _delivered(asked: _Asked) -> Counted:
	"""At the net rates of the orders by what delivers: notes, and invoices that update the stock; the invoices of rows that
	are delivered when they are billed."""
	sold = {row.name: row for row in order_figures.delivered_rows(asked.orders, asked.in_own_currency)}
	found = []
	for doctype, document, line in _lines_of(asked.orders):
		row = sold.get(line.so_detail)
		if not row:
			continue
		if row.by_invoice:
			amount = line.at_order_rate if asked.in_own_currency else line.net
			delivers = doctype == INVOICE
		else:
			amount = flt(row.net) * flt(line.stock_qty) / flt(row.stock_qty) if row.stock_qty else 0.0
			delivers = doctype == NOTE or cint(line.update_stock)
		if delivers:
			found.append((doctype, document, asked.shown(row.parent, amount)))
	return _added(found)


def _lines_of(orders: list[str]) -> Iterable[tuple[str, str, dict]]:
	"""(DocType, document, row) of notes and invoices of orders."""
	note = frappe.qb.DocType("Delivery Note Item")
	delivered = frappe.qb.from_(note).select(note.parent, note.so_detail, note.stock_qty)
	delivered = delivered.where((note.docstatus == 1) & note.against_sales_order.isin(orders))
	for line in delivered.orderby(note.parent).orderby(note.idx).run(as_dict=True):
		yield NOTE, line.parent, line
	invoice, item, order = (frappe.qb.DocType(name) for name in (INVOICE, "Sales Invoice Item", "Sales Order"))
	billed = (
		frappe.qb.from_(item)
		.join(invoice)
		.on(invoice.name == item.parent)
		.join(order)
		.on(order.name == item.sales_order)
		.select(
			item.parent,
			item.so_detail,
			item.stock_qty,
			invoice.update_stock,
			item.base_net_amount.as_("net"),
			(item.base_net_amount * order.conversion_rate / invoice.conversion_rate).as_("at_order_rate"),
		)
		.where((item.docstatus == 1) & item.sales_order.isin(orders))
	)
	for line in billed.orderby(item.parent).orderby(item.idx).run(as_dict=True):
		yield INVOICE, line.parent, line


def _paid(asked: _Asked) -> Counted:
	"""Payments, journals, and what was paid at the till with an invoice."""
	parts: dict[str, float] = defaultdict(float)
	at_till = []
	for invoice, share in asked.shares():
		part = asked.shown(share.order, share.net / share.gross) if share.gross else 0.0
		parts[invoice] += part
		at_till.append((INVOICE, invoice, share.at_till * part))
	nets = {fact.name: asked.shown(fact.name, fact.net / fact.gross) for fact in asked.facts() if fact.gross}
	advances = money_received.advances(list(nets))
	found = [
		*at_till,
		*_in_net(money_received.settlements(set(parts)), INVOICE, parts),
		*_in_net(advances, "Sales Order", nets),
	]
	return _added(found)


def _in_net(rows: list[dict], doctype: str, parts: dict[str, float]) -> Iterable[tuple[str, str, float]]:
	"""(DocType, voucher, amount) of rows {voucher_type, voucher, name, currency, amount} of documents of which `parts` says
	how much is counted."""
	filters = {"name": ("in", sorted(parts) or [""])}
	fields = ["name", "currency", "grand_total", "rounded_total", "base_grand_total", "base_rounded_total"]
	totals = {
		row.name: row for row in frappe.get_all(doctype, filters=filters, fields=fields, order_by="name asc", limit=0)
	}
	for row in rows:
		amount = order_figures.in_company_currency(row.amount, row.currency, totals[row.name])
		yield row.voucher_type, row.voucher, amount * parts[row.name]


def _added(rows: Iterable[tuple[str, str, float]]) -> Counted:
	found: Counted = defaultdict(float)
	for doctype, name, amount in rows:
		found[doctype, name] += flt(amount)
	return {key: amount for key, amount in found.items() if amount}

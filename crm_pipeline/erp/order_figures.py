"""Reads what was ordered, delivered, billed and paid from the native documents.

Definitions are in core/fulfilment.py. Invoices are taken by their rows' Sales Order, payments from
the Payment Ledger, because a fully credited invoice still says "Unpaid" on the document itself.
Payments are measured in the currency of the receivable account and turned into company currency at
the rate of the invoice or order, so that an exchange difference neither adds to nor takes from what was paid.
"""

import frappe
from frappe.query_builder import Case
from frappe.query_builder.functions import Count, IfNull, Sum
from frappe.utils import cint, flt

from crm_pipeline.core import fulfilment
from crm_pipeline.core.fulfilment import Fulfilment, InvoiceShare, OrderFacts, OrderRow
from crm_pipeline.erp import money_received


def of_orders(orders: list[str]) -> Fulfilment:
	"""Fulfilment of some Sales Orders together, in company currency and net of tax. Drafts and cancelled count nothing."""
	if not orders:
		return Fulfilment()
	facts = order_facts(orders)
	return fulfilment.roll_up(facts, invoice_shares([f.name for f in facts]))


def progress_of(orders: list[str]) -> dict[str, str]:
	"""How far some Sales Orders together have got, see `core.fulfilment.progress`."""
	facts = order_facts(orders) if orders else []
	names = [f.name for f in facts]
	at_order_rate = fulfilment.roll_up(facts, invoice_shares(names, at_order_rate=True))
	return fulfilment.progress(at_order_rate, _order_rows(names))


def order_facts(orders: list[str], at_order_rate: bool = False) -> list[OrderFacts]:
	"""Live orders in company currency; what is delivered by being billed at the invoice's exchange rate or at the order's."""
	order = frappe.qb.DocType("Sales Order")
	rows = (
		frappe.qb.from_(order)
		.select(
			order.name,
			order.status,
			order.currency,
			order.grand_total,
			order.rounded_total,
			order.base_net_total,
			order.base_grand_total,
			order.base_rounded_total,
		)
		.where(order.name.isin(orders) & (order.docstatus == 1))
		.orderby(order.name)
	).run(as_dict=True)
	if not rows:
		return []
	names = [row.name for row in rows]
	delivered, advances = _delivered(names, at_order_rate), _advances(names)
	return [
		OrderFacts(
			name=row.name,
			net=flt(row.base_net_total),
			gross=_gross(row),
			delivered=delivered.get(row.name, 0.0),
			advance=sum(in_company_currency(amount, currency, row) for currency, amount in advances.get(row.name, ())),
			closed=row.status == "Closed",
		)
		for row in rows
	]


def _gross(row) -> float:
	"""What is to be paid for an order or invoice, in company currency."""
	return flt(row.base_rounded_total) or flt(row.base_grand_total)


def in_company_currency(amount: float, currency: str | None, row) -> float:
	"""`amount` of a receivable account in `currency`, at the rate of the order or invoice it settles."""
	total = flt(row.rounded_total) or flt(row.grand_total)
	return flt(amount) * _gross(row) / total if total and currency == row.currency else flt(amount)


def _delivered(orders: list[str], at_order_rate: bool = False) -> dict[str, float]:
	"""Delivered value per order: rows by their delivered share; one without delivery note when it is billed."""
	query, item, on_notes, billed, by_invoice = _delivered_parts(orders, at_order_rate)
	value = Sum(Case().when(by_invoice, billed).else_(on_notes))
	rows = query.select(item.parent, value.as_("value")).groupby(item.parent).orderby(item.parent).run(as_dict=True)
	return {row.parent: flt(row.value) for row in rows}


def delivered_rows(orders: list[str], at_order_rate: bool = False) -> list[dict]:
	"""The rows of orders: {name, parent, net, stock_qty, by_invoice}, by_invoice where what is billed of one says how much of
	it is delivered."""
	query, item, _on_notes, _billed, by_invoice = _delivered_parts(orders, at_order_rate)
	fields = [item.name, item.parent, item.base_net_amount.as_("net"), item.stock_qty]
	by_invoice = Case().when(by_invoice, 1).else_(0).as_("by_invoice")
	return query.select(*fields, by_invoice).orderby(item.parent).orderby(item.idx).run(as_dict=True)


def _delivered_parts(orders: list[str], at_order_rate: bool) -> tuple:
	"""(query on the rows of orders, their table, what notes say is delivered of one, what is billed of it, whether the latter
	counts)."""
	order, item, product = (frappe.qb.DocType(name) for name in ("Sales Order", "Sales Order Item", "Item"))
	billed = _billed_rows(orders)
	on_notes = item.base_net_amount * item.delivered_qty / item.qty
	net = billed.own_net * order.conversion_rate if at_order_rate else billed.net
	by_invoice = _needs_note(order, item, product).negate() & (IfNull(net, 0) > IfNull(on_notes, 0))
	query = (
		frappe.qb.from_(item)
		.join(order)
		.on(order.name == item.parent)
		.left_join(product)
		.on(product.name == item.item_code)
		.left_join(billed)
		.on(billed.so_detail == item.name)
		.where(item.parent.isin(orders))
	)
	return query, item, on_notes, net, by_invoice


def _needs_note(order, item, product):
	"""Whether an order row is delivered by Delivery Note: goods and bundles in use are, unless the order says *Skip
	Delivery Note*."""
	return (order.skip_delivery_note == 0) & ((product.is_stock_item == 1) | item.item_code.isin(bundles_in_use()))


def rows_to_deliver():
	"""(query over the rows of orders, the order's table, the row's table, term of the quantity that is left to deliver of a row).
	Of an order that needs no Delivery Note nothing is, and of a service not what is billed."""
	order, row, item = (frappe.qb.DocType(doctype) for doctype in ("Sales Order", "Sales Order Item", "Item"))
	is_service = (item.is_stock_item == 0) & row.item_code.notin(bundles_in_use())
	billed = row.qty * row.billed_amt / row.amount
	done = Case().when(is_service & (billed > row.delivered_qty), billed).else_(row.delivered_qty)
	is_left = (row.qty > done) & (IfNull(order.skip_delivery_note, 0) == 0)
	query = frappe.qb.from_(order).join(row).on(row.parent == order.name).left_join(item).on(item.name == row.item_code)
	return query, order, row, Case().when(is_left, row.qty - done).else_(0)


def with_something_to_deliver(orders: list[str]) -> set[str]:
	"""Those of some orders of which anything is left to deliver."""
	query, order, _row, left = rows_to_deliver()
	query = query.select(order.name).distinct().orderby(order.name)
	return {name for (name,) in query.where(order.name.isin(orders or [""]) & (left > fulfilment.TOLERANCE)).run()}


def bundles_in_use():
	"""Subquery: the items that are sold as a bundle of others."""
	bundle = frappe.qb.DocType("Product Bundle")
	return frappe.qb.from_(bundle).select(bundle.new_item_code).where(bundle.disabled == 0)


def billed_without_note(rows: list[str]) -> dict[str, float]:
	"""{order row: stock quantity billed of it, credit notes taken off} of those of some rows that need no delivery note."""
	if not rows:
		return {}
	order, sold, product = (frappe.qb.DocType(name) for name in ("Sales Order", "Sales Order Item", "Item"))
	billed = frappe.qb.DocType("Sales Invoice Item")
	query = (
		frappe.qb.from_(sold)
		.join(order)
		.on(order.name == sold.parent)
		.join(product)
		.on(product.name == sold.item_code)
		.join(billed)
		.on((billed.so_detail == sold.name) & (billed.docstatus == 1))
		.select(sold.name, Sum(billed.stock_qty))
		.where(sold.name.isin(rows) & _needs_note(order, sold, product).negate())
		.groupby(sold.name)
		.orderby(sold.name)
	)
	return {name: flt(qty) for name, qty in query.run()}


def _order_rows(orders: list[str]) -> list[OrderRow]:
	if not orders:
		return []
	order, item, product = (frappe.qb.DocType(name) for name in ("Sales Order", "Sales Order Item", "Item"))
	billed = _billed_rows(orders)
	rows = (
		frappe.qb.from_(item)
		.join(order)
		.on(order.name == item.parent)
		.left_join(product)
		.on(product.name == item.item_code)
		.left_join(billed)
		.on(billed.so_detail == item.name)
		.select(
			order.status,
			item.stock_qty,
			item.conversion_factor,
			item.delivered_qty,
			item.amount,
			Case().when(_needs_note(order, item, product), 1).else_(0).as_("needs_note"),
			billed.amount.as_("billed"),
			billed.qty.as_("billed_qty"),
			billed.invoiced_qty,
			billed.invoice_rows,
		)
		.where(item.parent.isin(orders))
		.orderby(item.parent)
		.orderby(item.idx)
	).run(as_dict=True)
	unit = 10.0 ** -frappe.new_doc("Sales Order Item").precision("amount")
	return [
		OrderRow(
			qty=flt(row.stock_qty),
			amount=flt(row.amount),
			delivered=flt(row.delivered_qty) * (flt(row.conversion_factor) or 1.0),
			billed=flt(row.billed),
			billed_qty=flt(row.billed_qty),
			invoiced_qty=flt(row.invoiced_qty),
			invoice_rows=cint(row.invoice_rows),
			needs_note=bool(row.needs_note),
			closed=row.status == "Closed",
			unit=unit,
		)
		for row in rows
	]


def _billed_rows(orders: list[str]):
	"""Subquery: what is billed per order row, credit notes taken off; `own_net` in the currency of the invoices."""
	item, invoice = frappe.qb.DocType("Sales Invoice Item"), frappe.qb.DocType("Sales Invoice")
	return (
		frappe.qb.from_(item)
		.join(invoice)
		.on(invoice.name == item.parent)
		.select(
			item.so_detail,
			Sum(item.base_net_amount).as_("net"),
			Sum(item.base_net_amount / invoice.conversion_rate).as_("own_net"),
			Sum(item.amount).as_("amount"),
			Sum(item.stock_qty).as_("qty"),
			Sum(Case().when(item.stock_qty > 0, item.stock_qty).else_(0)).as_("invoiced_qty"),
			Count(item.name).as_("invoice_rows"),
		)
		.where(item.sales_order.isin(orders) & (item.docstatus == 1))
		.groupby(item.so_detail)
	).as_("billed")


def _advances(orders: list[str]) -> dict[str, list[tuple[str, float]]]:
	"""Money received for an order and not yet set against an invoice: {order: [(currency, amount)]}."""
	found: dict[str, list[tuple[str, float]]] = {}
	for row in money_received.advances(orders):
		found.setdefault(row.name, []).append((row.currency, flt(row.amount)))
	return found


def invoice_shares(orders: list[str], at_order_rate: bool = False) -> list[InvoiceShare]:
	"""The parts of submitted invoices that belong to these orders, at the invoice's exchange rate or at the order's."""
	return [share for _invoice, share in shares_by_invoice(orders, at_order_rate)]


def shares_by_invoice(orders: list[str], at_order_rate: bool = False) -> list[tuple[str, InvoiceShare]]:
	"""The same with the name of the invoice."""
	if not orders:
		return []
	invoice, item, order = (frappe.qb.DocType(n) for n in ("Sales Invoice", "Sales Invoice Item", "Sales Order"))
	net = item.base_net_amount
	if at_order_rate:
		net = net * order.conversion_rate / invoice.conversion_rate
	rows = (
		frappe.qb.from_(item)
		.join(invoice)
		.on(item.parent == invoice.name)
		.join(order)
		.on(item.sales_order == order.name)
		.select(
			item.sales_order,
			invoice.name,
			invoice.currency,
			invoice.grand_total,
			invoice.rounded_total,
			invoice.base_grand_total,
			invoice.base_rounded_total,
			invoice.is_pos,
			invoice.base_paid_amount,
			invoice.base_change_amount,
			invoice.base_net_total,
			Sum(net).as_("net"),
			Sum(item.base_net_amount).as_("own_net"),
		)
		.where(item.sales_order.isin(orders) & (invoice.docstatus == 1))
		.groupby(item.sales_order, invoice.name)
		.orderby(invoice.name)
	).run(as_dict=True)
	settled = _synced({row.name for row in rows})
	return [
		(
			row.name,
			InvoiceShare(
				order=row.sales_order,
				net=flt(row.net),
				gross=_gross(row),
				settled=sum(
					in_company_currency(amount, currency, row) for currency, amount in settled.get(row.name, ())
				)
				+ _at_till(row),
				at_till=_at_till(row),
				part=flt(row.own_net) / flt(row.base_net_total) if flt(row.base_net_total) else 1.0,
			),
		)
		for row in rows
	]


def _at_till(row) -> float:
	return flt(row.base_paid_amount) - flt(row.base_change_amount) if row.is_pos else 0.0


def _synced(invoices: set[str]) -> dict[str, list[tuple[str, float]]]:
	"""What payments settled per invoice, with tax: {invoice: [(currency, amount)]}; refunds of credit notes negative."""
	found: dict[str, list[tuple[str, float]]] = {}
	for row in money_received.settlements(invoices):
		found.setdefault(row.name, []).append((row.currency, row.amount))
	return found

"""Reads what was ordered, delivered, billed and paid from the native documents.

Definitions are in core/fulfilment.py. Invoices are taken by their rows' Sales Order, payments from
the Payment Ledger, because a fully credited invoice still says "Unpaid" on the document itself.
"""

import frappe
from frappe.query_builder import Case
from frappe.query_builder.functions import Sum
from frappe.utils import flt

from crm_pipeline.core import fulfilment
from crm_pipeline.core.fulfilment import Fulfilment, InvoiceShare, OrderFacts

# Journal entries of these types settle an invoice without money coming in.
NOT_A_PAYMENT = ("Credit Note", "Debit Note", "Write Off Entry", "Exchange Gain Or Loss", "Exchange Rate Revaluation")


def of_orders(orders: list[str]) -> Fulfilment:
	"""Fulfilment of some Sales Orders together, in company currency and net of tax. Drafts and cancelled count nothing."""
	if not orders:
		return Fulfilment()
	facts = order_facts(orders)
	return fulfilment.roll_up(facts, invoice_shares([f.name for f in facts]))


def order_facts(orders: list[str]) -> list[OrderFacts]:
	order, item = frappe.qb.DocType("Sales Order"), frappe.qb.DocType("Sales Order Item")
	product = frappe.qb.DocType("Item")
	bundle = frappe.qb.DocType("Product Bundle")
	# A row that never gets a delivery note (a service) is delivered when it is billed.
	needs_delivery = (
		(product.is_stock_item == 1)
		| (item.delivered_qty != 0)
		| item.item_code.isin(frappe.qb.from_(bundle).select(bundle.new_item_code))
	)
	delivered = (
		Case()
		.when(needs_delivery, item.delivered_qty * item.base_net_rate)
		.else_(item.billed_amt * order.conversion_rate)
	)
	rows = (
		frappe.qb.from_(order)
		.join(item)
		.on(item.parent == order.name)
		.left_join(product)
		.on(product.name == item.item_code)
		.select(
			order.name,
			order.base_net_total,
			order.base_grand_total,
			order.status,
			order.advance_paid,
			order.party_account_currency,
			order.currency,
			order.conversion_rate,
			Sum(delivered).as_("delivered"),
		)
		.where(order.name.isin(orders) & (order.docstatus == 1))
		.groupby(order.name)
		.orderby(order.name)
	).run(as_dict=True)
	return [
		OrderFacts(
			name=row.name,
			net=flt(row.base_net_total),
			gross=flt(row.base_grand_total),
			delivered=flt(row.delivered),
			advance=_advance_in_company_currency(row),
			closed=row.status == "Closed",
		)
		for row in rows
	]


def _advance_in_company_currency(row) -> float:
	"""`advance_paid` is kept in the currency of the receivable account, which may be the order's or the company's."""
	in_order_currency = row.party_account_currency and row.party_account_currency == row.currency
	return flt(row.advance_paid) * (flt(row.conversion_rate) if in_order_currency else 1.0)


def invoice_shares(orders: list[str]) -> list[InvoiceShare]:
	if not orders:
		return []
	invoice, item = frappe.qb.DocType("Sales Invoice"), frappe.qb.DocType("Sales Invoice Item")
	rows = (
		frappe.qb.from_(invoice)
		.join(item)
		.on(item.parent == invoice.name)
		.select(
			item.sales_order,
			invoice.name,
			invoice.base_grand_total,
			invoice.is_pos,
			invoice.base_paid_amount,
			invoice.base_change_amount,
			Sum(item.base_net_amount).as_("net"),
		)
		.where(item.sales_order.isin(orders) & (invoice.docstatus == 1))
		.groupby(item.sales_order, invoice.name)
		.orderby(invoice.name)
	).run(as_dict=True)
	settled = _settled({row.name for row in rows})
	return [
		InvoiceShare(
			order=row.sales_order,
			net=flt(row.net),
			gross=flt(row.base_grand_total),
			settled=settled.get(row.name, 0.0)
			+ (flt(row.base_paid_amount) - flt(row.base_change_amount) if row.is_pos else 0.0),
		)
		for row in rows
	]


def _settled(invoices: set[str]) -> dict[str, float]:
	"""What payments settled per invoice, in company currency and with tax; refunds of credit notes are negative."""
	if not invoices:
		return {}
	ledger, journal = frappe.qb.DocType("Payment Ledger Entry"), frappe.qb.DocType("Journal Entry")
	rows = (
		frappe.qb.from_(ledger)
		.left_join(journal)
		.on((ledger.voucher_type == "Journal Entry") & (journal.name == ledger.voucher_no))
		.select(ledger.against_voucher_no, Sum(ledger.amount).as_("amount"))
		.where(
			(ledger.against_voucher_type == "Sales Invoice")
			& ledger.against_voucher_no.isin(sorted(invoices))
			& (ledger.delinked == 0)
			& (
				(ledger.voucher_type == "Payment Entry")
				| ((ledger.voucher_type == "Journal Entry") & journal.voucher_type.notin(NOT_A_PAYMENT))
			)
		)
		.groupby(ledger.against_voucher_no)
		.orderby(ledger.against_voucher_no)
	).run(as_dict=True)
	return {row.against_voucher_no: -flt(row.amount) for row in rows}

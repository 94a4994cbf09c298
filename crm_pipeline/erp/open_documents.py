"""Which documents of some customers may be open on a day: those that ERPNext has as open now, and those that were touched later.

By indexes on what is open (customer_indexes.py), however much is settled. What is open of them says erp/open_items.py.
"""

from datetime import date

import frappe
from frappe.query_builder import Case
from frappe.query_builder.functions import Sum

INVOICE, LEDGER = "Sales Invoice", "Payment Ledger Entry"
# Documents beside invoices that entries of others are set against.
OTHERS = ("Payment Entry", "Journal Entry")
# Less is nothing in any currency.
LEAST = 1e-6


def invoices_of(customers: list[str], day: date, company: str | None) -> list[str]:
	"""Sales Invoices and credit notes of which something is open, or of which something was settled after `day`."""
	invoice, entry = frappe.qb.DocType(INVOICE), frappe.qb.DocType(LEDGER)
	is_open = (
		frappe.qb.from_(invoice)
		.select(invoice.name)
		.where(invoice.customer.isin(customers) & (invoice.docstatus == 1) & (invoice.outstanding_amount != 0))
	)
	later = (
		frappe.qb.from_(entry)
		.select(entry.against_voucher_no)
		.distinct()
		.where((entry.party_type == "Customer") & entry.party.isin(customers) & (entry.posting_date > day))
		.where((entry.delinked == 0) & (entry.against_voucher_type == INVOICE))
	)
	if company:
		is_open, later = is_open.where(invoice.company == company), later.where(entry.company == company)
	return sorted({row[0] for query in (is_open, later) for row in query.run()})


def others_of(customers: list[str], day: date, company: str | None) -> list[str]:
	"""Payments, journal entries and the like with entries against no invoice that do not add up to nothing."""
	entry = frappe.qb.DocType(LEDGER)
	document = Case().when(entry.against_voucher_type.isin(OTHERS), entry.against_voucher_no).else_(entry.voucher_no)
	base, own = Sum(entry.amount), Sum(entry.amount_in_account_currency)
	query = (
		frappe.qb.from_(entry)
		.select(document.as_("document"))
		.where((entry.party_type == "Customer") & entry.party.isin(customers) & (entry.posting_date <= day))
		.where((entry.delinked == 0) & (entry.against_voucher_type != INVOICE))
		.groupby(entry.account, entry.party, document)
		.having((base > LEAST) | (base < -LEAST) | (own > LEAST) | (own < -LEAST))
		.orderby(document)
	)
	if company:
		query = query.where(entry.company == company)
	return sorted({row[0] for row in query.run()})


def digits() -> int:
	"""Digits after the point that ERPNext's reports round money to."""
	from erpnext.accounts.utils import get_currency_precision

	return get_currency_precision() or 2

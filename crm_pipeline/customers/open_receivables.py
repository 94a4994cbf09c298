"""Open invoices, credit notes and payments of a customer by age: what ERPNext's Accounts Receivable shows, by due date.

That report reads a customer's whole payment ledger. Here only what is open is read: invoices by their stored outstanding
amount, and beside them the entries that are set against no invoice. What belongs to documents that the reader may not read is
left out, payments and journal entries included.
"""

from collections import defaultdict
from datetime import date

import frappe
from frappe.query_builder import Case
from frappe.query_builder.functions import Max, Sum
from frappe.utils import flt, getdate, nowdate
from pypika import Criterion

from crm_pipeline.core import ageing
from crm_pipeline.core.ageing import Part
from crm_pipeline.customers.asked_party import AskedParty, company_currency, is_readable
from crm_pipeline.erp import open_items, receivable

INVOICE = "Sales Invoice"
# Documents beside invoices whose entries are set against nothing yet, or against themselves.
OTHERS = ("Payment Entry", "Journal Entry")
LEDGER = "Payment Ledger Entry"


def of_party(asked: AskedParty, today: date | None = None) -> list[dict] | None:
	"""Per company {"company", "currency", "not_due", "buckets", "past_due", "outstanding", "oldest"} in company currency;
	`oldest` is the first due date that has passed. None for who reads no Sales Invoices. At most three queries."""
	if not is_readable(INVOICE):
		return None
	today = getdate(today or nowdate())
	digits = receivable.digits()
	by_company: dict[str, list[Part]] = defaultdict(list)
	for (company, *_document), voucher in _vouchers(asked, today, digits).items():
		by_company[company].append(voucher)
	return [_of_company(company, rows, today, digits) for company, rows in sorted(by_company.items())]


def _of_company(company: str, vouchers: list[Part], today: date, digits: int) -> dict:
	by_age = ageing.ages(vouchers, today)
	late = [row.due for row in vouchers if row.due < today and row.amount > 0]
	return {
		"company": company,
		"currency": company_currency(company),
		"not_due": flt(by_age.not_due, digits),
		"buckets": [flt(amount, digits) for amount in by_age.buckets],
		"past_due": flt(by_age.past_due, digits),
		"outstanding": flt(by_age.outstanding, digits),
		"oldest": min(late, default=None),
	}


def _vouchers(asked: AskedParty, today: date, digits: int) -> dict[tuple, Part]:
	"""{(company, account, customer, document): what is open of it}, without what is settled."""
	sums: dict[tuple, list[float]] = defaultdict(lambda: [0.0, 0.0])
	dues: dict[tuple, date] = {}
	for row in [*_open_invoices(asked, today), *_against_no_invoice(asked, today)]:
		key = (row.company, row.account, row.party, row.document)
		sums[key][0] += flt(row.amount)
		sums[key][1] += flt(row.in_account_currency)
		if row.own or key not in dues:
			dues[key] = getdate(row.due)
	rounded = {key: tuple(flt(amount, digits) for amount in both) for key, both in sums.items()}
	kept = open_items.revaluations({key[-1] for key, both in rounded.items() if both[0] and not both[1]})
	return {key: Part(dues[key], both[0]) for key, both in rounded.items() if both[0] and (both[1] or key[-1] in kept)}


def _open_invoices(asked: AskedParty, today: date) -> list[dict]:
	"""What is set against invoices of which something is open. A credit note that stands against an invoice counts with
	that one. `own` says whether `due` is the document's own."""
	ledger, invoice = frappe.qb.DocType(LEDGER), frappe.qb.DocType(INVOICE)
	# An invoice is open until the day of a payment that is dated ahead.
	ahead = (
		frappe.qb.from_(ledger)
		.select(ledger.against_voucher_no)
		.where((ledger.party_type == "Customer") & ledger.party.isin(asked.names) & (ledger.posting_date > today))
		.where((ledger.delinked == 0) & (ledger.against_voucher_type == INVOICE))
	)
	query = (
		frappe.qb.from_(invoice)
		.join(ledger)
		.on((ledger.against_voucher_no == invoice.name) & (ledger.against_voucher_type == INVOICE))
		.select(
			ledger.company,
			ledger.account,
			ledger.party,
			invoice.name.as_("document"),
			invoice.due_date.as_("due"),
			invoice.is_return,
			invoice.return_against,
			Sum(ledger.amount).as_("amount"),
			Sum(ledger.amount_in_account_currency).as_("in_account_currency"),
		)
		.where((invoice.docstatus == 1) & ((invoice.outstanding_amount != 0) | invoice.name.isin(ahead)))
		.where((ledger.delinked == 0) & (ledger.party_type == "Customer") & (ledger.posting_date <= today))
		.groupby(ledger.company, ledger.account, ledger.party, invoice.name)
		.orderby(invoice.name)
	)
	if frappe.get_meta(INVOICE).has_field("update_outstanding_for_self"):
		query = query.select(invoice.update_outstanding_for_self)
	rows = asked.narrow(query, INVOICE).run(as_dict=True)
	for row in rows:
		row.own = not (row.is_return and row.return_against and not row.get("update_outstanding_for_self"))
		row.document = row.document if row.own else row.return_against
	return rows


def _against_no_invoice(asked: AskedParty, today: date) -> list[dict]:
	"""Payments and journal entries that are set against no invoice, by the day of posting. What is set against an order
	is open of the payment itself."""
	kinds = [doctype for doctype in OTHERS if is_readable(doctype)]
	if not kinds:
		return []
	ledger = frappe.qb.DocType(LEDGER)
	document = Case().when(ledger.against_voucher_type.isin(OTHERS), ledger.against_voucher_no).else_(ledger.voucher_no)
	query = (
		frappe.qb.from_(ledger)
		.select(
			ledger.company,
			ledger.account,
			ledger.party,
			document.as_("document"),
			ledger.posting_date.as_("due"),
			Max(Case().when(document == ledger.voucher_no, 1).else_(0)).as_("own"),
			Sum(ledger.amount).as_("amount"),
			Sum(ledger.amount_in_account_currency).as_("in_account_currency"),
		)
		.where((ledger.party_type == "Customer") & ledger.party.isin(asked.names) & (ledger.delinked == 0))
		.where((ledger.against_voucher_type != INVOICE) & (ledger.account_type == "Receivable"))
		.where((ledger.posting_date <= today) & _of_seen(asked, ledger, kinds))
		.groupby(ledger.company, ledger.account, ledger.party, document, ledger.posting_date)
		.orderby(ledger.posting_date)
	)
	if asked.company:
		query = query.where(ledger.company == asked.company)
	return query.run(as_dict=True)


def _of_seen(asked: AskedParty, ledger, kinds: list[str]):
	"""Entries of documents that the reader sees."""
	found = []
	for doctype in kinds:
		table, condition = frappe.qb.DocType(doctype), asked.seen(doctype)
		one = ledger.voucher_type == doctype
		if condition:
			one &= ledger.voucher_no.isin(frappe.qb.from_(table).select(table.name).where(condition))
		found.append(one)
	return Criterion.any(found)

"""What a customer owes, as ERPNext keeps it: overdue by payment terms.

Overdue is what ERPNext's own `is_overdue` calls so, on the day given (its nightly job has no event and may not have run),
less what credit notes took back. In the currency of the company.
"""

from datetime import date

import frappe
from frappe.desk.reportview import build_match_conditions
from frappe.query_builder import Case
from frappe.query_builder.functions import Coalesce, Count, Max, Min, Sum
from pypika.terms import LiteralValue

INVOICE = "Sales Invoice"
LEAST = 0.005


def overdue_of(customer: str, company: str | None, today: date, permitted: bool = True) -> list[dict]:
	"""[{"company", "amount", "invoices", "oldest", "name"}] by company, what is owed longest first; `name` is the invoice that
	has been due longest. With `permitted` only of invoices that the user may read."""
	overdue = _overdue_invoices(customer, company, today, permitted)
	rows = (
		frappe.qb.from_(overdue)
		.select(
			overdue.company,
			Sum(overdue.amount).as_("amount"),
			Count(overdue.name).as_("invoices"),
			Min(overdue.oldest).as_("oldest"),
		)
		.groupby(overdue.company)
		.orderby(overdue.company)
		.run(as_dict=True)
	)
	for row in rows:
		oldest = _overdue_invoices(customer, row.company, today, permitted)
		row.name = (
			frappe.qb.from_(oldest).select(oldest.name).orderby(oldest.oldest).orderby(oldest.name).limit(1).run()[0][0]
		)
	return sorted(rows, key=lambda row: row.oldest)


def overdue_invoices(customer: str, company: str | None, today: date, most: int) -> list[dict]:
	"""[{"name", "company", "amount", "oldest"}] of single invoices, whoever may read them; due longest first, `most` of them."""
	overdue = _overdue_invoices(customer, company, today, permitted=False)
	query = frappe.qb.from_(overdue).select(overdue.name, overdue.company, overdue.amount, overdue.oldest)
	return query.orderby(overdue.oldest).orderby(overdue.name).limit(most).run(as_dict=True)


def _overdue_invoices(customer: str, company: str | None, today: date, permitted: bool):
	"""Subquery of open invoices of which something is overdue: name, company, amount, oldest."""
	invoice, term = frappe.qb.DocType(INVOICE), frappe.qb.DocType("Payment Schedule")
	owner = frappe.qb.DocType("Company")
	credit = _credited(customer)
	in_company = Case().when(invoice.party_account_currency == owner.default_currency, 1).else_(invoice.conversion_rate)
	total = Case().when(invoice.base_rounded_total != 0, invoice.base_rounded_total).else_(invoice.base_grand_total)
	outstanding = Max(invoice.outstanding_amount * in_company) + Coalesce(Max(credit.amount), 0)
	is_due = term.due_date < today
	due = Coalesce(Sum(Case().when(is_due, term.base_payment_amount).else_(0)), 0)
	paid = Max(total) - outstanding
	by_terms = due - paid
	amount = (
		Case()
		.when(Count(term.name) == 0, Case().when(Max(invoice.due_date) < today, outstanding).else_(0))
		.else_(Case().when(by_terms < outstanding, by_terms).else_(outstanding))
	)
	# Of an invoice that is paid in part, the last term that is due: which of the earlier ones is paid nobody knows.
	oldest = (
		Case()
		.when(Count(term.name) == 0, Max(invoice.due_date))
		.when(paid > LEAST, Max(Case().when(is_due, term.due_date)))
		.else_(Min(term.due_date))
	)
	query = (
		frappe.qb.from_(invoice)
		.join(owner)
		.on(owner.name == invoice.company)
		.left_join(term)
		.on((term.parent == invoice.name) & (term.parenttype == INVOICE))
		.left_join(credit)
		.on(credit.invoice == invoice.name)
		.select(invoice.name, Max(invoice.company).as_("company"), amount.as_("amount"), oldest.as_("oldest"))
		.where((invoice.customer == customer) & (invoice.docstatus == 1))
		.where((invoice.is_return == 0) & (invoice.outstanding_amount > 0))
		.groupby(invoice.name)
		.having(amount > LEAST)
	)
	if company:
		query = query.where(invoice.company == company)
	conditions = build_match_conditions(INVOICE) if permitted else ""
	if conditions:
		query = query.where(LiteralValue(f"({conditions})"))
	return query.as_("overdue")


def _credited(customer: str):
	"""Subquery: what credit notes that stand open by themselves took back of each invoice; negative."""
	note = frappe.qb.DocType(INVOICE).as_("note")
	owner = frappe.qb.DocType("Company").as_("note_company")
	in_company = Case().when(note.party_account_currency == owner.default_currency, 1).else_(note.conversion_rate)
	return (
		frappe.qb.from_(note)
		.join(owner)
		.on(owner.name == note.company)
		.select(note.return_against.as_("invoice"), Sum(note.outstanding_amount * in_company).as_("amount"))
		.where((note.customer == customer) & (note.docstatus == 1) & (note.is_return == 1))
		.where((note.outstanding_amount < 0) & (Coalesce(note.return_against, "") != ""))
		.groupby(note.return_against)
		.as_("credited")
	)


def digits() -> int:
	"""Digits after the point that ERPNext's reports round money to."""
	from erpnext.accounts.utils import get_currency_precision

	return get_currency_precision() or 2

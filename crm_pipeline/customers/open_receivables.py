"""Open invoices, credit notes and payments of a customer by age: what ERPNext's Accounts Receivable shows, by payment terms.

What belongs to documents that the reader may not read is left out, payments and journal entries included.
"""

from datetime import date

from frappe.utils import flt, getdate, nowdate

from crm_pipeline.core import ageing
from crm_pipeline.core.ageing import Document
from crm_pipeline.customers.asked_party import AskedParty, company_currency, is_readable
from crm_pipeline.erp import open_documents
from crm_pipeline.receivables import seen_invoices
from crm_pipeline.receivables.debts import Debts

INVOICE = "Sales Invoice"


def debts_of(asked: AskedParty, today: date | None = None) -> Debts:
	"""What the party owes; for several sections of a page."""
	return Debts(list(asked.names), getdate(today or nowdate()), asked.company)


def of_party(asked: AskedParty, today: date | None = None, debts: Debts | None = None) -> list[dict] | None:
	"""Per company {"company", "currency", "not_due", "buckets", "past_due", "overdue", "outstanding", "oldest"} in company
	currency; `past_due` is the sum of the buckets, what falls due today included, as in Accounts Receivable; `overdue` is what
	was due before today, credits taken off (core/ageing.py), and `oldest` the day since when. None for who reads no Sales
	Invoices. A fixed number of queries."""
	if not (is_readable(INVOICE) and seen_invoices.reads_amounts()):
		return None
	debts = debts or debts_of(asked, today)
	digits = open_documents.digits()
	return [_of_company(company, documents, debts.day, digits) for company, documents in debts.readable.items()]


def _of_company(company: str, documents: list[Document], today: date, digits: int) -> dict:
	by_age = ageing.ages([part for document in documents for part in document.parts], today)
	overdue = ageing.overdue(documents, today)
	return {
		"company": company,
		"currency": company_currency(company),
		"not_due": flt(by_age.not_due, digits),
		"buckets": [flt(amount, digits) for amount in by_age.buckets],
		"past_due": flt(by_age.past_due, digits),
		"overdue": flt(overdue.amount, digits) if overdue else 0.0,
		"outstanding": flt(by_age.outstanding, digits),
		"oldest": overdue.oldest if overdue else None,
	}

"""Revenue of a customer by month: what its invoices posted to income accounts, from the General Ledger."""

import frappe
from frappe.query_builder.functions import Sum
from frappe.utils import flt

from crm_pipeline.analytics.scope import visible
from crm_pipeline.analytics.sql_terms import Month, Year
from crm_pipeline.customers.asked_party import AskedParty, company_currency, is_readable

INVOICE, LEDGER = "Sales Invoice", "GL Entry"


def by_month(asked: AskedParty) -> list[dict] | None:
	"""[{"company", "currency", "month": "2026-05", "revenue"}] in company currency, net of tax, by the day of posting in
	the ledger, credit notes taken off; None for who may not read Sales Invoices and the General Ledger. One query."""
	if not (is_readable(INVOICE, "base_net_total") and is_readable(LEDGER, "credit", "debit")):
		return None
	invoice, entry, account = (frappe.qb.DocType(doctype) for doctype in (INVOICE, LEDGER, "Account"))
	year, month = Year(entry.posting_date), Month(entry.posting_date)
	query = (
		frappe.qb.from_(invoice)
		.join(entry)
		.on((entry.voucher_type == INVOICE) & (entry.voucher_no == invoice.name))
		.join(account)
		.on(account.name == entry.account)
		.select(entry.company, year.as_("year"), month.as_("month"), Sum(entry.credit - entry.debit).as_("revenue"))
		.where((entry.is_cancelled == 0) & (account.root_type == "Income") & (invoice.docstatus == 1))
		.groupby(entry.company, year, month)
		.orderby(entry.company)
		.orderby(year)
		.orderby(month)
	)
	if asked.from_date:
		query = query.where(entry.posting_date >= asked.from_date)
	if asked.to_date:
		query = query.where(entry.posting_date <= asked.to_date)
	query = visible(asked.without_period().narrow(query, INVOICE), LEDGER)
	return [
		{
			"company": row.company,
			"currency": company_currency(row.company),
			"month": f"{row.year}-{row.month:02d}",
			"revenue": flt(row.revenue),
		}
		for row in query.run(as_dict=True)
	]

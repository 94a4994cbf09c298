"""Gross profit of a customer by month, as ERPNext's report Gross Profit has it (erp/gross_profit.py)."""

import frappe
from frappe.utils import flt, getdate, nowdate

from crm_pipeline.analytics.scope import visible
from crm_pipeline.customers.asked_party import BEGINNING, AskedParty, company_currency, is_readable
from crm_pipeline.erp import gross_profit

INVOICE = "Sales Invoice"
REPORT = "Gross Profit"


def is_permitted() -> bool:
	"""Whether the reader may open the report; costs are nobody else's business."""
	return (
		is_readable(INVOICE, "base_net_total", rows=("base_net_amount", "base_net_rate", "stock_qty", "incoming_rate"))
		and bool(frappe.db.exists("Report", REPORT))
		and bool(frappe.get_cached_doc("Report", REPORT).is_permitted())
	)


def by_month(asked: AskedParty, companies: list[str]) -> list[dict] | None:
	"""[{"company", "currency", "month": "2026-05", "amount", "cost", "profit"}] in company currency; None for who may not
	open the report. Asked for each company by itself."""
	if not is_permitted():
		return None
	first, last = asked.from_date or BEGINNING, asked.to_date or getdate(nowdate())
	found = [
		{
			"company": company,
			"currency": company_currency(company),
			"month": f"{getdate(row.posting_date):%Y-%m}",
			"amount": flt(row.base_amount),
			"cost": flt(row.buying_amount),
			"profit": flt(row.gross_profit),
		}
		for company in companies
		for row in gross_profit.by_month(asked.names, company, first, last, lambda query: visible(query, INVOICE))
	]
	return sorted(found, key=lambda row: (row["company"], row["month"]))

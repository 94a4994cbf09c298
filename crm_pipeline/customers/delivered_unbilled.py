"""What was delivered to a customer and not billed yet: the rule of ERPNext's report Delivered Items To Be Billed."""

import frappe
from frappe.query_builder.functions import Count, IfNull, Sum
from frappe.utils import flt

from crm_pipeline.analytics.sql_terms import Round
from crm_pipeline.customers.asked_party import AskedParty, company_currency, is_readable

NOTE = "Delivery Note"


def of_party(asked: AskedParty) -> list[dict] | None:
	"""[{"company", "currency", "documents", "amount"}] in company currency, net of tax; None for who reads no Delivery
	Notes. One query."""
	if not is_readable(NOTE, "conversion_rate", rows=("base_amount", "base_rate", "billed_amt", "returned_qty")):
		return None
	note, row = frappe.qb.DocType(NOTE), frappe.qb.DocType("Delivery Note Item")
	billed = row.billed_amt * IfNull(note.conversion_rate, 1)
	returned = row.base_rate * IfNull(row.returned_qty, 0)
	query = (
		frappe.qb.from_(note)
		.join(row)
		.on(row.parent == note.name)
		.select(
			note.company,
			Count(note.name).distinct().as_("documents"),
			Sum(row.base_amount - billed - returned).as_("amount"),
		)
		.where((note.docstatus == 1) & note.status.notin(("Closed", "Completed")) & (row.amount > 0))
		.where(row.base_amount - Round(billed, 2) - returned > 0)
		.groupby(note.company)
		.orderby(note.company)
	)
	rows = asked.narrow(query, NOTE).run(as_dict=True)
	for found in rows:
		found.amount = flt(found.amount)
		found.currency = company_currency(found.company)
	return rows

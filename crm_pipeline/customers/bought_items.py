"""What a customer bought: items by amount, with when last."""

import frappe
from frappe.query_builder.functions import Coalesce, Count, Max, Sum
from frappe.utils import flt
from pypika import Case
from pypika.analytics import RowNumber
from pypika.functions import NullIf

from crm_pipeline.customers.asked_party import AskedParty, company_currency, is_readable

SHOWN = 10
# Where it is counted, best first, and by which day: what was billed, and for who reads no invoices what was ordered.
INVOICE = "Sales Invoice"
BASES = {INVOICE: "posting_date", "Sales Order": "transaction_date"}


def of_party(asked: AskedParty) -> dict | None:
	"""{"basis": DocType, "rows": [{"item_code", "item_name", "company", "currency", "qty", "amount", "documents", "last"}]},
	the largest of each company first, amounts net of tax in its currency, returns taken off. None for who reads neither. One
	query."""
	fields = ("item_code", "item_name", "stock_qty", "base_net_amount")
	basis = next((doctype for doctype, day in BASES.items() if is_readable(doctype, day, rows=fields)), None)
	if not basis:
		return None
	document, row = frappe.qb.DocType(basis), frappe.qb.DocType(f"{basis} Item")
	day = document[BASES[basis]]
	amount = Sum(row.base_net_amount)
	# Rows of an invoice may say in words alone what was sold.
	code = NullIf(row.item_code, "")
	text = Case().when(code.isnull(), row.item_name).else_("")
	query = (
		frappe.qb.from_(document)
		.join(row)
		.on(row.parent == document.name)
		.select(
			document.company,
			code.as_("item_code"),
			Max(row.item_name).as_("item_name"),
			Sum(row.stock_qty).as_("qty"),
			Max(row.stock_uom).as_("uom"),
			amount.as_("amount"),
			Count(document.name).distinct().as_("documents"),
			Max(day).as_("last"),
			# Amounts of companies with other currencies can't be compared.
			RowNumber().over(document.company).orderby(amount, order=frappe.qb.desc).orderby(code).as_("place"),
		)
		.where(document.docstatus == 1)
		.groupby(document.company, code, text)
	)
	if basis == INVOICE:
		# What was owed when the books were opened was bought before, and says no item.
		query = query.where(Coalesce(document.is_opening, "") != "Yes")
	ranked = asked.narrow(query, basis, day=BASES[basis]).as_("ranked")
	shown = frappe.qb.from_(ranked).select(ranked.star).where(ranked.place <= SHOWN)
	rows = shown.orderby(ranked.company).orderby(ranked.place).run(as_dict=True)
	for found in rows:
		found.update({"amount": flt(found.amount), "qty": flt(found.qty), "currency": company_currency(found.company)})
	return {"basis": basis, "rows": rows}

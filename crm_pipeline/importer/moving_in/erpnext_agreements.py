"""What ERPNext's CRM agreed: contracts as memos, quotations and orders that came from its opportunities."""

from collections.abc import Iterator
from datetime import date

import frappe
from frappe import _
from frappe.utils import escape_html, getdate

from crm_pipeline.core import moving_in as rules
from crm_pipeline.importer.moving_in import old_tables
from crm_pipeline.importer.moving_in.old_words import Words

CONTRACT = "Contract"
OF_CUSTOMERS = {"party_type": "Customer", "docstatus": ("<", 2)}


def contract_memos(words: Words) -> Iterator[dict]:
	"""Each contract with a customer as a memo on that customer: ERPNext's has no items and no amount, so that nothing could
	be handed off from a Sales Contract made of it."""
	fields = ["party_name", "status", "fulfilment_status", "start_date", "end_date", "is_signed", "signee", "signed_on"]
	fields += [
		"fulfilment_deadline",
		"contract_terms",
		"document_type",
		"document_name",
		"creation",
		"owner",
		"docstatus",
		"signed_by_company",
	]
	names = old_tables.names(CONTRACT, OF_CUSTOMERS)
	for part in old_tables.chunks(CONTRACT, fields, names):
		terms = old_tables.children(
			"Contract Fulfilment Checklist", CONTRACT, [row.name for row in part], ["requirement", "fulfilled", "notes"]
		)
		for row in part:
			facts = rules.lines(
				("Status", row.status),
				("Fulfilment", row.fulfilment_status if row.fulfilment_status != "N/A" else ""),
				("From", row.start_date),
				("To", row.end_date),
				("Fulfilment Deadline", row.fulfilment_deadline),
				("Signed By", row.signee if row.is_signed else ""),
				("Signed On", row.signed_on if row.is_signed else ""),
				("Signed By Company", row.signed_by_company),
				(row.document_type or "Document", row.document_name),
				*(
					(one.requirement, "fulfilled" if one.fulfilled else "not fulfilled")
					for one in terms.get(row.name, ())
				),
			)
			yield {
				"external_id": f"{CONTRACT} {row.name}",
				"about_type": "Customer",
				"about": row.party_name,
				"subject": f"{CONTRACT} {row.name}",
				"notes": f"<p>{escape_html(facts)}</p>".replace("\n", "<br>") + (row.contract_terms or ""),
				"owner": words.owner(row.owner),
				"created_on": row.creation,
			}


def contract_notices() -> list[str]:
	"""What becomes of contracts, and which stay where they are."""
	with_customers = len(old_tables.names(CONTRACT, OF_CUSTOMERS))
	others = len(old_tables.names(CONTRACT, {"docstatus": ("<", 2)})) - with_customers
	said = []
	if with_customers:
		text = _(
			"Contracts with customers: {0}. They have no items and no amount, from which a Sales Contract is handed off: each is a memo on its Customer, with its terms, dates, who signed, and its files."
		)
		said.append(text.format(with_customers))
	if others:
		said.append(_("Contracts with suppliers and employees, which are not moved: {0}.").format(others))
	return said


# How a quotation names the deal that it came from; those of Frappe CRM have it where the two are connected.
COLUMNS = {"Opportunity": "opportunity", "CRM Deal": "crm_deal"}


def quotations_of(deals: list[str], there: str = "Opportunity") -> dict[str, str]:
	"""{quotation: the deal of the other system that it came from} of these, cancelled ones left out."""
	column = old_tables.first_column("Quotation", COLUMNS[there])
	if not (column and deals):
		return {}
	rows = old_tables.rows("Quotation", [column, "creation"], {column: ("in", deals), "docstatus": ("<", 2)})
	return {row.name: row[column] for row in rows}


def orders_of(quotations: list[str]) -> list[frappe._dict]:
	"""Orders made of these quotations: {"name", "quotation", "transaction_date", "docstatus"}, oldest first."""
	item, order = frappe.qb.DocType("Sales Order Item"), frappe.qb.DocType("Sales Order")
	return (
		frappe.qb.from_(item)
		.join(order)
		.on(order.name == item.parent)
		.select(order.name, item.prevdoc_docname.as_("quotation"), order.transaction_date, order.docstatus)
		.distinct()
		.where(item.prevdoc_docname.isin(quotations or [""]) & (order.docstatus < 2))
		.orderby(order.transaction_date)
		.orderby(order.name)
	).run(as_dict=True)


def ordered_on(deals: list[str]) -> dict[str, date]:
	"""{opportunity: day of the first submitted order of its quotations}."""
	quotations = quotations_of(deals)
	found: dict[str, date] = {}
	for order in orders_of(list(quotations)) if quotations else ():
		if order.docstatus == 1:
			found.setdefault(quotations[order.quotation], getdate(order.transaction_date))
	return found

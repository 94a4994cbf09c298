"""What ERPNext and Frappe know of two records that are to be merged: currencies of what was posted, accounts, links."""

from collections import Counter

import frappe
from frappe.query_builder.functions import Count
from pypika import Criterion

# Written by Frappe for itself, and moved without being worth a line to people.
UNTOLD = (
	"Version",
	"Notification Log",
	"View Log",
	"Access Log",
	"Document Follow",
	"Energy Point Log",
	"Duplicate Pair",
)


def posted_currencies(customer: str) -> set[tuple[str, str]]:
	"""(company, currency) of a customer's ledger entries: ERPNext takes one currency for each company."""
	entry = frappe.qb.DocType("GL Entry")
	rows = (
		frappe.qb.from_(entry)
		.select(entry.company, entry.account_currency)
		.distinct()
		.where((entry.party_type == "Customer") & (entry.party == customer) & (entry.is_cancelled == 0))
	).run()
	return {(company, currency) for company, currency in rows if currency}


def accounts(customer: str) -> set[tuple[str, str]]:
	"""(company, receivable account) that is set on a customer."""
	rows = frappe.get_all(
		"Party Account",
		filters={"parenttype": "Customer", "parent": customer},
		fields=["company", "account"],
		order_by="idx asc",
		limit=0,
	)
	return {(row.company, row.account) for row in rows if row.account}


def linked(doctype: str, name: str) -> dict[str, int]:
	"""{DocType: how many records name this one}: what follows when it is merged, only of types that the user may read. A row
	that names it counts as one of the documents that it stands in."""
	found: Counter[str] = Counter()
	for table, conditions in _places(doctype, name):
		query = frappe.qb.from_(table).where(Criterion.all(conditions))
		found.update({label: count for label, count in _counts(query, table) if count and _may_read(label)})
	return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def _counts(query, table) -> list[tuple[str, int]]:
	"""(DocType, count) of a table, of one of rows by the documents that they stand in."""
	label = table._table_name.removeprefix("tab")
	if not frappe.get_meta(label).istable:
		return [(label, query.select(Count("*")).run()[0][0])]
	rows = query.select(table.parenttype, Count("*")).groupby(table.parenttype).orderby(table.parenttype).run()
	return [(parent, count) for parent, count in rows if parent and frappe.db.exists("DocType", parent)]


def _may_read(doctype: str) -> bool:
	return bool(frappe.has_permission(doctype, "read"))


def _places(doctype: str, name: str):
	"""(table, conditions) of every link of the site to a type, as the framework's own merge finds them."""
	for link in frappe.get_attr("frappe.model.rename_doc.get_link_fields")(doctype):
		if not link["issingle"] and _is_told(link["parent"]):
			table = frappe.qb.DocType(link["parent"])
			yield table, [table[link["fieldname"]] == name, *_beside(table, link["parent"], doctype, name)]
	links = frappe.get_attr("frappe.model.dynamic_links.get_dynamic_link_map")().get(doctype, [])
	for df in links:
		if _is_told(df.parent) and not frappe.get_meta(df.parent).issingle:
			table = frappe.qb.DocType(df.parent)
			yield table, [table[df.options] == doctype, table[df.fieldname] == name]
	file = frappe.qb.DocType("File")
	yield file, [file.attached_to_doctype == doctype, file.attached_to_name == name]


def _beside(table, parent: str, doctype: str, name: str) -> list:
	"""Rows of the record itself go with it."""
	meta = frappe.get_meta(parent)
	return [(table.parenttype != doctype) | (table.parent != name)] if meta.istable else []


def _is_told(parent: str) -> bool:
	return parent not in UNTOLD and not frappe.get_meta(parent).get("is_virtual")

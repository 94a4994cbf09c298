"""From ERPNext's fulfilment documents back to their Sales Orders."""

import frappe

from crm_pipeline.core.chain import Ref

# Documents after the Sales Order: child table and the column that names the order.
DOWNSTREAM = {
	"Delivery Note": ("Delivery Note Item", "against_sales_order"),
	"Sales Invoice": ("Sales Invoice Item", "sales_order"),
	"Payment Entry": ("Payment Entry Reference", None),
}


def orders_of(doctype: str, name: str) -> list[Ref]:
	"""The Sales Orders that a delivery note, invoice or payment serves."""
	if doctype == "Payment Entry":
		names = _orders_of_payment(name)
	else:
		table, column = DOWNSTREAM[doctype]
		names = _orders_in_rows(table, column, [name])
	return [Ref("Sales Order", order) for order in sorted(names)]


def _orders_in_rows(table: str, column: str, parents: list[str]) -> set[str]:
	if not parents:
		return set()
	return set(
		frappe.get_all(
			table,
			filters={"parent": ("in", parents), column: ("is", "set")},
			pluck=column,
			order_by=f"{column} asc",
			limit=0,
		)
	)


def _orders_of_payment(name: str) -> set[str]:
	references = frappe.get_all(
		"Payment Entry Reference",
		filters={"parent": name, "reference_doctype": ("in", ("Sales Order", "Sales Invoice"))},
		fields=["reference_doctype", "reference_name"],
		order_by="idx asc",
		limit=0,
	)
	orders = {r.reference_name for r in references if r.reference_doctype == "Sales Order"}
	invoices = [r.reference_name for r in references if r.reference_doctype == "Sales Invoice"]
	return orders | _orders_in_rows("Sales Invoice Item", "sales_order", invoices)


def documents_after(orders: list[str]) -> list[dict]:
	"""Delivery notes, invoices and payments of `orders`, for the list on a form.

	Rows: {"doctype", "name", "date", "status", "amount" (document currency), "currency", "order"}.
	"""
	if not orders:
		return []
	found = []
	for doctype, date_field in (("Delivery Note", "posting_date"), ("Sales Invoice", "posting_date")):
		table, column = DOWNSTREAM[doctype]
		rows = frappe.get_all(
			table,
			filters={column: ("in", orders), "docstatus": 1},
			fields=["parent", f"{column} as sales_order"],
			order_by="parent asc",
			limit=0,
		)
		parents = {r.parent: r.sales_order for r in rows}
		found += _visible(
			doctype, parents, ["name", f"{date_field} as date", "status", "grand_total as amount", "currency"]
		)
	return found + _payments(orders, [d["name"] for d in found if d["doctype"] == "Sales Invoice"])


def _payments(orders: list[str], invoices: list[str]) -> list[dict]:
	parents = {}
	for doctype, names in (("Sales Order", orders), ("Sales Invoice", invoices)):
		# Another document, as a Journal Entry, may be called the same.
		rows = frappe.get_all(
			"Payment Entry Reference",
			filters={"reference_doctype": doctype, "reference_name": ("in", names or [""]), "docstatus": 1},
			fields=["parent", "reference_name"],
			order_by="parent asc",
			limit=0,
		)
		parents |= {r.parent: r.reference_name for r in rows}
	return _visible(
		"Payment Entry",
		parents,
		["name", "posting_date as date", "status", "paid_amount as amount", "paid_from_account_currency as currency"],
	)


def _visible(doctype: str, parents: dict[str, str], fields: list[str]) -> list[dict]:
	if not parents or not frappe.has_permission(doctype, "read"):
		return []
	rows = frappe.get_list(
		doctype, filters={"name": ("in", sorted(parents))}, fields=fields, order_by="creation asc", limit=0
	)
	return [{"doctype": doctype, "order": parents[row.name], **row} for row in rows]

"""Credit limits of a customer and how much of them is used, to the cent as ERPNext's `get_customer_outstanding` has it when it
checks a Sales Order; but without reading each delivery that was ever made.

The index of what is posted and those of what is not billed (customer_indexes.py) answer the first two of its three sums. Of
deliveries without an order ERPNext reads all rows; here only those of which something may be left: deliveries that are not
billed in full by ERPNext's own percentage, and those with a return or a credit note, which that percentage takes into account and the sum does not.
"""

import frappe
from frappe.query_builder.functions import Coalesce, Sum
from frappe.utils import cint, flt

CUSTOMERS = "erpnext.selling.doctype.customer.customer"
MOST_COMPANIES = 10
NOTE, INVOICE = "Delivery Note", "Sales Invoice"


def of_customer(customer: str, companies: list[str]) -> list[tuple[str, float, float]]:
	"""[(company, limit, used)] where a credit limit is set, as ERPNext judges it when an order is submitted."""
	limit_of, result = frappe.get_attr(f"{CUSTOMERS}.get_credit_limit"), []
	for company in companies:
		limit = flt(limit_of(customer, company))
		if limit > 0:
			result.append((company, limit, used(customer, company, _is_asked_of_orders(customer, company))))
	return result


def _is_asked_of_orders(customer: str, company: str) -> bool:
	own = {"parent": customer, "parenttype": "Customer", "company": company}
	return not cint(frappe.db.get_value("Customer Credit Limit", own, "bypass_credit_limit_check"))


def used(customer: str, company: str, with_orders: bool = True) -> float:
	"""What is posted and not paid, ordered and not billed, delivered without an order and not billed; in company currency."""
	ordered = _ordered(customer, company) if with_orders else 0.0
	return _posted(customer, company) + ordered + _delivered(customer, company)


def _posted(customer: str, company: str) -> float:
	entry = frappe.qb.DocType("GL Entry")
	query = (
		frappe.qb.from_(entry)
		.select(Sum(entry.debit) - Sum(entry.credit))
		.where((entry.party_type == "Customer") & (entry.party == customer))
		.where((entry.company == company) & (entry.is_cancelled == 0))
	)
	return flt(query.run()[0][0])


def _ordered(customer: str, company: str) -> float:
	order = frappe.qb.DocType("Sales Order")
	query = (
		frappe.qb.from_(order)
		.select(Sum(order.base_grand_total * (100 - order.per_billed) / 100))
		.where((order.customer == customer) & (order.docstatus == 1) & (order.company == company))
		.where((order.per_billed < 100) & (order.status != "Closed"))
	)
	return flt(query.run()[0][0])


def _delivered(customer: str, company: str) -> float:
	notes = _notes_left(customer, company)
	if not notes:
		return 0.0
	note, row, billed = (frappe.qb.DocType(doctype) for doctype in (NOTE, f"{NOTE} Item", f"{INVOICE} Item"))
	rows = (
		frappe.qb.from_(note)
		.join(row)
		.on(row.parent == note.name)
		.left_join(billed)
		.on((billed.dn_detail == row.name) & (billed.docstatus == 1))
		.select(row.name, row.amount, note.base_net_total, note.base_grand_total, Sum(billed.amount))
		.where(note.name.isin(notes) & (note.company == company) & (note.docstatus == 1))
		.where(note.status.notin(("Closed", "Stopped")))
		.where((Coalesce(row.against_sales_order, "") == "") & (Coalesce(row.against_sales_invoice, "") == ""))
		.groupby(row.name)
		.orderby(row.name)
	).run()
	total = 0.0
	for _name, amount, net, gross, already in rows:
		left = flt(amount) - flt(already)
		if left > 0 and net:
			total += left / net * gross
	return total


def _notes_left(customer: str, company: str) -> list[str]:
	"""Deliveries of which something may be left to bill."""
	note, invoice, row = (frappe.qb.DocType(doctype) for doctype in (NOTE, INVOICE, f"{INVOICE} Item"))
	of_customer = (note.customer == customer) & (note.docstatus == 1) & (note.company == company)
	unbilled = frappe.qb.from_(note).select(note.name).where(of_customer & (note.per_billed < 100))
	returned = frappe.qb.from_(note).select(note.name, note.return_against).where(of_customer & (note.is_return == 1))
	credited = (
		frappe.qb.from_(invoice)
		.join(row)
		.on(row.parent == invoice.name)
		.select(row.delivery_note)
		.distinct()
		.where((invoice.customer == customer) & (invoice.is_return == 1) & (invoice.docstatus == 1))
		.where(invoice.company == company)
	)
	found = {name for query in (unbilled, returned, credited) for values in query.run() for name in values}
	return sorted(found - {None, ""})

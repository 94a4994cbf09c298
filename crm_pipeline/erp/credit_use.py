"""Credit limits of a customer and how much of them is used, to the cent as ERPNext's `get_customer_outstanding` has it when it
checks a Sales Order; but without reading each delivery that was ever made.

The index of what is posted and those of what is not billed (customer_indexes.py) answer the first two of its three sums. Of
deliveries without an order ERPNext reads all rows; here only those of which something may be left: deliveries that are not
billed in full by ERPNext's own percentage, and those with a return or a credit note, which that percentage takes into account and the sum does not.
"""

import frappe
from frappe.query_builder.functions import Coalesce, Sum
from frappe.utils import cint, flt

MOST_COMPANIES = 10
NOTE, INVOICE = "Delivery Note", "Sales Invoice"


def of_customer(customer: str, companies: list[str]) -> list[tuple[str, float, float]]:
	"""[(company, limit, used)] where a credit limit is set, as ERPNext judges it when an order is submitted. As many queries
	for many companies as for one."""
	limits, bypassed = _limits(customer, companies)
	found = used_of(customer, list(limits), bypassed) if limits else {}
	return [(company, limit, found[company]) for company, limit in limits.items()]


def _limits(customer: str, companies: list[str]) -> tuple[dict[str, float], set[str]]:
	"""What ERPNext's `get_credit_limit` answers of each company, where that is anything: the customer's own, else that of the
	group where it is not bypassed, else that of the company; and the companies in which the customer's own is bypassed."""
	group = frappe.db.get_value("Customer", customer, "customer_group")
	own, of_group = _rows_of("Customer", customer), _rows_of("Customer Group", group)
	limits = {}
	for company in companies:
		limit = flt(own[company].credit_limit) if company in own else 0.0
		if not limit and company in of_group and not of_group[company].bypass_credit_limit_check:
			limit = flt(of_group[company].credit_limit)
		limit = limit or flt(frappe.get_cached_value("Company", company, "credit_limit"))
		if limit > 0:
			limits[company] = limit
	return limits, {company for company, row in own.items() if cint(row.bypass_credit_limit_check)}


def _rows_of(doctype: str, name: str | None) -> dict[str, dict]:
	rows = frappe.get_all(
		"Customer Credit Limit",
		filters={"parenttype": doctype, "parent": name or ""},
		fields=["company", "credit_limit", "bypass_credit_limit_check"],
		order_by="modified asc, name asc",
		limit=0,
	)
	# Of several for one company ERPNext takes the one that was changed last.
	return {row.company: row for row in rows}


def used(customer: str, company: str, with_orders: bool = True) -> float:
	"""What is posted and not paid, ordered and not billed, delivered without an order and not billed; in company currency."""
	return used_of(customer, [company], set() if with_orders else {company})[company]


def used_of(customer: str, companies: list[str], without_orders: set[str]) -> dict[str, float]:
	"""The same by company; of `without_orders` without what is ordered."""
	found = dict.fromkeys(companies, 0.0)
	ordered = [company for company in companies if company not in without_orders]
	for sums in (_posted(customer, companies), _ordered(customer, ordered), _delivered(customer, companies)):
		for company, amount in sums:
			found[company] += flt(amount)
	return found


def _posted(customer: str, companies: list[str]) -> list[tuple[str, float]]:
	entry = frappe.qb.DocType("GL Entry")
	query = (
		frappe.qb.from_(entry)
		.select(entry.company, Sum(entry.debit) - Sum(entry.credit))
		.where((entry.party_type == "Customer") & (entry.party == customer))
		.where(entry.company.isin(companies) & (entry.is_cancelled == 0))
		.groupby(entry.company)
		.orderby(entry.company)
	)
	return query.run()


def _ordered(customer: str, companies: list[str]) -> list[tuple[str, float]]:
	if not companies:
		return []
	order = frappe.qb.DocType("Sales Order")
	query = (
		frappe.qb.from_(order)
		.select(order.company, Sum(order.base_grand_total * (100 - order.per_billed) / 100))
		.where((order.customer == customer) & (order.docstatus == 1) & order.company.isin(companies))
		.where((order.per_billed < 100) & (order.status != "Closed"))
		.groupby(order.company)
		.orderby(order.company)
	)
	return query.run()


def _delivered(customer: str, companies: list[str]) -> list[tuple[str, float]]:
	notes = _notes_left(customer, companies)
	if not notes:
		return []
	note, row, billed = (frappe.qb.DocType(doctype) for doctype in (NOTE, f"{NOTE} Item", f"{INVOICE} Item"))
	rows = (
		frappe.qb.from_(note)
		.join(row)
		.on(row.parent == note.name)
		.left_join(billed)
		.on((billed.dn_detail == row.name) & (billed.docstatus == 1))
		.select(note.company, row.amount, note.base_net_total, note.base_grand_total, Sum(billed.amount))
		.where(note.name.isin(notes) & note.company.isin(companies) & (note.docstatus == 1))
		.where(note.status.notin(("Closed", "Stopped")))
		.where((Coalesce(row.against_sales_order, "") == "") & (Coalesce(row.against_sales_invoice, "") == ""))
		.groupby(row.name)
		.orderby(row.name)
	).run()
	found = []
	for company, amount, net, gross, already in rows:
		left = flt(amount) - flt(already)
		if left > 0 and net:
			found.append((company, left / net * gross))
	return found


def _notes_left(customer: str, companies: list[str]) -> list[str]:
	"""Deliveries of which something may be left to bill."""
	note, invoice, row = (frappe.qb.DocType(doctype) for doctype in (NOTE, INVOICE, f"{INVOICE} Item"))
	of_customer = (note.customer == customer) & (note.docstatus == 1) & note.company.isin(companies)
	unbilled = frappe.qb.from_(note).select(note.name).where(of_customer & (note.per_billed < 100))
	returned = frappe.qb.from_(note).select(note.name, note.return_against).where(of_customer & (note.is_return == 1))
	credited = (
		frappe.qb.from_(invoice)
		.join(row)
		.on(row.parent == invoice.name)
		.select(row.delivery_note)
		.distinct()
		.where((invoice.customer == customer) & (invoice.is_return == 1) & (invoice.docstatus == 1))
		.where(invoice.company.isin(companies))
	)
	found = {name for query in (unbilled, returned, credited) for values in query.run() for name in values}
	return sorted(found - {None, ""})

"""Who owns the sale behind an invoice, and which deal and contract that is.

The owner is that of the nearest document behind the invoice's order (request, contract, deal), else whoever stands first in
the sales team of the invoice, else the customer's account manager, else who stands first in the customer's sales team. Of
an invoice for several orders the one with the largest amount decides. Who left owns one only where nobody else does: what
was sold stays with them, and the money is for others to ask for.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import frappe
from frappe.query_builder.functions import Sum
from frappe.utils import flt

from crm_pipeline.chain import graph
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.registry import DEALS, OWNED
from crm_pipeline.erp.open_items import CHUNK, INVOICE
from crm_pipeline.parties import people

CONTRACT = "Sales Contract"


@dataclass
class Behind:
	"""The sale behind an invoice; None for what it has not."""

	order: str | None = None
	contract: str | None = None
	deal: Ref | None = None
	sales_owner: str | None = None
	sales_person: str | None = None


def of_items(rows: Iterable[dict]) -> dict[tuple[str, str], Behind]:
	"""By (voucher type, voucher): rows have these two and `customer`. A fixed number of queries."""
	rows = list(rows)
	invoices = sorted({row.voucher_no for row in rows if row.voucher_type == INVOICE})
	orders = _orders_of(invoices)
	lines = graph.lines_of({Ref("Sales Order", order) for order in orders.values()})
	owners = _owners_of({ref for line in lines.values() for ref in line if ref.doctype in OWNED})
	there = {None, "", *people.enabled(owner for owner, _person in owners.values())}
	still_there = {ref: pair for ref, pair in owners.items() if pair[0] in there}
	found, last = {}, {}
	for row in rows:
		key = row.voucher_type, row.voucher_no
		order = orders.get(row.voucher_no) if row.voucher_type == INVOICE else None
		line = lines.get(Ref("Sales Order", order), []) if order else []
		found[key], last[key] = _behind(order, line, still_there), _owner_of(line, owners)
	_from_teams(rows, found)
	for key, behind in found.items():
		if not (behind.sales_owner or behind.sales_person):
			behind.sales_owner, behind.sales_person = last[key]
	return found


def of_invoice(name: str, customer: str) -> Behind:
	return of_items([frappe._dict(voucher_type=INVOICE, voucher_no=name, customer=customer)])[INVOICE, name]


def _behind(order: str | None, line: list[Ref], owners: dict[Ref, tuple]) -> Behind:
	owner, person = _owner_of(line, owners)
	return Behind(
		order=order,
		contract=next((ref.name for ref in line if ref.doctype == CONTRACT), None),
		deal=next((ref for ref in line if ref.doctype in DEALS), None),
		sales_owner=owner,
		sales_person=person,
	)


def _owner_of(line: list[Ref], owners: dict[Ref, tuple]) -> tuple[str | None, str | None]:
	"""(sales owner, sales person) of the nearest document that has one."""
	return next((owners[ref] for ref in line if any(owners.get(ref, ()))), (None, None))


def _orders_of(invoices: list[str]) -> dict[str, str]:
	"""The order that most of an invoice is for."""
	item, largest = frappe.qb.DocType("Sales Invoice Item"), {}
	for start in range(0, len(invoices), CHUNK):
		rows = (
			frappe.qb.from_(item)
			.select(item.parent, item.sales_order, Sum(item.base_net_amount).as_("amount"))
			.where(item.parent.isin(invoices[start : start + CHUNK]) & item.sales_order.isnotnull())
			.groupby(item.parent, item.sales_order)
			.orderby(item.parent)
			.orderby(item.sales_order)
		).run(as_dict=True)
		for row in rows:
			if row.sales_order and abs(flt(row.amount)) > largest.get(row.parent, (-1.0, ""))[0]:
				largest[row.parent] = (abs(flt(row.amount)), row.sales_order)
	return {invoice: order for invoice, (_amount, order) in largest.items()}


def _owners_of(refs: set[Ref]) -> dict[Ref, tuple[str | None, str | None]]:
	found = {}
	for doctype in {ref.doctype for ref in refs}:
		names = sorted(ref.name for ref in refs if ref.doctype == doctype)
		for row in frappe.get_all(
			doctype,
			filters={"name": ("in", names)},
			fields=["name", "sales_owner", "sales_person"],
			order_by="name asc",
			limit=0,
		):
			found[Ref(doctype, row.name)] = (row.sales_owner or None, row.sales_person or None)
	return found


def _from_teams(rows: list[dict], found: dict[tuple[str, str], Behind]) -> None:
	"""Fill in owners from the sales team, or from the customer, where no document of ours has one."""
	open_rows = [row for row in rows if not found[row.voucher_type, row.voucher_no].sales_owner]
	open_rows = [row for row in open_rows if not found[row.voucher_type, row.voucher_no].sales_person]
	if not open_rows:
		return
	of_invoices = _teams(INVOICE, {row.voucher_no for row in open_rows if row.voucher_type == INVOICE})
	customers = {row.customer for row in open_rows}
	of_customers, managers = _teams("Customer", customers), _managers(customers)
	there = people.enabled(managers.values())
	managers = {customer: manager for customer, manager in managers.items() if manager in there}
	users = _users_of({*of_invoices.values(), *of_customers.values()})
	persons = {user: people.person_of(user) for user in set(managers.values())}
	for row in open_rows:
		behind = found[row.voucher_type, row.voucher_no]
		person = of_invoices.get(row.voucher_no) if row.voucher_type == INVOICE else None
		manager = managers.get(row.customer)
		if not person and manager:
			behind.sales_owner, behind.sales_person = manager, persons[manager]
			continue
		behind.sales_person = person or of_customers.get(row.customer)
		behind.sales_owner = users.get(behind.sales_person)


def _teams(doctype: str, names: set[str]) -> dict[str, str]:
	"""Who stands first in the sales team of a document, with the largest part."""
	listed, found = sorted(names), {}
	for start in range(0, len(listed), CHUNK):
		for row in frappe.get_all(
			"Sales Team",
			filters={"parenttype": doctype, "parent": ("in", listed[start : start + CHUNK])},
			fields=["parent", "sales_person"],
			order_by="allocated_percentage desc, idx asc",
			limit=0,
		):
			if row.sales_person:
				found.setdefault(row.parent, row.sales_person)
	return found


def _managers(customers: set[str]) -> dict[str, str]:
	rows = frappe.get_all(
		"Customer",
		filters={"name": ("in", sorted(customers)), "account_manager": ("is", "set")},
		fields=["name", "account_manager"],
		order_by="name asc",
		limit=0,
	)
	return {row.name: row.account_manager for row in rows}


def _users_of(persons: set[str]) -> dict[str, str]:
	if not persons:
		return {}
	filters = {"name": ("in", sorted(persons)), "crm_user": ("is", "set")}
	rows = frappe.get_all("Sales Person", filters=filters, fields=["name", "crm_user"], order_by="name asc", limit=0)
	return {row.name: row.crm_user for row in rows}

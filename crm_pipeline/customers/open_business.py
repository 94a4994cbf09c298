"""What is open with a customer or prospect: deals and their forecast, quotations, contracts, requests, orders."""

from dataclasses import dataclass

import frappe
from frappe import _
from frappe.query_builder.functions import Count, Sum
from frappe.utils import flt
from pypika import Criterion

from crm_pipeline.analytics import scope
from crm_pipeline.core.registry import STATES
from crm_pipeline.customers.asked_party import AskedParty, company_currency, is_readable
from crm_pipeline.erp import order_figures

SHOWN = 5


@dataclass(frozen=True)
class OpenKind:
	"""Open documents of a type: the fields with their amount in company currency and the day that comes next, and whether
	only submitted ones count. `done` is a field with the amount that is done of it, `weighted` whether it has a
	probability, `delivered` whether it says how much was delivered and billed, in percent."""

	doctype: str
	label: str
	amount: str
	due: str
	submitted: bool = False
	title: str = "title"
	field: str | None = None
	weighted: bool = False
	done: str | None = None
	delivered: bool = False
	of_prospects: bool = True


KINDS = (
	OpenKind("Sales Lead", "Leads", "base_amount", "follow_up_date"),
	OpenKind("Sales Opportunity", "Opportunities", "base_amount", "expected_close", weighted=True),
	OpenKind("Sales Project", "Sales Projects", "base_amount", "expected_close", weighted=True),
	OpenKind(
		"Quotation",
		"Quotations",
		"base_net_total",
		"valid_till",
		submitted=True,
		title="name",
		field="party_name",
		of_prospects=False,
	),
	OpenKind("Sales Contract", "Contracts", "base_amount", "end_date", submitted=True, done="ordered_amount"),
	OpenKind("Sales Order Request", "Order Requests", "base_amount", "delivery_date", submitted=True),
	OpenKind(
		"Sales Order",
		"Sales Orders",
		"base_net_total",
		"delivery_date",
		submitted=True,
		title="name",
		delivered=True,
		of_prospects=False,
	),
)
BY_DOCTYPE = {kind.doctype: kind for kind in KINDS}


def all_of(asked: AskedParty) -> list[dict]:
	"""One part per kind that the reader may read: {"doctype", "label", "totals", "rows"}; two queries each, three of orders.

	`totals` are per company: {"company", "currency", "documents", "amount", "weighted", "done", "to_deliver", "to_bill"}, the
	last four where the kind knows them; `rows` are the first few by the day that comes next.
	"""
	kinds = [kind for kind in KINDS if (kind.of_prospects or asked.is_customer) and may_see(kind)]
	return [part_of(asked, kind) for kind in kinds]


def may_see(kind: OpenKind) -> bool:
	"""Whether the reader may read such documents, with all that is added up of them."""
	fields = [kind.amount, kind.due, kind.title, kind.done]
	fields += ["probability"] if kind.weighted else []
	fields += ["per_billed", "per_delivered"] if kind.delivered else []
	rows = ("qty", "delivered_qty", "base_net_rate", "amount", "billed_amt") if kind.delivered else ()
	return is_readable(kind.doctype, *filter(None, fields), rows=rows)


def part_of(asked: AskedParty, kind: OpenKind, shown: int = SHOWN) -> dict:
	totals = _totals(asked, kind)
	rows = _rows(asked, kind, shown) if totals and shown else []
	return {"doctype": kind.doctype, "label": _(kind.label), "totals": totals, "rows": rows}


def _totals(asked: AskedParty, kind: OpenKind) -> list[dict]:
	table = frappe.qb.DocType(kind.doctype)
	amount = table[kind.amount]
	query = (
		frappe.qb.from_(table)
		.select(table.company, Count("*").as_("documents"), Sum(amount).as_("amount"))
		.groupby(table.company)
		.orderby(table.company)
	)
	if kind.weighted:
		query = query.select(Sum(amount * table.probability / 100).as_("weighted"))
	if kind.done:
		query = query.select(Sum(table[kind.done]).as_("done"))
	if kind.delivered:
		query = query.select(Sum(amount * (100 - table.per_billed) / 100).as_("to_bill"))
	rows = _narrowed(asked, kind, query).run(as_dict=True)
	to_deliver = _to_deliver(asked, kind) if kind.delivered and rows else {}
	numbers = ("amount", "weighted", "done", "to_deliver", "to_bill")
	for row in rows:
		if kind.delivered:
			row.to_deliver = to_deliver.get(row.company)
		row.update({number: flt(row[number]) for number in numbers if number in row})
		row.currency = company_currency(row.company)
	return rows


def _to_deliver(asked: AskedParty, kind: OpenKind) -> dict[str, float]:
	"""{company: what is left to deliver of open orders}. By rows: the order's own percentage counts pieces, not money."""
	query, order, row, left = order_figures.rows_to_deliver()
	query = query.select(order.company, Sum(left * row.base_net_rate)).groupby(order.company).orderby(order.company)
	return dict(_narrowed(asked, kind, query).run())


def _rows(asked: AskedParty, kind: OpenKind, shown: int) -> list[dict]:
	table = frappe.qb.DocType(kind.doctype)
	fields = {
		"name": table.name,
		"title": table[kind.title],
		"due": table[kind.due],
		"amount": table[kind.amount],
		"company": table.company,
		"status": table.status,
	}
	query = (
		frappe.qb.from_(table)
		.select(*(term.as_(name) for name, term in fields.items()))
		# Those without a day last.
		.orderby(table[kind.due].isnull())
		.orderby(table[kind.due])
		.orderby(table.name)
		.limit(shown)
	)
	if kind.delivered:
		query = query.select(table.per_delivered, table.per_billed)
	rows = _narrowed(asked, kind, query).run(as_dict=True)
	for row in rows:
		row.currency = company_currency(row.company)
	return rows


def _narrowed(asked: AskedParty, kind: OpenKind, query):
	table = frappe.qb.DocType(kind.doctype)
	found = [table.status.notin(STATES[kind.doctype].closed)]
	if kind.submitted:
		found.append(table.docstatus == 1)
	if kind.doctype == "Quotation":
		found.append(table.quotation_to == "Customer")
	if kind.doctype == scope.PROJECT:
		query = scope.sales(query, scope.PROJECT)
	if kind.doctype == "Sales Opportunity":
		found.append(table.name.notin(_run_as_project(asked)))
	return asked.narrow(query.where(Criterion.all(found)), kind.doctype, kind.field)


def _run_as_project(asked: AskedParty):
	"""Opportunities that run as a sales project: that one counts in their place, for who sees it."""
	project = frappe.qb.DocType(scope.PROJECT)
	query = (
		frappe.qb.from_(project)
		.select(project.source_name)
		.where((project.source_type == "Sales Opportunity") & project.source_name.isnotnull())
		.where(project.status.notin(STATES[scope.PROJECT].closed))
	)
	if not is_readable(scope.PROJECT):
		return query.where(project.name.isnull())
	return asked.narrow(query, scope.PROJECT)

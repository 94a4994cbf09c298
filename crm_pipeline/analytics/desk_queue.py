"""The order desk's queue: requests that wait, with what decides about them; and those that came back to sales."""

from dataclasses import dataclass

import frappe
from frappe import _
from frappe.utils import flt, getdate
from pypika.terms import ExistsCriterion

from crm_pipeline.analytics import scope
from crm_pipeline.core import readiness
from crm_pipeline.erp import availability
from crm_pipeline.orders import returned
from crm_pipeline.wording import bold

REQUEST = "Sales Order Request"
WAITING, RETURNED = "Requested", "Returned"


@dataclass(frozen=True)
class QueueScope(scope.Scope):
	"""`status` is WAITING or RETURNED."""

	status: str = WAITING
	customer: str | None = None

	def __post_init__(self):
		"""Raises ValidationError for another state."""
		if self.status not in (WAITING, RETURNED):
			frappe.throw(_("{0} is not a state of this report").format(bold(self.status)))


def rows(asked: QueueScope) -> list[dict]:
	"""Requests of a company in `status` that the user may see, the oldest first.

	Each with `short`, how many rows ask for more than is free; None where nothing of it is kept in stock; `credit_over`, by
	how much the order takes the customer over the limit; None without a limit. Returned ones only until they are amended, or
	what they are for is lost.
	"""
	found = requests(asked)
	items = _items_of([row.name for row in found])
	needs = availability.needs_of(_place(row) for rows in items.values() for row in rows)
	free = availability.free_stock(availability.places_of(needs), asked.company)
	credit: dict[str, dict | None] = {}
	digits = frappe.new_doc(REQUEST).precision("base_amount")
	for request in found:
		own = items.get(request.name, [])
		days = [getdate(day) for row in own if (day := row.delivery_date or request.delivery_date)]
		request.delivery_date = min(days) if days else None
		request.short = readiness.rows_short(
			readiness.shortages([(needs[_place(row)], flt(row.stock_qty)) for row in own], free)
		)
		if request.customer not in credit:
			credit[request.customer] = availability.credit_of(request.customer, request.company)
		used = credit[request.customer]
		request.credit_over = used and flt(
			readiness.over_limit(used["limit"], used["used"], flt(request.base_amount)), digits
		)
	return found


def _place(row) -> tuple[str, str | None]:
	return row.item_code, row.warehouse or row.get("set_warehouse") or None


def requests(asked: QueueScope) -> list[dict]:
	"""The same as they are stored."""
	request = frappe.qb.DocType(REQUEST)
	query = (
		frappe.qb.from_(request)
		.select(
			request.name, request.title, request.customer, request.customer_name, request.company, request.base_amount,
			request.delivery_date, request.requested_on, request.requested_by, request.sales_owner, request.po_no,
			request.contract, request.returned_on, request.returned_by, request.return_reason,
		)
		.where((request.status == asked.status) & (request.company == asked.company))
		.orderby(request.requested_on)
		.orderby(request.name)
		.limit(1000)
	)  # fmt: skip
	if asked.status == WAITING:
		query = query.where(request.docstatus == 1)
	else:
		later = frappe.qb.DocType(REQUEST).as_("later")
		again = frappe.qb.from_(later).select(later.name).where(later.amended_from == request.name)
		query = query.where(ExistsCriterion(again).negate())
	for field in ("customer", "sales_owner"):
		if value := getattr(asked, field):
			query = query.where(request[field] == value)
	found = scope.visible(query, REQUEST).run(as_dict=True)
	done = returned.settled(row.name for row in found) if asked.status == RETURNED else ()
	return [row for row in found if row.name not in done]


def _items_of(names: list[str]) -> dict[str, list[dict]]:
	if not names:
		return {}
	item, request = frappe.qb.DocType("Sales Order Request Item"), frappe.qb.DocType(REQUEST)
	rows = (
		frappe.qb.from_(item)
		.join(request)
		.on(request.name == item.parent)
		.select(item.parent, item.item_code, item.stock_qty, item.delivery_date, item.warehouse, request.set_warehouse)
		.where(item.parent.isin(names))
		.orderby(item.parent)
		.orderby(item.idx)
	).run(as_dict=True)
	found: dict[str, list[dict]] = {}
	for row in rows:
		found.setdefault(row.parent, []).append(row)
	return found

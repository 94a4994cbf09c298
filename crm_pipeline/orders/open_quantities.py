"""Facts for core/remaining.py: what of a contract or quotation is requested or ordered already.

Everything is read plainly: whoever decides by these numbers has locked the contract or quotation first, and
chain/locks.py says why they are today's then.
"""

from dataclasses import replace

import frappe
from frappe.utils import flt

from crm_pipeline.chain import graph
from crm_pipeline.chain.contract_versions import contract_family
from crm_pipeline.core import remaining
from crm_pipeline.core.remaining import OrderLine, RequestLine
from crm_pipeline.erp import order_figures, quoted
from crm_pipeline.erp.request_orders import _LIVE, live_orders_of_requests


def of_contract(contract: str, leave_out_request: str | None = None) -> dict[str, float]:
	"""Stock quantity left per row (by `origin_item`) of a contract, earlier versions' orders counted.

	`leave_out_request` is the request that asks, so that it does not count against itself.
	"""
	agreed = agreed_quantities("Sales Contract Item", "origin_item", contract)
	return remaining.remaining(agreed, used_of_contract(contract, leave_out_request))


def agreed_quantities(table: str, key: str, parent: str) -> dict[str, float]:
	row = frappe.qb.DocType(table)
	rows = (frappe.qb.from_(row).select(row[key].as_("key"), row.stock_qty).where(row.parent == parent)).run(
		as_dict=True
	)
	result: dict[str, float] = {}
	for r in rows:
		result[r.key] = result.get(r.key, 0.0) + flt(r.stock_qty)
	return result


def used_of_contract(contract: str, leave_out_request: str | None = None) -> dict[str, float]:
	return remaining.used(*lines_of_contract(contract, leave_out_request))


def lines_of_contract(contract: str, leave_out_request: str | None = None) -> tuple[list[RequestLine], list[OrderLine]]:
	"""Everything that uses a contract up, whichever of its versions it was made for."""
	family = contract_family(contract)
	item = frappe.qb.DocType("Sales Contract Item")
	rows = (
		frappe.qb.from_(item)
		.select(item.parent, item.origin_item, item.item_code, item.quotation_item, item.stock_qty)
		.where(item.parent.isin(family))
	).run(as_dict=True)
	by_quotation_row = _with_alternatives({r.quotation_item: r.origin_item for r in rows if r.quotation_item})
	by_item_code: dict[str, tuple[str, ...]] = {}
	for r in rows:
		if r.origin_item not in by_item_code.get(r.item_code, ()):
			by_item_code[r.item_code] = (*by_item_code.get(r.item_code, ()), r.origin_item)
	requests, request_names = _requests("contract", family, "contract_item", leave_out_request)
	native = _orders_of_contract(family)
	orders, loose = _order_lines(requests, request_names, by_quotation_row, native, by_item_code)
	if loose:
		agreed = {r.origin_item: flt(r.stock_qty) for r in rows if r.parent == contract}
		orders += remaining.place(loose, agreed, remaining.used(requests, orders))
	return requests, orders


def _with_alternatives(by_quotation_row: dict[str, str]) -> dict[str, str]:
	"""{quotation row: key} with the alternatives of each row: an order of one is an order of what was agreed."""
	if not by_quotation_row:
		return {}
	parents = frappe.get_all(
		quoted.ITEMS,
		filters={"name": ("in", list(by_quotation_row))},
		pluck="parent",
		distinct=True,
		order_by="parent asc",
	)
	rows = quoted.rows_of(parents)
	others = {other: key for name, key in by_quotation_row.items() if name in rows for other in rows[name].alternatives}
	return others | by_quotation_row


def of_quotation(quotation: str, leave_out_request: str | None = None) -> dict[str, float]:
	"""Stock quantity left per row (by row name) of a quotation, native orders counted."""
	agreed = agreed_quantities("Quotation Item", "name", quotation)
	rows = frappe.qb.DocType("Sales Order Request Item")
	parents = (
		frappe.qb.from_(rows).select(rows.parent).distinct().where(rows.quotation_item.isin(list(agreed) or [""]))
	).run(pluck=True)
	requests, _names = _requests("name", parents, "quotation_item", leave_out_request)
	orders, _loose = _order_lines(requests, set(), {key: key for key in agreed})
	used = remaining.with_alternatives(remaining.used(requests, orders), alternatives_of(quotation))
	return remaining.remaining(agreed, used)


def alternatives_of(quotation: str) -> remaining.Alternatives:
	return quoted.shares(quoted.rows_of({quotation}))


def of_deal(deal) -> dict[str, float]:
	"""Stock quantity of a deal's rows (by row name) that nobody requested or ordered yet, counted by item and rate.

	A deal is no agreement, so this is what a new request starts with and no limit.
	"""
	later = graph.descendants(deal.doctype, deal.name)
	kinds = ("Quotation", "Sales Order Request", "Sales Order")
	names = {kind: [r.name for r in later if r.doctype == kind] for kind in kinds}
	requests, _names = _requests("name", names["Sales Order Request"], "item_code", None)
	rates = _unit_rates([r.name for r in requests])
	requests = [replace(r, key=(r.key, rates[r.name])) for r in requests]
	used = remaining.used(requests, _lines_by_item(names["Sales Order"], names["Quotation"]))
	rows = [(row.name, row.item_code, _unit_rate(row), flt(row.stock_qty)) for row in deal.items]
	return remaining.left_by_row(rows, used)


def _unit_rate(row) -> float:
	"""The rate per stock unit, so that a box and its pieces cost the same."""
	return flt(flt(row.rate) / (flt(row.conversion_factor) or 1.0), 4)


def _unit_rates(names: list[str]) -> dict[str, float]:
	rows = frappe.get_all(
		"Sales Order Request Item",
		filters={"name": ("in", names or [""])},
		fields=["name", "rate", "conversion_factor"],
		order_by="name asc",
		limit=0,
	)
	return {row.name: _unit_rate(row) for row in rows}


def _lines_by_item(orders: list[str], quotations: list[str]) -> list[OrderLine]:
	"""Rows of these orders, and those of any other order that ERPNext has filled from these quotations beside its own."""
	if not orders and not quotations:
		return []
	order, item = frappe.qb.DocType("Sales Order"), frappe.qb.DocType("Sales Order Item")
	wanted = item.parent.isin(orders or [""])
	if quotations:
		wanted = wanted | item.prevdoc_docname.isin(quotations)
	rows = (
		frappe.qb.from_(order)
		.join(item)
		.on(item.parent == order.name)
		.select(
			item.name,
			item.item_code,
			item.rate,
			item.stock_qty,
			item.delivered_qty,
			item.conversion_factor,
			order.status,
		)
		.where(wanted & order.docstatus.isin(_LIVE) & (item.is_free_item == 0))
	).run(as_dict=True)
	delivered = _delivered(rows)
	return [
		OrderLine((r.item_code, _unit_rate(r)), flt(r.stock_qty), delivered[r.name], r.status == "Closed") for r in rows
	]


def _delivered(rows: list[dict]) -> dict[str, float]:
	"""Stock quantity delivered per order row. What needs no delivery note is delivered when it is billed, which is asked
	of closed orders only: of the others all that was ordered is used up."""
	billed = order_figures.billed_without_note([r.name for r in rows if r.status == "Closed"])
	return {
		r.name: max(flt(r.delivered_qty) * (flt(r.conversion_factor) or 1.0), billed.get(r.name, 0.0)) for r in rows
	}


def _requests(field: str, values: list[str], key: str, leave_out: str | None) -> tuple[list[RequestLine], set[str]]:
	"""Rows of submitted requests (`ordered` where a Sales Order answers for the request), and the requests' names."""
	if not values:
		return [], set()
	request, item = frappe.qb.DocType("Sales Order Request"), frappe.qb.DocType("Sales Order Request Item")
	rows = (
		frappe.qb.from_(request)
		.join(item)
		.on(item.parent == request.name)
		.select(request.name.as_("request"), item.name, item[key].as_("key"), item.stock_qty)
		.where(request[field].isin(values) & (request.docstatus == 1) & (item[key] != ""))
	).run(as_dict=True)
	rows = [r for r in rows if r.request != leave_out]
	names = {r.request for r in rows}
	ordered = set(live_orders_of_requests(names))
	return [RequestLine(r.key, r.name, flt(r.stock_qty), r.request in ordered) for r in rows], names


def _orders_of_contract(family: list[str]) -> list[str]:
	"""Sales Orders whose source is one of the contract's versions: made past our request."""
	order = frappe.qb.DocType("Sales Order")
	return (
		frappe.qb.from_(order)
		.select(order.name)
		.where(
			(order.crm_source_type == "Sales Contract") & order.crm_source_name.isin(family) & (order.docstatus == 1)
		)
	).run(pluck=True)


def _order_lines(
	requests: list[RequestLine],
	request_names: set[str],
	by_quotation_row: dict[str, str],
	native_orders: list[str] | None = None,
	by_item_code: dict[str, tuple[str, ...]] | None = None,
) -> tuple[list[OrderLine], list[tuple[OrderLine, tuple[str, ...]]]]:
	"""Rows of live orders that answer for a request row, for a quotation row, or for a contract by item code.

	The second list holds rows without a link, typed in by hand or added by Update Items, with the
	keys of their item.
	"""
	by_request_row = {r.name: r.key for r in requests}
	orders = _orders_of_requests(request_names) + (native_orders or [])
	rows = _live_rows(list(by_request_row), list(by_quotation_row), orders)
	delivered = _delivered(rows)
	lines, loose = [], []
	for r in rows:
		# A native draft promises nothing yet; the draft order of an accepted request does.
		if r.is_free_item or not (r.docstatus == 1 or r.crm_request_key):
			continue
		line = OrderLine(
			key=by_request_row.get(r.crm_request_item) or by_quotation_row.get(r.quotation_item) or "",
			qty=flt(r.stock_qty),
			delivered=delivered[r.name],
			closed=r.status == "Closed",
			name=r.name,
		)
		if line.key:
			lines.append(line)
		elif (by_item_code or {}).get(r.item_code):
			loose.append((line, by_item_code[r.item_code]))
	return lines, loose


def _live_rows(request_rows: list[str], quotation_rows: list[str], orders: list[str]) -> list[dict]:
	"""Rows of live orders that answer for one of these rows, and all rows of `orders`; the oldest order first."""
	order, item = frappe.qb.DocType("Sales Order"), frappe.qb.DocType("Sales Order Item")
	wanted = item.crm_request_item.isin(request_rows or [""])
	if quotation_rows:
		wanted = wanted | item.quotation_item.isin(quotation_rows)
	if orders:
		wanted = wanted | item.parent.isin(orders)
	return (
		frappe.qb.from_(order)
		.join(item)
		.on(item.parent == order.name)
		.select(
			order.status,
			order.docstatus,
			order.crm_request_key,
			item.name,
			item.item_code,
			item.stock_qty,
			item.conversion_factor,
			item.delivered_qty,
			item.is_free_item,
			item.crm_request_item,
			item.quotation_item,
		)
		.where(wanted & order.docstatus.isin(_LIVE))
		.orderby(order.creation)
		.orderby(item.idx)
	).run(as_dict=True)


def _orders_of_requests(requests: set[str]) -> list[str]:
	return sorted(live_orders_of_requests(requests).values())

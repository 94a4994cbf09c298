"""The documents behind a number of any page, in one shape: {"total": in all, "documents": [row]}, the first ones of an
order that each figure has.

A row: {"doctype", "name", "title", "party_name", "stage", "stage_label", "status", "whose", "base_amount" (what it counts
with; None where documents are counted alone), "quantity" (in place of it, where quantities are added up),
"company_currency", "expected_close" (of other documents the day that they are due)}.
"""

from collections.abc import Iterable
from datetime import date

import frappe
from frappe import _
from frappe.utils import flt, getdate, nowdate

from crm_pipeline.analytics import (
	closed_deals,
	closed_groups,
	desk_queue,
	forecast_documents,
	funnel_cells,
	order_history,
	scope,
	stage_durations,
	stalled_totals,
)
from crm_pipeline.analytics.forecast_scope import ForecastScope
from crm_pipeline.analytics.funnel_cohort import Cohort
from crm_pipeline.analytics.sql_terms import value_of, weighted_value_of
from crm_pipeline.chain import pipelines
from crm_pipeline.core.registry import DEALS

PAGE = 50
FIELDS = ("name", "title", "party_name", "stage", "status", "sales_owner", "sales_person", "expected_close")
# What other documents call them: {DocType: {field: its column}}.
COLUMNS = {
	order_history.ORDER: {"title": "name", "party_name": "customer_name", "expected_close": "delivery_date"},
	"Sales Invoice": {"title": "name", "party_name": "customer_name", "expected_close": "due_date"},
	"Sales Order Request": {"expected_close": "delivery_date"},
	"Sales Contract": {"expected_close": "end_date"},
	"Sales Activity": {"title": "subject", "expected_close": "starts_on"},
	"Sales Help Request": {"title": "deal_title", "sales_owner": "asked_by"},
}


def of_forecast(asked: ForecastScope, cell: forecast_documents.Cell, start: int = 0, today: date | None = None) -> dict:
	"""Of a cell of the forecast, what counts most first."""
	rows = forecast_documents.rows_behind(asked, cell, getdate(today or nowdate()))
	keys = [(doctype, name, flt(counted_value)) for doctype, _won, name, counted_value in rows]
	found = page(_largest_first(keys), start, asked.company)
	if asked.counts_quantity:
		for row in found["documents"]:
			row.quantity = row.base_amount
	return found


def of_orders(asked: ForecastScope, start: int = 0, today: date | None = None) -> dict:
	"""Of the history of a forecast, the latest orders first. With a filter that orders do not know, the history is that of
	won deals, and there are none."""
	today = getdate(today or nowdate())
	rows = order_history.orders_behind(asked, today) if order_history.suffice(asked) else []
	return page([(order_history.ORDER, name, flt(value)) for name, value in rows], start, asked.company)


def of_stalled(asked: stalled_totals.StalledScope, start: int = 0) -> dict:
	"""Of the totals of the report Stalled Deals, or of one signal, the largest amount at risk first."""
	return page(_largest_first(stalled_totals.keys_behind(asked)), start, asked.company)


def of_funnel(cohort: Cohort, stage: str | None, kind: str, start: int = 0, weighted: bool = False) -> dict:
	"""Of a number of the funnel, the largest first; see funnel_cells for `kind`. `weighted`: amounts times probability."""
	queries = funnel_cells.cell(cohort, stage, kind)
	value = weighted_value_of(cohort.deal) if weighted else value_of(cohort.deal)
	keys = [(cohort.doctype, *key) for key in funnel_cells.largest(queries, cohort.deal, value, start + PAGE)]
	return {
		"total": funnel_cells.count(queries),
		"documents": _described(keys[start:], scope.currency_of(cohort.company)),
	}


def of_dwell(asked: stage_durations.DwellScope, stage: str | None, over_limit: bool, start: int = 0) -> dict:
	"""Of a row of the report Stage Dwell, the longest stays first; without a stage of all its rows, a deal once per stay."""
	names = stage_durations.names_behind(asked, stage, over_limit)
	return page([(asked.doctype, name, None) for name in names], start, asked.company)


def of_closed(closed: closed_deals.Closed, cell: closed_deals.Cell, start: int = 0) -> dict:
	"""Of a number of the report Win and Loss, the latest first."""
	rows = closed_groups.rows_behind(closed, cell)
	return page([(closed.doctype, name, flt(amount)) for name, amount in rows], start, closed.asked.company)


def of_queue(asked: desk_queue.QueueScope, start: int = 0) -> dict:
	"""Of the numbers above the report Order Desk Queue, the longest waiting first."""
	rows = desk_queue.requests(asked)
	return page([(desk_queue.REQUEST, row.name, flt(row.base_amount)) for row in rows], start, asked.company)


def of_list(doctype: str, filters: list, start: int = 0, weighted: bool = False) -> dict:
	"""Of a number that the filters of a list can say, of what the reader may see; the largest first. `weighted`: amounts
	times probability."""
	wanted = [_as_list_filter(doctype, *row) for row in filters]
	field = "base_amount" if doctype in DEALS else "creation"
	# What is selected is known to the order; a child table among the filters may have a field of the same name.
	found = frappe.get_list(
		doctype, filters=wanted, fields=["name", field], order_by=f"{field} desc, name asc", limit=0
	)
	# With a field of a child table among the filters a document comes once per row.
	names = list(dict.fromkeys(row.name for row in found))
	rows = _described([(doctype, name, None) for name in names[start : start + PAGE]], None, weighted)
	return {"total": len(names), "documents": rows}


def _as_list_filter(doctype: str, field: str, operator: str, value) -> list:
	child, _dot, own = field.rpartition(".")
	return [child or doctype, own, operator, value]


def _largest_first(keys: list[tuple]) -> list[tuple]:
	return sorted(keys, key=lambda key: (-flt(key[2]), key[1]))


def page(keys: list[tuple], start: int, company: str) -> dict:
	"""A page of these (doctype, name, amount or None), which are in the order of the figure."""
	return {"total": len(keys), "documents": _described(keys[start : start + PAGE], scope.currency_of(company))}


def _described(
	keys: Iterable[tuple[str, str, float | None]], currency: str | None, weighted: bool = False
) -> list[dict]:
	"""(doctype, name, amount or None for the deal's own) as rows, in this order."""
	keys = list(keys)
	found = {}
	for doctype in dict.fromkeys(key[0] for key in keys):
		names = [name for kind, name, _amount in keys if kind == doctype]
		found.update({(doctype, row.name): row for row in _columns(doctype, names, weighted)})
	labels = pipelines.labels_of({row.stage for row in found.values() if row.get("stage")})
	shown = []
	for doctype, name, amount in keys:
		row = found.get((doctype, name))
		if row is None:
			continue
		row = frappe._dict(
			row, doctype=doctype, company_currency=currency or (row.company and scope.currency_of(row.company))
		)
		row.base_amount = row.base_amount if amount is None else amount
		row.whose = row.sales_person or (frappe.utils.get_fullname(row.sales_owner) if row.sales_owner else "")
		row.stage_label = labels.get(row.stage) or row.stage or _(row.status)
		shown.append(row)
	return shown


def _columns(doctype: str, names: list[str], weighted: bool) -> list[dict]:
	"""What a dialog shows of these documents; of a deal also "base_amount", what it counts with."""
	table, meta = frappe.qb.DocType(doctype), frappe.get_meta(doctype)
	own = {field: field for field in (*FIELDS, "company") if field == "name" or meta.has_field(field)}
	fields = [table[column].as_(field) for field, column in (own | COLUMNS.get(doctype, {})).items()]
	if doctype in DEALS:
		value = weighted_value_of(table) if weighted else value_of(table)
		fields.append(value.as_("base_amount"))
	return frappe.qb.from_(table).select(*fields).where(table.name.isin(names)).orderby(table.name).run(as_dict=True)

"""The documents behind one number of a forecast: exactly those, by the same query that made the sum."""

from datetime import date

import frappe
from frappe.utils import getdate, nowdate
from pypika import Order

from crm_pipeline.analytics import deal_values, drill, forecast_totals, scope
from crm_pipeline.analytics.deal_values import ITEM_DIMENSIONS, Deals
from crm_pipeline.analytics.forecast_lists import list_filters
from crm_pipeline.core.forecast import COLUMN_OF, OMITTED

WITH_WON = ("signed", "category", "countable", "all")
# The column of the open deals in a number that has several.
OPEN_PART = {"category": "commit"}


def documents_behind(filters, cell, today: date | None = None) -> list[dict]:
	"""[{"doctype", "won", "count", "filters", "names"}] behind `cell`: the won and the open ones of each DocType.

	`filters` are those of a list that shows exactly these, [[field, operator, value]]; None where a list can't
	say it. Then `names` does, the most valuable first, at most drill.MOST_NAMES.

	`cell`: `column`, `first` and `last` of the period or `outside` (undated, earlier, later), and `dimension`
	with `key`. Columns: signed, commit, best_case, pipeline, omitted, overdue (not the omitted ones), open (these too),
	category (signed and commit), countable (all that the forecast counts), all.
	"""
	today, cell = getdate(today or nowdate()), _whole(cell)
	shown = forecast_totals.periods_of(filters, today)
	names: dict[tuple[str, bool], list[str]] = {}
	for doctype, won, name, _worth in sorted(
		rows_behind(filters, cell, today), key=lambda row: (-(row[3] or 0), row[2])
	):
		names.setdefault((doctype, won), []).append(name)
	parts = [(doctype, won) for doctype in deal_values.doctypes_of(filters) for won in (True, False)]
	return [_part(*part, names[part], (filters, cell, shown, today)) for part in parts if part in names]


def rows_behind(filters, cell, today: date) -> list[tuple[str, bool, str, float]]:
	"""(doctype, is it won, name, what it counts with) of every document behind `cell`."""
	cell, shown, found = _whole(cell), forecast_totals.periods_of(filters, today), []
	for doctype in deal_values.doctypes_of(filters):
		if not frappe.has_permission(doctype, "read"):
			continue
		for won in (True, False):
			if cell.column in WITH_WON if won else cell.column != "signed":
				rows = _rows((_won if won else _open)(doctype, filters, cell, shown, today), cell)
				found += [(doctype, won, *row) for row in rows]
	return found


def _whole(cell) -> frappe._dict:
	cell = frappe._dict(cell or {})
	cell.column = cell.column or "all"
	return cell


def _part(doctype: str, won: bool, names: list[str], asked: tuple) -> dict:
	wanted = list_filters(doctype, won, *asked)
	# A list knows nothing of projects that took a deal's place: ask it, and take the names where it differs.
	if wanted is not None:
		found = frappe.get_list(doctype, filters=wanted, pluck="name", order_by="name asc", limit=0)
		if sorted(found) != sorted(names):
			wanted = None
	return {
		"doctype": doctype,
		"won": won,
		"count": len(names),
		"filters": wanted,
		"names": names[: drill.MOST_NAMES],
	}


def _deals(doctype: str, filters, cell, today: date, won: bool) -> Deals:
	return Deals(doctype, filters, today, won, by_item=cell.dimension in ITEM_DIMENSIONS)


def _won(doctype: str, filters, cell, shown, today: date) -> Deals:
	deals = _deals(doctype, filters, cell, today, True)
	day = deals.day
	if cell.outside == "undated":
		deals.query = deals.query.where(day.isnull())
	elif cell.outside == "later":
		deals.query = deals.query.where(day > shown[-1].last)
	elif cell.outside == "earlier":
		deals.query = deals.query.where(deals.deal.name.isnull())
	else:
		deals.query = deals.query.where((day >= getdate(cell.first)) & (day <= getdate(cell.last)))
	return deals


def _open(doctype: str, filters, cell, shown, today: date) -> Deals:
	deals = _deals(doctype, filters, cell, today, False)
	day, overdue = deals.day, deals.is_overdue
	if cell.outside == "undated":
		when = day.isnull()
	elif cell.outside == "later":
		when = (day > shown[-1].last) & (day >= today)
		when = when | overdue if today > shown[-1].last else when
	elif cell.outside == "earlier":
		when = (day < shown[0].first) & (day >= today)
		when = when | overdue if today < shown[0].first else when
	else:
		first, last = getdate(cell.first), getdate(cell.last)
		when = (day >= max(first, today)) & (day <= last)
		when = when | overdue if first <= today <= last else when
	deals.query = deals.query.where(when)
	column = OPEN_PART.get(cell.column, cell.column)
	if column == "overdue":
		deals.query = deals.query.where(overdue & (deals.category() != OMITTED))
	elif column == "countable":
		deals.query = deals.query.where(deals.category() != OMITTED)
	elif column in COLUMN_OF.values():
		named = [category for category, other in COLUMN_OF.items() if other == column]
		# A category nobody knows counts in the pipeline.
		known = deals.category().notin(list(COLUMN_OF)) if column == "pipeline" else None
		in_column = deals.category().isin(named)
		deals.query = deals.query.where(in_column | known if known else in_column)
	return deals


def _rows(deals: Deals, cell) -> list[tuple]:
	query = deals.query
	if cell.dimension == forecast_totals.TEAM and cell.key:
		query = query.where(scope.within(deals.deal.sales_person, "Sales Person", cell.key))
	elif cell.dimension:
		field = forecast_totals.field_of(cell.dimension)
		query = query.where(deals.dimension(field) == (cell.key or ""))
	name = deals.deal.name
	return query.select(name, deals.counted_value).distinct().orderby(name, order=Order.asc).run()

"""The documents behind one number of a forecast: exactly those, by the same query that made the sum."""

from dataclasses import dataclass, fields
from datetime import date

import frappe
from frappe.query_builder.functions import Coalesce, Sum
from frappe.utils import cint, flt, getdate
from pypika import Order

from crm_pipeline.analytics import forecast_totals, scope
from crm_pipeline.analytics.deal_values import Deals
from crm_pipeline.analytics.forecast_scope import ForecastScope
from crm_pipeline.analytics.learned_rates import rates_of
from crm_pipeline.core.forecast import COLUMN_OF, OMITTED, Period

WON_ONLY = ("signed", "ordered")
WITH_WON = (*WON_ONLY, "category", "countable", "weighted", "historical", "all")
# The column of the open deals in a number that has several.
OPEN_PART = {"category": "commit", "weighted": "countable", "historical": "countable"}


@dataclass(frozen=True)
class Cell:
	"""One number of a forecast: `column`, `first` and `last` of its period or `outside` (undated, earlier, later), and
	`dimension` with `key`. Columns: signed, ordered (what of it was ordered), commit, best_case, pipeline, omitted, overdue
	(not the omitted ones), open (these too), category (signed and commit), countable (all that the forecast counts),
	weighted and historical (the same, open deals by their probability or by learned win rates), all."""

	column: str = "all"
	first: date | None = None
	last: date | None = None
	outside: str | None = None
	dimension: str | None = None
	key: str | None = None

	@classmethod
	def of(cls, cell: dict | None) -> "Cell":
		"""The cell as a page names it; a day that it does not name is today."""
		cell = cell or {}
		values = {field.name: cell[field.name] for field in fields(cls) if cell.get(field.name)}
		return cls(**values | {day: getdate(cell.get(day)) for day in ("first", "last")})


def rows_behind(asked: ForecastScope, cell: Cell, today: date) -> list[tuple[str, bool, str, float]]:
	"""(doctype, is it won, name, what it counts with) of every document behind `cell`; the last ones add up to its number,
	an amount or a quantity. Of a cell of some items that is the part of these items."""
	shown, found = asked.periods(today), []
	for doctype in asked.doctypes:
		if not frappe.has_permission(doctype, "read"):
			continue
		for won in (True, False):
			if cell.column in WITH_WON if won else cell.column not in WON_ONLY:
				rows = _rows((_won if won else _open)(doctype, asked, cell, shown, today), cell)
				found += [(doctype, won, *row) for row in rows]
	return found


def _deals(doctype: str, asked: ForecastScope, cell: Cell, today: date, won: bool) -> Deals:
	return Deals(doctype, asked, today, won, by_item=asked.is_by_item(cell.dimension))


def _won(doctype: str, asked: ForecastScope, cell: Cell, shown: list[Period], today: date) -> Deals:
	deals = _deals(doctype, asked, cell, today, True)
	day = deals.day
	if cell.outside == "undated":
		deals.query = deals.query.where(day.isnull())
	elif cell.outside == "later":
		deals.query = deals.query.where(day > shown[-1].last)
	elif cell.outside == "earlier":
		deals.query = deals.query.where(deals.deal.name.isnull())
	else:
		deals.query = deals.query.where((day >= cell.first) & (day <= cell.last))
	if cell.column == "ordered":
		deals.query = deals.query.where(deals.deal.ordered_amount != 0)
	return deals


def _open(doctype: str, asked: ForecastScope, cell: Cell, shown: list[Period], today: date) -> Deals:
	deals = _deals(doctype, asked, cell, today, False)
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
		first, last = cell.first, cell.last
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


def _rows(deals: Deals, cell: Cell) -> list[tuple]:
	query = deals.query
	if cell.dimension == forecast_totals.TEAM and cell.key:
		query = query.where(scope.within(deals.deal.sales_person, "Sales Person", cell.key))
	elif cell.dimension:
		field = forecast_totals.field_of(cell.dimension)
		query = query.where(deals.dimension(field) == (cell.key or ""))
	deal, value = deals.deal, forecast_totals.value_of(deals)
	if cell.column == "ordered":
		value = deal.ordered_amount
	elif cell.column == "weighted" and not deals.won:
		value = value * Coalesce(deal.probability, 0) / 100
	name, stage, band = deal.name, deal.stage, deals.band()
	rows = query.select(name, Sum(value), stage, band).groupby(name, stage, band).orderby(name, order=Order.asc).run()
	if cell.column == "historical" and not deals.won:
		rates = rates_of(deals.company, deals.today)
		rows = [(name, flt(value) * rates.of(stage or "", cint(band)).value) for name, value, stage, band in rows]
	return [(name, flt(value)) for name, value, *_ in rows]

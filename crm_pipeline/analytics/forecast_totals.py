"""The forecast of a company: what is signed, what is open and how sure it is, period by period.

SQL adds up (a few thousand rows however many deals there are), core/forecast.py puts the sums in periods.
"""

from datetime import date

import frappe
from frappe import _
from frappe.query_builder.functions import Coalesce, Count, Sum
from frappe.utils import cint, flt, getdate, nowdate
from pypika import Case

from crm_pipeline.analytics import deal_values
from crm_pipeline.analytics.deal_values import Deals, Site
from crm_pipeline.analytics.forecast_scope import DIMENSIONS, ITEM_DIMENSIONS, PROJECT, ForecastScope
from crm_pipeline.analytics.learned_rates import rates_of
from crm_pipeline.core import forecast as core
from crm_pipeline.core.forecast import Sum as Line
from crm_pipeline.wording import bold

TEAM = "team"


def forecast_of(asked: ForecastScope, today: date | None = None) -> core.Forecast:
	"""Totals by period, of what the user may see. Raises PermissionError."""
	today = getdate(today or nowdate())
	shown = asked.periods(today)
	rows = lines(asked, today, shown[0].first)
	return core.forecast(rows, shown, today, rates_of(asked.company, today))


def forecast_by(dimension: str, asked: ForecastScope, today: date | None = None) -> dict[str, core.Forecast]:
	"""The same per value of a dimension; "" where a deal has none. They add up to forecast_of()."""
	today = getdate(today or nowdate())
	shown = asked.periods(today)
	rows = lines(asked, today, shown[0].first, field_of(dimension))
	return core.by_key(rows, shown, today, rates_of(asked.company, today))


def lines(asked: ForecastScope, today: date, first: date, dimension: str | None = None) -> list[Line]:
	"""The sums of open deals, and of those won since `first`, of all DocTypes in scope."""
	found, site = [], deal_values.look(asked.company)
	for doctype in readable(asked, site):
		found += open_lines(doctype, asked, today, dimension, site)
		found += won_lines(doctype, asked, today, first, dimension, site)
	return found


def readable(asked: ForecastScope, site: Site) -> list[str]:
	"""The DocTypes in scope that the user may read, but for projects where there are none."""
	return [
		doctype
		for doctype in asked.doctypes
		if frappe.has_permission(doctype, "read") and (site.projects or doctype != PROJECT)
	]


def field_of(dimension: str) -> str:
	"""What deals of a dimension have in common: a team those of its people. Raises ValidationError."""
	field = "sales_person" if dimension == TEAM else dimension
	if field not in (*DIMENSIONS, *ITEM_DIMENSIONS):
		frappe.throw(_("A forecast can't be split by {0}").format(bold(dimension)), title=_("Unknown Dimension"))
	return field


def open_lines(
	doctype: str, asked: ForecastScope, today: date, dimension: str | None = None, site: Site | None = None
) -> list[Line]:
	deals = _deals(doctype, asked, today, False, dimension, site)
	deal, value = deals.deal, value_of(deals)
	month, overdue, category, band = deals.month(), deals.overdue(), deals.category(), deals.band()
	keys = [month, overdue, category, deal.stage, band]
	query = deals.query.select(
		month.as_("month"),
		overdue.as_("overdue"),
		category.as_("category"),
		deal.stage.as_("stage"),
		band.as_("band"),
		Sum(value).as_("value"),
		Sum(value * Coalesce(deal.probability, 0) / 100).as_("weighted"),
		*_counts(deals),
	)
	return [
		Line(
			month=_month(row.month),
			overdue=bool(row.overdue),
			category=row.category,
			stage=row.stage or "",
			band=cint(row.band),
			value=flt(row.value),
			weighted=flt(row.weighted),
			**_result(row),
		)
		for row in _run(query, deals, keys, dimension)
	]


def won_lines(
	doctype: str,
	asked: ForecastScope,
	today: date,
	first: date,
	dimension: str | None = None,
	site: Site | None = None,
) -> list[Line]:
	deals = _deals(doctype, asked, today, True, dimension, site)
	month, value = deals.month(), value_of(deals)
	since = deals.deal.closed_on.isnull() | (deals.deal.closed_on >= first)
	ordered = 0 if deals.by_item else Coalesce(deals.deal.ordered_amount, 0)
	query = deals.query.where(since).select(
		month.as_("month"), Sum(value).as_("value"), Sum(ordered).as_("ordered"), *_counts(deals)
	)
	return [
		Line(month=_month(row.month), won=True, value=flt(row.value), ordered=flt(row.ordered), **_result(row))
		for row in _run(query, deals, [month], dimension)
	]


def _deals(
	doctype: str, asked: ForecastScope, today: date, won: bool, dimension: str | None, site: Site | None
) -> Deals:
	return Deals(doctype, asked, today, won, asked.is_by_item(dimension), site)


def value_of(deals: Deals):
	"""The term of what is added up: a quantity, or an amount in company currency; by item the part of the item's rows."""
	return deals.quantity if deals.asked.counts_quantity else deals.amount


def _counts(deals: Deals) -> list:
	"""Deals, those worth nothing, and those without an exchange rate."""
	name = deals.deal.name
	no_rate = Case().when(deals.no_rate, name)
	unpriced = Case().when((deals.counted_value == 0) & ~deals.no_rate, name)
	counted = Count(name).distinct() if deals.by_item else Count("*")
	parts = [counted, Count(unpriced), Count(no_rate)]
	if deals.by_item:
		parts[1:] = [part.distinct() for part in parts[1:]]
	return [part.as_(alias) for part, alias in zip(parts, ("documents", "unpriced", "unrated"), strict=True)]


def _run(query, deals: Deals, keys: list, dimension: str | None) -> list[dict]:
	if dimension:
		term = deals.dimension(dimension)
		query, keys = query.select(term.as_("key")), [*keys, term]
	return query.groupby(*keys).run(as_dict=True)


def _result(row) -> dict:
	return {
		"key": row.get("key") or "",
		"documents": cint(row.documents),
		"unpriced": cint(row.unpriced),
		"unrated": cint(row.unrated),
	}


def _month(text: str | None) -> date | None:
	return date(int(text[:4]), int(text[5:7]), 1) if text else None

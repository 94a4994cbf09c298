"""How far off each method would have been: past months forecast again from what was known at their start.

For the first day T of each past month the ledger says which deals were open, in which stage and since
when, what they were worth and when they were expected. Each method then forecasts the months T, T+1, T+2,
and that is compared with what really came in. Not in the ledger, so taken as they are today: probability
and category of a stage, exchange rates, and quotations (the deal's own amount counts).
"""

from datetime import date

import frappe
from frappe.query_builder.functions import Coalesce, Count, Max, Sum
from frappe.utils import add_days, flt, getdate, nowdate
from pypika import Case
from pypika.analytics import RowNumber
from pypika.functions import Cast, NullIf, Substring

from crm_pipeline.analytics import deal_values, history
from crm_pipeline.analytics.forecast_scope import KINDS, PROJECT, ForecastScope
from crm_pipeline.analytics.learned_rates import learned_until
from crm_pipeline.analytics.sql_terms import age_band
from crm_pipeline.core import accuracy, series
from crm_pipeline.core import forecast as core
from crm_pipeline.core.chain import SALE_TYPES
from crm_pipeline.core.forecast import Sum as Line
from crm_pipeline.core.forecast import add_months, first_of_month, months_between, periods
from crm_pipeline.core.win_rates import Rates

HORIZONS = 3
STARTS = 12
EVENT = "Pipeline Event"

WEIGHTED, CATEGORY, HISTORICAL = "weighted", "category", "historical"
DEAL_METHODS = (WEIGHTED, CATEGORY, HISTORICAL)
METHODS = (*DEAL_METHODS, *series.METHODS)


def measure(company: str, today: date | None = None) -> list[dict]:
	"""Rows per scope, method and horizon: {"scope", "method", "horizon" (1 is the month that begins), "basis",
	"count", "wape", "mape", "bias", "best"}. Counts all that the user may read; a job does it for the company."""
	today = getdate(today or nowdate())
	doctypes = KINDS["Both"]
	known = {
		start: (learned_until(company, start), {d: standing(d, company, start) for d in doctypes})
		for start in starts(company, today)
	}
	return [row for scope in KINDS for row in _of_scope(company, scope, today, known)]


def _of_scope(company: str, scope: str, today: date, known: dict) -> list[dict]:
	asked = ForecastScope(company, scope=scope)
	won = history.won_by_month(asked, today)
	past = history.history_of(asked, today)
	pairs: dict[tuple[str, int], list] = {(m, h): [] for m in METHODS for h in range(1, HORIZONS + 1)}
	for start, (rates, standing_then) in known.items():
		open_then = [line for doctype in KINDS[scope] for line in standing_then[doctype]]
		compare_deals(pairs, open_then, start, past.until, rates, won)
		compare_series(pairs, past, start)
	return [{"scope": scope, **row} for row in judged(pairs, past.basis)]


def starts(company: str, today: date) -> list[date]:
	"""The past month starts that the ledger can speak of, the latest first, at most `STARTS`."""
	event = frappe.qb.DocType(EVENT)
	oldest = frappe.qb.from_(event).select(event.at).where(event.company == company).orderby(event.at).limit(1).run()
	if not oldest:
		return []
	first, now = first_of_month(getdate(oldest[0][0])), first_of_month(today)
	candidates = (add_months(now, -n) for n in range(1, STARTS + 1))
	return [month for month in candidates if month > first]


def compare_deals(pairs: dict, open_then: list[Line], start: date, until: date, rates: Rates, won: dict) -> None:
	"""Add (forecast, real) of the methods that look at open deals, for each month that is over by `until`."""
	shown = periods(start, HORIZONS)
	found = core.forecast(open_then, shown, start, rates)
	for horizon, period in enumerate(shown, start=1):
		if period.first < until:
			for method in DEAL_METHODS:
				value = getattr(found.periods[period], method)
				pairs[(method, horizon)].append((value, won.get(period.first, 0.0)))


def compare_series(pairs: dict, past: history.History, start: date) -> None:
	"""The same for the methods that look at the history alone, as it was before `start`."""
	known = past.before(start)
	for name, method in series.METHODS.items():
		outlook = method(known, HORIZONS)
		for horizon in range(1, HORIZONS + 1):
			month = add_months(start, horizon - 1)
			if outlook.values and month < past.until:
				pairs[(name, horizon)].append((outlook.values[horizon - 1], past.of_month(month)))


def judged(pairs: dict, basis: str) -> list[dict]:
	errors = {key: accuracy.error_of(found) for key, found in pairs.items()}
	# Proposed is what does best on the month that begins: there all methods have most to show.
	# All compared with won deals, which is what the forecast counts; misses against orders are another measure.
	bases = {method: basis if method in series.METHODS else history.WON_DEALS for method in METHODS}
	rivals = [method for method in METHODS if bases[method] == history.WON_DEALS]
	winner = accuracy.best({method: errors[(method, 1)] for method in rivals})
	return [
		{
			"method": method,
			"horizon": horizon,
			"basis": bases[method],
			"count": error.count,
			"wape": error.wape,
			"mape": error.mape,
			"bias": error.bias,
			"best": method == winner,
		}
		for (method, horizon), error in errors.items()
	]


# ---- the open deals of a past day


def standing(doctype: str, company: str, moment: date) -> list[Line]:
	"""The sums of the deals that were open at the start of that day, from the ledger."""
	return [
		Line(
			month=getdate(f"{row.month}-01") if row.month else None,
			overdue=bool(row.overdue),
			category=row.category or core.PIPELINE,
			stage=row.stage,
			band=row.band,
			documents=row.documents,
			value=flt(row.value),
			weighted=flt(row.value) * flt(row.probability) / 100,
		)
		for row in _open_then(doctype, company, moment).run(as_dict=True)
	]


def _open_then(doctype: str, company: str, moment: date):
	"""Per stage, month of the close and time in the stage, as they were then: how many deals, and their value."""
	deal, stage = frappe.qb.DocType(doctype), frappe.qb.DocType("Pipeline Stage")
	later, entered = _changed_since(doctype, moment), _entered_before(doctype, moment)
	stage_then = Coalesce(later.stage, deal.stage)
	value = (
		Case()
		.when(later.amount.isnotnull(), Cast(later.amount, "DECIMAL(21, 9)") * Coalesce(deal.conversion_rate, 1))
		.else_(Coalesce(deal.base_amount, 0))
	)
	close = Case().when(later.has_close == 1, NullIf(later.close, "")).else_(deal.expected_close)
	overdue = Case().when(close < str(moment), 1).else_(0)
	month = Case().when(close < str(moment), None).else_(Substring(close, 1, 7))
	band = age_band(lambda days: entered.at <= add_days(moment, -days))
	query = (
		frappe.qb.from_(deal)
		.left_join(later)
		.on(later.reference_name == deal.name)
		.left_join(entered)
		.on(entered.reference_name == deal.name)
		.join(stage)
		.on((stage.name == stage_then) & (stage.stage_type == "Open"))
		.select(
			stage.name.as_("stage"),
			stage.probability,
			stage.forecast_category.as_("category"),
			month.as_("month"),
			overdue.as_("overdue"),
			band.as_("band"),
			Count("*").as_("documents"),
			Sum(value).as_("value"),
		)
		.where((deal.company == company) & (deal.opened_on < moment))
		.groupby(stage.name, stage.probability, stage.forecast_category, month, overdue, band)
	)
	if doctype == PROJECT:
		return query.where(deal.project_type.isin(SALE_TYPES))
	return query.where(deal.name.notin(deal_values.run_as_project(at=moment)))


def _changed_since(doctype: str, moment: date):
	"""Per deal what its first change since then took it away from: stage, amount, close date (with a mark)."""
	event = frappe.qb.DocType(EVENT)
	turn = RowNumber().over(event.reference_name, event.kind).orderby(event.at, event.creation)
	first = (
		frappe.qb.from_(event)
		.select(event.reference_name, event.kind, event.from_value, turn.as_("turn"))
		.where(
			(event.reference_doctype == doctype)
			& (event.at >= moment)
			& event.kind.isin(("Stage", "Amount", "Expected Close"))
		)
	).as_("first_change")
	of_kind = lambda kind, value: Max(Case().when(first.kind == kind, value))  # noqa: E731
	return (
		frappe.qb.from_(first)
		.select(
			first.reference_name,
			of_kind("Stage", first.from_value).as_("stage"),
			of_kind("Amount", Coalesce(first.from_value, "0")).as_("amount"),
			of_kind("Expected Close", first.from_value).as_("close"),
			of_kind("Expected Close", 1).as_("has_close"),
		)
		.where(first.turn == 1)
		.groupby(first.reference_name)
	).as_("later")


def _entered_before(doctype: str, moment: date):
	"""Per deal when it came into the stage it was in then."""
	event = frappe.qb.DocType(EVENT)
	return (
		frappe.qb.from_(event)
		.select(event.reference_name, Max(event.at).as_("at"))
		.where((event.reference_doctype == doctype) & (event.at < moment) & event.kind.isin(("Created", "Stage")))
		.groupby(event.reference_name)
	).as_("entered")


def horizon_of(until: date, day: date) -> int:
	"""The measured horizon that a forecast for that day is nearest to."""
	return min(max(months_between(until, day) + 1, 1), HORIZONS)

"""The forecast as the page and the report show it: periods with every method, its usual miss, and what is
beside the periods."""

from dataclasses import asdict
from datetime import date

import frappe
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline.analytics import backtest, forecast_totals, history, scope, snapshots
from crm_pipeline.analytics.backtest import DEAL_METHODS
from crm_pipeline.analytics.forecast_scope import ForecastScope
from crm_pipeline.analytics.learned_rates import rates_of
from crm_pipeline.core import accuracy, series
from crm_pipeline.core import forecast as core
from crm_pipeline.core.forecast import OUTSIDE, QUARTER, Forecast, Period, Totals, roll_up


def outlook(asked: ForecastScope, today: date | None = None) -> dict:
	"""{"company", "currency", "today", "by", "scope", "scope_text", "measure", "periods", "total", "outside", "history",
	"methods", "measured_on", "is_measured"}; see `period_row` and `method_rows`. Raises PermissionError.

	`is_measured`: methods are measured on amounts of the whole company; another selection has no range.
	"""
	today = getdate(today or nowdate())
	found = forecast_totals.forecast_of(asked, today)
	past = history.history_of(asked, today)
	promised = history.outlooks(past, list(found.periods))
	measured = snapshots.latest_accuracy(asked.company, asked.scope)
	is_measured, by_item = measured_for(asked), asked.is_by_item()
	misses = {(row.method, row.horizon): row.wape for row in measured if row.known and is_measured}
	return {
		"company": asked.company,
		"currency": asked.currency,
		"today": str(today),
		"by": asked.by,
		"scope": asked.scope,
		"scope_text": scope.line(asked),
		"measure": asked.measure,
		"periods": [
			{**period_row(period, totals, past, promised, misses, today), **as_row(totals, by_item)}
			for period, totals in found.periods.items()
		],
		"total": as_row(found.total, by_item),
		"outside": {name: as_row(totals, by_item) for name, totals in found.outside.items()},
		"history": {
			"basis": past.basis,
			"months": len(past.values),
			"first": str(core.add_months(past.until, -len(past.values))),
			"last": str(add_days(past.until, -1)),
		},
		"methods": method_rows(promised, measured),
		"measured_on": str(measured[0].taken_on) if measured else None,
		"is_measured": is_measured,
	}


def measured_for(asked: ForecastScope) -> bool:
	"""Whether these are amounts of all deals of the company, which the back-test looks at."""
	narrower = any(getattr(asked, name) for name in (*scope.EQUAL, *scope.TREES))
	return not narrower and not asked.is_by_item() and scope.sees_all(asked.doctypes)


def as_row(totals: Totals, by_item: bool) -> dict:
	"""All columns, and the sums made of them. `ordered` is None where the numbers are sums of item rows."""
	sums = ("weighted", "historical", "category", "potential")
	row = {**asdict(totals), **{name: getattr(totals, name) for name in sums}}
	return {**row, "ordered": None} if by_item else row


def period_row(period: Period, totals: Totals, past, promised: dict, misses: dict, today: date) -> dict:
	"""A period and its `methods`: {method: {"value", "low", "high"}}; low and high are the value less and plus the
	method's usual miss that far ahead, of `misses` {(method, horizon): share}, None where that is not known."""
	values = {name: getattr(totals, name) for name in DEAL_METHODS}
	for name, result in promised.items():
		value = history.of_period(past, result, period)
		# What is signed is in already, whatever the past says.
		values[name] = None if value is None else max(value, totals.signed)
	horizon = backtest.horizon_of(past.until, period.first)
	return {
		"key": period.key,
		"label": label_of(period),
		"first": str(period.first),
		"last": str(period.last),
		"current": period.holds(today),
		"past": period.last < today,
		"methods": {
			name: _spanned(value, misses.get((name, horizon)), totals.signed, period.last < today)
			for name, value in values.items()
			if value is not None
		},
	}


def _spanned(value: float, miss: float | None, signed: float, over: bool) -> dict:
	low, high = (None, None) if over else accuracy.span(value, miss, signed) or (None, None)
	return {"value": value, "low": low, "high": high}


def label_of(period: Period) -> str:
	"""'Nov 2026' in the user's language, or '2026-Q4'."""
	return period.key if period.kind == QUARTER else frappe.utils.formatdate(period.first, frappe._("MMM yyyy"))


def method_rows(promised: dict, measured: list) -> list[dict]:
	"""Per method its misses by horizon (`wape`, `bias`), how often it was compared, with what, and whether it
	did best. `model` and `reason` say what a method on history did, or why it can't."""
	rows = []
	for name in (*DEAL_METHODS, *series.METHODS):
		own = [row for row in measured if row.method == name]
		result = promised.get(name)
		rows.append(
			{
				"method": name,
				"best": any(row.best for row in own),
				"model": result.model if result else "",
				"reason": result.reason if result else "",
				"basis": own[0].basis if own else None,
				"errors": [
					{
						"horizon": row.horizon,
						"count": row.comparisons,
						"wape": row.wape if row.known else None,
						"mape": row.mape if row.known else None,
						"bias": row.bias if row.known else None,
					}
					for row in own
				],
			}
		)
	return rows


# ---- by dimension


def split(dimension: str, asked: ForecastScope, today: date | None = None) -> list[dict]:
	"""Rows {"key", "label", "indent", "periods": {key: row}, "total", "outside": {line: row}} of a dimension, in the
	order of its values; of a team, the Sales Person tree, each node with all below it and deals of nobody at the end."""
	found = forecast_totals.forecast_by(dimension, asked, today)
	by_item = asked.is_by_item(dimension)
	if dimension == forecast_totals.TEAM:
		return _team_rows(found, by_item)
	labels = _labels(dimension, list(found))
	rows = [_split_row(key, labels.get(key) or key, 0, one, by_item) for key, one in found.items()]
	return sorted(rows, key=lambda row: (-row["total"]["potential"], row["label"]))


def _split_row(key: str, label: str, indent: int, found: Forecast, by_item: bool) -> dict:
	return {
		"key": key,
		"label": label,
		"indent": indent,
		"periods": {period.key: as_row(totals, by_item) for period, totals in found.periods.items()},
		"total": as_row(found.total, by_item),
		"outside": {name: as_row(totals, by_item) for name, totals in found.outside.items()},
	}


def _team_rows(found: dict[str, Forecast], by_item: bool) -> list[dict]:
	nodes = [
		(row.name, row.lft, row.rgt)
		for row in frappe.get_all("Sales Person", fields=["name", "lft", "rgt"], order_by="lft asc", limit=0)
	]
	shown = next(iter(found.values())).periods if found else ()
	lines = [*(("periods", period) for period in shown), *(("outside", name) for name in OUTSIDE)]
	teams: dict[str, tuple[int, Forecast]] = {}
	for part, line in lines:
		own = {key: getattr(one, part)[line] for key, one in found.items()}
		for name, depth, totals in roll_up(own, nodes):
			_depth, team = teams.setdefault(name, (depth, Forecast({})))
			getattr(team, part)[line] = totals
	rows = [_split_row(name, name, depth, one, by_item) for name, (depth, one) in teams.items()]
	if "" in found:
		rows.append(_split_row("", "", 0, found[""], by_item))
	return rows


def _labels(dimension: str, keys: list[str]) -> dict[str, str]:
	if dimension == "sales_owner":
		return {key: frappe.utils.get_fullname(key) for key in keys if key}
	source = {
		"stage": ("Pipeline Stage", "label"),
		"item_code": ("Item", "item_name"),
		"customer": ("Customer", "customer_name"),
	}
	if dimension not in source:
		return {}
	doctype, field = source[dimension]
	rows = frappe.get_all(doctype, filters={"name": ("in", keys)}, fields=["name", field], order_by="name asc", limit=0)
	return {row.name: frappe._(row[field]) if dimension == "stage" else row[field] for row in rows}


def rates_explained(company: str, today: date | None = None) -> list[dict]:
	"""The win rates behind the historical method, to the whole per cent: rows {"stage", "band", "value", "basis"}.

	They are the whole company's, so how many deals are behind one is not shown.
	"""
	rates = rates_of(company, getdate(today or nowdate()))
	return [
		{"stage": stage, "band": band, "value": round(rate.value, 2), "basis": rate.basis}
		for (stage, band), rate in rates.table.items()
	]

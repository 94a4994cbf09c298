"""How the forecast of a month moved from week to week, and how far off it was in the end."""

from datetime import date

import frappe
from frappe.query_builder.functions import Sum
from frappe.utils import flt, getdate, nowdate
from pypika import Case

from crm_pipeline.analytics import forecast_totals
from crm_pipeline.analytics.forecast_scope import ForecastScope
from crm_pipeline.analytics.snapshots import MONTHS_BACK, SNAPSHOT
from crm_pipeline.core.forecast import Period, add_months, period_of

# Filters that snapshots do not keep: with one of them they have no answer.
NOT_KEPT = ("campaign", "channel", "source_type", "item_code", "item_group")
OPEN_COLUMNS = {"commit": "Commit", "best_case": "Best Case", "pipeline": "Pipeline", "omitted": "Omitted"}


def movement(asked: ForecastScope, today: date | None = None) -> dict:
	"""{"rows", "real", "over", "silent", "first", "last"}: rows per snapshot, oldest first: {"taken_on", "week", "signed",
	"commit", "best_case", "pipeline", "omitted", "weighted", "historical", "category"}, and with the period
	over "off" (weighted - real) too. `asked.first` is a day of the period, `asked.by` its kind.

	A snapshot that does not hold the won deals of the whole period any more says nothing about it.
	Silent and empty where a filter is set that snapshots don't keep. Raises PermissionError.
	"""
	today = getdate(today or nowdate())
	frappe.has_permission(SNAPSHOT, "read", throw=True)
	period = period_of(asked.first or today, asked.by)
	answer = {"first": str(period.first), "last": str(period.last), "over": period.last < today, "rows": []}
	answer |= {"silent": False, "real": 0.0}
	if asked.counts_quantity or any(getattr(asked, name) for name in NOT_KEPT):
		return {**answer, "silent": True}
	real = won_in(period, asked, today)
	rows = snapshot_rows(period, asked)
	for row in rows:
		row["off"] = row["weighted"] - real if answer["over"] else None
	return {**answer, "rows": rows, "real": real}


def snapshot_rows(period: Period, asked: ForecastScope) -> list[dict]:
	snapshot = frappe.qb.DocType(SNAPSHOT)
	in_category = lambda name: Sum(Case().when(snapshot.category == name, snapshot.amount).else_(0))  # noqa: E731
	query = (
		frappe.qb.from_(snapshot)
		.select(
			snapshot.taken_on,
			snapshot.week,
			Sum(snapshot.won).as_("signed"),
			*(in_category(name).as_(column) for column, name in OPEN_COLUMNS.items()),
			Sum(snapshot.weighted).as_("weighted"),
			Sum(snapshot.historical).as_("historical"),
		)
		.where(
			(snapshot.month >= period.first)
			& (snapshot.month <= period.last)
			& (snapshot.taken_on < add_months(period.first, MONTHS_BACK + 1))
			& snapshot.document_type.isin(asked.doctypes)
		)
		.groupby(snapshot.taken_on, snapshot.week)
		.orderby(snapshot.taken_on)
	)
	rows = asked.narrow(query, SNAPSHOT).run(as_dict=True)
	numbers = ("signed", *OPEN_COLUMNS, "weighted", "historical")
	return [
		{
			"taken_on": str(row.taken_on),
			"week": row.week,
			**{name: flt(row[name]) for name in numbers},
			"category": flt(row.signed) + flt(row.commit),
		}
		for row in rows
	]


def won_in(period: Period, asked: ForecastScope, today: date) -> float:
	"""What was won in the period until now, of what the user may see."""
	total = 0.0
	for doctype in asked.doctypes:
		if frappe.has_permission(doctype, "read"):
			for line in forecast_totals.won_lines(doctype, asked, today, period.first):
				if line.month and period.holds(line.month):
					total += line.value
	return total

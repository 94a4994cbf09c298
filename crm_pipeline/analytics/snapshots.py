"""The weekly job: freeze the forecast of each company, and measure its methods again.

A week has one snapshot. Its rows are named by what they sum up, so that a second run, or two at once, adds
nothing.
"""

import hashlib
from collections import defaultdict
from datetime import date

import frappe
from frappe.query_builder.functions import Coalesce, Count, Sum
from frappe.utils import add_months, cint, flt, get_first_day, getdate, now_datetime, nowdate

from crm_pipeline.analytics import backtest
from crm_pipeline.analytics.deal_values import Deals
from crm_pipeline.analytics.forecast_scope import KINDS, ForecastScope
from crm_pipeline.analytics.learned_rates import rates_of
from crm_pipeline.chain import jobs
from crm_pipeline.core.forecast import CLOSED, OMITTED

SNAPSHOT, ACCURACY = "Forecast Snapshot", "Forecast Accuracy"
# Months before the current one whose won deals are frozen along.
MONTHS_BACK = 3
KEYS = ("document_type", "month", "pipeline", "sales_owner", "sales_person", "territory", "category", "overdue")
SUMS = ("documents", "amount", "weighted", "historical", "won")


def weekly() -> int:
	"""Weekly job: company by company, one that fails stops no other; answers how many were frozen."""
	return jobs.run(jobs.FREEZE).changed


def companies(after: list | None) -> list[tuple[str]]:
	"""(name,) of what the job looks at, in its order; those that follow `after`."""
	names = frappe.get_all("Company", pluck="name", order_by="name asc", limit=0)
	return [(name,) for name in names if not after or name > after[0]]


def freeze(company: str) -> bool:
	"""Freeze and measure; answers whether the week had no snapshot yet. It looks at everything, whoever asked for it: what
	a user may see is decided when reading."""
	frappe.set_user("Administrator")
	taken = take(company)
	measure(company)
	return bool(taken)


def take(company: str, today: date | None = None) -> int:
	"""Freeze the forecast of this week; answers the number of rows, 0 where the week has its snapshot."""
	today = getdate(today or nowdate())
	week = week_of(today)
	if frappe.db.exists(SNAPSHOT, {"company": company, "week": week}):
		return 0
	groups: dict[tuple, dict] = defaultdict(lambda: dict.fromkeys(SUMS, 0.0))
	for doctype in KINDS["Both"]:
		_add_open(groups, doctype, company, today)
		_add_won(groups, doctype, company, today)
	return _store(groups, company, today, week)


def week_of(day: date) -> str:
	"""'2026-W47'."""
	year, week, _weekday = day.isocalendar()
	return f"{year}-W{week:02d}"


def _add_open(groups: dict, doctype: str, company: str, today: date) -> None:
	deals = Deals(doctype, ForecastScope(company), today, won=False)
	deal, rates = deals.deal, rates_of(company, today)
	month, overdue, category, band = deals.month(), deals.overdue(), deals.category(), deals.band()
	query = deals.query.select(
		month.as_("month"),
		overdue.as_("overdue"),
		category.as_("category"),
		deal.stage.as_("stage"),
		band.as_("band"),
		*_people(deal),
		Count("*").as_("documents"),
		Sum(deals.amount).as_("amount"),
		Sum(deals.amount * Coalesce(deal.probability, 0) / 100).as_("weighted"),
	)
	for term in (month, overdue, category, deal.stage, band, *_people(deal)):
		query = query.groupby(term)
	for row in query.run(as_dict=True):
		expected = get_first_day(today) if row.overdue else _first(row.month)
		group = groups[_key(doctype, expected, row, row.category, cint(row.overdue))]
		group["documents"] += row.documents
		group["amount"] += flt(row.amount)
		if row.category != OMITTED:
			group["weighted"] += flt(row.weighted)
			group["historical"] += flt(row.amount) * rates.of(row.stage, cint(row.band)).value


def _add_won(groups: dict, doctype: str, company: str, today: date) -> None:
	deals = Deals(doctype, ForecastScope(company), today, won=True)
	deal, month = deals.deal, deals.month()
	query = deals.query.where(deal.closed_on >= get_first_day(add_months(today, -MONTHS_BACK))).select(
		month.as_("month"), *_people(deal), Count("*").as_("documents"), Sum(deals.amount).as_("amount")
	)
	for term in (month, *_people(deal)):
		query = query.groupby(term)
	for row in query.run(as_dict=True):
		group = groups[_key(doctype, _first(row.month), row, CLOSED, 0)]
		group["documents"] += row.documents
		for name in ("amount", "weighted", "historical", "won"):
			group[name] += flt(row.amount)


def _people(deal) -> tuple:
	return deal.pipeline, deal.sales_owner, deal.sales_person, deal.territory


def _first(month: str | None) -> date | None:
	return getdate(f"{month}-01") if month else None


def _key(doctype: str, month: date | None, row, category: str, overdue: int) -> tuple:
	# An open deal whose category says Closed is not won: it is a commitment.
	category = "Commit" if category == CLOSED and "stage" in row else category
	people = (row.get(field) or None for field in ("pipeline", "sales_owner", "sales_person", "territory"))
	return (doctype, month, *people, category, overdue)


def _store(groups: dict, company: str, today: date, week: str) -> int:
	now, user = now_datetime(), frappe.session.user
	fixed = {"creation": now, "modified": now, "owner": user, "modified_by": user, "docstatus": 0, "idx": 0}
	fixed |= {"company": company, "taken_on": today, "week": week}
	rows = [
		{**fixed, **dict(zip(KEYS, key, strict=True)), **sums, "name": _name(company, week, key)}
		for key, sums in groups.items()
	]
	if rows:
		fields = list(rows[0])
		values = [tuple(row[field] for field in fields) for row in rows]
		frappe.db.bulk_insert(SNAPSHOT, fields, values, ignore_duplicates=True)
	return len(rows)


def _name(company: str, week: str, key: tuple) -> str:
	return hashlib.sha1(repr((company, week, *(str(part) for part in key))).encode()).hexdigest()[:20]


# ---- accuracy


def measure(company: str, today: date | None = None) -> None:
	"""Run the back-test and keep its result, in place of an earlier one of the same day."""
	today = getdate(today or nowdate())
	rows = backtest.measure(company, today)
	frappe.db.delete(ACCURACY, {"company": company, "taken_on": today})
	for row in rows:
		doc = frappe.new_doc(ACCURACY)
		doc.update({name: row[name] for name in ("scope", "method", "horizon", "basis", "best")})
		doc.update({name: flt(row[name]) for name in ("wape", "mape", "bias")})
		doc.update({"company": company, "taken_on": today})
		doc.update({"comparisons": row["count"], "known": row["wape"] is not None})
		doc.db_insert()


def latest_accuracy(company: str, scope: str = "Both") -> list[dict]:
	"""The rows of the last measurement, best method first; empty before the first one."""
	taken = frappe.db.get_value(ACCURACY, {"company": company, "scope": scope}, "taken_on", order_by="taken_on desc")
	if not taken:
		return []
	return frappe.get_all(
		ACCURACY,
		filters={"company": company, "scope": scope, "taken_on": taken},
		fields=["taken_on", "method", "horizon", "best", "comparisons", "known", "wape", "mape", "bias", "basis"],
		order_by="best desc, method asc, horizon asc",
		limit=0,
	)

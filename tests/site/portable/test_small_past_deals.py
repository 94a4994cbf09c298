"""The open deals of a past day in detail: as they were then, by the first thing that changed of each since."""

from datetime import date

import frappe
import pytest

from crm_pipeline.analytics import backtest
from crm_pipeline.analytics.forecast_scope import KINDS
from crm_pipeline.core.forecast import add_months
from tests.site import rows
from tests.site.health import stage

OPPORTUNITY, PROJECT = "Sales Opportunity", "Sales Project"
THEN = date(2026, 6, 20)


@pytest.fixture
def deal(world):
	"""Deals of a company of which nobody else has any, opened before that day at a rate of two."""

	def make(key, doctype=OPPORTUNITY, **values):
		fixed = {"company": make.company, "opened_on": "2026-06-01", "expected_close": "2026-07-10", "base_amount": 10}
		fixed |= {"conversion_rate": 2, "project_type": "Sales"} if doctype == PROJECT else {"conversion_rate": 2}
		return rows.bare_deal(world, key, doctype, **{**fixed, **values})

	def changed(name, kind, before, at, doctype=OPPORTUNITY, **values):
		event = {"reference_doctype": doctype, "reference_name": name, "kind": kind, "from_value": before, "at": at}
		rows.row("Pipeline Event", docstatus=0, company=make.company, **{**event, **values})

	make.company, make.changed = f"Past {world.tag}", changed
	frappe.db.set_value("Pipeline Stage", stage("proposal"), {"probability": 50, "forecast_category": "Commit"})
	return make


def told(deal, doctype=OPPORTUNITY, moment=THEN) -> list[tuple]:
	found = backtest.standing(doctype, deal.company, moment)
	return sorted((line.month, line.overdue, line.documents, line.value) for line in found)


def test_what_changed_first_since_then_counts_whenever_it_was_written_down(deal):
	name = deal("A")
	deal.changed(name, "Amount", "70", "2026-06-25 09:00:00", creation="2026-06-25 09:00:00")
	deal.changed(name, "Amount", "40", "2026-06-22 09:00:00", creation="2026-06-28 09:00:00")
	deal.changed(name, "Amount", "5", "2026-06-19 09:00:00", creation="2026-06-29 09:00:00")
	assert told(deal) == [(date(2026, 7, 1), False, 1, 80)]


@pytest.mark.parametrize(
	("at", "value"), [("2026-06-19 23:59:59", 10), ("2026-06-20", 80), ("2026-06-20 00:00:01", 80)]
)
def test_what_changed_from_the_beginning_of_the_day_on_was_not_yet_so(deal, at, value):
	deal.changed(deal("A"), "Amount", "40", at)
	assert told(deal) == [(date(2026, 7, 1), False, 1, value)]


def test_stage_amount_and_day_are_each_what_they_were_however_many_of_them_changed(deal):
	name = deal("A", stage=stage("won"), status="Won", outcome="Won", base_amount=90, expected_close="2026-06-30")
	deal.changed(name, "Owner", "x", "2026-06-20 08:00:00")
	deal.changed(name, "Expected Close", "2026-09-09", "2026-06-21 09:00:00")
	deal.changed(name, "Amount", "40", "2026-06-22 09:00:00")
	deal.changed(name, "Stage", stage("proposal"), "2026-06-23 09:00:00")
	deal.changed(name, "Stage", stage("negotiation"), "2026-06-24 09:00:00")
	assert told(deal) == [(date(2026, 9, 1), False, 1, 80)]
	[line] = backtest.standing(OPPORTUNITY, deal.company, THEN)
	assert (line.stage, line.category, line.weighted) == (stage("proposal"), "Commit", 40)


def test_what_changed_of_a_document_of_another_type_with_its_name_says_nothing(deal):
	name = deal("A")
	for kind, before in (("Amount", "99"), ("Stage", stage("won")), ("Expected Close", "2026-12-12")):
		deal.changed(name, kind, before, "2026-06-21 09:00:00", doctype=PROJECT)
	assert told(deal) == [(date(2026, 7, 1), False, 1, 10)]
	deal.changed(name, "Amount", "40", "2026-06-22 09:00:00")
	assert told(deal) == [(date(2026, 7, 1), False, 1, 80)]


@pytest.mark.parametrize(
	("before", "now", "expected"),
	[
		("", "2026-07-10", (None, False)), (None, "2026-07-10", (None, False)), ("2026-08-08", None, (date(2026, 8, 1), False)),
		("2026-06-19", "2026-07-10", (None, True)), ("2026-06-20", "2026-07-10", (date(2026, 6, 1), False)),
	],
)  # fmt: skip
def test_a_day_that_was_not_set_then_is_none_and_one_that_had_passed_is_overdue(deal, before, now, expected):
	deal.changed(deal("A", expected_close=now), "Expected Close", before, "2026-06-25 09:00:00")
	[line] = backtest.standing(OPPORTUNITY, deal.company, THEN)
	assert (line.month, line.overdue) == expected


@pytest.mark.parametrize(("values", "value"), [({}, 80), ({"conversion_rate": 1}, 40), ({"conversion_rate": 0.5}, 20)])
def test_an_amount_of_then_counts_at_the_rate_of_the_deal(deal, values, value):
	deal.changed(deal("A", **values), "Amount", "40", "2026-06-25 09:00:00")
	assert told(deal) == [(date(2026, 7, 1), False, 1, value)]


def test_an_amount_that_was_none_then_is_nothing_and_one_that_never_changed_is_today_s(deal):
	deal.changed(deal("A", base_amount=500), "Amount", None, "2026-06-25 09:00:00")
	deal("B", base_amount=7)
	deal("C", base_amount=1000, company="Another")
	assert told(deal) == [(date(2026, 7, 1), False, 2, 7)]


@pytest.mark.parametrize(
	("project", "at", "counts"),
	[
		({}, THEN, "project"),
		({"opened_on": "2026-06-20"}, THEN, "opportunity"),
		({"status": "Lost", "outcome": "Lost", "closed_on": "2026-06-19"}, THEN, "opportunity"),
		({"status": "Lost", "outcome": "Lost", "closed_on": "2026-06-25"}, THEN, "project later lost"),
		({"project_type": "Marketing"}, THEN, "opportunity"),
	],
)  # fmt: skip
def test_an_opportunity_counts_by_itself_until_a_project_ran_it_and_after_that_was_lost(deal, project, at, counts):
	source = deal("A")
	name = deal("P", PROJECT, **{"base_amount": 30, "source_type": OPPORTUNITY, "source_name": source, **project})
	if project.get("status") == "Lost":
		frappe.db.set_value(PROJECT, name, "stage", stage("lost"))
		deal.changed(name, "Stage", stage("proposal"), f"{project['closed_on']} 09:00:00", doctype=PROJECT)
	found = (
		sum(line.documents for line in backtest.standing(kind, deal.company, at)) for kind in (OPPORTUNITY, PROJECT)
	)
	assert tuple(found) == {"project": (0, 1), "opportunity": (1, 0), "project later lost": (0, 1)}[counts]


# ---- measured


def test_each_past_month_is_measured_by_what_was_known_at_its_start(monkeypatch):
	asked = []
	monkeypatch.setattr(backtest, "starts", lambda company, today: [date(2026, 5, 1), date(2026, 4, 1)])
	monkeypatch.setattr(backtest, "learned_until", lambda company, day: ("rates", company, day))
	monkeypatch.setattr(backtest, "standing", lambda doctype, company, day: [(doctype, company, day)])
	monkeypatch.setattr(backtest, "_of_scope", lambda *args: asked.append(args) or [{"scope": args[1]}])
	assert backtest.measure("Own", THEN) == [{"scope": scope} for scope in KINDS]
	known = {
		day: (("rates", "Own", day), {kind: [(kind, "Own", day)] for kind in KINDS["Both"]})
		for day in (date(2026, 5, 1), date(2026, 4, 1))
	}
	assert asked == [("Own", scope, THEN, known) for scope in KINDS]


@pytest.mark.parametrize("scope", list(KINDS))
def test_a_scope_is_compared_with_its_own_deals_over_the_months_that_are_over(monkeypatch, scope):
	compared = []
	past = backtest.history.History(backtest.history.WON_DEALS, (1.0, 2.0), date(2026, 6, 1))
	monkeypatch.setattr(
		backtest.history, "won_by_month", lambda asked, today: {"of": (asked.company, asked.scope, today)}
	)
	monkeypatch.setattr(backtest.history, "history_of", lambda asked, today: past)
	monkeypatch.setattr(backtest, "compare_deals", lambda pairs, *about: compared.append(about))
	monkeypatch.setattr(backtest, "compare_series", lambda pairs, *about: compared.append(about))
	start = date(2026, 5, 1)
	lines = {kind: [f"line of {kind}"] for kind in KINDS["Both"]}
	found = backtest._of_scope("Own", scope, THEN, {start: ("rates", lines)})
	own = [f"line of {kind}" for kind in KINDS[scope]]
	won = {"of": ("Own", scope, THEN)}
	assert compared == [(own, start, date(2026, 6, 1), "rates", won), (past, start)]
	assert {row["scope"] for row in found} == {scope}
	assert {(row["method"], row["horizon"]) for row in found} == {
		(method, horizon) for method in backtest.METHODS for horizon in (1, 2, 3)
	}


@pytest.mark.parametrize(
	("start", "compared"), [("2026-03-01", {1: 40, 2: 50, 3: 60}), ("2026-05-01", {1: 60}), ("2026-06-01", {})]
)
def test_a_method_on_history_sees_the_months_before_and_is_compared_with_each_that_is_over(
	monkeypatch, start, compared
):
	past = backtest.history.History("Sales Orders", (20.0, 30.0, 40.0, 50.0, 60.0), date(2026, 6, 1))
	seen = []

	def method(known, steps):
		seen.append((known, steps))
		return backtest.series.Outlook(tuple(100.0 + n for n in range(steps)), "", "")

	monkeypatch.setattr(backtest.series, "METHODS", {"naive": method})
	pairs = {("naive", horizon): [] for horizon in (1, 2, 3)}
	day = date.fromisoformat(start)
	backtest.compare_series(pairs, past, day)
	assert pairs == {
		("naive", horizon): [(99.0 + horizon, compared[horizon])] if horizon in compared else []
		for horizon in (1, 2, 3)
	}
	months = {add_months(past.until, place - 5): value for place, value in enumerate(past.values)}
	assert seen == [([value for month, value in months.items() if month < day], 3)]

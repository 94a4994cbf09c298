"""Small rules of the figures: forecasts of the past, teams, snapshots and reports that nothing else would miss."""

from collections import Counter
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, add_months, get_first_day, getdate, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import (
	backtest,
	deal_dwell,
	deal_values,
	funnel_cohort,
	funnel_facts,
	movement,
	snapshots,
	stage_durations,
	stalled_totals,
)
from crm_pipeline.analytics.forecast_scope import ForecastScope
from crm_pipeline.analytics.history import ORDERS, WON_DEALS, History
from crm_pipeline.analytics.sql_terms import age_band
from crm_pipeline.analytics.stage_durations import DwellScope
from crm_pipeline.analytics.stalled_totals import StalledScope, Totals
from crm_pipeline.core import costing
from crm_pipeline.core.win_rates import BANDS
from crm_pipeline.crm_pipeline.report.forecast_movement import forecast_movement
from crm_pipeline.crm_pipeline.report.stalled_deals import stalled_deals
from crm_pipeline.erp import item_costs
from crm_pipeline.parties import people
from tests.site.portable.test_visibility import MANAGER, REP, set_apart
from tests.site.rows import row, sales_people, set_event
from tests.site.world import refused

COMPANY = "A company of its own"


# ---- the same rule in SQL and in Python


@pytest.mark.parametrize("days", sorted({0, *BANDS, *(band - 1 for band in BANDS if band), 9999}))
def test_the_age_band_of_a_stay_is_that_of_the_rule(site, days):
	user = frappe.qb.DocType("User")
	found = frappe.qb.from_(user).select(age_band(lambda at_least: user.docstatus + days >= at_least)).limit(1).run()
	assert found[0][0] == max(number for number, band in enumerate(BANDS) if days >= band)


# ---- how a forecast moved, as a report


def told(*weighted, over=True, real=100.0):
	rows = [
		{
			"taken_on": f"2026-03-0{n}",
			"week": f"2026-W1{n}",
			"signed": n,
			"category": 2 * n,
			"weighted": value,
			"historical": 3 * n,
		}
		for n, value in enumerate(weighted, start=1)
	]
	return {"rows": rows, "over": over, "real": real, "first": "2026-03-01", "last": "2026-03-31"}


def test_the_report_on_movement_shows_lines_from_two_points_on():
	assert forecast_movement.chart(told(), "EUR") is None and forecast_movement.chart(told(80), "EUR") is None
	chart = forecast_movement.chart(told(80, 90), "EUR")
	assert [line["values"] for line in chart["data"]["datasets"]] == [[1, 2], [2, 4], [80, 90], [3, 6]]
	assert (chart["data"]["labels"], chart["currency"], chart["fieldtype"]) == (
		["2026-W11", "2026-W12"],
		"EUR",
		"Currency",
	)


def test_the_report_on_movement_says_how_far_off_the_first_forecast_was_once_the_period_is_over():
	assert forecast_movement.summary(told(), "EUR") == []
	values = [(line["value"], line["datatype"]) for line in forecast_movement.summary(told(80, 90), "EUR")]
	assert values == [(100.0, "Currency"), (80, "Currency"), (90, "Currency"), (-20.0, "Percent")]
	assert len(forecast_movement.summary(told(80, 90, over=False), "EUR")) == 3
	assert len(forecast_movement.summary(told(80, 90, real=0.0), "EUR")) == 3


def test_the_report_on_movement_compares_with_what_came_in_where_that_is_known(world):
	names = lambda over: [column["fieldname"] for column in forecast_movement.columns(over)]  # noqa: E731
	kept = ["taken_on", "week", "signed", "commit", "best_case", "pipeline", "category", "weighted", "historical"]
	assert (names(False), names(True)) == (kept, [*kept, "off"])
	columns, data, _message, _chart, summary = forecast_movement.execute(
		{"company": world.company, "first": "2001-01-15"}
	)
	assert (data, summary) == ([], []) and "off" in {column["fieldname"] for column in columns}


# ---- stalled deals


@pytest.mark.parametrize(("deals", "share"), [(0, 0.0), (1, 33.3), (3, 100.0)])
def test_stalled_deals_are_a_share_of_the_open_ones(deals, share):
	first, amount, last = stalled_deals.summary(Totals(deals, 50.0, 3, Counter()), StalledScope("Any"))
	assert (first["value"], amount["value"], last["value"]) == (deals, 50.0, share)
	assert stalled_deals.summary(Totals(0, 0.0, 0, Counter()), StalledScope("Any"))[2]["value"] == 0


# ---- the past, forecast again


def test_a_past_month_is_forecast_where_the_ledger_reaches_back_far_enough(sale, world):
	today = getdate("2026-06-15")
	frappe.db.delete("Pipeline Event", {"company": world.company})
	assert backtest.starts(world.company, today) == []
	for day in ("2026-03-20 10:00:00", "2026-05-01 10:00:00"):
		row(
			"Pipeline Event",
			company=world.company,
			at=day,
			kind="Created",
			reference_doctype="Sales Opportunity",
			reference_name="X",
		)
	assert backtest.starts(world.company, today) == [getdate("2026-05-01"), getdate("2026-04-01")]
	row(
		"Pipeline Event",
		company=world.company,
		at="2020-01-01 10:00:00",
		kind="Created",
		reference_doctype="Sales Opportunity",
		reference_name="X",
	)
	assert len(backtest.starts(world.company, today)) == backtest.STARTS


def test_a_method_is_judged_on_the_months_that_are_over_by_what_was_known_before():
	pairs = {(name, horizon): [] for name in backtest.METHODS for horizon in (1, 2, 3)}
	past = History(ORDERS, (10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0), getdate("2026-06-01"))
	backtest.compare_series(pairs, past, getdate("2026-05-01"))
	said = {key: found for key, found in pairs.items() if found}
	assert said and {horizon for _name, horizon in said} == {1}, "June is not over"
	assert {real for found in said.values() for _forecast, real in found} == {80.0}
	backtest.compare_series(pairs, past, getdate("2026-04-01"))
	assert {real for (_n, horizon), found in pairs.items() if horizon == 2 for _forecast, real in found} == {80.0}


def test_deals_are_judged_on_the_months_that_are_over():
	pairs = {(name, horizon): [] for name in backtest.METHODS for horizon in (1, 2, 3)}
	won = {getdate("2026-04-01"): 400.0, getdate("2026-05-01"): 500.0, getdate("2026-06-01"): 600.0}
	rates = SimpleNamespace(of=lambda *args: SimpleNamespace(value=0.5))
	backtest.compare_deals(pairs, [], getdate("2026-04-01"), getdate("2026-06-01"), rates, won)
	for method in backtest.DEAL_METHODS:
		assert [pairs[(method, horizon)] for horizon in (1, 2, 3)] == [[(0.0, 400.0)], [(0.0, 500.0)], []]


@pytest.mark.parametrize("rate", [1.0, 2.5])
def test_what_a_deal_was_worth_then_is_in_the_company_s_currency(sale, world, rate):
	before = sum(
		line.value for line in backtest.standing("Sales Opportunity", world.company, getdate(add_days(nowdate(), 1)))
	)
	deal = sale.opportunity(items=[], amount=100)
	frappe.db.set_value(deal.doctype, deal.name, {"conversion_rate": rate, "opened_on": add_months(nowdate(), -2)})
	set_event({"reference_name": deal.name}, "at", add_months(now_datetime(), -2))
	deal.reload()
	row(
		"Pipeline Event", company=world.company, reference_doctype=deal.doctype, reference_name=deal.name, kind="Amount",
		from_value="40", to_value="100", at=now_datetime(),
	)  # fmt: skip
	then = backtest.standing("Sales Opportunity", world.company, getdate(add_months(nowdate(), -1)))
	assert any(line.value == pytest.approx(40 * rate) for line in then)
	assert before >= 0


def test_a_measurement_takes_the_place_of_the_one_of_the_same_day_and_is_told_by_scope(site, monkeypatch):
	shape = {"basis": WON_DEALS, "count": 4, "mape": 10.0, "bias": -2.0}
	measured = [
		{"scope": "Both", "method": "weighted", "horizon": 1, "best": 0, "wape": 20.0, **shape},
		{"scope": "Both", "method": "historical", "horizon": 1, "best": 1, "wape": 8.0, **shape},
		{"scope": "Opportunities", "method": "category", "horizon": 1, "best": 1, "wape": None, **shape},
	]
	monkeypatch.setattr(backtest, "measure", lambda company, today: measured)
	for day in ("2026-05-31", "2026-06-01", "2026-06-01"):
		snapshots.measure(COMPANY, getdate(day))
	assert frappe.db.count("Forecast Accuracy", {"company": COMPANY}) == 6
	latest = snapshots.latest_accuracy(COMPANY)
	assert [(line.method, line.best, line.wape, line.comparisons, line.known) for line in latest] == [
		("historical", 1, 8.0, 4, 1),
		("weighted", 0, 20.0, 4, 1),
	]
	assert {str(line.taken_on) for line in latest} == {"2026-06-01"}
	other = snapshots.latest_accuracy(COMPANY, "Opportunities")
	assert [(line.method, line.known, line.wape) for line in other] == [("category", 0, 0.0)]
	assert snapshots.latest_accuracy("Another company") == []


def test_the_week_of_a_snapshot_is_that_of_the_calendar():
	assert [snapshots.week_of(getdate(day)) for day in ("2026-01-01", "2027-01-03", "2026-11-29")] == [
		"2026-W01", "2026-W53", "2026-W48",
	]  # fmt: skip


# ---- projects


def test_a_project_is_worth_something_once_it_is_won_and_after_it_is_completed(sale, world):
	asked = ForecastScope(world.company, scope="Projects")
	worth = lambda: deal_values.Deals("Sales Project", asked, getdate(), won=True).query.select("name").run()  # noqa: E731
	before = len(worth())
	project = frappe.get_doc(
		{"doctype": "Sales Project", "title": "Harbour", "customer": world.customer, "company": world.company}
	).insert()
	for status, outcome, counts in (
		("Open", None, 0),
		("Won", "Won", 1),
		("Completed", "Won", 1),
		("Completed", None, 0),
	):
		frappe.db.set_value(
			project.doctype, project.name, {"status": status, "outcome": outcome, "closed_on": nowdate()}
		)
		assert len(worth()) - before == counts, status


def test_a_milestone_is_open_until_it_is_done_and_done_today(sale, world):
	project = frappe.get_doc(
		{"doctype": "Sales Project", "title": "Harbour", "customer": world.customer, "company": world.company,
		"milestones": [{"milestone": "Design"}, {"milestone": "Site", "status": "Done"}]}
	)  # fmt: skip
	for line in project.milestones:
		line.status = line.status if line.status == "Done" else None
	project.insert()
	assert [(line.status, line.completed_on and getdate(line.completed_on)) for line in project.milestones] == [
		("Open", None),
		("Done", getdate()),
	]
	project.start_date = "2030-02-01"
	project.milestones[0].due_date = "2030-01-31"
	with refused(match="Row 1: .* of milestone .*Design.* is before the project starts"):
		project.save()


# ---- the team


@pytest.fixture
def tree(world):
	"""A manager above a rep and, below nobody, somebody else: {name: Sales Person}."""
	set_apart()
	return sales_people(world, North=MANAGER, Rep=REP, South=None)


def test_a_manager_sees_the_branch_and_the_users_in_it(tree):
	sight = people.part_of_tree(MANAGER)
	assert set(sight.persons) >= {tree["North"], tree["Rep"]} and tree["South"] not in sight.persons
	assert set(sight.users) == {MANAGER, REP}
	assert people.part_of_tree(REP).users == (REP,)


def test_a_team_adds_up_all_below_it_and_nobody_s_comes_last(tree):
	found = {(tree["Rep"],): 1, (None,): 10, (tree["North"],): 100}
	together = funnel_cohort.by_team(found, sum)
	assert list(together.items()) == [((tree["North"],), 101), ((tree["Rep"],), 1), ((None,), 10)]
	assert funnel_cohort.depths_of_teams(found) == {(tree["North"],): 0, (tree["Rep"],): 1}
	hours = funnel_facts._added([{"a": {1: 2, 5: 1}}, {"a": {1: 1}, "b": {3: 1}}])
	assert {stage: dict(counted) for stage, counted in hours.items()} == {"a": {1: 3, 5: 1}, "b": {3: 1}}


# ---- what is kept for a day


def test_the_usual_time_in_a_stage_is_kept_for_a_day(site, monkeypatch):
	asked = []
	monkeypatch.setattr(deal_dwell, "_usual_dwell", lambda *args: asked.append(args) or {"a": 3.0})
	how = SimpleNamespace(dwell_quantile=0.9, dwell_min_won=5, working_days=0)
	deal_dwell.forget_usual_dwell()
	for _twice in range(2):
		assert deal_dwell.usual_dwell("Sales Opportunity", "Own", how) == {"a": 3.0}
	assert len(asked) == 1
	other = SimpleNamespace(dwell_quantile=0.8, dwell_min_won=5, working_days=0)
	deal_dwell.usual_dwell("Sales Opportunity", "Own", other)
	assert len(asked) == 2, "another rule, another answer"
	deal_dwell.forget_usual_dwell()
	deal_dwell.usual_dwell("Sales Opportunity", "Own", how)
	assert len(asked) == 3
	deal_dwell.forget_usual_dwell()


# ---- documents behind a cell of the forecast


@pytest.fixture
def due(sale, world):
	"""due(days, **values): an open deal of 100 that is expected so many days from today, all of one campaign."""
	campaign = (
		frappe.get_doc({"doctype": "Sales Campaign", "title": f"Fair {world.tag}", "company": world.company})
		.insert()
		.name
	)
	filters = {"company": world.company, "campaign": campaign, "first": str(get_first_day(nowdate())), "count": 3}

	def make(days, **values):
		day = add_days(nowdate(), days) if days is not None else None
		deal = sale.opportunity(items=[], amount=100, campaign=campaign, expected_close=None)
		frappe.db.set_value(deal.doctype, deal.name, {"expected_close": day, **values})
		return deal.name

	make.filters = filters
	return make


def behind(filters, **cell) -> set[str]:
	return {row["name"] for row in api.get_documents_of_forecast(filters, cell)["documents"]}


def test_every_open_deal_stands_behind_one_cell(due):
	overdue, undated, later = due(-3), due(None), due(1000)
	omitted = due(-4, forecast_category="Omitted")
	committed = due(0, forecast_category="Commit")
	unknown = due(0, forecast_category="Odd")
	month = {"first": due.filters["first"], "last": str(add_days(add_months(due.filters["first"], 1), -1))}
	assert behind(due.filters, outside="undated") == {undated}
	assert behind(due.filters, outside="later") == {later}
	assert behind(due.filters, column="overdue", **month) == {overdue}
	assert behind(due.filters, column="open", **month) == {overdue, omitted, committed, unknown}
	assert behind(due.filters, column="countable", **month) == {overdue, committed, unknown}
	assert (
		behind(due.filters, column="commit", **month) == behind(due.filters, column="category", **month) == {committed}
	)
	assert behind(due.filters, column="pipeline", **month) == {overdue, unknown}
	assert behind(due.filters, column="signed", **month) == set()


def test_the_limit_of_a_stage_counts_for_the_documents_over_it_only(sale):
	deal = sale.opportunity()
	frappe.db.set_value("Pipeline Stage", deal.stage, "expected_dwell_days", 10**6)
	assert deal.name in stage_durations.names_behind(DwellScope.of({}), deal.stage, False)
	assert stage_durations.names_behind(DwellScope.of({}), deal.stage, True) == []
	frappe.db.set_value("Pipeline Stage", deal.stage, "expected_dwell_days", 0)
	assert deal.name not in stage_durations.names_behind(DwellScope.of({}), None, True), "no limit is not reached"
	assert deal.name in stage_durations.names_behind(DwellScope.of({}), None, False)


def test_a_bundle_costs_nothing_where_a_part_of_it_is_not_known():
	stocked, service = frappe._dict(is_stock_item=1), frappe._dict(is_stock_item=0)
	parts = [
		frappe._dict(bundle="Set", item_code="Pump", qty=2),
		frappe._dict(bundle="Set", item_code="Work", qty=3),
		frappe._dict(bundle="Other", item_code="Pump", qty=1),
		frappe._dict(bundle="Other", item_code="Unknown", qty=1),
	]
	items = {"Pump": stocked, "Work": service, "Unknown": stocked}
	found = {
		"Pump": {costing.STOCKED[0]: item_costs.Found(10.0), costing.STOCKED[-1]: item_costs.Found(99.0)},
		"Work": {costing.NOT_STOCKED[-1]: item_costs.Found(5.0)},
	}
	assert item_costs._bundle_costs(parts, found, items) == {"Set": 35.0}


def test_the_movement_of_a_forecast_is_that_of_its_company(site):
	for company, amount in (("One", 100), ("Two", 30)):
		row(
			"Forecast Snapshot", company=company, taken_on="2026-03-30", week="2026-W14", document_type="Sales Opportunity",
			month="2026-03-01", category="Closed", won=amount, amount=amount, documents=1, docstatus=0,
		)  # fmt: skip
	march = {"first": "2026-03-01"}
	shown = [
		movement.movement(ForecastScope.of({"company": company, **march}), getdate("2026-06-02"))["rows"]
		for company in ("One", "Two", "Three")
	]
	assert [[line["signed"] for line in rows] for rows in shown] == [[100], [30], []]


def test_stalled_deals_are_worth_their_amount_in_the_company_s_currency(sale, world):
	deal = sale.opportunity(items=[], amount=100)
	frappe.db.set_value(deal.doctype, deal.name, {"is_stalled": 1, "base_amount": 250, "conversion_rate": 2.5})
	listed = stalled_totals.largest(StalledScope(world.company, document_type=deal.doctype), 1000)
	assert [line.amount for line in listed if line.name == deal.name] == [250]

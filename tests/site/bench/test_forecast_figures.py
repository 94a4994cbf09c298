"""The forecast beside plain SQL, its snapshots, and the back-test; and on the sample export beside its file."""

import csv
import json
import random
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path

import frappe
import pytest
from frappe.utils import add_days, add_months, get_first_day, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import backtest, forecast_totals, history, movement, outlook, snapshots
from crm_pipeline.analytics.forecast_scope import ForecastScope
from crm_pipeline.analytics.learned_rates import learned_until
from crm_pipeline.chain import passages
from crm_pipeline.core.forecast import added
from crm_pipeline.deals import won_amounts
from crm_pipeline.importer.load import load
from tests.site.bench.loading import DATA, SHIPPED, Traces, company
from tests.site.world import refused

OPPORTUNITY, SNAPSHOT = "Sales Opportunity", "Forecast Snapshot"
REP, OTHER = "rep@crm-test.example", "rep2@crm-test.example"


@pytest.fixture
def stages(world):
	"""A pipeline of this test alone: {key: stage name}."""
	name = f"Forecast {world.tag}"
	frappe.get_doc({"doctype": "Sales Pipeline", "pipeline_name": name, "allow_win_by_hand": 1}).insert()
	rows = (
		("first", 10, "Open", 20, "Pipeline"),
		("second", 20, "Open", 50, "Best Case"),
		("third", 30, "Open", 80, "Commit"),
		("aside", 40, "Open", 5, "Omitted"),
		("won", 50, "Won", 100, "Closed"),
		("lost", 60, "Lost", 0, "Omitted"),
	)
	return {
		key: frappe.get_doc(
			{
				"doctype": "Pipeline Stage",
				"pipeline": name,
				"stage_key": key,
				"label": key.title(),
				"position": position,
				"stage_type": kind,
				"probability": probability,
				"forecast_category": category,
			}
		)
		.insert()
		.name
		for key, position, kind, probability, category in rows
	}


def filters_of(world) -> dict:
	return {"company": world.company, "pipeline": f"Forecast {world.tag}"}


@pytest.fixture
def crowd(world, stages):
	"""Sixty opportunities of all kinds, written straight to the table with fixed chance; no snapshots yet."""
	frappe.db.delete(SNAPSHOT, {"company": world.company})
	chance = random.Random(11)
	for number in range(60):
		key = chance.choice(list(stages))
		status = {"won": "Won", "lost": "Lost"}.get(key, "Open")
		doc = frappe.new_doc(OPPORTUNITY)
		doc.update(
			{
				"name": f"{world.tag}-{number}",
				"title": f"Deal {number}",
				"customer": world.customer,
				"company": world.company,
				"pipeline": f"Forecast {world.tag}",
				"stage": stages[key],
				"status": status,
				"currency": world.currency,
				"conversion_rate": 1,
				"base_amount": chance.choice((0, 100, 250.25, 9000)),
				"probability": chance.randint(0, 100),
				"forecast_category": chance.choice(("", "Omitted", "Pipeline", "Best Case", "Commit", "Closed")),
				"expected_close": chance.choice((None, add_days(nowdate(), chance.randint(-90, 300)))),
				"closed_on": None if status == "Open" else add_days(nowdate(), chance.randint(-60, 0)),
				"opened_on": add_days(nowdate(), -120),
				"sales_owner": chance.choice((REP, OTHER)),
			}
		)
		doc.amount = doc.base_amount
		doc.update(won_amounts.outcome_values(OPPORTUNITY, doc.name, won_amounts.values_of(doc)))
		doc.db_insert()


# ---- the documents behind a number


def test_behind_a_number_an_opportunity_that_runs_as_a_project_is_that_project(sale, world, stages):
	show = {"pipeline": filters_of(world)["pipeline"], "stage": stages["first"], "items": []}
	alone, run = (
		sale.opportunity(amount=amount, expected_close=add_days(nowdate(), 40), **show) for amount in (100, 200)
	)
	project = frappe.get_doc("Sales Project", api.opportunity_to_project(run.name)["name"])
	project.update({"expected_close": run.expected_close})
	project.save()
	names = {alone.name, run.name, project.name}
	found = api.get_documents_of_forecast(
		{"company": world.company}, {"first": str(nowdate()), "last": add_days(nowdate(), 60)}, 0
	)
	own = [(row["doctype"], row["name"]) for row in found["documents"] if row["name"] in names]
	assert sorted(own) == [(OPPORTUNITY, alone.name), ("Sales Project", project.name)] or found["total"] > 50


# ---- beside plain SQL


def test_periods_hold_what_plain_sql_sums_up(world, crowd):
	filters = {**filters_of(world), "count": 6}
	found = forecast_totals.forecast_of(ForecastScope.of(filters))
	today = getdate()
	for period, totals in found.periods.items():
		open_ones = frappe.db.sql(
			"""select count(*), sum(base_amount), sum(base_amount * probability / 100) from `tabSales Opportunity`
			where pipeline = %(pipeline)s and status = 'Open' and forecast_category != 'Omitted'
			and (expected_close between %(from)s and %(last)s or (%(now)s and expected_close < %(today)s))""",
			{
				"pipeline": filters["pipeline"],
				"from": max(period.first, today),
				"last": period.last,
				"now": period.holds(today),
				"today": today,
			},
		)[0]
		won = frappe.db.sql(
			"""select count(*), sum(base_amount) from `tabSales Opportunity`
			where pipeline = %s and status = 'Won' and closed_on between %s and %s""",
			(filters["pipeline"], period.first, period.last),
		)[0]
		assert totals.commit + totals.best_case + totals.pipeline == pytest.approx(float(open_ones[1] or 0))
		assert totals.open_weighted == pytest.approx(float(open_ones[2] or 0))
		assert (totals.signed_documents, totals.signed) == (won[0], pytest.approx(float(won[1] or 0)))


def test_every_open_deal_is_somewhere(world, crowd):
	found = forecast_totals.forecast_of(ForecastScope.of({**filters_of(world), "count": 2}))
	everything = added([found.total, *found.outside.values()])
	counted = frappe.db.count(OPPORTUNITY, {"pipeline": f"Forecast {world.tag}", "status": "Open"})
	assert everything.documents - everything.signed_documents == counted


def test_the_report_tells_the_same_as_the_page(world, crowd):
	from crm_pipeline.crm_pipeline.report.sales_forecast.sales_forecast import execute

	filters = filters_of(world)
	_columns, whole, _message, chart, summary = execute(filters)
	told = outlook.outlook(ForecastScope.of(filters))
	assert [row["weighted"] for row in whole[:6]] == [period["weighted"] for period in told["periods"]]
	assert [line["value"] for line in summary][:3] == [told["total"][n] for n in ("signed", "category", "weighted")]
	assert chart["data"]["datasets"][0]["values"] == [period["signed"] for period in told["periods"]]
	_columns, parts, *_rest = execute({**filters, "split_by": "Sales Owner"})
	assert sum(row["weighted"] for row in parts if row.get("first")) == pytest.approx(told["total"]["weighted"])


# ---- what was sold, by native documents


def sold(world, **more) -> float:
	return forecast_totals.forecast_of(ForecastScope.of({**filters_of(world), **more})).total.signed


def test_a_deal_that_is_ordered_in_parts_is_worth_the_parts(sale, stages, world):
	doc = sale.opportunity(pipeline=f"Forecast {world.tag}")
	pump, service = doc.items
	sale.order(doc, {pump.name: 1})
	sale.sync_outcome()
	assert sold(world) == 100
	sale.order(doc, {pump.name: 3, service.name: 1})
	sale.sync_outcome()
	assert sold(world) == 480
	by_item = forecast_totals.forecast_by("item_code", ForecastScope.of(filters_of(world)))
	assert sum(part.total.signed for part in by_item.values()) == pytest.approx(480)


def test_a_quotation_made_after_the_order_says_nothing_of_what_was_sold(sale, stages, world):
	doc = sale.opportunity(pipeline=f"Forecast {world.tag}")
	source = {"crm_source_type": doc.doctype, "crm_source_name": doc.name}
	sale.native_order(sale.quotation(items=sale.rows((world.pump, 10, 100)), **source))
	sale.sync_outcome()
	assert sold(world) == 1000
	sale.quotation(items=sale.rows((world.pump, 50, 100)), **source)
	assert sold(world) == 1000
	assert history.won_by_month(ForecastScope.of(filters_of(world)), getdate()) == {
		getdate(get_first_day(nowdate())): 1000
	}


def test_a_deal_won_by_hand_is_worth_its_quotation_of_that_day(sale, stages, world):
	doc = sale.opportunity(pipeline=f"Forecast {world.tag}")
	source = {"crm_source_type": doc.doctype, "crm_source_name": doc.name}
	sale.quotation(items=sale.rows((world.pump, 3, 100), (world.service, 1, 50)), **source)
	api.win_deal(doc.doctype, doc.name)
	sale.quotation(items=sale.rows((world.pump, 50, 100)), **source)
	assert sold(world) == 350
	assert sold(world, measure="Quantity") == 4
	by_item = forecast_totals.forecast_by("item_code", ForecastScope.of(filters_of(world)))
	assert {key: part.total.signed for key, part in by_item.items()} == {world.pump: 300, world.service: 50}


def test_an_amended_contract_says_anew_what_was_sold(sale, stages, world):
	doc = sale.opportunity(pipeline=f"Forecast {world.tag}")
	contract = sale.contract(source_type=doc.doctype, source_name=doc.name, items=sale.rows((world.pump, 4, 200)))
	assert sold(world) == 800
	sale.cancel(contract)
	assert sold(world) == 0
	sale.amend(contract, items=sale.rows((world.pump, 3, 200)))
	assert sold(world) == 600
	sale.order(frappe.get_last_doc("Sales Contract", {"amended_from": contract.name}))
	sale.sync_outcome()
	assert sold(world) == 600


# ---- snapshots


def test_a_week_has_one_snapshot_and_it_holds_the_forecast(world, crowd):
	today = getdate("2031-01-15")
	rows = snapshots.take(world.company, today)
	assert rows and snapshots.take(world.company, add_days(today, 1)) == 0
	frozen = frappe.db.sql(
		"""select sum(documents), sum(weighted), sum(case when category != 'Closed' then amount end)
		from `tabForecast Snapshot` where taken_on = %s and pipeline = %s""",
		(today, f"Forecast {world.tag}"),
	)[0]
	live = forecast_totals.forecast_of(ForecastScope.of({**filters_of(world), "count": 1, "start": str(today)}), today)
	parts = added([live.total, *live.outside.values()])
	assert frozen[0] == parts.documents - parts.signed_documents
	assert float(frozen[1]) == pytest.approx(parts.open_weighted)
	assert float(frozen[2]) == pytest.approx(parts.commit + parts.best_case + parts.pipeline + parts.omitted)


def test_what_was_frozen_does_not_follow_the_deals(world, crowd):
	snapshots.take(world.company)
	filters = filters_of(world)
	before = movement.movement(ForecastScope.of(filters))["rows"]
	frappe.db.set_value(OPPORTUNITY, {"pipeline": filters["pipeline"]}, "base_amount", 1)
	assert movement.movement(ForecastScope.of(filters))["rows"] == before
	assert before[-1]["weighted"] > 0


def test_nobody_changes_or_deletes_a_snapshot(world, crowd):
	snapshots.take(world.company)
	doc = frappe.get_last_doc(SNAPSHOT)
	doc.amount = 1
	with refused(frappe.PermissionError):
		doc.save()
	with refused(frappe.PermissionError):
		frappe.delete_doc(SNAPSHOT, doc.name)


def test_the_end_tells_how_far_off_a_forecast_was(world, crowd):
	month = getdate(get_first_day(add_months(nowdate(), -1)))
	snapshots.take(world.company, month)
	told = movement.movement(ForecastScope.of({**filters_of(world), "first": str(month)}))
	real = frappe.db.sql(
		"select sum(base_amount) from `tabSales Opportunity` where pipeline = %s and status = 'Won'"
		" and closed_on between %s and %s",
		(f"Forecast {world.tag}", month, told["last"]),
	)[0][0]
	assert told["over"] and told["real"] == pytest.approx(float(real or 0))
	assert told["rows"][0]["off"] == pytest.approx(told["rows"][0]["weighted"] - told["real"])


def test_with_team_visibility_snapshots_are_seen_like_deals(world, crowd, as_user):
	snapshots.take(world.company)
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 1)
	seen = {}
	for who in ("Administrator", "rep", "other_rep"):
		as_user(who)
		rows = movement.movement(ForecastScope.of({**filters_of(world), "by": "Quarter"}))["rows"]
		listed = frappe.get_list(
			SNAPSHOT, filters={"pipeline": f"Forecast {world.tag}"}, pluck="sales_owner", order_by="name asc", limit=0
		)
		seen[who] = rows[-1]["weighted"]
		assert who == "Administrator" or len(set(listed)) == 1
	assert seen["rep"] > 0 and seen["rep"] + seen["other_rep"] == pytest.approx(seen["Administrator"])


def test_who_sees_some_customers_only_sees_no_snapshots(world, crowd, as_user):
	snapshots.take(world.company)
	frappe.get_doc(
		{"doctype": "User Permission", "user": REP, "allow": "Customer", "for_value": world.customer}
	).insert()
	as_user("rep")
	assert movement.movement(ForecastScope.of(filters_of(world)))["rows"] == []
	assert frappe.get_list(SNAPSHOT, order_by="name asc", limit=1) == []


# ---- the back-test


def moment(text: str) -> datetime:
	return datetime.fromisoformat(text)


def past_deal(world, stages, name: str, opened: str, moves: list, closed: str | None = None, **values):
	"""A deal with a ledger: `moves` are (day, kind, from, to)."""
	last = [to for _day, kind, _from, to in moves if kind == "Stage"]
	stage = last[-1] if last else stages["first"]
	doc = frappe.new_doc(OPPORTUNITY)
	doc.update(
		{
			"name": f"{world.tag}-{name}",
			"title": name,
			"customer": world.customer,
			"company": world.company,
			"pipeline": f"Forecast {world.tag}",
			"stage": stage,
			"status": {stages["won"]: "Won", stages["lost"]: "Lost"}.get(stage, "Open"),
			"currency": world.currency,
			"conversion_rate": 1,
			"base_amount": 1000,
			"amount": 1000,
			"opened_on": opened,
			"closed_on": closed,
			**values,
		}
	)
	doc.update(won_amounts.outcome_values(OPPORTUNITY, doc.name, won_amounts.values_of(doc)))
	doc.db_insert()
	for day, kind, old, new in [(opened, "Created", None, stages["first"]), *moves]:
		event = frappe.new_doc("Pipeline Event")
		event.update({"reference_doctype": OPPORTUNITY, "reference_name": doc.name, "kind": kind, "at": moment(day)})
		event.update({"from_value": old, "to_value": new, "company": world.company, "by": "Administrator"})
		event.set_new_name()
		event.db_insert()
	passages.write(OPPORTUNITY, [doc.name])
	return doc


def standing_of(world, day: str) -> list:
	own = frappe.get_all(
		"Pipeline Stage", filters={"pipeline": f"Forecast {world.tag}"}, pluck="name", order_by="name asc"
	)
	return [line for line in backtest.standing(OPPORTUNITY, world.company, getdate(day)) if line.stage in own]


def test_the_ledger_tells_what_was_open_on_a_past_day(world, stages):
	past_deal(
		world,
		stages,
		"changed",
		"2020-01-10",
		[
			("2020-02-20", "Stage", stages["first"], stages["second"]),
			("2020-03-05", "Amount", "400.0", "1000.0"),
			("2020-03-06", "Expected Close", "2020-04-15", "2020-06-01"),
			("2020-05-02", "Stage", stages["second"], stages["won"]),
		],
		closed="2020-05-02",
		expected_close="2020-06-01",
	)
	(line,) = standing_of(world, "2020-03-01")
	assert (line.stage, line.value, line.month, line.overdue) == (stages["second"], 400.0, date(2020, 4, 1), False)
	assert (line.weighted, line.category, line.band) == (200.0, "Best Case", 0)
	(later,) = standing_of(world, "2020-05-01")
	assert (later.value, later.month, later.band) == (1000.0, date(2020, 6, 1), 1)
	assert standing_of(world, "2020-06-01") == []
	assert standing_of(world, "2020-01-01") == []


def test_a_deal_that_was_closed_and_reopened_was_not_open_between(world, stages):
	past_deal(
		world,
		stages,
		"reopened",
		"2020-01-10",
		[
			("2020-02-10", "Stage", stages["first"], stages["lost"]),
			("2020-04-10", "Stage", stages["lost"], stages["third"]),
		],
	)
	assert [bool(standing_of(world, day)) for day in ("2020-02-01", "2020-03-01", "2020-05-01")] == [True, False, True]


def test_what_was_overdue_then_is_overdue_then(world, stages):
	past_deal(world, stages, "late", "2020-01-10", [], expected_close="2020-02-15")
	assert [line.overdue for line in standing_of(world, "2020-02-01") + standing_of(world, "2020-03-01")] == [
		False,
		True,
	]


def test_win_rates_know_nothing_of_what_came_after(world, stages):
	for number in range(12):
		past_deal(
			world,
			stages,
			f"won {number}",
			"2020-01-01",
			[("2020-02-01", "Stage", stages["first"], stages["won"])],
			closed="2020-02-01",
		)
	before, after = (learned_until(world.company, getdate(day)) for day in ("2020-01-31", "2020-02-02"))
	assert before.of(stages["first"], 0).value == 0.2
	assert after.of(stages["first"], 0).value == pytest.approx((12 + 10 * 0.2) / 22)


def test_the_back_test_is_kept_and_shown_without_amounts(world, stages, as_user):
	for _again in range(2):
		snapshots.measure(world.company)
	as_user("rep")
	rows = api.get_forecast_accuracy(world.company)
	assert len(rows) == len(backtest.METHODS) * backtest.HORIZONS
	assert not {"amount", "forecast", "actual"} & set(rows[0])
	told = {row["method"]: row for row in outlook.outlook(ForecastScope.of({"company": world.company}))["methods"]}
	assert set(told) == set(backtest.METHODS)
	assert len(told["weighted"]["errors"]) == backtest.HORIZONS


def test_the_history_is_that_of_orders_where_everybody_sees_all_of_it(sale, as_user):
	company, last_month = sale.world.company, add_months(get_first_day(nowdate()), -1)
	before = history.history_of(ForecastScope.of({"company": company}), getdate())
	order = sale.native_order(sale.quotation())
	order.db_set("transaction_date", last_month)
	now = history.history_of(ForecastScope.of({"company": company}), getdate())
	assert now.basis == history.ORDERS
	was = before.of_month(getdate(last_month)) if before.basis == history.ORDERS else 0
	assert now.of_month(getdate(last_month)) - was == pytest.approx(order.base_net_total)
	for narrower in ({"scope": "Opportunities"}, {"sales_owner": REP}):
		assert (
			history.history_of(ForecastScope.of({"company": company, **narrower}), getdate()).basis == history.WON_DEALS
		)
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 1)
	as_user("rep")
	assert history.history_of(ForecastScope.of({"company": company}), getdate()).basis == history.WON_DEALS


# ---- the sample export


@pytest.fixture(scope="module")
def sample(site, tmp_path_factory):
	"""The sample export on the site, loaded for this file unless it is there. Skips where it is moved in time."""
	if not DATA.is_dir():
		pytest.skip("the sample export is not beside the checkout (../shared/data)")
	frappe.set_user("Administrator")
	traces = Traces(DATA, json.loads(Path(SHIPPED).read_text(encoding="utf-8")))
	there = bool(traces.loaded())
	if there and not frappe.db.exists(OPPORTUNITY, {"external_id": traces.ids[0], "opened_on": ("<", "2018-01-01")}):
		pytest.skip("the sample export on this site is not as it was loaded")
	try:
		if not there:
			load(DATA, company(), SHIPPED, rejects=tmp_path_factory.mktemp("rejects"))
		with open(DATA / "sales_pipeline.csv", encoding="utf-8") as file:
			yield list(csv.DictReader(file))
	finally:
		if not there:
			traces.remove()


def won_by(rows: list[dict], key) -> dict:
	sums = defaultdict(float)
	for row in rows:
		if row["deal_stage"] == "Won":
			sums[key(row)] += float(row["close_value"])
	return dict(sums)


def test_won_amounts_per_quarter_are_those_of_the_file(sample):
	found = forecast_totals.forecast_of(
		ForecastScope.of({"company": company(), "by": "Quarter", "start": "2017-01-01"}), getdate("2017-12-31")
	)
	told = {period.key: totals.signed for period, totals in found.periods.items()}
	assert told == {
		f"{quarter[3:]}-{quarter[:2]}": value
		for quarter, value in won_by(sample, lambda row: row["close_quarter"]).items()
	}


def test_won_amounts_per_agent_and_product_are_those_of_the_file(sample):
	filters = {"company": company(), "by": "Quarter", "start": "2017-01-01"}
	today = getdate("2017-12-31")
	for dimension, key in (
		("sales_person", lambda row: row["sales_agent"]),
		("item_code", lambda row: {"GTXPro": "GTX Pro"}.get(row["product"], row["product"])),
	):
		parts = forecast_totals.forecast_by(dimension, ForecastScope.of(filters), today)
		told = {name: part.total.signed for name, part in parts.items() if part.total.signed}
		assert told == won_by(sample, key), dimension


def test_the_history_of_the_file_is_measured(sample):
	today = getdate("2018-01-10")
	past = history.history_of(ForecastScope.of({"company": company()}), today, history.WON_DEALS)
	months = won_by(sample, lambda row: row["close_date"][3:5])
	assert list(past.values) == [months[f"{month:02d}"] for month in range(3, 13)]
	measured = {
		(row["method"], row["horizon"]): row for row in backtest.measure(company(), today) if row["scope"] == "Both"
	}
	# No deal of the file has an expected close: methods on open deals can promise nothing, and say so.
	assert measured[("weighted", 1)]["wape"] == 1.0 and measured[("weighted", 1)]["bias"] == -1.0
	assert measured[("smoothing", 1)]["wape"] < measured[("naive", 1)]["wape"]
	assert sum(row["best"] for row in measured.values()) == backtest.HORIZONS

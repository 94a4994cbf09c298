"""What a forecast promises: worth as sold, numbers that add up, and errors told of what was measured."""

import frappe
import pytest
from frappe.utils import add_days, add_to_date, get_first_day, getdate, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import backtest, figure_documents, forecast_totals, history, movement, snapshots
from crm_pipeline.analytics.forecast_documents import Cell
from crm_pipeline.analytics.forecast_scope import ForecastScope
from crm_pipeline.analytics.learned_rates import visits_until
from crm_pipeline.chain import ledger
from crm_pipeline.core.forecast import period_of
from crm_pipeline.crm_pipeline.report.sales_forecast import sales_forecast
from tests.site import rows
from tests.site.portable.test_funnel import make_pipeline
from tests.site.rows import set_event

REP, OTHER = "rep@crm-test.example", "rep2@crm-test.example"


@pytest.fixture
def filters(world):
	"""A pipeline of this test alone; figures of the pipeline are figures of the test."""
	return {"company": world.company, "pipeline": make_pipeline(f"Forecast {world.tag}")}


@pytest.fixture
def deal(sale, filters):
	"""deal(480) makes an opportunity with one row of that amount, expected in a fortnight."""

	def make(amount=480.0, **values):
		values = {"doctype": "Sales Opportunity", "sales_owner": REP, **values}
		if values["doctype"] == "Sales Opportunity":
			values["pipeline"] = filters["pipeline"]
		items = sale.rows((sale.world.pump, 4, amount / 4)) if amount else []
		return sale.opportunity(expected_close=values.pop("close", add_days(nowdate(), 14)), items=items, **values)

	return make


def total(filters, **more):
	"""Of the coming year."""
	return forecast_totals.forecast_of(ForecastScope.of({**filters, "count": 12, **more})).total


def everything(filters) -> float:
	found = total(filters)
	return found.potential + found.omitted


# ---- what a won deal is worth


def offered(deal, net, day=None, **values) -> str:
	"""A submitted quotation of a deal, written straight to the table: figures read no more of it."""
	row = {
		"name": frappe.generate_hash(length=10),
		"docstatus": 1,
		"status": "Open",
		"creation": now_datetime(),
		"company": deal.company,
		"crm_source_type": deal.doctype,
		"crm_source_name": deal.name,
		"transaction_date": day or nowdate(),
		"base_net_total": net,
		**values,
	}
	frappe.db.bulk_insert("Quotation", list(row), [tuple(row.values())])
	return row["name"]


def won(doc, **values):
	"""A deal won by hand a moment ago, with other values as they may be in the table."""
	stage = frappe.db.get_value("Pipeline Stage", {"pipeline": doc.pipeline, "stage_type": "Won"}, "name")
	now = now_datetime()
	return rows.deal(
		doc, **{"status": "Won", "stage": stage, "stage_entered_on": now, "closed_on": getdate(now), **values}
	)


def test_a_won_deal_is_worth_the_contract_that_won_it(sale, deal, filters):
	doc = deal(1000)
	items = sale.rows((sale.world.service, 2, 450))
	sale.contract(
		source_type=doc.doctype, source_name=doc.name, items=items, discount_amount=100, apply_discount_on="Net Total"
	)
	offered(doc, 5000)
	assert total(filters).signed == 800
	by_item = forecast_totals.forecast_by("item_code", ForecastScope.of(filters))
	assert {key: part.total.signed for key, part in by_item.items()} == {sale.world.service: 800}
	assert total(filters, measure="Quantity").signed == 2
	assert history.won_by_month(ForecastScope.of(filters), add_days(getdate(), 40)) == {
		getdate(get_first_day(nowdate())): 800
	}


def test_a_deal_won_by_orders_is_worth_what_was_ordered(sale, deal, filters):
	doc = won(deal(1000), won_by_type="Sales Order Request", won_by="SOR-1")
	assert total(filters).signed == 1000, "nothing is submitted yet"
	rows.deal(doc, ordered_amount=800)
	assert (total(filters).signed, total(filters).ordered) == (800, 800)
	by_item = forecast_totals.forecast_by("item_code", ForecastScope.of(filters))
	assert {key: part.total.signed for key, part in by_item.items()} == {sale.world.pump: 800}


def test_of_rows_without_prices_the_first_stands_for_what_was_ordered(sale, deal, filters):
	doc = won(deal(1000), won_by_type="Sales Order Request", won_by="SOR-1", ordered_amount=800)
	frappe.db.set_value("Sales Deal Item", {"parent": doc.name}, {"amount": 0, "base_amount": 0})
	doc.db_set({"items_total": 0, "amount": 0, "base_amount": 0})
	by_item = forecast_totals.forecast_by("item_code", ForecastScope.of(filters))
	assert {key: part.total.signed for key, part in by_item.items()} == {sale.world.pump: 800}
	assert total(filters).signed == 800


def test_a_deal_won_by_hand_keeps_its_worth_while_it_is_ordered_bit_by_bit(deal, filters):
	won(deal(1000), ordered_amount=300)
	assert (total(filters).signed, total(filters).ordered) == (1000, 300)


def test_a_quotation_of_the_day_of_the_win_speaks_for_it_when_it_was_made_before(deal, filters):
	doc = deal(1000)
	offered(doc, 900, creation=add_to_date(now_datetime(), minutes=-1))
	won(doc)
	assert total(filters).signed == 900


def test_a_deal_won_on_a_day_that_nobody_knows_is_counted_without_a_month(deal, filters):
	won(deal(100), closed_on=None)
	won(deal(20))
	won(deal(3), closed_on=add_days(nowdate(), -900))
	this_month = getdate(get_first_day(nowdate()))
	lines = forecast_totals.won_lines("Sales Opportunity", ForecastScope.of(filters), getdate(), this_month)
	assert {line.month: line.value for line in lines} == {None: 100, this_month: 20}


def test_a_deal_with_two_rows_of_an_item_is_one_deal_of_that_item(sale, deal, filters):
	pump = sale.world.pump
	won(
		sale.opportunity(
			pipeline=filters["pipeline"], items=sale.rows((pump, 1, 30), (pump, 2, 30), (sale.world.service, 1, 5))
		)
	)
	first = getdate(get_first_day(nowdate()))
	lines = forecast_totals.won_lines("Sales Opportunity", ForecastScope.of(filters), getdate(), first, "item_code")
	assert {line.key: (line.documents, line.value) for line in lines} == {pump: (1, 90), sale.world.service: (1, 5)}


def test_a_quotation_made_after_closing_changes_nothing_that_was_signed(deal, filters):
	doc, alone = deal(1200), won(deal(70))
	offered(doc, 1000, add_days(nowdate(), -40), creation=add_days(now_datetime(), -40))
	won(doc)
	assert total(filters).signed == 1070
	offered(doc, 5000)
	offered(alone, 5000, add_days(nowdate(), 3))
	assert total(filters).signed == 1070


def test_of_two_quotations_the_one_that_was_ordered_was_sold(deal, filters):
	doc = deal(480)
	offered(doc, 1000, add_days(nowdate(), -9), status="Ordered")
	offered(doc, 5000, add_days(nowdate(), -8))
	assert total(filters).potential == 5000
	won(doc)
	assert total(filters).signed == 1000


def test_two_projects_of_one_opportunity_count_with_their_own_amounts(deal, filters):
	doc = deal(1000)
	offered(doc, 300)
	owned = {"company": doc.company, "sales_owner": REP}
	source = {"doctype": "Sales Project", "source_type": doc.doctype, "source_name": doc.name}
	first = deal(400, **source)
	assert total(owned).documents == 1 and everything(owned) == 300
	deal(600, **source)
	assert total(owned).documents == 2 and everything(owned) == 1000
	frappe.db.set_value("Sales Project", first.name, "status", "Lost")
	assert everything(owned) == 300


def test_an_omitted_deal_is_not_overdue(deal, filters):
	late = {"close": add_days(nowdate(), -5), "opened_on": add_days(nowdate(), -9)}
	shown = deal(480, forecast_category="Pipeline", **late)
	deal(500, forecast_category="Omitted", **late)
	now = period_of(getdate())
	found = forecast_totals.forecast_of(ForecastScope.of(filters)).periods[now]
	assert (found.overdue_documents, found.overdue, found.omitted) == (1, 480, 500)
	cell = {"column": "overdue", "first": str(now.first), "last": str(now.last)}
	behind = figure_documents.of_forecast(ForecastScope.of(filters), Cell.of(cell))
	assert [row["name"] for row in behind["documents"]] == [shown.name]


@pytest.mark.parametrize("field", ["territory", "sales_person", "item_group"])
def test_a_filter_by_what_does_not_exist_finds_nothing(deal, filters, world, field):
	deal(480).db_set({"territory": "", "sales_person": ""})
	deal(0)
	filters = {"company": world.company, "sales_owner": REP, field: f"No Such {world.tag}"}
	assert total(filters).documents == 0
	assert history.history_of(ForecastScope.of(filters), getdate()).values == ()
	cell = {"column": "all", "dimension": "team", "key": f"No Such {world.tag}", "outside": "undated"}
	assert figure_documents.of_forecast(ForecastScope(world.company), Cell.of(cell))["total"] == 0


@pytest.mark.parametrize("split_by", ["Sales Owner", "Team", "Product"])
def test_the_split_report_adds_up_to_the_whole_one(deal, filters, split_by):
	deal(100)
	node = frappe.db.get_value("Sales Person", {"is_group": 1}, "name", order_by="lft asc")
	deal(250, sales_owner=OTHER).db_set("sales_person", node)
	deal(480, close="2199-12-31").db_set("sales_person", node)
	deal(70).db_set("expected_close", None)
	filters = {**filters, "count": 2}
	whole = [row for row in sales_forecast.execute(filters)[1] if not row.get("bold")]
	parts = sales_forecast.execute({**filters, "split_by": split_by})[1]
	for label in {row["label"] for row in whole}:
		for column in ("documents", "pipeline", "weighted"):
			told = [sum(row[column] for row in rows if row["label"] == label) for rows in (whole, parts)]
			assert told[0] == pytest.approx(told[1]), (label, column)
	assert sum(row["documents"] for row in parts) == 4


def test_what_was_ordered_is_shown_of_whole_deals_only(sale, deal, filters):
	won(deal(1000), ordered_amount=300)
	assert api.get_forecast(filters)["total"]["ordered"] == 300
	for narrower in ({"measure": "Quantity"}, {"item_code": sale.world.pump}):
		assert api.get_forecast({**filters, **narrower})["total"]["ordered"] is None
	assert {row["total"]["ordered"] for row in api.get_forecast_split("sales_person", filters)} == {300}
	assert {row["total"]["ordered"] for row in api.get_forecast_split("item_code", filters)} == {None}
	shown = {
		split_by: {column["fieldname"] for column in sales_forecast.execute({**filters, "split_by": split_by})[0]}
		for split_by in ("Sales Person", "Product")
	}
	assert "ordered" in shown["Sales Person"] and "ordered" not in shown["Product"]
	assert shown["Sales Person"] - shown["Product"] == {"ordered"}, "all other amounts are there of products too"


# ---- how it moved, and how sure it is


def test_a_snapshot_is_shown_while_it_holds_the_whole_period(deal, filters, world):
	frappe.db.delete("Forecast Snapshot", {"company": world.company})
	for month in (1, 2, 3):
		won(deal(100), closed_on=f"2026-{month:02d}-10")
	for day in ("2026-03-30", "2026-04-27", "2026-05-04", "2026-06-01"):
		snapshots.take(world.company, getdate(day))
	quarter = movement.movement(
		ForecastScope.of({**filters, "first": "2026-01-01", "by": "Quarter"}), getdate("2026-06-02")
	)
	assert [(row["taken_on"], row["signed"], row["off"]) for row in quarter["rows"]] == [
		("2026-03-30", 300, 0),
		("2026-04-27", 300, 0),
	]
	march = movement.movement(ForecastScope.of({**filters, "first": "2026-03-01"}), getdate("2026-06-02"))
	assert [row["signed"] for row in march["rows"]] == [100, 100, 100, 100]


def standing(doctype, world, moment) -> float:
	return sum(line.value for line in backtest.standing(doctype, world.company, moment))


def test_an_opportunity_was_one_before_it_became_a_project(deal, world):
	doc, moment = deal(1000), add_days(getdate(), -60)
	before = standing(doc.doctype, world, moment)
	doc.db_set("opened_on", add_days(nowdate(), -120))
	set_event({"reference_name": doc.name}, "at", add_days(now_datetime(), -120))
	assert standing(doc.doctype, world, moment) == before + 1000
	project = api.opportunity_to_project(doc.name)["name"]
	assert standing(doc.doctype, world, moment) == before + 1000
	frappe.db.set_value("Sales Project", project, "opened_on", add_days(nowdate(), -90))
	assert standing(doc.doctype, world, moment) == before
	frappe.db.set_value("Sales Project", project, {"status": "Lost", "closed_on": add_days(nowdate(), -70)})
	assert standing(doc.doctype, world, moment) == before + 1000


def test_a_deal_that_came_back_to_a_stage_is_one_deal_of_its_win_rate(deal, filters, world):
	doc = deal(480)
	lost = frappe.db.get_value("Pipeline Stage", {"pipeline": doc.pipeline, "stage_type": "Lost"}, "name")
	for days in (1, 100, 40):
		event = ledger.record(doc, "Stage", doc.stage, lost)
		set_event(event, "seconds_spent", days * 86400)
	first = doc.stage
	rows.deal(doc, stage=lost, status="Lost", closed_on=getdate())
	found = visits_until(world.company, add_days(getdate(), 1))
	assert [(v.band, v.won, v.lost) for v in found if v.stage == first] == [(2, 0, 1)]


def measured(world, method="weighted", basis="Won Deals", best=1) -> None:
	frappe.get_doc(
		{
			"doctype": "Forecast Accuracy", "company": world.company, "taken_on": "2099-01-01", "scope": "Both",
			"method": method, "horizon": 1, "basis": basis, "best": best, "comparisons": 5, "known": 1, "wape": 0.25,
		}
	).db_insert()  # fmt: skip


def test_a_range_is_told_only_for_what_was_measured(world, deal, filters, as_user):
	deal(480)
	measured(world)
	company = {"company": world.company}
	ranged = lambda filters: api.get_forecast(filters)["periods"][0]["methods"]["weighted"]["low"] is not None  # noqa: E731
	assert ranged(company) and api.get_forecast(company)["is_measured"]
	for narrower in ({"pipeline": filters["pipeline"]}, {"sales_owner": REP}, {"measure": "Quantity"}):
		assert not ranged({**company, **narrower}) and not api.get_forecast({**company, **narrower})["is_measured"]
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 1)
	as_user("rep")
	assert not ranged(company)


def test_the_best_method_is_one_that_was_compared_with_won_deals():
	pairs = {(method, horizon): [(80, 100)] * 5 for method in backtest.METHODS for horizon in (1, 2, 3)}
	pairs |= {("smoothing", horizon): [(100, 100)] * 5 for horizon in (1, 2, 3)}
	pairs |= {("category", horizon): [(90, 100)] * 5 for horizon in (1, 2, 3)}
	best = lambda basis: {row["method"] for row in backtest.judged(pairs, basis) if row["best"]}  # noqa: E731
	assert best(history.WON_DEALS) == {"smoothing"}
	assert best(history.ORDERS) == {"category"}

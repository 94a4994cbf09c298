"""What a report looks like: its columns as they are headed and in order, its chart, and the numbers above it."""

from collections import Counter
from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.analytics.closed_deals import Row
from crm_pipeline.analytics.stage_durations import DwellScope
from crm_pipeline.analytics.stalled_totals import StalledScope, Totals
from crm_pipeline.core.dwell import Spread
from crm_pipeline.core.registry import NATIVE
from crm_pipeline.core.win_loss import Tally
from crm_pipeline.crm_pipeline.report.forecast_movement import forecast_movement
from crm_pipeline.crm_pipeline.report.open_pipeline_by_stage import open_pipeline_by_stage
from crm_pipeline.crm_pipeline.report.sales_forecast import sales_forecast
from crm_pipeline.crm_pipeline.report.sales_funnel import sales_funnel
from crm_pipeline.crm_pipeline.report.stage_dwell import stage_dwell
from crm_pipeline.crm_pipeline.report.stalled_deals import stalled_deals
from crm_pipeline.crm_pipeline.report.win_and_loss import win_and_loss

# Name, heading and kind of each column; what else it says follows.
MOVEMENT = """
taken_on | Taken On | Date
week | Week | Data
signed | Signed | Currency | options=currency
commit | Commit | Currency | options=currency
best_case | Best Case | Currency | options=currency
pipeline | Pipeline | Currency | options=currency
category | Signed and Commit | Currency | options=currency
weighted | Weighted Forecast | Currency | options=currency
historical | By Historical Win Rate | Currency | options=currency
off | Weighted Forecast Less What Came In | Currency | options=currency
"""
OPEN_PIPELINE = """
label | Stage | Data
pipeline | Pipeline | Link | options=Sales Pipeline
documents | Opportunities | Int
amount | Amount | Currency | options=currency
weighted | Weighted Amount | Currency | options=currency
"""
FORECAST = """
part | Product | Data
label | Period | Data
documents | Documents | Int
signed | Signed | Float | options=currency
ordered | Ordered | Float | options=currency
commit | Commit | Float | options=currency
best_case | Best Case | Float | options=currency
pipeline | Pipeline | Float | options=currency
weighted | Weighted Forecast | Float | options=currency
historical | By Historical Win Rate | Float | options=currency
category | Signed and Commit | Float | options=currency
overdue | Overdue | Float | options=currency
"""
FUNNEL = """
group | Team | Data
label | Stage | Data
entered | Entered | Int
advanced | Advanced | Int
lost | Lost | Int
moved_back | Moved Back | Int
here | Still Here | Int
entered_before | Entered Before | Int
conversion | Conversion | Percent | precision=1
attrition | Attrition | Percent | precision=1
win_rate | Win Rate of Entered | Percent | precision=1
conversion_before | Conversion Before | Percent | precision=1
median_days | Median Days | Float | precision=1
p90_days | 90th Percentile Days | Float | precision=1
amount | Amount Entered | Currency | options=currency
here_amount | Amount Still Here | Currency | options=currency
weighted | Weighted Amount | Currency | options=currency
"""
DWELL = """
label | Stage | Data
pipeline | Pipeline | Link | options=Sales Pipeline
documents | Deals | Int
standing | In It Now | Int
median | Median (Days) | Float | precision=1
ninetieth | 90th Percentile (Days) | Float | precision=1
average | Average (Days) | Float | precision=1
limit | Expected (Days) | Int
over | Over Limit | Int
over_share | Over Limit (%) | Percent | precision=1
"""
STALLED = """
doctype | Type | Data | hidden=1
name | Deal | Dynamic Link | options=doctype
title | Title | Data
amount | Amount at Risk | Currency | options=currency
score | Score | Int
reasons | Reasons | Data
party_name | Party | Data
stage_label | Stage | Data
days | In It for (Days) | Int
expected_close | Expected Close | Date
sales_person | Sales Person | Link | options=Sales Person
sales_owner | Sales Owner | Link | options=User
"""
WON_AND_LOST = """
label | Sales Owner | Data
won | Won | Int
lost | Lost | Int
share | Share of Closed | Percent | precision=1
won_amount | Won Amount | Currency | options=currency
lost_amount | Lost Amount | Currency | options=currency
win_rate | Win Rate | Percent | precision=1
amount_win_rate | Win Rate by Amount | Percent | precision=1
before | Closed Before | Int
before_win_rate | Win Rate Before | Percent | precision=1
change | Change (Points) | Float | precision=1
"""
LESSONS = """
doctype | Type | Data | hidden=1
name | Deal | Dynamic Link | options=doctype
title | Title | Data
party_name | Party | Data
outcome | Outcome | Data
lessons | Lessons Learned | Data
reason | Lost Because | Data
lost_to | Lost To | Data
amount | Amount | Currency | options=currency
closed_on | Closed On | Date
sales_person | Sales Person | Link | options=Sales Person
"""


def lines(columns: list[dict]) -> list[str]:
	shown = []
	for column in columns:
		rest = {key: value for key, value in column.items() if key not in ("fieldname", "label", "fieldtype", "width")}
		first = (column["fieldname"], column["label"], column["fieldtype"])
		shown.append(" | ".join((*first, *(f"{key}={value}" for key, value in rest.items()))))
	return shown


def without(table: str, *names: str) -> list[str]:
	return [line for line in table.strip().splitlines() if line.split(" | ")[0] not in names]


@pytest.mark.parametrize(
	("columns", "expected"),
	[
		(lambda: forecast_movement.columns(True), without(MOVEMENT)),
		(lambda: forecast_movement.columns(False), without(MOVEMENT, "off")),
		(lambda: open_pipeline_by_stage.columns(), without(OPEN_PIPELINE)),
		(lambda: sales_forecast.columns("Product", "Float", False), without(FORECAST)),
		(lambda: sales_forecast.columns("Product", "Float", True), without(FORECAST, "ordered")),
		(
			lambda: sales_forecast.columns(None, "Currency", False),
			[line.replace("Float", "Currency") for line in without(FORECAST, "part")],
		),
		(lambda: sales_funnel.columns("Team"), without(FUNNEL)),
		(lambda: sales_funnel.columns(None), without(FUNNEL, "group")),
		(
			lambda: sales_funnel.columns("Month"),
			["group | Month | Data", *without(FUNNEL, "group", "entered_before", "conversion_before")],
		),
		(lambda: stage_dwell.columns(), without(DWELL)),
		(lambda: stalled_deals.columns(), without(STALLED)),
		(lambda: win_and_loss.columns("Sales Owner"), without(WON_AND_LOST)),
		(
			lambda: win_and_loss.columns("Reason"),
			[
				"label | Reason | Data",
				*without(WON_AND_LOST, "label", "win_rate", "amount_win_rate", "before_win_rate", "change"),
			],
		),
		(
			lambda: win_and_loss.columns("Month"),
			["label | Month | Data", *without(WON_AND_LOST, "label", "before", "before_win_rate", "change")],
		),
		(lambda: win_and_loss.lesson_columns(), without(LESSONS)),
	],
)
def test_the_columns_of_a_report_are_headed_and_ordered_like_this(site, columns, expected):
	assert lines(columns()) == expected


# ---- charts


def sets(chart: dict) -> dict[str, list]:
	return {one["name"]: one["values"] for one in chart["data"]["datasets"]}


def has_a_colour_for_each_set(chart: dict) -> bool:
	return len(set(chart["colors"])) == len(chart["colors"]) == len(chart["data"]["datasets"])


def is_money(chart: dict, currency: str = "EUR") -> bool:
	return (chart["fieldtype"], chart["options"], chart["currency"]) == ("Currency", "currency", currency)


def test_the_chart_of_a_movement_has_a_line_for_each_forecast(site):
	row = {"week": "2026-W10", "signed": 1, "category": 2, "weighted": 3, "historical": 4}
	chart = forecast_movement.chart({"rows": [row, {**row, "week": "2026-W11", "signed": 5}]}, "EUR")
	assert chart["type"] == "line" and has_a_colour_for_each_set(chart) and is_money(chart)
	assert sets(chart) == {"Signed": [1, 5], "Committed": [2, 2], "Weighted": [3, 3], "By Win Rate": [4, 4]}


def test_the_chart_of_the_open_pipeline_has_a_bar_for_each_stage(site):
	values = {"pipeline": "Sales", "amount": 10, "weighted": 4, "filters": []}
	rows = [{"label": name, **values} for name in ("New", "Talks")]
	chart = open_pipeline_by_stage.chart(rows, "EUR")
	assert chart["type"] == "bar" and has_a_colour_for_each_set(chart) and is_money(chart)
	assert sets(chart) == {"Amount": [10, 10], "Weighted Amount": [4, 4]}
	assert chart["data"]["labels"] == ["New", "Talks"]
	rows[1]["pipeline"] = "Projects"
	assert open_pipeline_by_stage.chart(rows, "EUR")["data"]["labels"] == ["New (Sales)", "Talks (Projects)"]
	assert open_pipeline_by_stage.chart([], "EUR") is None


def test_the_chart_of_the_forecast_stacks_what_is_signed_and_open(site):
	days = {"first": "2026-11-01", "last": "2026-11-30"}
	period = {**days, "label": "Nov", "documents": 1, "signed": 1, "commit": 2, "best_case": 3, "pipeline": 4}
	result = {"currency": "EUR", "periods": [period, {**period, "label": "Dec", "documents": 0}]}
	chart = sales_forecast.chart(result, "Currency")
	assert (chart["type"], chart["barOptions"]) == ("bar", {"stacked": 1})
	assert has_a_colour_for_each_set(chart) and is_money(chart) and chart["data"]["labels"] == ["Nov", "Dec"]
	assert sets(chart) == {"Signed": [1, 1], "Commit": [2, 2], "Best Case": [3, 3], "Pipeline": [4, 4]}
	assert sales_forecast.chart(result, "Float")["fieldtype"] == "Float"
	result["periods"][0]["documents"] = 0
	assert sales_forecast.chart(result, "Currency") is None


def test_the_chart_of_the_funnel_shows_what_entered_went_on_and_was_lost(site):
	counts = (("New", 3), ("Talks", 2))
	rows = [{"label": name, "stage": name, "entered": n, "advanced": n - 1, "lost": 1} for name, n in counts]
	chart = sales_funnel.chart(rows, "Sales Opportunity")
	assert (chart["type"], chart["fieldtype"]) == ("bar", "Int") and has_a_colour_for_each_set(chart)
	assert sets(chart) == {"Entered": [3, 2], "Advanced": [2, 1], "Lost": [1, 1]}
	assert chart["data"]["labels"] == ["New", "Talks"]
	assert sales_funnel.chart([{**rows[0], "entered": 0}], "Sales Opportunity") is None


def test_the_chart_of_dwell_rounds_days_and_names_pipelines_where_there_are_several(site):
	where = {"stage": "S", "doctype": "Sales Opportunity", "pipeline": "Sales"}
	row = {**where, "label": "New", "documents": 1, "median": 1.26, "ninetieth": 3.04}
	empty = {**row, "label": "Talks", "documents": 0, "median": None, "ninetieth": None}
	chart = stage_dwell.chart([row, empty])
	assert chart["type"] == "bar" and has_a_colour_for_each_set(chart)
	assert sets(chart) == {"Median (Days)": [1.3, 0], "90th Percentile (Days)": [3.0, 0]}
	assert chart["data"]["labels"] == ["New", "Talks"]
	both = stage_dwell.chart([row, {**empty, "pipeline": "Projects"}])
	assert both["data"]["labels"] == ["New (Sales)", "Talks (Projects)"]
	assert stage_dwell.chart([empty]) is None


def test_the_chart_of_stalled_deals_counts_signals_the_most_frequent_first(site):
	from collections import Counter

	chart = stalled_deals.chart(Counter({"silent": 1, "pushed": 3, "no_quotation": 0}), StalledScope("C"))
	assert chart["type"] == "bar" and has_a_colour_for_each_set(chart) and sets(chart) == {"Deals": [3, 1]}
	assert chart["data"]["labels"] == ["Close Date Pushed", "No Word from the Customer"]
	assert stalled_deals.chart(Counter({"silent": 0}), StalledScope("C")) is None
	assert stalled_deals.message(2, 2) is None
	assert stalled_deals.message(1, 2).startswith("The 1 largest of 2 stalled deals")


def test_the_chart_of_won_and_lost_shows_the_first_groups(site):
	rows = [{"label": str(n), "key": [n], "won": n, "lost": 2 * n} for n in range(win_and_loss.IN_CHART + 1)]
	chart = win_and_loss.chart(rows, "Sales Opportunity")
	assert (chart["type"], chart["barOptions"]) == ("bar", {"stacked": 1}) and has_a_colour_for_each_set(chart)
	assert chart["data"]["labels"] == [str(n) for n in range(12)]
	assert sets(chart) == {"Won": list(range(12)), "Lost": [2 * n for n in range(12)]}
	assert win_and_loss.chart([], "Sales Opportunity") is None


# ---- the numbers above a report


def cards(found: list[dict]) -> list[tuple]:
	return [(one["label"], one["value"], one["datatype"], one.get("currency")) for one in found]


def test_the_numbers_above_a_movement(site):
	rows = [{"weighted": 80}, {"weighted": 90}]
	result = {"rows": rows, "over": False, "real": 100.0, "first": "2026-11-01", "last": "2026-11-30"}
	first = [
		("First Weighted Forecast", 80, "Currency", "EUR"),
		("Last Weighted Forecast", 90, "Currency", "EUR"),
	]
	assert cards(forecast_movement.summary(result, "EUR")) == [
		("Signed until Now", 100.0, "Currency", "EUR"),
		*first,
	]
	assert cards(forecast_movement.summary({**result, "over": True}, "EUR")) == [
		("Came In", 100.0, "Currency", "EUR"),
		*first,
		("First Forecast Off By", -20.0, "Percent", None),
	]


def test_the_numbers_above_a_forecast(site):
	total = {"signed": 1, "category": 2, "weighted": 3, "historical": 4}
	period = {"first": "2026-11-01", "last": "2026-11-30"}
	result = {"currency": "EUR", "total": total, "periods": [period], "outside": {"undated": {"documents": 0}}}
	money = [
		("Signed", 1, "Currency", "EUR"),
		("Signed and Commit", 2, "Currency", "EUR"),
		("Weighted Forecast", 3, "Currency", "EUR"),
		("By Historical Win Rate", 4, "Currency", "EUR"),
	]
	assert cards(sales_forecast.summary(result, "Currency")) == money
	result["outside"]["undated"]["documents"] = 2
	assert cards(sales_forecast.summary(result, "Currency")) == [*money, ("Deals without a Date", 2, "Int", None)]


def test_rows_beside_the_periods_stand_below_them_where_they_hold_anything(site):
	numbers = {name: 0 for name in ("documents", *sales_forecast.MONEY)}
	period = {**numbers, "key": "2026-11", "label": "Nov", "first": "2026-11-01", "last": "2026-11-30", "documents": 1}
	later = {**period, "key": "2026-12", "label": "Dec", "first": "2026-12-01", "last": "2026-12-31", "documents": 0}
	outside = {"undated": numbers, "earlier": {**numbers, "documents": 2}, "later": {**numbers, "documents": 1}}
	result = {"periods": [period, later], "total": {**numbers, "documents": 4}, "outside": outside}
	rows = sales_forecast.period_rows(result)
	shown = [
		(row["label"], row["first"], row["last"], row["documents"], row.get("bold"), row.get("outside")) for row in rows
	]
	assert shown == [
		("Nov", "2026-11-01", "2026-11-30", 1, None, None),
		("Dec", "2026-12-01", "2026-12-31", 0, None, None),
		("Total", "2026-11-01", "2026-12-31", 4, 1, None),
		("Before These Periods", None, None, 2, None, "earlier"),
		("After These Periods", None, None, 1, None, "later"),
	]
	outside["undated"] = {**numbers, "documents": 1}
	assert [row["label"] for row in sales_forecast.period_rows(result)[3:]] == [
		"Without a Date", "Before These Periods", "After These Periods",
	]  # fmt: skip
	part = {"key": "N", "label": "", "indent": 1, "periods": {"2026-11": period, "2026-12": later}, "outside": outside}
	split = sales_forecast.split_rows(result, [part, {**part, "key": "", "label": "North", "indent": 0}])
	assert [(row["part"], row["key"], row["label"]) for row in split] == [
		(part, key, label)
		for part, key in (("\u2003Not Set", "N"), ("North", ""))
		for label in ("Nov", "Without a Date", "Before These Periods", "After These Periods")
	]


@pytest.mark.parametrize(
	("filters", "names", "kind"),
	[
		({}, ["label", "documents", "signed", "ordered"], "Currency"),
		({"split_by": "Anything"}, ["label", "documents", "signed", "ordered"], "Currency"),
		({"split_by": "Territory"}, ["part", "label", "documents", "signed", "ordered"], "Currency"),
		({"split_by": "Product"}, ["part", "label", "documents", "signed", "commit"], "Currency"),
		({"measure": "Quantity"}, ["label", "documents", "signed", "commit"], "Float"),
	],
)
def test_the_forecast_report_has_the_columns_of_what_was_asked_for(sale, filters, names, kind):
	sale.opportunity()
	filters = frappe._dict(company=sale.world.company, **filters)
	columns, data, _message, chart, summary = sales_forecast.execute(filters)
	assert [column["fieldname"] for column in columns][: len(names)] == names
	assert columns[len(names)]["fieldtype"] == chart["fieldtype"] == summary[0]["datatype"] == kind
	if names[0] == "part":
		assert columns[0]["label"] == filters.split_by and {row["part"] for row in data} - {None}
	assert {row["currency"] for row in data} == {sale.world.currency}


def test_the_forecast_is_split_by_what_its_filter_offers(site):
	assert sales_forecast.SPLITS == {
		"Product": "item_code", "Product Group": "item_group", "Territory": "territory", "Sales Person": "sales_person",
		"Team": "team", "Sales Owner": "sales_owner", "Pipeline": "pipeline", "Stage": "stage", "Customer": "customer",
	}  # fmt: skip


def test_the_numbers_above_a_funnel(site):
	rows = [
		{"lost": 1, "here": 2, "weighted": 3, "currency": "EUR"},
		{"lost": 10, "here": 20, "weighted": 30, "currency": "EUR", "inside": False},
		{"lost": 100, "here": 200, "weighted": 300, "currency": "EUR", "inside": True},
	]
	assert cards(sales_funnel.summary(rows, "Sales Opportunity")) == [
		("Lost", 11, "Int", None),
		("Still in a Stage", 22, "Int", None),
		("Weighted Amount", 33, "Currency", "EUR"),
	]
	assert cards(sales_funnel.summary([], "Sales Opportunity")) == [
		("Lost", 0, "Int", None),
		("Still in a Stage", 0, "Int", None),
		("Weighted Amount", 0, "Currency", None),
	]


@pytest.mark.parametrize(
	("histogram", "limit", "unit", "expected"),
	[
		(
			{48: 1, 24: 1, 23: 2},
			1,
			24,
			{"median": 23.5 / 24, "average": 1.5, "limit": 1, "over": 2, "over_share": 50.0},
		),
		({3: 1, 5: 2}, 5, 1, {"median": 5, "average": 6.0, "limit": 5, "over": 2, "over_share": 66.7}),
		({3: 1}, 0, 1, {"median": 3, "average": 6.0, "limit": None, "over": None, "over_share": None}),
		({}, 5, 1, {"median": None, "average": None, "ninetieth": None, "limit": 5, "over": 0, "over_share": None}),
	],
)
def test_a_row_of_dwell_says_how_many_reached_the_limit_of_the_stage(site, histogram, limit, unit, expected):
	stage = frappe._dict(name="S", label="New", pipeline="P", expected_dwell_days=limit)
	spread = Spread(histogram, total=6.0 * unit * sum(histogram.values()) / (4 if unit == 24 else 1))
	row = stage_dwell.row(stage, spread, 3, unit, DwellScope("C", document_type="Sales Project"))
	assert {key: row[key] for key in expected} == expected
	assert (row["stage"], row["label"], row["pipeline"], row["standing"], row["doctype"]) == (
		"S", "New", "P", 3, "Sales Project",
	)  # fmt: skip
	assert row["documents"] == sum(histogram.values())
	route = row["routes"]["standing"]
	assert [one for one in route if one[0] != "project_type"] == [
		("company", "=", "C"), ("status", "=", "Open"), ("stage", "=", "S"),
	]  # fmt: skip
	assert len(route) == 4


def test_the_numbers_above_dwell(site):
	rows = [
		{"label": "New", "stage": "N", "median": 1.26, "over": 2, "standing": 3},
		{"label": "Talks", "stage": "T", "median": 4.24, "over": None, "standing": 4},
		{"label": "Offer", "median": None, "over": 1, "standing": 0},
	]
	assert cards(stage_dwell.summary(rows, DwellScope("C"))) == [
		("Slowest Stage", "Talks", "Data", None),
		("Its Median (Days)", 4.2, "Float", None),
		("Stays Over Their Limit", 3, "Int", None),
		("Open Deals", 7, "Int", None),
	]
	assert stage_dwell.summary([rows[2]], DwellScope("C")) == []


def test_the_numbers_above_stalled_deals(world):
	assert cards(stalled_deals.summary(Totals(1, 50.0, 3, Counter()), StalledScope(world.company))) == [
		("Stalled Deals", 1, "Int", None),
		("Amount at Risk", 50.0, "Currency", world.currency),
		("Share of Open Deals", 33.3, "Percent", None),
	]


@pytest.mark.parametrize(
	("now", "before", "expected"),
	[
		(Tally(), Tally(won=1), []),
		(
			Tally(won=1, lost=2, won_amount=10.0, lost_amount=5.0),
			Tally(won=1, lost=1),
			[
				("Won", 1, "Int", None),
				("Lost", 2, "Int", None),
				("Win Rate", 33.3, "Percent", None),
				("Change (Points)", -16.7, "Float", None),
				("Win Rate by Amount", 66.7, "Percent", None),
				("Won Amount", 10.0, "Currency", "EUR"),
			],
		),
		(
			Tally(lost=2),
			Tally(),
			[
				("Won", 0, "Int", None),
				("Lost", 2, "Int", None),
				("Win Rate", 0.0, "Percent", None),
				("Won Amount", 0.0, "Currency", "EUR"),
			],
		),
	],
)
def test_the_numbers_above_won_and_lost(site, now, before, expected):
	closed = SimpleNamespace(currency="EUR", doctype="Sales Opportunity")
	assert cards(win_and_loss.summary(Row((), "Total", now, before, (), ()), closed)) == expected


def test_a_row_of_won_and_lost_says_what_it_counts_and_what_it_was_before(site):
	closed = SimpleNamespace(currency="EUR", doctype="Sales Opportunity")
	row = Row(("Acme",), "Acme Ltd", Tally(1, 3, 10.0, 30.0), Tally(1, 1, 5.0, 5.0), None, (("lost_to", "=", "Acme"),))
	assert win_and_loss.as_dict(row, 8, closed) == {
		"label": "Acme Ltd",
		"key": ["Acme"],
		"won": 1,
		"lost": 3,
		"share": 50.0,
		"won_amount": 10.0,
		"lost_amount": 30.0,
		"win_rate": 25.0,
		"amount_win_rate": 25.0,
		"before": 2,
		"before_win_rate": 50.0,
		"change": -25.0,
		"currency": "EUR",
		"doctype": "Sales Opportunity",
		"routes": {"won": None, "lost": (("lost_to", "=", "Acme"),)},
	}
	assert win_and_loss.as_dict(Row((), "Total", row.now, row.before, (), ()), 8, closed)["key"] == []


@pytest.mark.parametrize(
	("undated", "shown", "there_are", "note"),
	[
		(0, 2, 2, None),
		(3, 2, 2, "3 closed deals have no closing date and are left out"),
		(0, 2, 5, "The latest 2 of 5 lessons are shown"),
		(1, 2, 5, "The latest 2 of 5 lessons are shown. 1 closed deals have no closing date and are left out"),
	],
)
def test_what_is_not_in_the_list_of_lessons_is_said(site, undated, shown, there_are, note):
	closed = SimpleNamespace(undated=lambda: undated)
	assert win_and_loss.lessons_note(closed, shown, there_are) == note


def test_lessons_say_how_their_deal_ended(site):
	closed = SimpleNamespace(currency="EUR", doctype="Sales Project")
	rows = [frappe._dict(name=n, status=s, lost_reason=r) for n, s, r in (("A", "Lost", "Price"), ("B", "Won", None))]
	found = win_and_loss.lesson_rows(closed, rows)
	assert [(row["name"], row["outcome"], row["reason"], row["currency"], row["doctype"]) for row in found] == [
		("A", "Lost", "Price", "EUR", "Sales Project"),
		("B", "Won", None, "EUR", "Sales Project"),
	]


# ---- connections


@pytest.mark.parametrize(
	("doctype", "expected"),
	[
		(
			"sales_campaign",
			{
				"fieldname": "campaign",
				"non_standard_fieldnames": {"Sales Activity": "reference_name", "Sales Memo": "reference_name"},
				"dynamic_links": {"reference_name": ["Sales Campaign", "reference_doctype"]},
				"transactions": [
					{"label": "Market", "items": ["Sales Prospect", "Sales Lead"]},
					{"label": "Sale", "items": ["Sales Opportunity", "Sales Project"]},
					{"label": "Agreed", "items": ["Sales Contract", "Sales Order Request"]},
					{"label": "Contact", "items": ["Sales Activity", "Sales Memo"]},
				],
			},
		),
		(
			"sales_prospect",
			{
				"fieldname": "prospect",
				"internal_links": {"Sales Campaign": "campaign"},
				"transactions": [
					{"label": "Sale", "items": ["Sales Lead", "Sales Opportunity", "Sales Project"]},
					{"label": "Contact", "items": ["Sales Activity", "Sales Memo"]},
					{"label": "Origin", "items": ["Sales Campaign"]},
				],
			},
		),
	],
)
def test_a_form_shows_its_connections_in_these_groups(site, doctype, expected):
	path = f"crm_pipeline.crm_prospecting.doctype.{doctype}.{doctype}_dashboard.get_data"
	assert frappe.get_attr(path)() == expected


@pytest.mark.parametrize(
	("doctype", "sale", "agreed", "origin"),
	[
		("sales_lead", {"Sales Opportunity", "Sales Project", "Quotation"}, {}, {"Sales Prospect", "Sales Campaign"}),
		(
			"sales_opportunity",
			{"Cost Estimate", "Sales Project", "Quotation"},
			{"Agreed": {"Sales Contract", "Sales Order Request", "Sales Order"}},
			{"Sales Prospect", "Sales Campaign"},
		),
		(
			"sales_project",
			{"Cost Estimate", "Quotation"},
			{"Agreed": {"Sales Contract", "Sales Order Request", "Sales Order"}},
			{"Sales Prospect", "Sales Campaign", "Project"},
		),
		("sales_contract", set(), {"Orders": {"Sales Order Request", "Sales Order"}}, {"Quotation", "Sales Campaign"}),
		("sales_order_request", set(), {"Orders": {"Sales Order"}}, {"Quotation", "Sales Contract"}),
	],
)
def test_a_document_of_the_chain_is_connected_by_fields_that_there_are(site, doctype, sale, agreed, origin):
	name = doctype.replace("_", " ").title()
	module = frappe.get_meta(name).module.lower().replace(" ", "_")
	found = frappe.get_attr(f"crm_pipeline.{module}.doctype.{doctype}.{doctype}_dashboard.get_data")()
	groups = {group["label"]: set(group["items"]) for group in found["transactions"]}
	contact = {"Sales Activity", "Sales Memo", "Customer Case"}
	assert groups == {**({"Sale": sale} if sale else {}), **agreed, "Contact": contact, "Origin": origin}
	for other in set().union(*groups.values()) - origin:
		field = found["non_standard_fieldnames"].get(other, found["fieldname"])
		df, (of, type_field) = frappe.get_meta(other).get_field(field), found["dynamic_links"].get(field, (name, None))
		assert of == name and frappe.get_meta(other).has_field(type_field or field)
		if df.fieldtype == "Link":
			assert df.options == name
		elif other not in NATIVE:
			assert (df.fieldtype, df.options) == ("Dynamic Link", type_field)
	for other in origin:
		*table, field = (
			found["internal_links"][other]
			if isinstance(found["internal_links"][other], list)
			else [found["internal_links"][other]]
		)
		meta = frappe.get_meta(frappe.get_meta(name).get_field(table[0]).options if table else name)
		assert meta.get_field(field).options == other or meta.get_field(field).fieldtype == "Data"


@pytest.mark.parametrize(
	("chosen", "doctype"),
	[(None, "Sales Opportunity"), ("Sales Project", "Sales Project"), ("Sales Opportunity", "Sales Opportunity")],
)
def test_the_numbers_above_stalled_deals_open_them(world, chosen, doctype):
	found = stalled_deals.summary(Totals(1, 50.0, 3, Counter()), StalledScope(world.company, document_type=chosen))
	ask = {"doctype": doctype, "method": "get_documents_of_stalled"}
	assert [card.get("ask") for card in found] == [ask, ask, None]


# ---- in the reader's language


@pytest.fixture
def translated(monkeypatch):
	"""translated(module): what the module has translated is marked, with the context of an ambiguous word."""

	def mark(module):
		monkeypatch.setattr(module, "_", lambda text, context=None: f"{context + ':' if context else ''}«{text}»")
		return module

	return mark


def test_words_with_two_meanings_are_translated_in_their_context(site, translated):
	names = lambda columns: {column["fieldname"]: column["label"] for column in columns}  # noqa: E731
	forecast = names(translated(sales_forecast).columns("Product", "Float", False))
	assert (forecast["pipeline"], forecast["part"], forecast["signed"]) == (
		"Forecast Category:«Pipeline»", "«Product»", "«Signed»",
	)  # fmt: skip
	assert names(translated(forecast_movement).columns(True))["pipeline"] == "Forecast Category:«Pipeline»"
	assert names(translated(sales_funnel).columns("Team"))["advanced"] == "Funnel:«Advanced»"
	assert names(translated(sales_funnel).columns("Team"))["group"] == "«Team»"
	assert names(translated(win_and_loss).columns("Reason"))["label"] == "Deal:«Reason»"
	for columns in (
		open_pipeline_by_stage.columns(),
		translated(stage_dwell).columns(),
		translated(stalled_deals).columns(),
		win_and_loss.lesson_columns(),
	):
		marked = [column["label"].count("«") for column in columns]
		assert set(marked) in ({1}, {0}) and (columns[0]["fieldname"] == "label" or set(marked) == {1})


def test_what_an_admin_called_a_stage_or_a_reason_is_translated_too(site, translated):
	closed = SimpleNamespace(currency="EUR", doctype="Sales Project")
	[row] = translated(win_and_loss).lesson_rows(closed, [frappe._dict(name="A", status="Lost", lost_reason="Price")])
	assert (row["reason"], row["outcome"]) == ("«Price»", "«Lost»")
	stage = frappe._dict(name="S", label="New", pipeline="P", expected_dwell_days=1)
	asked = DwellScope("C")
	assert translated(stage_dwell).row(stage, Spread(), 0, 1, asked)["label"] == "«New»"


@pytest.mark.parametrize(
	"name",
	[
		"forecast_movement", "open_pipeline_by_stage", "order_desk_queue", "sales_forecast", "sales_funnel", "stage_dwell",
		"stalled_deals", "win_and_loss",
	],
)  # fmt: skip
def test_each_report_prints_its_scope(world, as_user, name):
	as_user("manager")
	execute = frappe.get_attr(f"crm_pipeline.crm_pipeline.report.{name}.{name}.execute")
	message = execute({"company": world.company})[2]
	assert f" · {world.company}" in message and f"{world.currency} · as of " in message


def test_the_board_prints_its_scope(world, as_user):
	as_user("manager")
	assert f" · {world.company} · " in api.get_board(filters={"company": world.company})["scope_text"]

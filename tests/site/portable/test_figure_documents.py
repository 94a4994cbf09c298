"""The dialog behind a number: whichever page it is on, it shows the documents that were counted, all of them, in order."""

import json

import frappe
import pytest
from frappe.utils import add_months, get_first_day, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import figure_documents
from crm_pipeline.api.door import BadRequestError
from crm_pipeline.crm_pipeline.report.open_pipeline_by_stage import open_pipeline_by_stage
from crm_pipeline.crm_pipeline.report.sales_forecast import sales_forecast
from crm_pipeline.crm_pipeline.report.sales_funnel import sales_funnel
from crm_pipeline.crm_pipeline.report.stage_dwell import stage_dwell
from crm_pipeline.crm_pipeline.report.stalled_deals import stalled_deals
from crm_pipeline.crm_pipeline.report.win_and_loss import win_and_loss
from tests.site.portable.test_funnel import make_pipeline
from tests.site.world import refused

WHOLE = {"first": "2000-01-01", "last": "2999-12-31"}


@pytest.fixture
def deals(sale, world):
	"""Five deals of a pipeline of their own, of 10 to 50; the third is won and the last is lost."""
	pipeline = make_pipeline(f"Documents {world.tag}")
	found = []
	for number in range(1, 6):
		deal = sale.opportunity(
			pipeline=pipeline, stage=f"{pipeline}-a", items=[], amount=number * 10, expected_close="2030-01-01"
		)
		found.append(deal)
	api.win_deal(found[2].doctype, found[2].name)
	api.lose_deal(found[4].doctype, found[4].name, "Price")
	return pipeline, [deal.name for deal in found]


def names(answer) -> list[str]:
	return [row["name"] for row in answer["documents"]]


def test_a_cell_of_the_forecast_shows_won_and_open_ones_together_what_counts_most_first(deals):
	pipeline, (one, two, won, four, _lost) = deals
	found = api.get_documents_of_forecast({"pipeline": pipeline}, {**WHOLE, "column": "all"})
	assert names(found) == [four, won, two, one] and found["total"] == 4
	assert [row["base_amount"] for row in found["documents"]] == [40, 30, 20, 10]
	row = found["documents"][0]
	assert (row["doctype"], row["stage_label"], row["company_currency"]) == (
		"Sales Opportunity",
		"A",
		frappe.get_cached_value(
			"Company", frappe.db.get_value("Sales Opportunity", four, "company"), "default_currency"
		),
	)
	assert names(api.get_documents_of_forecast({"pipeline": pipeline}, {**WHOLE, "column": "signed"})) == [won]


def test_pages_of_a_dialog_follow_each_other_without_a_gap(deals, monkeypatch):
	pipeline, _all = deals
	whole = names(api.get_documents_of_forecast({"pipeline": pipeline}, WHOLE))
	monkeypatch.setattr(figure_documents, "PAGE", 3)
	pages = [names(api.get_documents_of_forecast({"pipeline": pipeline}, WHOLE, start=start)) for start in (0, 3, 6)]
	assert [*pages[0], *pages[1]] == whole and pages[2] == []


def test_a_list_behind_a_number_shows_what_the_list_shows_the_largest_first(deals):
	pipeline, (one, two, _won, four, _lost) = deals
	filters = [["pipeline", "=", pipeline], ["status", "=", "Open"]]
	found = api.get_documents_listed("Sales Opportunity", filters)
	assert names(found) == [four, two, one] and found["total"] == 3


def test_the_numbers_above_stalled_deals_show_their_deals_the_largest_first(deals):
	pipeline, (one, two, _won, four, _lost) = deals
	for name, signal in ((one, "silent"), (four, "silent"), (two, "pushed")):
		reasons = {"is_stalled": 1, "stalled_reasons": json.dumps({signal: {"days": 9}})}
		frappe.db.set_value("Sales Opportunity", name, reasons)
	found = api.get_documents_of_stalled({"pipeline": pipeline})
	assert names(found) == [four, two, one] and found["total"] == 3
	assert [row["base_amount"] for row in found["documents"]] == [40, 20, 10]
	assert names(api.get_documents_of_stalled({"pipeline": pipeline, "signal": "silent"})) == [four, one]
	numbers = stalled_deals.execute({"pipeline": pipeline})[4]
	assert [number["value"] for number in numbers[:2]] == [3, 70]
	for number in numbers[:2]:
		answer = getattr(api, number["ask"]["method"])({"pipeline": pipeline})
		assert answer["total"] == numbers[0]["value"]
		assert sum(row["base_amount"] for row in answer["documents"]) == numbers[1]["value"]
	with refused(match="not a signal"):
		api.get_documents_of_stalled({"pipeline": pipeline, "signal": "loud"})


def test_the_numbers_above_win_and_loss_show_their_deals(deals):
	pipeline, (_one, _two, won, _four, lost) = deals
	cards = {card["label"]: card for card in win_and_loss.execute({"pipeline": pipeline})[4]}
	for label, name in (("Won", won), ("Lost", lost), ("Won Amount", won)):
		ask = cards[label]["ask"]
		assert names(api.get_documents_listed(ask["doctype"], [list(row) for row in ask["filters"]])) == [name]


def asked(ask: dict, filters: dict) -> dict:
	"""What the dialog is sent, as public/js/shared/report_figures.js asks for it."""
	if "filters" in ask:
		return api.get_documents_listed(
			ask["doctype"], [list(row) for row in ask["filters"]], 0, ask.get("weighted", 0)
		)
	return getattr(api, ask["method"])(**ask.get("args", {}), filters={**filters, **ask.get("filters_beside", {})})


def agrees(ask: dict, filters: dict, value: float, is_money: bool) -> bool:
	found = asked(ask, filters)
	assert found["total"] == len(found["documents"])
	counted = sum(row["base_amount"] for row in found["documents"]) if is_money else found["total"]
	return counted == pytest.approx(value)


PERIODS = {"start": "2029-12-01", "count": 3}
# {report: (module, filters beside the pipeline, numbers above it without documents of their own)}
REPORTS = {
	"funnel": (sales_funnel, {}, ()),
	"funnel by team": (sales_funnel, {"group_by": "Team"}, ()),
	"funnel of moves by month": (sales_funnel, {"basis": "Entered Stage in Period", "group_by": "Month"}, ()),
	"dwell": (stage_dwell, {}, ("Slowest Stage", "Its Median (Days)")),
	"stalled": (stalled_deals, {}, ("Share of Open Deals",)),
	"stalled by a signal": (stalled_deals, {"signal": "silent"}, ("Share of Open Deals",)),
	"win and loss": (win_and_loss, {}, ("Win Rate", "Win Rate by Amount", "Change (Points)")),
	"win and loss by month": (
		win_and_loss,
		{"group_by": "Month"},
		("Win Rate", "Win Rate by Amount", "Change (Points)"),
	),
	"forecast": (sales_forecast, PERIODS, ()),
	"forecast of now": (sales_forecast, {}, ()),
	"forecast of projects": (sales_forecast, {**PERIODS, "scope": "Sales Projects"}, ()),
	"open pipeline": (open_pipeline_by_stage, {}, ()),
}


@pytest.mark.parametrize("name", REPORTS)
def test_every_number_above_a_report_and_every_bar_opens_documents_that_add_up_to_it(deals, name):
	report, beside, of_none = REPORTS[name]
	pipeline, (one, two, _won, four, _lost) = deals
	for deal, reasons in ((one, ("silent",)), (four, ("silent", "pushed")), (two, ("pushed",))):
		stored = {"is_stalled": 1, "stalled_reasons": json.dumps({signal: {"days": 9} for signal in reasons})}
		frappe.db.set_value("Sales Opportunity", deal, stored)
	frappe.db.set_value("Sales Opportunity", four, {"probability": 35, "stage_entered_on": "2026-01-05 10:00:00"})
	frappe.db.set_value("Pipeline Stage", f"{pipeline}-a", "expected_dwell_days", 20)
	filters = {"pipeline": pipeline, **beside}
	_columns, data, _message, chart, summary = (*report.execute(filters), None)[:5]
	for number in summary or []:
		if number["label"] in of_none:
			continue
		assert agrees(number["ask"], filters, number["value"], number["datatype"] == "Currency"), number
	for bars in chart["data"]["datasets"] if chart and report is not stage_dwell else []:
		for value, ask in zip(bars["values"], bars["asks"], strict=True):
			assert agrees(ask, filters, value, chart.get("fieldtype") == "Currency"), (bars["name"], ask)
	if report is open_pipeline_by_stage:
		for row in data:
			ask = {"doctype": "Sales Opportunity", "filters": row["filters"]}
			assert agrees(ask, filters, row["documents"], False) and agrees(ask, filters, row["amount"], True)
	if "dwell" in name:
		assert [number["value"] for number in summary[2:]] == [1, 3], "one stay is over its limit"
		for number in (*summary[:2], *({"ask": ask} for ask in chart["data"]["datasets"][0]["asks"])):
			assert asked(number["ask"], filters)["total"] == 5


def test_every_number_of_a_period_of_the_forecast_opens_documents_that_add_up_to_it(deals, world, sale):
	pipeline, (one, *_rest) = deals
	frappe.db.set_value("Sales Opportunity", one, {"probability": 70, "forecast_category": "Commit"})
	items = sale.rows((world.pump, 2, 600), (world.service, 1, 400))
	sale.opportunity(pipeline=pipeline, stage=f"{pipeline}-a", items=items, expected_close="2030-01-20")
	for beside in ({}, {"item_code": world.pump}, {"measure": "Quantity"}):
		filters = {"pipeline": pipeline, **PERIODS, **beside}
		period = next(row for row in api.get_forecast(filters)["periods"] if row["key"] == "2030-01")
		days = {"first": period["first"], "last": period["last"]}
		for column in (
			"signed",
			"commit",
			"best_case",
			"pipeline",
			"omitted",
			"overdue",
			"weighted",
			"historical",
			"category",
		):
			found = api.get_documents_of_forecast(filters, {**days, "column": column})
			amounts = sum(row["base_amount"] for row in found["documents"])
			assert amounts == pytest.approx(period[column]), (beside, column)
			assert all(("quantity" in row) is ("measure" in beside) for row in found["documents"])
		assert api.get_documents_of_forecast(filters, days)["total"] == period["documents"]
	parts = api.get_forecast_split("item_code", {"pipeline": pipeline, **PERIODS})
	for part in parts:
		cell = {"first": "2030-01-01", "last": "2030-01-31", "dimension": "item_code", "key": part["key"]}
		for column in ("pipeline", "weighted"):
			found = api.get_documents_of_forecast({"pipeline": pipeline, **PERIODS}, {**cell, "column": column})
			amounts = sum(row["base_amount"] for row in found["documents"])
			assert amounts == pytest.approx(part["periods"]["2030-01"][column]), (part["key"], column)


def test_what_was_ordered_of_won_deals_opens_those_of_which_anything_was(deals):
	pipeline, (_one, _two, won, *_rest) = deals
	month = next(row for row in api.get_forecast({"pipeline": pipeline})["periods"] if row["current"])
	cell = {"first": month["first"], "last": month["last"], "column": "ordered"}
	assert api.get_documents_of_forecast({"pipeline": pipeline}, cell)["total"] == 0
	frappe.db.set_value("Sales Opportunity", won, "ordered_amount", 12)
	found = api.get_documents_of_forecast({"pipeline": pipeline}, cell)
	assert [(row["name"], row["base_amount"]) for row in found["documents"]] == [(won, 12)]


def test_the_funnel_of_the_period_before_opens_its_deals(deals):
	pipeline, (one, *_rest) = deals
	frappe.db.set_value("Sales Opportunity", one, "opened_on", add_months(get_first_day(nowdate()), -12))
	flow = api.get_funnel_flow({"pipeline": pipeline})
	row = flow["stages"][0]
	found = api.get_funnel_documents("entered", row["stage"], {"pipeline": pipeline, **flow["period_before"]})
	assert (row["entered_before"], names(found)) == (1, [one])
	[*_before, last] = sales_funnel.execute({"pipeline": pipeline})[1]
	assert last["days_before"] == flow["period_before"]


def test_time_in_a_stage_shows_its_deals(deals):
	pipeline, all_of_them = deals
	found = api.get_documents_of_dwell({"pipeline": pipeline}, f"{pipeline}-a")
	assert sorted(names(found)) == sorted(all_of_them) and found["total"] == 5


def test_other_documents_than_deals_and_leads_are_no_list_of_a_number(site):
	for doctype in ("User", "Sales Invoice", "No Such Type"):
		with refused(BadRequestError, match="is not one of"):
			api.get_documents_listed(doctype, [])

"""The dialog behind a number: whichever page it is on, it shows the documents that were counted, all of them, in order."""

import json

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.analytics import figure_documents
from crm_pipeline.api.door import BadRequestError
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


def test_time_in_a_stage_shows_its_deals(deals):
	pipeline, all_of_them = deals
	found = api.get_documents_of_dwell({"pipeline": pipeline}, f"{pipeline}-a")
	assert sorted(names(found)) == sorted(all_of_them) and found["total"] == 5


def test_other_documents_than_deals_and_leads_are_no_list_of_a_number(site):
	for doctype in ("User", "Sales Invoice", "No Such Type"):
		with refused(BadRequestError, match="is not one of"):
			api.get_documents_listed(doctype, [])

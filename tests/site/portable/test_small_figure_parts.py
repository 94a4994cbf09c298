"""Small parts of figures: the rows of a deal, the groups of closed deals and of cases, what a board and a queue show first."""

from datetime import date

import frappe
import pytest

from crm_pipeline.analytics import (
	board_columns,
	case_times,
	closed_groups,
	desk_queue,
	figure_documents,
	forecast_documents,
)
from crm_pipeline.analytics.board_columns import BoardScope
from crm_pipeline.analytics.case_times import CaseScope
from crm_pipeline.analytics.closed_deals import Closed, ClosedScope
from crm_pipeline.analytics.desk_queue import RETURNED, WAITING, QueueScope
from crm_pipeline.analytics.forecast_documents import Cell
from crm_pipeline.analytics.forecast_scope import ForecastScope
from crm_pipeline.core.win_loss import Band
from tests.site import rows
from tests.site.health import stage
from tests.site.portable.test_funnel import make_pipeline
from tests.site.portable.test_small_totals import by_item, deal  # noqa: F401
from tests.site.world import without_right

# ruff: noqa: F811
OPPORTUNITY, PROJECT, REQUEST = "Sales Opportunity", "Sales Project", "Sales Order Request"


def row(name: str, idx: int, item: str, amount: float, pieces: float = 1, parenttype=OPPORTUNITY) -> None:
	rows.row(
		"Sales Deal Item", docstatus=0, parent=name, parenttype=parenttype, parentfield="items", idx=idx, item_code=item,
		qty=pieces * 10, stock_qty=pieces, amount=amount, base_amount=amount,
	)  # fmt: skip


# ---- rows of deals


def test_rows_share_what_the_deal_is_worth_by_what_they_come_to_together(deal, world):
	"""Tax is in the prices: the rows add up to 120, the deal is worth 100."""
	name = deal("A", base_amount=100, amount=100, items_total=120, expected_close="2026-06-25")
	row(name, 1, world.pump, 90, 3)
	row(name, 2, world.service, 30, 1)
	# Of a project of the same name.
	row(name, 1, world.filter, 120, 9, parenttype=PROJECT)
	assert by_item(deal) == {world.pump: 75, world.service: 25}
	assert by_item(deal, "Quantity") == {world.pump: 3, world.service: 1}
	frappe.db.set_value(OPPORTUNITY, name, "items_total", 0)
	assert by_item(deal) == {world.pump: 90, world.service: 30}, "without a sum of rows it is the deal's own amount"


def test_of_several_rows_without_a_price_the_first_stands_for_the_whole_deal(deal, world):
	name = deal("A", base_amount=50, amount=0, items_total=0, expected_close="2026-06-25")
	row(name, 1, world.pump, 0)
	row(name, 2, world.service, 0)
	found = by_item(deal)
	assert found[world.pump] == 50 and not found.get(world.service)


# ---- closed deals


def closed(deal, **values) -> Closed:
	return Closed(ClosedScope.of({**deal.filters, "from_date": "2026-06-01", "to_date": "2026-06-30", **values}))


def won(deal, key: str, **values) -> str:
	fixed = {"status": "Won", "outcome": "Won", "closed_on": "2026-06-10", "base_won_amount": 10, "amount": 10}
	return deal(key, **{**fixed, **values})


def test_products_are_called_by_name_and_number_where_these_differ(deal, world):
	frappe.db.set_value("Item", world.pump, "item_name", "A pump for harbours")
	frappe.db.set_value("Item", world.service, "item_name", world.service)
	for key, item in (("A", world.pump), ("B", world.service), ("C", "No Such Item"), ("D", None)):
		name = won(deal, key, items_total=10)
		if item:
			row(name, 1, item, 10)
	found = {group.key[0]: group.label for group in closed_groups.grouped(closed(deal), "Product")}
	assert found == {
		world.pump: f"A pump for harbours ({world.pump})", world.service: world.service, "No Such Item": "No Such Item",
		None: "No Items",
	}  # fmt: skip


def test_last_stages_come_pipeline_by_pipeline_with_its_name_where_there_are_several(deal, world):
	first, second = (make_pipeline(f"{name} {world.tag}") for name in ("Alpha", "Beta"))
	for key, last in (
		("A", f"{second}-a"),
		("B", f"{first}-b"),
		("C", f"{first}-a"),
		("D", None),
		("E", "gone"),
		("F", f"{second}-b"),
	):
		won(deal, key, closed_from=last)
	found = closed_groups.grouped(closed(deal), "Stage Reached")
	assert [group.label for group in found] == [
		f"A ({first})", f"B ({first})", f"A ({second})", f"B ({second})", "Not Known", "gone",
	]  # fmt: skip
	frappe.db.set_value(OPPORTUNITY, {"closed_from": ("like", f"{second}%")}, "closed_from", None)
	assert [group.label for group in closed_groups.grouped(closed(deal), "Stage Reached")][:2] == ["A", "B"]


# ---- cases


def test_cases_come_from_the_worst_severity_on_and_those_without_one_last(world):
	known = frappe.get_all("Case Severity", pluck="name", order_by="position asc, name asc", limit=0)
	severities = [*known[::-1], None, "", "No Such Severity"]
	for number, severity in enumerate(severities):
		rows.row(
			"Customer Case", docstatus=0, name=f"{number} {world.tag}", subject="x", severity=severity, status="Open",
			company=world.company, customer=world.customer, opened_on="2031-06-10 09:00:00",
		)  # fmt: skip
	asked = CaseScope.of({"company": world.company, "from_date": "2031-06-01", "to_date": "2031-06-30"})
	found, whole = case_times.groups(asked)
	assert [group.key for group in found] == [*known, None, "No Such Severity"]
	assert [group.times.cases for group in found] == [*(1 for _one in known), 2, 1] and whole.cases == len(severities)


# ---- a board


def test_a_board_names_the_company_s_money_its_steps_and_who_may_add_a_deal(world, monkeypatch):
	pipeline = make_pipeline(f"Board {world.tag}")
	steps = {"Quotation": stage("proposal"), "Sales Contract": stage("negotiation")}
	monkeypatch.setattr(board_columns.pipelines, "steps_of", lambda name: steps if name == pipeline else {})
	found = board_columns.painted(board_columns.board_of(pipeline, BoardScope.of({"company": world.company})))
	assert (found["rules"]["quotation_step"], found["rules"]["contract_step"]) == tuple(steps.values())
	assert {"allow_back", "allow_reopen", "allow_win_by_hand", "allow_skip"} <= set(found["rules"])
	assert found["may_write"] and found["may_create"] and found["currency"] == world.currency
	without_right(monkeypatch, OPPORTUNITY, "create")
	found = board_columns.painted(board_columns.board_of(pipeline, BoardScope.of({"company": world.company})))
	assert found["may_write"] and not found["may_create"]


def test_a_board_s_money_is_that_of_the_company_that_was_asked_for(world):
	other = rows.row("Company", name=f"Abroad {world.tag}", default_currency="CHF", docstatus=0, company_name="Abroad")
	pipeline = make_pipeline(f"Board {world.tag}")
	found = board_columns.painted(board_columns.board_of(pipeline, BoardScope.of({"company": other})))
	assert (found["company"], found["currency"]) == (other, "CHF")


def test_a_board_without_a_pipeline_has_no_rules_and_no_columns(world, monkeypatch):
	monkeypatch.setattr(board_columns.pipelines, "default_pipeline", lambda doctype, company: None)
	found = board_columns.painted(board_columns.board_of(None, BoardScope.of({"company": world.company})))
	assert (found["pipeline"], found["rules"], found["columns"]) == (None, {}, [])


# ---- the queue


@pytest.fixture
def request_(world):
	frappe.db.delete(REQUEST, {"company": world.company})

	def make(key, **values):
		fixed = {"docstatus": 1, "company": world.company, "status": WAITING, "customer": world.customer}
		fixed |= {"base_amount": 100, "requested_on": "2026-06-10 10:00:00", "name": f"{key} {world.tag}"}
		return rows.row(REQUEST, **{**fixed, **values})

	return make


def test_a_request_waits_for_the_desk_even_if_its_deal_was_lost_meanwhile(request_, world):
	lost = rows.bare_deal(world, "Lost", status="Lost", outcome="Lost")
	request_("A", source_type=OPPORTUNITY, source_name=lost)
	request_("B", source_type=OPPORTUNITY, source_name=lost, status=RETURNED, docstatus=2)
	listed = lambda status: [  # noqa: E731
		one.name.split()[0] for one in desk_queue.requests(QueueScope.of({"company": world.company, "status": status}))
	]
	assert listed(WAITING) == ["A"] and listed(RETURNED) == []


def test_the_rows_of_a_request_come_in_their_order_with_the_place_of_the_row_and_of_the_request(request_, world):
	names = [request_("A", set_warehouse="Shop"), request_("B")]
	for name, idx, item, place, pieces in (
		(names[0], 2, world.pump, "Stores", 3), (names[0], 1, world.service, None, 5), (names[1], 1, world.filter, None, 7),
	):  # fmt: skip
		rows.row(
			"Sales Order Request Item", name=f"{9 - idx} {name}", parent=name, parenttype=REQUEST, parentfield="items", idx=idx,
			item_code=item, qty=1, stock_qty=pieces, delivery_date="2026-07-01", warehouse=place,
		)  # fmt: skip
	found = desk_queue._items_of(names)
	told = {
		name: [(one.item_code, one.stock_qty, one.warehouse, one.set_warehouse, one.delivery_date) for one in own]
		for name, own in found.items()
	}
	day = date(2026, 7, 1)
	assert told == {
		names[0]: [(world.service, 5, None, "Shop", day), (world.pump, 3, "Stores", "Shop", day)],
		names[1]: [(world.filter, 7, None, None, day)],
	}
	assert desk_queue._items_of([]) == {}


def test_a_group_of_items_is_that_with_all_groups_below_it(deal, world):
	above, below, beside = (f"{name} {world.tag}" for name in ("Machines", "Pumps", "Work"))
	for name, lft, rgt in ((above, 90001, 90004), (below, 90002, 90003), (beside, 90005, 90006)):
		rows.row("Item Group", name=name, lft=lft, rgt=rgt, docstatus=0)
	frappe.db.set_value("Item", world.pump, "item_group", below)
	frappe.db.set_value("Item", world.filter, "item_group", above)
	frappe.db.set_value("Item", world.service, "item_group", beside)
	name = deal("A", base_amount=100, amount=100, items_total=100, expected_close="2026-06-25")
	for idx, (item, amount) in enumerate(((world.pump, 50), (world.filter, 30), (world.service, 20)), start=1):
		row(name, idx, item, amount)
	assert by_item(deal, item_group=above) == {world.pump: 50, world.filter: 30}
	assert by_item(deal, item_group=below) == {world.pump: 50} and by_item(deal, item_group=beside) == {
		world.service: 20
	}


# ---- what a number opens, and what it is called


@pytest.mark.parametrize("column", ["historical", "weighted", "category", "signed", "all"])
def test_what_is_won_counts_whole_behind_every_number_whatever_its_stage_is_worth(deal, column):
	won(deal, "A", base_won_amount=40, stage="No stage any more", probability=10)
	filters = ForecastScope.of({**deal.filters, "start": "2026-06-01", "count": 1})
	cell = Cell.of({"column": column, "first": "2026-06-01", "last": "2026-06-30"})
	found = forecast_documents.rows_behind(filters, cell, date(2026, 6, 20))
	assert [(kind, is_won, name.split()[0], value) for kind, is_won, name, value in found] == [
		(OPPORTUNITY, True, "A", 40)
	]


def test_a_size_is_called_by_its_limits_in_the_money_of_the_company_that_was_asked_for(deal, world):
	other = rows.row("Company", name=f"Abroad {world.tag}", default_currency="CHF", docstatus=0, company_name="Abroad")
	won(deal, "A", base_won_amount=500, company=other)
	[group] = closed_groups.grouped(closed(deal, company=other, size_limits="1000"), "Size")
	low, high = (closed_groups._band_label(Band(0.0, 1000.0), currency) for currency in ("CHF", world.currency))
	assert group.label == low != high


def test_the_list_of_cases_asks_for_nothing_that_a_case_has_no_field_for(world):
	filters = {"campaign": "C", "channel": "Fair", "source_type": "Sales Lead", "territory": "North", "pipeline": "P"}
	filters |= {"severity": "High", "kind": "Complaint", "way": "Phone", "responsible": "rep@crm-test.example"}
	days = {"from_date": "2031-06-01", "to_date": "2031-06-30"}
	asked = CaseScope.of({"company": world.company, **days, **filters})
	listed = case_times.list_filters(asked, "High")
	assert {one[0] for one in listed} == {"company", "opened_on", "status", "severity", "kind", "way", "responsible"}
	plain = CaseScope.of({"company": world.company, **days})
	assert case_times.list_filters(plain, whole=True) == [
		("company", "=", world.company), ("opened_on", "between", ["2031-06-01", "2031-06-30"]), ("status", "!=", "Withdrawn"),
	]  # fmt: skip
	assert case_times.list_filters(plain, "High")[-1] == ("severity", "=", "High")
	assert case_times.list_filters(plain, None)[-1] == ("severity", "is", "not set")


@pytest.mark.parametrize("doctype", [OPPORTUNITY, PROJECT])
def test_a_list_behind_a_number_has_the_largest_deal_first_then_by_name(deal, world, doctype):
	for key, amount, created in (
		("A", 5, "2026-03-03"),
		("C", 9, "2026-03-01"),
		("B", 9, "2026-03-02"),
		("D", 20, "2026-01-01"),
	):
		deal(key, doctype, base_amount=amount, creation=f"{created} 09:00:00", campaign=world.tag)
	found = figure_documents.of_list(doctype, [["campaign", "=", world.tag]])
	assert [(row.name.split()[0], row.base_amount) for row in found["documents"]] == [
		("D", 20),
		("B", 9),
		("C", 9),
		("A", 5),
	]
	assert found["total"] == 4
	assert [
		row.name.split()[0] for row in figure_documents.of_list(doctype, [["campaign", "=", world.tag]], 2)["documents"]
	] == ["C", "A"]


def test_behind_a_forecast_stand_amounts_in_the_money_of_its_company_the_largest_first(deal, world):
	other = rows.row("Company", name=f"Abroad {world.tag}", default_currency="CHF", docstatus=0, company_name="Abroad")
	for key, amount in (("A", 5), ("B", 9), ("C", 0)):
		deal(key, company=other, currency="CHF", base_amount=amount, expected_close="2026-06-25")
	asked = ForecastScope.of({"company": other, "start": "2026-06-01", "count": 1})
	cell = Cell.of({"column": "all", "first": "2026-06-01", "last": "2026-06-30"})
	found = figure_documents.of_forecast(asked, cell, today=date(2026, 6, 20))
	assert [(row.name.split()[0], row.base_amount, row.company_currency) for row in found["documents"]] == [
		("B", 9, "CHF"), ("A", 5, "CHF"), ("C", 0, "CHF"),
	]  # fmt: skip

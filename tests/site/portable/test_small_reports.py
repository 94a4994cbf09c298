"""Small rules of what reports show above and beside their rows."""

import frappe
import pytest
from frappe.utils import add_days, fmt_money, get_fullname

from crm_pipeline.analytics import chart_colours as colours
from crm_pipeline.crm_pipeline.report.forecast_movement import forecast_movement
from crm_pipeline.crm_pipeline.report.order_desk_queue import order_desk_queue
from crm_pipeline.user_day import user_today

REP = "rep@crm-test.example"


# ---- the movement of a forecast


def week(name: str, signed: float, category: float, weighted: float, historical: float) -> dict:
	sums = {"signed": signed, "category": category, "weighted": weighted, "historical": historical}
	return {"week": name, "taken_on": "2026-06-01", "commit": 1, "best_case": 2, "pipeline": 3, **sums}


def result(*weeks, over=True, real=200.0) -> dict:
	return {"rows": list(weeks), "over": over, "real": real, "first": "2026-06-01", "last": "2026-06-30"}


WEEKS = (week("W23", 10, 20, 250, 40), week("W24", 11, 21, 150, 41), week("W25", 12, 22, 220, 42))


def test_a_forecast_s_lines_go_over_its_weeks(site):
	chart = forecast_movement.chart(result(*WEEKS), "USD")
	assert chart["data"]["labels"] == ["W23", "W24", "W25"]
	assert [(line["name"], line["values"]) for line in chart["data"]["datasets"]] == [
		("Signed", [10, 11, 12]), ("Committed", [20, 21, 22]), ("Weighted", [250, 150, 220]), ("By Win Rate", [40, 41, 42]),
	]  # fmt: skip
	assert chart["colors"] == [colours.SIGNED, colours.COMMIT, colours.WEIGHTED, colours.HISTORICAL]
	assert (chart["type"], chart["fieldtype"], chart["options"], chart["currency"]) == (
		"line",
		"Currency",
		"currency",
		"USD",
	)
	assert forecast_movement.chart(result(WEEKS[0]), "USD") is None is forecast_movement.chart(result(), "USD")
	assert forecast_movement.chart(result(*WEEKS[:2]), "USD")["data"]["labels"] == ["W23", "W24"]


@pytest.mark.parametrize(
	("over", "real", "cards"),
	[
		(True, 200, [("Came In", 200), ("First Weighted Forecast", 250), ("Last Weighted Forecast", 220), ("First Forecast Off By", 25)]),
		(True, 500, [("Came In", 500), ("First Weighted Forecast", 250), ("Last Weighted Forecast", 220), ("First Forecast Off By", -50)]),
		(True, 0, [("Came In", 0), ("First Weighted Forecast", 250), ("Last Weighted Forecast", 220)]),
		(False, 200, [("Signed until Now", 200), ("First Weighted Forecast", 250), ("Last Weighted Forecast", 220)]),
	],
)  # fmt: skip
def test_what_came_in_stands_beside_the_first_and_the_last_forecast(site, over, real, cards):
	found = forecast_movement.summary(result(*WEEKS, over=over, real=real), "USD")
	assert [(card["label"], card["value"]) for card in found] == cards
	assert [card["datatype"] for card in found] == ["Currency"] * 3 + ["Percent"] * (len(found) - 3)
	assert {card["currency"] for card in found[:3]} == {"USD"}
	cell = {"column": "signed", "first": "2026-06-01", "last": "2026-06-30"}
	ask = {"doctype": "Sales Opportunity", "method": "get_documents_of_forecast", "args": {"cell": cell}}
	assert [card.get("ask") for card in found] == [ask, *[None] * (len(found) - 1)]
	assert forecast_movement.summary(result(over=over, real=real), "USD") == []


# ---- the order desk's queue


def request(**values):
	fixed = {
		"name": "R",
		"customer": "C",
		"customer_name": "Quay",
		"base_amount": 90.0,
		"delivery_date": None,
		"short": None,
	}
	fixed |= {"credit_over": None, "requested_on": None, "po_no": "PO", "return_reason": None, "returned_by": None}
	return frappe._dict({**fixed, "returned_on": None, "sales_owner": None, **values})


@pytest.mark.parametrize(
	("values", "field", "shown"),
	[
		({}, "stock", "No stock items"), ({"short": 0}, "stock", "Enough"), ({"short": 1}, "stock", "1 row short"),
		({"short": 2}, "stock", "2 rows short"), ({"short": 2}, "short", 2), ({}, "short", 0), ({}, "credit", "No limit"),
		({"credit_over": 0.0}, "credit", "Within the limit, before tax"), ({"credit_over": 7.5}, "credit_over", 7.5),
		({}, "credit_over", 0), ({}, "waiting_days", None), ({}, "returned_by", None), ({}, "sales_owner", None),
		({}, "late", False), ({}, "value", 90.0), ({}, "request", "R"), ({}, "customer_name", "Quay"), ({}, "currency", "USD"),
	],
)  # fmt: skip
def test_the_queue_says_what_decides_about_a_request(site, values, field, shown):
	assert order_desk_queue._row(request(**values), "USD")[field] == shown


def test_the_queue_says_how_long_who_and_how_much(site):
	today = user_today()
	row = order_desk_queue._row(
		request(
			credit_over=7.5, requested_on=f"{add_days(today, -3)} 23:00:00", returned_by=REP, sales_owner=REP,
			delivery_date=add_days(today, -1),
		),
		"USD",
	)  # fmt: skip
	assert row["credit"] == f"{fmt_money(7.5, currency='USD')} over the limit, before tax"
	assert (row["waiting_days"], row["late"]) == (3, True)
	assert row["returned_by"] == row["sales_owner"] == get_fullname(REP)
	for days in (0, 1):
		assert order_desk_queue._row(request(delivery_date=add_days(today, days)), "USD")["late"] is False


def test_the_queue_adds_up_and_opens_what_it_counts(site):
	count, amount = order_desk_queue.summary([request(), request(base_amount=10), request(base_amount=None)], "USD")
	assert (count["value"], count["datatype"]) == (3, "Int")
	assert (amount["value"], amount["datatype"], amount["currency"]) == (100, "Currency", "USD")
	assert count["ask"] == amount["ask"] == {"doctype": "Sales Order Request", "method": "get_documents_of_queue"}

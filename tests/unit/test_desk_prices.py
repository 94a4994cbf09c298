"""Amounts while typing are those that the server works out on save."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core import costing, pricing
from tests.unit.desk import Js, module

prices = module("prices")

CENTS = Js("(value, field) => Number(value.toFixed(field === 'discount_percentage' ? 6 : 2))")

whole = st.integers(0, 5000)
percent = st.integers(0, 100)
cents = st.integers(0, 10**7).map(lambda value: value / 100)


def near(one, other, within=0.011):
	return abs(one - other) <= within


@given(whole, cents, st.sampled_from([1, 0.5, 1.25, 7.5]), st.sampled_from([1, 12, 0.25]))
def test_a_row_comes_to_what_the_server_makes_of_it(qty, rate, exchange, factor):
	row = {"qty": qty, "rate": rate, "conversion_factor": factor}
	typed = prices.row_amounts(row, exchange, CENTS)
	saved = pricing.price_line(pricing.Line(qty, rate, conversion_factor=factor), exchange, 2)
	assert near(typed["amount"], saved.amount) and near(typed["base_amount"], saved.base_amount, 0.02 * exchange + 0.01)
	assert typed["stock_qty"] == saved.stock_qty


@given(cents, st.integers(1, 10**7).map(lambda value: value / 100))
def test_the_discount_follows_a_typed_rate(rate, listed):
	saved = pricing.price_line(pricing.Line(1, rate, price_list_rate=listed), 1, 2)
	if rate:
		assert near(prices.discount_of(rate, listed, CENTS), saved.discount_percentage, 2e-6)
	assert prices.discount_of(listed * 2, listed, CENTS) == 0


@given(cents, percent)
def test_a_typed_discount_makes_the_rate(listed, discount):
	saved = pricing.price_line(pricing.Line(1, 0, price_list_rate=listed, discount_percentage=discount), 1, 2)
	assert near(prices.rate_of({"price_list_rate": listed, "discount_percentage": discount}, CENTS), saved.rate)


@given(st.lists(cents, max_size=6), percent)
def test_totals_take_the_discount_off(amounts, discount):
	doc = {
		"items": [{"amount": amount, "qty": 2} for amount in amounts],
		"additional_discount_percentage": discount,
	}
	typed = prices.agreed_totals(doc, 1, CENTS)
	saved = pricing.totals(amounts, 1, 2, discount)
	assert near(typed["total"], saved.total) and near(typed["discount_amount"], saved.discount)
	assert near(typed["amount"], saved.net, 0.02) and typed["total_qty"] == 2 * len(amounts)


def test_an_amount_of_discount_counts_where_there_is_no_percentage():
	doc = {
		"items": [{"amount": 100, "qty": 1}, {"amount": 50, "qty": 3}],
		"discount_amount": 30,
		"conversion_rate": 2,
	}
	assert prices.agreed_totals(doc, 1, CENTS) == {
		"total_qty": 4, "total": 150, "base_total": 300, "discount_amount": 30, "amount": 120,
	}  # fmt: skip
	assert prices.agreed_totals({**doc, "additional_discount_percentage": 10}, 1, CENTS)["discount_amount"] == 15


def test_prices_with_tax_count_by_their_net_share():
	doc = {"items": [{"amount": 121, "qty": 1}]}
	assert prices.rows_amount(doc, 100 / 121, CENTS) == 100
	assert prices.agreed_totals(doc, 100 / 121, CENTS)["amount"] == 100


@given(cents, cents)
def test_the_margin_is_that_of_the_server(selling, cost):
	typed = prices.margin_of(selling, cost, CENTS)
	assert near(typed["margin"], selling - cost)
	assert near(typed["margin_percentage"], costing.percentage(typed["margin"], selling), 1e-6)


def test_sold_for_nothing_the_whole_cost_is_lost():
	assert prices.margin_of(0, 40, CENTS)["margin_percentage"] == -100
	assert prices.margin_of(0, 0, CENTS)["margin_percentage"] == 0


def test_a_rate_typed_by_hand_is_kept():
	row = {"rate": 90, "price_list_rate": 100}
	assert prices.is_typed(row, 80) is True
	assert prices.is_typed(row, 90) is False, "what was looked up is no choice of anybody"
	assert prices.is_typed({"rate": 100, "price_list_rate": 100}, None) is False
	assert prices.is_typed({"rate": 0, "price_list_rate": 100}, None) is False


def test_agreed_prices_hold():
	request, contract = {"doctype": "Sales Order Request", "contract": "CON-1"}, {"doctype": "Sales Contract"}
	assert prices.is_agreed(request, {}) is True
	assert prices.is_agreed(contract, {"quotation_item": "row"}) is True
	assert prices.is_agreed(contract, {}) is False
	assert prices.is_agreed({"doctype": "Sales Order Request"}, {}) is False


OFFERED = [{"row": "a", "remaining": 4, "qty": 4}, {"row": "b", "remaining": 1.5, "qty": 1.5}]


def asked(*quantities):
	return prices.asked_quantities([{**row, "qty": qty} for row, qty in zip(OFFERED, quantities, strict=True)], OFFERED)


def test_all_that_remains_is_asked_for_as_a_whole():
	assert asked(4, 1.5) == {"quantities": None}


def test_a_part_names_its_rows():
	assert asked(4, 0) == {"quantities": {"a": 4}}
	assert asked(3, 1.5) == {"quantities": {"a": 3, "b": 1.5}}
	assert asked("2", None) == {"quantities": {"a": 2}}


def test_too_much_is_refused_before_anything_is_sent():
	assert asked(1, 1.6)["over"]["row"] == "b"


def test_nothing_is_no_request():
	assert asked(0, 0) == {"none": True}


LISTED = {"price_list_rate": 50, "discount_percentage": 5, "rate": 47.5}


@pytest.mark.parametrize(
	("row", "found", "looked_up", "price"),
	[
		# Nobody changed it: the list's price and its rule's discount.
		({"price_list_rate": 100, "rate": 100, "discount_percentage": 0}, LISTED, 100, (50, 5, 47.5)),
		# Somebody gave ten per cent: ten per cent off the new price.
		({"price_list_rate": 100, "rate": 90, "discount_percentage": 10}, LISTED, None, (50, 10, 45)),
		# The list says the same as before: a rate that somebody made stays to the last digit.
		({"price_list_rate": 50, "rate": 33.33, "discount_percentage": 33.3}, LISTED, None, (50, 33.3, 33.33)),
		# It is on no list now: it stays.
		({"price_list_rate": 100, "rate": 90, "discount_percentage": 10}, {"price_list_rate": 0}, None, (100, 10, 90)),
		# It was on no list: the rate is somebody's own, and the discount follows.
		({"price_list_rate": 0, "rate": 40, "discount_percentage": 0}, LISTED, None, (50, 20, 40)),
		# It had no price at all.
		({"price_list_rate": 0, "rate": 0, "discount_percentage": 0}, LISTED, 0, (50, 5, 47.5)),
		({"price_list_rate": 100, "rate": 80, "discount_percentage": 20}, LISTED, 80, (50, 5, 47.5)),
	],
)
def test_another_list_changes_what_nobody_made(row, found, looked_up, price):
	got = prices.repriced(row, found, looked_up, CENTS)
	assert (got["price_list_rate"], got["discount_percentage"], got["rate"]) == price


def test_a_row_without_a_price_is_no_gift():
	rows = [
		{"item_code": "A", "rate": 0, "price_list_rate": 0},
		{"item_code": "B", "rate": 0, "price_list_rate": 10, "discount_percentage": 100},
		{"item_code": "C", "rate": 5, "price_list_rate": 0},
		{"item_code": "D", "rate": 0, "price_list_rate": 0, "quotation_item": "x"},
		{"rate": 0, "price_list_rate": 0},
	]
	assert [row["item_code"] for row in prices.unpriced({"doctype": "Sales Contract", "items": rows})] == ["A"]
	assert prices.unpriced({"doctype": "Sales Order Request", "contract": "C", "items": rows}) == []
	assert prices.unpriced({}) == []
	free = [{**row, "is_free": 1} for row in rows]
	assert prices.unpriced({"doctype": "Sales Contract", "items": free}) == []

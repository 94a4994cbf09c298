"""Margins of rows, wholes and quotations, by properties and by examples one can do in one's head."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core import costing
from crm_pipeline.core.costing import Estimated, Line, Quoted, exact

CENTS = 2
quantities = st.integers(1, 100_000).map(lambda n: n / 1000)
money = st.integers(0, 10_000_000).map(lambda n: n / 100)
unit_costs = st.integers(0, 10_000_000).map(lambda n: n / 10_000)
rates = st.sampled_from([1.0, 0.1, 1.0837, 7.25, 149.3])
lines = st.builds(Line, quantities, money, unit_costs)
items = st.sampled_from(["pump", "filter", "service", "seal"])
estimated = st.lists(st.builds(Estimated, items, quantities, money), max_size=8)
quoted = st.lists(st.builds(Quoted, st.integers(1, 9), items, quantities, money, st.booleans()), max_size=8)


def whole(rows, other=(), rate=1.0):
	results = [costing.cost_line(line, rate, CENTS) for line in rows]
	return results, costing.totals(results, other, CENTS)


@given(st.lists(lines, max_size=12), st.lists(money, max_size=4), rates)
def test_the_margins_of_the_rows_less_other_costs_are_the_margin_of_the_whole(rows, other, rate):
	results, total = whole(rows, other, rate)
	left = sum((exact(r.margin) for r in results), Fraction(0)) - sum((exact(o) for o in other), Fraction(0))
	assert exact(total.margin) == left
	assert exact(total.selling) - exact(total.cost) == exact(total.margin)
	assert exact(total.item_cost) + exact(total.other_cost) == exact(total.cost)


@given(lines, rates)
def test_a_row_is_its_price_less_its_cost(line, rate):
	result = costing.cost_line(line, rate, CENTS)
	assert exact(result.selling) - exact(result.cost) == exact(result.margin)
	assert (result.percentage < 0) == (result.margin < 0)
	if result.selling:
		assert result.percentage <= 100


@given(money, money, st.integers(-10_000, 10_000).map(lambda n: n / 100))
def test_below_the_floor_is_less_than_the_floor_leaves_to_the_last_cent(selling, cost, floor):
	margin = float(exact(selling) - exact(cost))
	assert costing.is_below(margin, selling, floor) == (exact(margin) * 100 < exact(floor) * exact(selling))


@pytest.mark.parametrize(
	("selling", "cost", "percentage"),
	[(100, 80, 20), (80, 100, -25), (0, 0, 0), (0, 5, -100), (100, 0, 100), (0.01, 10, -99900)],
)
def test_percent_of_the_price_and_an_answer_where_there_is_none(selling, cost, percentage):
	assert costing.percentage(selling - cost, selling) == pytest.approx(percentage)


def test_a_price_of_zero_is_below_any_floor_when_it_costs_something():
	assert costing.is_below(-5, 0, -200) and costing.is_below(-5, 0, 0)
	assert not costing.is_below(0, 0, 50)


def test_the_floor_itself_is_enough():
	assert not costing.is_below(20.0, 100.0, 20.0)
	assert costing.is_below(19.99, 100.0, 20.0)
	# 0.3 of 1.0 is not less than 30 %, whatever binary numbers say.
	assert not costing.is_below(0.3, 1.0, 30.0)


def test_a_foreign_price_is_converted_and_the_cost_is_not():
	result = costing.cost_line(Line(qty=3, rate=19.99, cost_rate=20), 1.5, CENTS)
	assert (result.selling, result.cost, result.margin) == (89.96, 60.0, 29.96)


def test_a_small_cost_per_unit_is_not_rounded_before_it_is_multiplied():
	assert costing.cost_line(Line(qty=1000, rate=0.1, cost_rate=0.0375), 1, CENTS).cost == 37.5


# ---- a quotation measured by an estimate


@given(estimated, money)
def test_a_quotation_of_the_estimate_itself_costs_what_the_estimate_does(rows, other):
	same = [Quoted(n, row.item_code, row.stock_qty, 100.0) for n, row in enumerate(rows, 1)]
	verdict = costing.judge(same, rows, other, None, CENTS)
	assert exact(verdict.result.cost) == sum((exact(r.cost) for r in rows), Fraction(0)) + exact(other)
	assert verdict.passed


@given(quoted, estimated, money, st.floats(-50, 90))
def test_every_row_is_either_costed_or_named(rows, estimate, other, floor):
	verdict = costing.judge(rows, estimate, other, floor, CENTS)
	known = {row.item_code for row in estimate}
	assert [row.item_code for row in verdict.missing] == [r.item_code for r in rows if r.item_code not in known]
	assert exact(verdict.result.selling) == sum((exact(r.net) for r in rows if not r.alternative), Fraction(0))
	assert verdict.passed == (not verdict.missing and not verdict.below)


@given(quoted, estimated, money)
def test_without_a_floor_no_margin_is_too_low(rows, estimate, other):
	assert not costing.judge(rows, estimate, other, None, CENTS).below


@given(quoted, estimated, money, quantities)
def test_more_of_the_same_never_costs_less(rows, estimate, other, more):
	longer = [*rows, Quoted(99, "pump", more, 0.0)]
	first, second = (costing.judge(some, estimate, other, None, CENTS).result.cost for some in (rows, longer))
	assert second >= first


ESTIMATE = [Estimated("pump", 10, 500), Estimated("service", 4, 100)]


def judged(rows, other=0.0, floor=None):
	return costing.judge(rows, ESTIMATE, other, floor, CENTS)


def test_half_of_the_estimate_costs_half_with_half_of_the_other_costs():
	verdict = judged([Quoted(1, "pump", 5, 400), Quoted(2, "service", 2, 100)], other=60)
	assert (verdict.result.cost, verdict.result.margin, verdict.result.percentage) == (330, 170, 34)


def test_twice_the_estimate_costs_twice_and_other_costs_once():
	assert judged([Quoted(1, "pump", 20, 3000), Quoted(2, "service", 8, 500)], other=60).result.cost == 1260


def test_rows_of_one_item_cost_their_average():
	estimate = [Estimated("pump", 1, 10), Estimated("pump", 3, 50)]
	assert costing.judge([Quoted(1, "pump", 2, 100)], estimate, 0, None, CENTS).result.cost == 30


def test_an_alternative_needs_a_cost_and_counts_in_no_total():
	verdict = judged([Quoted(1, "pump", 10, 1000), Quoted(2, "better pump", 10, 2000, alternative=True)], floor=40)
	assert [row.idx for row in verdict.missing] == [2]
	assert (verdict.result.selling, verdict.result.cost, verdict.below) == (1000, 500, False)


def test_items_that_cost_nothing_carry_the_other_costs_whole():
	verdict = costing.judge([Quoted(1, "gift", 1, 50)], [Estimated("gift", 5, 0)], 20, 0, CENTS)
	assert (verdict.result.cost, verdict.below) == (20, False)


def test_an_estimate_of_no_quantity_covers_nothing():
	assert costing.judge([Quoted(1, "pump", 1, 50)], [Estimated("pump", 0, 0)], 0, None, CENTS).missing

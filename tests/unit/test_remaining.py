import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.remaining import (
	TOLERANCE,
	OrderLine,
	RequestLine,
	Shortage,
	left_by_row,
	place,
	remaining,
	share_left,
	shortages,
	used,
	used_by_order,
	with_alternatives,
)

# Eighths are exact in binary, so the sums of these tests are exact too.
quantity = st.integers(0, 800).map(lambda n: n / 8)
asked_quantity = st.integers(1, 800).map(lambda n: n / 8)
key = st.sampled_from(["row a", "row b", "row c"])
order_lines = st.lists(
	st.builds(OrderLine, key=key, qty=quantity, delivered=quantity, closed=st.booleans()), max_size=8
)
request_lines = st.lists(
	st.builds(RequestLine, key=key, name=st.text(max_size=3), qty=quantity, ordered=st.booleans()), max_size=8
)
agreed_quantities = st.fixed_dictionaries({k: quantity for k in ("row a", "row b", "row c")})


def test_a_pending_request_uses_what_it_asks_for():
	assert used([RequestLine("a", "r1", 4)], []) == {"a": 4}


def test_an_accepted_request_uses_what_its_order_says_now():
	assert used([RequestLine("a", "r1", 4, ordered=True)], [OrderLine("a", 3)]) == {"a": 3}


def test_an_order_made_past_the_request_counts_the_same():
	assert used([], [OrderLine("a", 3)]) == {"a": 3}


@pytest.mark.parametrize(
	("line", "over_delivery", "expected"),
	[
		(OrderLine("a", 10, delivered=4), True, 10),
		(OrderLine("a", 10, delivered=12), True, 12),
		(OrderLine("a", 10, delivered=12), False, 10),
		(OrderLine("a", 10, delivered=4, closed=True), True, 4),
		(OrderLine("a", 10, delivered=0, closed=True), True, 0),
		(OrderLine("a", 10, delivered=12, closed=True), True, 12),
	],
)
def test_open_closed_and_over_delivered_orders(line, over_delivery, expected):
	assert used_by_order(line, over_delivery) == expected


@given(agreed_quantities, request_lines, order_lines)
def test_used_and_remaining_make_up_what_was_agreed_unless_more_was_used(agreed, requests, orders):
	used_up = used(requests, orders)
	left = remaining(agreed, used_up)
	for row, qty in agreed.items():
		taken = used_up.get(row, 0.0)
		assert left[row] + taken == qty if taken <= qty else left[row] == 0


@given(request_lines, order_lines, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter_for_what_is_used(requests, orders, random):
	shuffled_requests, shuffled_orders = list(requests), list(orders)
	random.shuffle(shuffled_requests)
	random.shuffle(shuffled_orders)
	assert used(shuffled_requests, shuffled_orders) == used(requests, orders)


@given(
	agreed_quantities,
	request_lines,
	order_lines,
	st.builds(RequestLine, key=key, name=st.just("new"), qty=quantity),
)
def test_another_request_never_leaves_more(agreed, requests, orders, another):
	before = remaining(agreed, used(requests, orders))
	after = remaining(agreed, used([*requests, another], orders))
	assert all(after[row] <= before[row] for row in agreed)


@given(agreed_quantities, request_lines, order_lines)
def test_closing_an_order_never_leaves_less(agreed, requests, orders):
	closed = [OrderLine(o.key, o.qty, o.delivered, True) for o in orders]
	before = remaining(agreed, used(requests, orders))
	after = remaining(agreed, used(requests, closed))
	assert all(after[row] >= before[row] for row in agreed)


def test_a_rounding_remnant_counts_as_nothing_left():
	assert remaining({"a": 1.0}, {"a": 0.1 + 0.2 + 0.7 - TOLERANCE / 10}) == {"a": 0.0}


@given(agreed_quantities, st.lists(st.tuples(key, asked_quantity), max_size=8))
def test_there_is_a_shortage_exactly_where_more_is_asked_than_left(left, rows):
	found = shortages([(idx, row, qty) for idx, (row, qty) in enumerate(rows, start=1)], left)
	total = {row: sum(qty for k, qty in rows if k == row) for row, _qty in rows}
	assert {s.key for s in found} == {row for row, qty in total.items() if qty > left[row]}


@given(agreed_quantities, st.lists(st.tuples(key, asked_quantity), max_size=8))
def test_a_shortage_names_its_row_and_what_is_left_for_it(left, rows):
	asked = [(idx, row, qty) for idx, (row, qty) in enumerate(rows, start=1)]
	for short in shortages(asked, left):
		idx, row, qty = asked[short.idx - 1]
		earlier = sum(q for i, k, q in asked if k == row and i < idx)
		assert (short.idx, short.key, short.asked) == (idx, row, qty)
		assert short.remaining == max(left[row] - earlier, 0)


def test_a_row_that_nobody_agreed_has_nothing_left():
	(short,) = shortages([(1, "stranger", 1.0)], {"a": 5.0})
	assert (short.asked, short.remaining) == (1.0, 0.0)


def test_two_rows_of_one_key_share_what_is_left():
	found = shortages([(1, "a", 3.0), (2, "a", 3.0)], {"a": 5.0})
	assert [(s.idx, s.remaining) for s in found] == [(2, 2.0)]


def test_asking_for_a_third_three_times_is_no_shortage():
	assert shortages([(i, "a", 1 / 3) for i in (1, 2, 3)], {"a": 1.0}) == []


def test_what_is_left_is_not_changed_by_asking():
	left = {"a": 5.0}
	shortages([(1, "a", 3.0)], left)
	assert left == {"a": 5.0}


def test_order_rows_without_a_link_go_where_most_room_is_left():
	loose = [(OrderLine("", 3), ("a", "b")), (OrderLine("", 2), ("a", "b"))]
	placed = place(loose, {"a": 2, "b": 4}, {"b": 0})
	assert [line.key for line in placed] == ["b", "a"]


@given(
	loose=st.lists(st.tuples(order_lines, st.just(("row a", "row b"))), max_size=3),
	agreed=st.dictionaries(key, quantity),
)
def test_placing_order_rows_keeps_their_quantities(loose, agreed):
	lines = [(line, keys) for rows, keys in loose for line in rows]
	placed = place(lines, agreed, {})
	assert [line.qty for line in placed] == [line.qty for line, _keys in lines]
	assert all(line.key in ("row a", "row b") for line in placed)


# ---- alternatives

EIGHT_FOR_FOUR = {"pump": {"filter": 2.0}, "filter": {"pump": 0.5}}


def test_what_is_taken_of_one_alternative_is_taken_of_the_other_in_proportion():
	agreed = {"pump": 4.0, "filter": 8.0, "service": 1.0}
	assert remaining(agreed, with_alternatives({"filter": 2.0}, EIGHT_FOR_FOUR)) == {
		"pump": 3,
		"filter": 6,
		"service": 1,
	}
	assert remaining(agreed, with_alternatives({"pump": 3, "filter": 2}, EIGHT_FOR_FOUR)) == {
		"pump": 0,
		"filter": 0,
		"service": 1,
	}


def test_one_request_can_not_take_both_alternatives_whole():
	left = {"pump": 4.0, "filter": 8.0}
	asked = [(1, "pump", 3.0), (2, "filter", 3.0)]
	assert shortages(asked, left) == []
	assert shortages(asked, left, EIGHT_FOR_FOUR) == [Shortage(2, "filter", 3.0, 2.0)]
	assert shortages([(1, "pump", 3.0), (2, "filter", 2.0)], left, EIGHT_FOR_FOUR) == []


@given(st.integers(1, 50), st.integers(1, 50), st.floats(0, 1), st.floats(0, 1))
def test_alternatives_are_used_up_together(pumps, filters, first, second):
	ratio = {"a": {"b": filters / pumps}, "b": {"a": pumps / filters}}
	agreed = {"a": float(pumps), "b": float(filters)}
	left = remaining(agreed, with_alternatives({"a": pumps * first, "b": filters * second}, ratio))
	rest = max(1 - first - second, 0.0)
	assert left == pytest.approx({"a": pumps * rest, "b": filters * rest}, abs=1e-5)


def test_of_rows_of_one_item_those_at_the_same_rate_are_used_first_then_the_earlier_ones():
	rows = [("a", "pump", 100.0, 4.0), ("b", "pump", 90.0, 2.0), ("c", "pump", 90.0, 2.0), ("d", "filter", 90.0, 5.0)]
	assert left_by_row(rows, {}) == {"a": 4, "b": 2, "c": 2, "d": 5}
	assert left_by_row(rows, {("pump", 90.0): 3}) == {"a": 4, "b": 0, "c": 1, "d": 5}
	assert left_by_row(rows, {("pump", 90.0): 5}) == {"a": 3, "b": 0, "c": 0, "d": 5}
	assert left_by_row(rows, {("pump", 75.0): 5, ("pump", 90.0): 2}) == {"a": 0, "b": 0, "c": 1, "d": 5}
	assert left_by_row(rows, {("pump", 100.0): 99, ("valve", 90.0): 1}) == {"a": 0, "b": 0, "c": 0, "d": 5}


def test_the_part_of_an_amount_that_is_left_goes_by_the_rows():
	assert share_left([(400, 4, 3), (80, 1, 1)]) == pytest.approx(380 / 480)
	assert share_left([(400, 4, 0), (80, 1, 0)]) == 0
	# More than agreed is left of nothing, a row without a quantity says nothing, and nothing is no part of nothing.
	assert share_left([(100, 2, 5), (50, 0, 0)]) == pytest.approx(100 / 150)
	assert share_left([]) == share_left([(0, 1, 1)]) == 0

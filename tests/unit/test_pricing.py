from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.pricing import Line, price_line, rounded, share_of_charge, share_of_discount, totals

money = st.decimals(0, 1_000_000, places=2).map(float)
quantity = st.decimals("0.001", 10_000, places=3).map(float)
percentage = st.decimals(0, 100, places=2).map(float)
rate_of_exchange = st.decimals("0.0001", 1000, places=4).map(float)
precision = st.integers(0, 4)


@pytest.mark.parametrize(
	("value", "decimals", "expected"),
	[
		(2.5, 0, 2.0),
		(3.5, 0, 4.0),
		(0.125, 2, 0.12),
		(0.135, 2, 0.14),
		(2.675, 2, 2.68),
		(-0.125, 2, -0.12),
		(1e-9, 2, 0.0),
		(1234.0, 2, 1234.0),
	],
)
def test_halves_round_to_the_even_neighbour_of_the_written_number(value, decimals, expected):
	assert rounded(value, decimals) == expected


@given(st.floats(-1e9, 1e9), precision)
def test_rounding_twice_changes_nothing_more(value, decimals):
	once = rounded(value, decimals)
	assert rounded(once, decimals) == once


@given(st.floats(-1e9, 1e9), precision)
def test_rounding_moves_a_value_by_half_a_unit_at_most(value, decimals):
	moved = abs(Decimal(repr(rounded(value, decimals))) - Decimal(repr(value)))
	assert moved <= Decimal(1).scaleb(-decimals) / 2


def test_a_rate_that_was_given_wins_and_the_discount_follows():
	row = price_line(Line(qty=2, rate=80, price_list_rate=100, discount_percentage=5), 1.0, 2)
	assert (row.rate, row.discount_percentage, row.amount) == (80, 20, 160)


def test_without_a_rate_the_list_price_less_its_discount_counts():
	row = price_line(Line(qty=3, price_list_rate=9.99, discount_percentage=10), 1.0, 2)
	assert (row.rate, row.amount) == (8.99, 26.97)


def test_a_rate_above_the_list_price_is_no_negative_discount():
	row = price_line(Line(qty=1, rate=120, price_list_rate=100), 1.0, 2)
	assert (row.rate, row.discount_percentage) == (120, 0)


def test_a_row_without_any_price_is_free():
	row = price_line(Line(qty=5), 1.0, 2)
	assert (row.rate, row.amount, row.base_amount) == (0, 0, 0)


def test_company_currency_has_a_precision_of_its_own():
	row = price_line(Line(qty=1, rate=10.55), 151.337, 2, base_precision=0)
	assert (row.amount, row.base_amount) == (10.55, 1597)


def test_stock_quantity_follows_the_unit_and_a_missing_factor_means_one():
	assert price_line(Line(qty=3, rate=1, conversion_factor=10), 1.0, 2).stock_qty == 30
	assert price_line(Line(qty=3, rate=1, conversion_factor=0), 1.0, 2).stock_qty == 3


@given(quantity, money, percentage, rate_of_exchange, precision)
def test_a_priced_row_is_never_negative_and_the_discount_stays_a_percentage(qty, price, discount, exchange, decimals):
	row = price_line(Line(qty, price_list_rate=price, discount_percentage=discount), exchange, decimals)
	assert row.rate >= 0 and row.amount >= 0 and row.base_amount >= 0
	assert 0 <= row.discount_percentage <= 100


@given(quantity, money, money)
def test_pricing_a_row_again_with_its_own_results_changes_nothing(qty, rate, price):
	once = price_line(Line(qty, rate, price), 1.0, 2)
	again = price_line(Line(qty, once.rate, price, once.discount_percentage), 1.0, 2)
	assert again == once


@given(quantity, money, rate_of_exchange, precision)
def test_base_amount_is_the_rounded_amount_exchanged(qty, rate, exchange, decimals):
	row = price_line(Line(qty, rate), exchange, decimals)
	assert row.base_amount == rounded(row.amount * exchange, decimals)


@given(st.lists(money, max_size=50))
def test_the_total_is_the_exact_sum_of_the_rounded_rows(amounts):
	assert Decimal(repr(totals(amounts, 1.0, 2).total)) == sum((Decimal(repr(a)) for a in amounts), Decimal(0))


@given(st.lists(money, max_size=20), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter_for_the_total(amounts, random):
	shuffled = list(amounts)
	random.shuffle(shuffled)
	assert totals(shuffled, 1.0, 2) == totals(amounts, 1.0, 2)


@given(st.lists(money, max_size=20), percentage, rate_of_exchange)
def test_a_discount_of_up_to_a_hundred_percent_never_turns_a_total_negative(amounts, discount, exchange):
	result = totals(amounts, exchange, 2, discount_percentage=discount)
	assert 0 <= result.net <= result.total
	assert 0 <= result.base_net <= result.base_total


@given(st.lists(money, min_size=1, max_size=20), money)
def test_total_is_net_plus_discount(amounts, discount):
	result = totals(amounts, 1.0, 2, discount_amount=discount)
	assert rounded(result.net + result.discount, 2) == result.total


def test_a_discount_percentage_wins_over_an_amount():
	assert totals([100, 50], 1.0, 2, discount_percentage=10, discount_amount=99).discount == 15


def test_a_discount_beyond_the_total_shows_as_a_negative_net_for_the_caller_to_refuse():
	assert totals([100], 1.0, 2, discount_amount=100.01).net == -0.01


def test_totals_in_company_currency_are_the_sums_of_the_exchanged_rows():
	"""9.98 and 20.02 at 1.2345, as ERPNext adds them up; the exchanged total would be 37.04."""
	result = totals([10.1, 20.25], 1.2345, 2, discount_amount=0.35)
	assert (result.total, result.net) == (30.35, 30.0)
	assert (result.base_total, result.base_net) == (37.47, 37.03)


cents = st.integers(0, 10**7).map(lambda n: n / 100)


@given(st.lists(cents, min_size=1, max_size=20), st.floats(0.01, 200), st.integers(0, 100))
def test_the_discount_is_spread_over_the_rows_to_the_cent(amounts, exchange, percent):
	result = totals(amounts, exchange, 2, discount_percentage=percent)
	assert result.net == pytest.approx(result.total - result.discount, abs=1e-6)
	half_cents = 0.005 * len(amounts) * (exchange + 1) + 1e-6
	assert result.base_net == pytest.approx(result.net * exchange, abs=half_cents)
	assert result.base_total == pytest.approx(result.total * exchange, abs=half_cents)
	if not percent:
		assert (result.net, result.base_net) == (result.total, result.base_total)
	if percent == 100:
		assert (result.net, result.base_net) == (0, 0)


@given(st.lists(cents, min_size=1, max_size=20), st.integers(0, 10**6))
def test_at_one_to_one_company_currency_says_the_same(amounts, discount):
	result = totals(amounts, 1.0, 2, discount_amount=min(discount / 100, sum(amounts)))
	assert (result.base_total, result.base_net) == (result.total, result.net)


def test_no_rows_give_zero():
	result = totals([], 2.0, 2, discount_percentage=10)
	assert (result.total, result.discount, result.net, result.base_total, result.base_net) == (0, 0, 0, 0, 0)


@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=12), st.integers(1, 100))
def test_parts_share_a_discount_to_the_last_cent(cents, percent):
	parts = [c / 100 for c in cents]
	total = rounded(sum(parts), 2)
	discount = rounded(total * percent / 100, 2)
	taken, given_away = 0.0, 0.0
	for part in parts:
		share = share_of_discount(discount, total, part, taken, given_away, 2)
		assert 0 <= share <= part + 1e-9
		taken, given_away = rounded(taken + part, 2), rounded(given_away + share, 2)
	# Cents that no longer fit into the last part are all that may be missing.
	assert abs(given_away - discount) <= 0.01 * len(parts)


def test_three_equal_parts_of_a_hundred():
	assert share_of_discount(100, 300, 100, 0, 0, 2) == 33.33
	assert share_of_discount(100, 300, 100, 200, 66.66, 2) == 33.34


@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=12), st.integers(1, 100))
def test_parts_share_a_surcharge_to_the_last_cent(cents, percent):
	parts = [c / 100 for c in cents]
	total = rounded(sum(parts), 2)
	surcharge = -rounded(total * percent / 100, 2)
	taken, added = 0.0, 0.0
	for part in parts:
		share = share_of_discount(surcharge, total, part, taken, added, 2)
		assert share <= 0
		taken, added = rounded(taken + part, 2), rounded(added + share, 2)
	# Cents that earlier parts got too much of are all that may differ.
	assert abs(added - surcharge) <= 0.01 * len(parts)
	assert share_of_discount(surcharge, total, total, 0, 0, 2) == surcharge


@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=12), st.integers(-50_000, 50_000).filter(bool))
def test_parts_bear_a_charge_once_to_the_last_cent(cents, charge_in_cents):
	parts, charge = [c / 100 for c in cents], charge_in_cents / 100
	total, taken, borne = rounded(sum(parts), 2), 0.0, 0.0
	for part in parts:
		share = share_of_charge(charge, total, part, taken, borne, 2)
		assert share * charge >= 0
		taken, borne = rounded(taken + part, 2), rounded(borne + share, 2)
		assert abs(borne) <= abs(charge) + 1e-9
	assert borne == charge
	assert share_of_charge(charge, total, parts[0], taken, borne, 2) == 0, "more than was agreed bears no more"


def test_a_charge_is_borne_in_proportion():
	assert share_of_charge(50, 480, 100, 0, 0, 2) == 10.42
	assert share_of_charge(50, 480, 380, 100, 10.42, 2) == 39.58
	assert share_of_charge(50, 480, 100, 0, 48, 2) == 2, "an order made by hand bore the rest"
	assert share_of_charge(50, 0, 0, 0, 0, 2) == 0


@pytest.mark.parametrize(
	("part", "precision", "share"),
	[(49.6, 2, 496), (49.99, 2, 499.9), (49.996, 2, 500), (49.4, 0, 494), (49.6, 0, 500), (51, 2, 500)],
)
def test_a_part_that_leaves_something_to_order_leaves_its_charge_to_bear(part, precision, share):
	assert share_of_charge(1000, 100, part, 50, 500, precision) == share


@pytest.mark.parametrize(
	("discount", "part", "given_away", "share"),
	[(50, 10, 0, 10), (50, 10, 45, 5), (50, 10, 60, 0), (-50, 10, 0, -50), (-50, 10, -45, -5), (-50, 10, -60, 0)],
)
def test_the_last_part_takes_what_is_left_of_a_discount_and_no_more_than_it_costs(discount, part, given_away, share):
	assert share_of_discount(discount, 100, part, 100 - part, given_away, 2) == share

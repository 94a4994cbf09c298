from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.win_loss import (
	Band,
	Tally,
	bands,
	change,
	last_of_month,
	months_of,
	parse_limits,
	period_before,
	total,
)

days = st.dates(date(2000, 1, 1), date(2060, 12, 31))
periods = st.tuples(days, days).map(sorted)
counts, amounts = st.integers(0, 1000), st.integers(0, 10**6)
tallies = st.builds(Tally, counts, counts, amounts, amounts)


def test_rates_are_of_what_was_closed():
	tally = Tally(won=3, lost=1, won_amount=100, lost_amount=300)
	assert (tally.win_rate, tally.amount_win_rate) == (75, 25)


def test_nothing_closed_has_no_rate_and_nothing_to_compare():
	assert (Tally().win_rate, Tally().amount_win_rate) == (None, None)
	assert Tally(won=2).amount_win_rate is None
	assert change(None, 50) is None and change(50, None) is None
	assert change(60, 50) == 10


@given(st.lists(tallies))
def test_the_total_is_the_sum_of_its_parts(parts):
	whole = total(parts)
	assert whole.won + whole.lost == sum(part.won + part.lost for part in parts)
	assert whole.won_amount == sum(part.won_amount for part in parts)
	assert whole.win_rate is None or 0 <= whole.win_rate <= 100


@given(st.lists(tallies.filter(lambda tally: tally.won + tally.lost), min_size=1))
def test_the_rate_of_a_whole_lies_between_those_of_its_parts(parts):
	rates = [part.win_rate for part in parts]
	assert min(rates) - 1e-9 <= total(parts).win_rate <= max(rates) + 1e-9


@pytest.mark.parametrize(
	("period", "before"),
	[
		((date(2024, 3, 1), date(2024, 3, 31)), (date(2024, 2, 1), date(2024, 2, 29))),
		((date(2024, 1, 1), date(2024, 3, 31)), (date(2023, 10, 1), date(2023, 12, 31))),
		((date(2024, 1, 1), date(2024, 12, 31)), (date(2023, 1, 1), date(2023, 12, 31))),
		((date(2024, 3, 1), date(2024, 3, 30)), (date(2024, 1, 31), date(2024, 2, 29))),
		((date(2024, 3, 5), date(2024, 3, 5)), (date(2024, 3, 4), date(2024, 3, 4))),
	],
)
def test_the_period_before_is_as_long_in_months_or_in_days(period, before):
	assert period_before(*period) == before


@given(periods)
def test_the_period_before_ends_the_day_before(period):
	first, last = period
	before = period_before(first, last)
	assert before[0] <= before[1] == first - timedelta(days=1)
	assert len(months_of(*before)) == len(months_of(first, last)) or before[1] - before[0] == last - first


@given(periods)
def test_the_months_of_a_period_cover_each_of_its_days_once(period):
	first, last = period
	months = months_of(first, last)
	covered = sum((min(last_of_month(m), last) - max(m, first)).days + 1 for m in months)
	assert covered == (last - first).days + 1


@given(st.lists(st.floats(-10, 1e6), max_size=6), st.floats(0.01, 1e7))
def test_an_amount_falls_into_one_band(limits, amount):
	known = bands(limits)
	inside = [
		i for i, band in enumerate(known) if i and amount >= band.low and (band.high is None or amount < band.high)
	]
	assert len(inside) == 1


def test_deals_without_an_amount_have_a_band_of_their_own():
	assert bands([10])[0] == bands([])[0] == Band(None, None)


def test_limits_are_read_as_people_write_them():
	assert parse_limits("1000, 10 000;100000,") == (1000, 10000, 100000)
	assert parse_limits("") == ()
	assert parse_limits("1.000, 10.000;100000", grouped_by=".") == (1000, 10000, 100000)
	assert parse_limits("1'000, 10000", grouped_by="'") == (1000, 10000)


@pytest.mark.parametrize("text", ["a lot", "1000, -5", "0", "inf", "nan"])
def test_other_text_is_refused(text):
	with pytest.raises(ValueError):
		parse_limits(text)


def test_a_limit_of_nothing_makes_no_size_band():
	assert bands([0.0, 100.0]) == bands([100.0])

import statistics
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.dwell import (
	Spread,
	WorkCalendar,
	median,
	quantile,
	seconds_spent,
	share_from,
	whole_days,
)

moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1))


def test_the_first_entry_has_no_time_behind_it():
	assert seconds_spent(None, datetime(2024, 5, 1)) == 0


def test_time_is_counted_in_whole_seconds():
	assert seconds_spent(datetime(2024, 5, 1, 9, 0, 0, 400_000), datetime(2024, 5, 2, 9, 0, 1)) == 86_400


@given(moments, moments)
def test_history_that_runs_backwards_counts_as_nothing(entered, left):
	assert seconds_spent(entered, left) >= 0
	assert left > entered or seconds_spent(entered, left) == 0


@given(moments, st.integers(0, 10**9), st.integers(0, 10**9))
def test_two_stays_in_a_row_add_up(entered, first, second):
	between = entered + timedelta(seconds=first)
	left = between + timedelta(seconds=second)
	assert seconds_spent(entered, between) + seconds_spent(between, left) == seconds_spent(entered, left)


# ---- distributions

histograms = st.dictionaries(st.integers(0, 5000), st.integers(1, 30), min_size=1, max_size=40)


def expanded(histogram: dict) -> list:
	return [value for value, count in sorted(histogram.items()) for _ in range(count)]


@given(histograms)
def test_the_median_is_that_of_the_list_the_histogram_stands_for(histogram):
	assert median(histogram) == pytest.approx(statistics.median(expanded(histogram)))


@given(histograms, st.integers(1, 9))
def test_quantiles_are_those_of_a_spreadsheet(histogram, tenth):
	values = expanded(histogram)
	if len(values) == 1:
		assert quantile(histogram, tenth / 10) == values[0]
	else:
		expected = statistics.quantiles(values, n=10, method="inclusive")[tenth - 1]
		assert quantile(histogram, tenth / 10) == pytest.approx(expected)


@given(histograms, st.floats(0, 1), st.floats(0, 1))
def test_quantiles_rise_and_stay_between_the_ends(histogram, one, other):
	low, high = sorted((one, other))
	assert min(histogram) <= quantile(histogram, low) <= quantile(histogram, high) <= max(histogram)


def test_an_empty_histogram_has_no_quantile():
	assert quantile({}, 0.5) is None
	assert median({3: 0, 4: -1}) is None


def test_the_ends_of_a_histogram_are_its_first_and_last_quantile():
	assert (quantile({3: 2, 7: 1}, 0), quantile({3: 2, 7: 1}, 1)) == (3, 7)


@pytest.mark.parametrize("q", [-0.1, 1.1])
def test_a_quantile_beyond_the_whole_is_refused(q):
	with pytest.raises(ValueError, match="between 0 and 1"):
		quantile({1: 1}, q)


@given(histograms, st.integers(0, 5000))
def test_those_who_reach_a_limit_are_counted_like_in_the_list(histogram, limit):
	assert share_from(histogram, limit) == sum(value >= limit for value in expanded(histogram))


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), min_size=1))
def test_a_spread_keeps_count_and_average_of_what_was_added(parts):
	spread = Spread()
	for value, count in parts:
		spread.add(value, count, value * count)
	values = [value for value, count in parts for _ in range(count)]
	assert spread.count == len(values)
	assert spread.average == pytest.approx(statistics.mean(values))
	assert Spread().average is None


# ---- working days

days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
WEEKENDS = [date(2024, 1, 6) + timedelta(days=7 * week + extra) for week in range(52) for extra in (0, 1)]


@pytest.mark.parametrize(
	("entered", "left", "expected"),
	[
		(datetime(2024, 3, 1, 17), datetime(2024, 3, 4, 9), 1),  # Friday to Monday
		(datetime(2024, 3, 4, 9), datetime(2024, 3, 4, 23, 59), 0),
		(datetime(2024, 3, 4, 23, 59), datetime(2024, 3, 5, 0, 1), 1),
		(datetime(2024, 3, 1, 9), datetime(2024, 3, 3, 9), 0),  # Friday to Sunday
		(datetime(2024, 3, 4), datetime(2024, 3, 11), 5),  # a week
		(datetime(2024, 3, 11), datetime(2024, 3, 4), 0),  # backwards
	],
)
def test_working_days_are_the_ones_that_began_in_between(entered, left, expected):
	assert WorkCalendar(WEEKENDS).days_between(entered, left) == expected


@given(days, days, st.lists(days, max_size=60))
def test_working_days_are_counted_like_on_a_calendar(entered, left, holidays):
	between = [entered + timedelta(days=n + 1) for n in range((left - entered).days)]
	assert WorkCalendar(holidays).days_between(entered, left) == sum(day not in set(holidays) for day in between)


def test_outside_its_year_a_holiday_list_tells_the_weekends_only():
	of_2024 = WorkCalendar([*WEEKENDS, date(2024, 12, 25)], {5, 6}, date(2024, 1, 1), date(2024, 12, 31))
	assert of_2024.days_between(date(2023, 12, 18), date(2023, 12, 25)) == 5
	assert of_2024.days_between(date(2024, 12, 18), date(2024, 12, 25)) == 4
	assert of_2024.days_between(date(2025, 12, 18), date(2025, 12, 25)) == 5


@given(days, days, st.lists(days, max_size=60), st.sets(st.integers(0, 6)), days, days)
def test_days_outside_the_list_are_off_by_their_weekday(entered, left, holidays, weekly_off, first, last):
	calendar = WorkCalendar(holidays := {day for day in holidays if first <= day <= last}, weekly_off, first, last)
	between = [entered + timedelta(days=n + 1) for n in range((left - entered).days)]
	if first <= last:
		off = [day in holidays if first <= day <= last else day.weekday() in weekly_off for day in between]
		assert calendar.days_between(entered, left) == len(between) - sum(off)


@given(st.lists(days, min_size=3, max_size=3).map(sorted), st.lists(days, max_size=60))
def test_working_days_of_two_stays_in_a_row_add_up(moments, holidays):
	first, second, third = moments
	calendar = WorkCalendar(holidays)
	parts = calendar.days_between(first, second) + calendar.days_between(second, third)
	assert parts == calendar.days_between(first, third)


@given(moments, moments)
def test_without_holidays_every_day_works(entered, left):
	assert WorkCalendar().days_between(entered, left) == max((left.date() - entered.date()).days, 0)


@given(moments, st.integers(0, 10**7), st.integers(0, 10**7))
def test_days_in_a_stage_are_whole_ones_of_all_visits(entered, earlier, running):
	days = whole_days(entered, entered + timedelta(seconds=running), earlier)
	assert days * 86400 <= earlier + running < (days + 1) * 86400
	assert whole_days(entered + timedelta(seconds=running), entered, earlier) == earlier // 86400
	assert whole_days(None, entered, earlier) is None

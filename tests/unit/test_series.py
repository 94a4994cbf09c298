"""Methods that look at the history alone: defined answers for every history, and results that statsmodels gives."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core import series
from crm_pipeline.core.accuracy import best, error_of, span
from crm_pipeline.core.least_squares import solve

# Monthly airline passengers of 1949 to 1953 (Box and Jenkins), in thousands.
PASSENGERS = [
	112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118,
	115, 126, 141, 135, 125, 149, 170, 170, 158, 133, 114, 140,
	145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166,
	171, 180, 193, 181, 183, 218, 230, 242, 209, 191, 172, 194,
	196, 196, 236, 235, 229, 243, 264, 272, 237, 211, 180, 201,
]  # fmt: skip

histories = st.lists(st.floats(0, 1e9) | st.just(0.0), max_size=70)
methods = st.sampled_from(sorted(series.METHODS))


@given(methods, histories, st.integers(1, 12))
def test_every_history_has_a_defined_answer(name, history, steps):
	outlook = series.METHODS[name](history, steps)
	if outlook.values is None:
		assert outlook.reason
		assert len(history) < series.SHORTEST
	else:
		assert len(outlook.values) == steps
		assert all(0 <= value < 1e13 for value in outlook.values)


@given(methods, st.floats(1, 1e6), st.integers(6, 40))
def test_what_never_changes_goes_on(name, value, months):
	outlook = series.METHODS[name]([value] * months, 6)
	assert outlook.values == pytest.approx([value] * 6, rel=1e-6)


@pytest.mark.parametrize("name", [series.SMOOTHING, series.REGRESSION])
def test_five_months_are_too_short_for_a_trend(name):
	assert series.METHODS[name]([1, 2, 3, 4, 5], 3) == series.Outlook(None, reason="too short")
	assert series.METHODS[name]([1, 2, 3, 4, 5, 6], 3).values


@pytest.mark.parametrize("name", sorted(series.METHODS))
def test_where_nothing_came_in_nothing_is_expected(name):
	assert series.METHODS[name]([0.0] * 18, 3).values == (0.0, 0.0, 0.0)


def test_seasons_need_two_years():
	assert series.smoothing(PASSENGERS[:23], 1).model == "trend"
	assert series.smoothing(PASSENGERS[:24], 1).model == "trend and seasons"
	assert series.regression(PASSENGERS[:23], 1).model == "line"
	assert series.regression(PASSENGERS[:24], 1).model == "line and months"


def test_the_naive_forecast_is_the_same_month_of_the_year_before():
	assert series.naive(PASSENGERS[:24], 14).values[:12] == tuple(map(float, PASSENGERS[12:24]))
	assert series.naive(PASSENGERS[:24], 14).values[12:] == (115.0, 126.0)
	assert series.naive([3.0, 5.0], 2).values == (5.0, 5.0)
	assert series.naive([], 2).reason == "no history"


def test_a_falling_history_stops_at_zero():
	assert series.regression([60.0, 50.0, 40.0, 30.0, 20.0, 10.0], 3).values == (0.0, 0.0, 0.0)


# Results of statsmodels 0.15 on the same numbers.


def test_regression_agrees_with_statsmodels():
	"""OLS(...).fit().predict(...) with constant, trend and month dummies."""
	assert series.regression(PASSENGERS[:36], 6).values == pytest.approx(
		[167.5, 174.833333, 193.833333, 185.833333, 182.833333, 197.5], abs=1e-5
	)
	assert series.regression(PASSENGERS[:9], 3).values == pytest.approx([149.666667, 153.4, 157.133333], abs=1e-5)


@pytest.mark.parametrize(
	("months", "seasonal", "squares"), [(18, False, 3581.242151963006), (36, True, 987.0184475029326)]
)
def test_smoothing_misses_as_much_as_statsmodels_with_the_same_weights(months, seasonal, squares):
	"""ExponentialSmoothing(trend="add", damped_trend=True, seasonal="add" or None, initialization_method="known")
	with our start, .fit(smoothing_level=.3, smoothing_trend=.1, smoothing_seasonal=.2, damping_trend=.98)."""
	found = series.smooth(PASSENGERS[:months], 0.3, 0.1, 0.2 if seasonal else 0.0, seasonal)
	assert found[0] == pytest.approx(squares, rel=1e-9)


def test_smoothing_comes_close_to_what_statsmodels_finds_by_itself():
	found = series.smoothing(PASSENGERS[:48], 6).values
	theirs = [196.2, 203.6, 220.8, 211.5, 209.5, 228.9]
	assert all(abs(a - b) / b < 0.02 for a, b in zip(found, theirs, strict=True))


@given(st.floats(-100, 100), st.floats(-5, 5))
def test_a_straight_line_is_found_again(constant, slope):
	weights = solve([[1.0, float(x)] for x in range(8)], [constant + slope * x for x in range(8)])
	assert weights == pytest.approx([constant, slope], abs=1e-6)


def test_columns_that_depend_on_each_other_are_an_error():
	with pytest.raises(ValueError, match="depend"):
		solve([[1.0, 2.0], [2.0, 4.0]], [1.0, 2.0])


# ---- histories


def test_gaps_are_zero_and_the_month_that_runs_is_not_in_it():
	found = {date(2026, 1, 1): 5.0, date(2026, 4, 1): 7.0, date(2026, 6, 1): 9.0}
	assert series.monthly(found, date(2026, 5, 1)) == [5.0, 0.0, 0.0, 7.0, 0.0]
	assert series.monthly(found, date(2025, 5, 1)) == []


def test_what_is_long_ago_is_left_out():
	found = {date(2000, 1, 1): 5.0, date(2026, 4, 1): 7.0}
	history = series.monthly(found, date(2026, 4, 1))
	assert len(history) == series.LONGEST
	assert history[-1] == 7.0 and not any(history[:-1])


# ---- how far off


def test_errors_are_shares_of_what_came_in():
	error = error_of([(80.0, 100.0), (60.0, 50.0), (10.0, 0.0)])
	assert error.count == 3
	assert error.wape == pytest.approx(40 / 150)
	assert error.mape == pytest.approx((0.2 + 0.2) / 2)
	assert error.bias == pytest.approx(0.0)


def test_without_anything_real_there_is_no_error_to_tell():
	assert error_of([(5.0, 0.0)]) == error_of([]).__class__(1, None, None, None)
	assert best({"a": error_of([(5.0, 0.0)] * 9)}) is None


def test_the_method_that_misses_least_is_proposed_if_it_was_compared_often_enough():
	good, fair, lucky = [(99.0, 100.0)] * 3, [(80.0, 100.0)] * 3, [(100.0, 100.0)] * 2
	errors = {"fair": error_of(fair), "good": error_of(good), "lucky": error_of(lucky)}
	assert best(errors) == "good"


def test_a_span_never_falls_below_what_is_signed():
	assert span(100.0, 0.3) == pytest.approx((70.0, 130.0))
	assert span(100.0, 0.3, floor=90.0) == pytest.approx((90.0, 130.0))
	assert span(100.0, None) is None


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(1, 1e6)), min_size=1, max_size=20))
def test_the_bias_is_never_larger_than_the_miss(pairs):
	error = error_of(pairs)
	assert abs(error.bias) <= error.wape + 1e-9


def test_a_year_is_enough_for_the_same_month_of_the_year_before():
	history = [float(n) for n in range(series.SEASON)]
	assert series.naive(history, 2).values == (0.0, 1.0)
	assert series.naive(history[1:], 2).values == (11.0, 11.0)


def test_a_history_of_its_last_month_alone_is_one():
	month = date(2026, 3, 1)
	assert (series.monthly({month: 5.0}, month), series.monthly({month: 5.0}, date(2026, 2, 1))) == ([5.0], [])


def test_a_trend_fades_from_step_to_step():
	"""Each step adds the trend once more, weakened by the damping: what rises does not rise for ever."""
	values = series.smoothing([10.0 * month for month in range(1, 13)], 5).values
	steps = [after - before for before, after in pairwise(values)]
	assert all(0 < later < earlier for earlier, later in pairwise(steps))
	assert [later / earlier for earlier, later in pairwise(steps)] == pytest.approx([series.DAMPING] * 3, rel=1e-3)


@pytest.mark.parametrize(
	("values", "slope"),
	[([1, 3, 5, 7], 2), ([7, 5, 3], -2), ([4, 4, 4, 4], 0), ([0, 1, 0, 5], 1.4), ([0.0, 10.0], 10)],
)
def test_the_slope_is_that_of_the_line_which_comes_closest(values, slope):
	assert series._slope(values) == pytest.approx(slope)
	# The line of the regression has the same.
	constant, growth = solve([[1.0, float(n)] for n in range(len(values))], values)
	assert growth == pytest.approx(slope) and constant == pytest.approx(
		sum(values) / len(values) - slope * (len(values) - 1) / 2
	)


@pytest.mark.parametrize("months", [24, 27, 31, 36, 40])
def test_the_seasons_that_come_are_those_of_their_months(months):
	"""A month in twelve sells; where the history ends does not matter."""
	year = [100.0] * series.SEASON
	year[4] = 1300.0
	history = [year[month % series.SEASON] for month in range(months)]
	values = series.smoothing(history, series.SEASON).values
	best = max(range(series.SEASON), key=lambda step: values[step])
	assert (months + best) % series.SEASON == 4


def test_smoothing_begins_on_the_line_through_the_first_year_and_with_its_usual_seasons():
	line = [10.0 + 2 * n for n in range(6)]
	assert series._start(line, False) == (pytest.approx(8), pytest.approx(2), [0.0] * series.SEASON)
	year = [0.0] * 11 + [12.0]
	level, trend, seasons = series._start([100 + part for part in year * 2], True)
	assert trend == pytest.approx(series._slope(year * 2)) and sum(seasons) == pytest.approx(0, abs=1e-9)
	assert max(seasons) == seasons[-1] > 5 and level == pytest.approx(101 - trend * 12.5)

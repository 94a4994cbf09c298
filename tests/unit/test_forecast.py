"""The forecast adds up whatever it is given, and every sum lands in one place."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.forecast import (
	MONTH,
	OUTSIDE,
	QUARTER,
	Sum,
	Totals,
	add_months,
	added,
	by_key,
	forecast,
	period_of,
	periods,
	roll_up,
)
from crm_pipeline.core.win_rates import BY_AGE, BY_SETTING, BY_STAGE, Rates, Visits, learn

TODAY = date(2026, 11, 21)
NO_RATES = Rates({})
CATEGORIES = ("Omitted", "Pipeline", "Best Case", "Commit", "Closed", "Some New Word")

# Whole numbers: sums of them are exact, so that equal means equal.
whole = st.integers(0, 10**6).map(float)
sums = st.builds(
	Sum,
	month=st.none() | st.dates(date(2024, 1, 1), date(2030, 12, 31)).map(lambda day: day.replace(day=1)),
	won=st.booleans(),
	overdue=st.booleans(),
	category=st.sampled_from(CATEGORIES),
	stage=st.sampled_from(("a", "b")),
	band=st.integers(0, 3),
	key=st.sampled_from(("", "Ann", "Ben", "Cleo")),
	documents=st.integers(1, 50),
	value=whole,
	weighted=whole,
	ordered=whole,
).map(lambda row: row if not row.won else Sum(**{**vars(row), "overdue": False}))
rows_of_any_kind = st.lists(sums, max_size=30)
kinds = st.sampled_from((MONTH, QUARTER))


def of(rows, count=6, kind=MONTH, start=TODAY):
	return forecast(rows, periods(start, count, kind), TODAY, NO_RATES)


def test_an_open_deal_counts_in_the_month_it_is_expected_in():
	found = of([Sum(date(2027, 1, 1), documents=2, value=300.0, weighted=120.0, category="Commit")])
	january = found.periods[period_of(date(2027, 1, 5))]
	assert (january.documents, january.commit, january.weighted, january.category) == (2, 300.0, 120.0, 300.0)


def test_an_overdue_deal_is_expected_now_and_shown_as_overdue():
	now = of([Sum(None, overdue=True, documents=1, value=50.0)]).periods[period_of(TODAY)]
	assert (now.pipeline, now.overdue, now.overdue_documents) == (50.0, 50.0, 1)


def test_a_deal_without_a_date_is_in_no_period_and_on_a_line_of_its_own():
	found = of([Sum(None, documents=1, value=70.0, weighted=7.0)])
	assert found.total.documents == 0
	assert (found.outside["undated"].documents, found.outside["undated"].pipeline) == (1, 70.0)


def test_what_comes_after_the_last_period_is_on_a_line_of_its_own():
	found = of([Sum(date(2099, 1, 1), value=10.0)], count=2)
	assert found.outside["later"].pipeline == 10.0


def test_omitted_deals_are_counted_but_promise_nothing():
	found = of([Sum(date(2026, 12, 1), category="Omitted", documents=3, value=90.0, weighted=45.0)]).total
	assert (found.documents, found.omitted, found.weighted, found.potential) == (3, 90.0, 0.0, 0.0)


def test_an_open_deal_whose_category_says_closed_is_a_commitment_not_signed():
	found = of([Sum(date(2026, 12, 1), category="Closed", value=90.0)]).total
	assert (found.signed, found.commit) == (0.0, 90.0)


def test_won_deals_are_signed_with_what_was_ordered():
	found = of([Sum(date(2026, 11, 1), won=True, documents=1, value=90.0, ordered=80.0)]).total
	assert (found.signed, found.ordered, found.signed_documents) == (90.0, 80.0, 1)
	assert found.weighted == found.category == found.historical == found.potential == 90.0


def test_the_historical_method_uses_the_rate_of_stage_and_age():
	rates = learn([Visits("a", 2, won=90, lost=10)], {"a": 0.1})
	rows = [Sum(date(2026, 12, 1), stage="a", band=2, value=1000.0, weighted=100.0)]
	found = forecast(rows, periods(TODAY, 3), TODAY, rates).total
	assert found.weighted == 100.0
	assert found.historical == pytest.approx(1000 * rates.of("a", 2).value)
	assert 800 < found.historical < 900


@given(rows_of_any_kind, st.integers(1, 12), kinds)
def test_periods_and_the_lines_beside_them_hold_everything_once(rows, count, kind):
	found = of(rows, count, kind)
	everything = added([found.total, *found.outside.values()])
	assert everything.documents == sum(row.documents for row in rows)
	assert everything.signed == sum(row.value for row in rows if row.won)
	assert everything.ordered == sum(row.ordered for row in rows if row.won)
	open_value = everything.commit + everything.best_case + everything.pipeline + everything.omitted
	assert open_value == sum(row.value for row in rows if not row.won)
	assert set(found.outside) == set(OUTSIDE)


@given(rows_of_any_kind, st.integers(1, 8))
def test_months_sum_to_quarters(rows, quarters):
	start = period_of(TODAY, QUARTER).first
	months, by_quarter = of(rows, quarters * 3, MONTH, start), of(rows, quarters, QUARTER, start)
	assert months.total == by_quarter.total
	assert months.outside == by_quarter.outside
	for quarter, totals in by_quarter.periods.items():
		inside = [t for month, t in months.periods.items() if quarter.holds(month.first)]
		assert len(inside) == 3 and added(inside) == totals


@given(rows_of_any_kind, st.integers(1, 12))
def test_persons_sum_to_the_whole(rows, count):
	shown = periods(TODAY, count)
	whole_forecast = forecast(rows, shown, TODAY, NO_RATES)
	parts = by_key(rows, shown, TODAY, NO_RATES).values()
	for period in shown:
		assert added(part.periods[period] for part in parts) == whole_forecast.periods[period]
	for line in OUTSIDE:
		assert added(part.outside[line] for part in parts) == whole_forecast.outside[line]


@given(rows_of_any_kind, rows_of_any_kind)
def test_scopes_add_up(opportunities, projects):
	both = of(opportunities + projects)
	assert added([of(opportunities).total, of(projects).total]) == both.total


# A company: West (Ann, Ben), East (Cleo).
TREE = [("Company", 1, 12), ("West", 2, 7), ("Ann", 3, 4), ("Ben", 5, 6), ("East", 8, 11), ("Cleo", 9, 10)]


@given(st.dictionaries(st.sampled_from([name for name, _l, _r in TREE]), whole))
def test_a_team_holds_its_own_and_all_below_it(values):
	own = {name: Totals(documents=1, signed=value) for name, value in values.items()}
	found = {name: totals for name, _depth, totals in roll_up(own, TREE)}
	if own:
		assert found["Company"] == added(own.values())
	for team, members in (("West", ("West", "Ann", "Ben")), ("East", ("East", "Cleo"))):
		expected = added(own[name] for name in members if name in own)
		assert found.get(team, Totals()) == expected


def test_a_tree_is_told_in_its_order_with_depths_and_without_empty_branches():
	rows = roll_up({"Cleo": Totals(signed=5.0)}, TREE)
	assert [(name, depth) for name, depth, _totals in rows] == [("Company", 0), ("East", 1), ("Cleo", 2)]


# ---- periods


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)), kinds)
def test_a_day_is_in_its_own_period_only(day, kind):
	period = period_of(day, kind)
	assert period.holds(day)
	before, after = period_of(period.first - timedelta(days=1), kind), period_of(period.last + timedelta(days=1), kind)
	assert not before.holds(day) and not after.holds(day)
	assert before.last + timedelta(days=1) == period.first


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)), st.integers(1, 40), kinds)
def test_periods_follow_each_other_without_gaps(day, count, kind):
	found = periods(day, count, kind)
	assert len(found) == count and found[0].holds(day)
	assert all(a.last + timedelta(days=1) == b.first for a, b in zip(found, found[1:], strict=False))


def test_periods_have_readable_keys():
	assert [period_of(date(2026, 11, 3), kind).key for kind in (MONTH, QUARTER)] == ["2026-11", "2026-Q4"]
	assert add_months(date(2026, 1, 31), -1) == date(2025, 12, 1)


def test_no_period_is_no_forecast():
	with pytest.raises(ValueError):
		periods(TODAY, 0)


# ---- win rates


def test_too_few_closed_deals_say_nothing_and_the_stage_probability_stands():
	rate = learn([Visits("a", 0, won=9)], {"a": 0.25}).of("a", 0)
	assert (rate.value, rate.basis) == (0.25, BY_SETTING)


def test_a_rate_is_drawn_towards_the_wider_group():
	rates = learn([Visits("a", 0, won=0, lost=10), Visits("a", 1, won=10, lost=0)], {"a": 0.5})
	stage, older = rates.of("a", 0), rates.of("a", 1)
	assert (stage.deals, stage.basis, stage.value) == (20, BY_STAGE, 0.5)
	assert (older.deals, older.basis, older.value) == (10, BY_AGE, 0.75)


def test_an_old_age_that_nobody_reached_falls_back_to_the_stage():
	rates = learn([Visits("a", 0, won=30, lost=10)], {"a": 0.5})
	assert rates.of("a", 3) == rates.of("a", 0)


def test_a_deal_in_a_stage_nobody_knows_promises_nothing():
	assert learn([], {}).of("gone", 1).value == 0.0


@given(
	st.lists(st.builds(Visits, st.just("a"), st.integers(0, 3), st.integers(0, 40), st.integers(0, 40))),
	st.floats(0, 1),
)
def test_rates_are_shares(visits, probability):
	rates = learn(visits, {"a": probability})
	assert all(0 <= rates.of("a", band).value <= 1 for band in range(4))

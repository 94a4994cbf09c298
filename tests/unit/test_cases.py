"""Until when a case is due, in working time, and what the times of many say."""

import statistics
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.cases import CaseTimes, WorkingTime, due, is_overdue, summarised, worked
from crm_pipeline.core.dwell import WorkCalendar
from crm_pipeline.core.states import CASE

FRIDAY = date(2026, 11, 27)
WEEKEND = WorkCalendar(weekly_off=(5, 6), first=date(2000, 1, 1), last=date(2000, 1, 2))
OFFICE = WorkingTime(WEEKEND, time(9), time(17))


def at(day: int, hour: int, minute: int = 0) -> datetime:
	"""So many days after that Friday."""
	return datetime.combine(FRIDAY + timedelta(days=day), time(hour, minute))


@pytest.mark.parametrize(
	("opened", "hours", "expected"),
	[
		(at(0, 10), 4, at(0, 14)),
		(at(0, 15), 4, at(3, 11)),
		(at(0, 17), 1, at(3, 10)),
		(at(0, 7), 1, at(0, 10)),
		(at(0, 20), 8, at(3, 17)),
		(at(1, 12), 0.5, at(3, 9, 30)),
		(at(0, 9), 8, at(0, 17)),
		(at(0, 9), 16, at(3, 17)),
		(at(0, 9), 80, at(13, 17)),
	],
)
def test_hours_run_while_people_work(opened, hours, expected):
	assert due(opened, hours, OFFICE) == expected


@given(st.integers(0, 20_000), st.integers(0, 20_000))
def test_as_many_hours_are_worked_until_it_is_due(minutes, hours):
	opened = at(0, 0) + timedelta(minutes=minutes)
	end = due(opened, hours / 60 + 0.5, OFFICE)
	assert worked(opened, end, OFFICE) == pytest.approx(hours / 60 + 0.5)


def test_nothing_is_worked_at_the_weekend_or_backwards():
	assert worked(at(0, 17), at(3, 9), OFFICE) == 0
	assert worked(at(3, 9), at(0, 9), OFFICE) == 0
	assert worked(at(0, 12), at(3, 12), WorkingTime()) == 72


def test_without_a_calendar_and_hours_the_clock_counts():
	assert due(at(0, 20), 30, WorkingTime()) == at(2, 2)


def test_without_hours_of_the_day_working_days_count_whole():
	assert due(at(0, 20), 30, WorkingTime(WEEKEND)) == at(4, 2)


@pytest.mark.parametrize("hours", [0, None, -3])
def test_without_a_limit_nothing_is_due(hours):
	assert due(at(0, 9), hours, OFFICE) is None


def test_a_holiday_list_without_working_days_falls_back_on_the_clock():
	never = WorkingTime(WorkCalendar(weekly_off=range(7), first=date(2000, 1, 1), last=date(2000, 1, 2)))
	assert due(at(0, 9), 5, never) == at(0, 14)


def test_a_working_day_that_ends_before_it_begins_is_a_whole_one():
	assert due(at(0, 20), 2, WorkingTime(None, time(17), time(9))) == at(0, 22)


@given(st.integers(0, 20_000), st.integers(1, 500), st.integers(1, 500))
def test_more_hours_are_never_due_earlier(minutes, less, more):
	opened = at(0, 0) + timedelta(minutes=minutes)
	first, second = due(opened, min(less, more) / 4, OFFICE), due(opened, max(less, more) / 4, OFFICE)
	assert opened < first <= second
	assert time(9) <= first.time() <= time(17) and first.weekday() < 5


@pytest.mark.parametrize(
	("due_by", "done", "late"),
	[
		(None, None, False),
		(at(0, 9), None, True),
		(at(1, 9), None, False),
		(at(0, 9), at(0, 9), False),
		(at(0, 9), at(0, 10), True),
	],
)
def test_overdue_is_what_was_done_late_or_is_late(due_by, done, late):
	assert is_overdue(due_by, done, at(0, 12)) is late


def test_of_no_cases_nothing_is_said():
	none = summarised([])
	assert (none.cases, none.mean_to_solve, none.median_to_answer, none.overdue_share, none.mean_satisfaction) == (
		0, None, None, None, None,
	)  # fmt: skip


@given(st.lists(st.tuples(st.none() | st.floats(0, 1e6), st.none() | st.floats(0, 1e6), st.booleans()), min_size=1))
def test_a_summary_is_of_those_that_were_answered_and_solved(rows):
	found = summarised([CaseTimes(answer, solve, late) for answer, solve, late in rows])
	answers = [answer for answer, _solve, _late in rows if answer is not None]
	assert (found.answered, found.cases, found.overdue) == (len(answers), len(rows), sum(late for _a, _s, late in rows))
	assert found.median_to_answer == (statistics.median(answers) if answers else None)


def test_a_case_without_a_rating_lowers_none():
	assert summarised([CaseTimes(satisfaction=1.0), CaseTimes(), CaseTimes(satisfaction=0.6)]).mean_satisfaction == 0.8


@pytest.mark.parametrize(("was", "to", "allowed"), [
	(None, "Solved", True), ("Open", "Solved", True), ("Solved", "Open", True),
	("Solved", "Withdrawn", False), ("Withdrawn", "Solved", False), ("Solved", "Waiting", False),
])  # fmt: skip
def test_a_closed_case_is_opened_again_before_anything_else(was, to, allowed):
	assert CASE.may_follow(was, to) is allowed

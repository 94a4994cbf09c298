"""When an activity is: ends, lengths, deadlines and reminders, over midnight and across a change of clocks."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core import activity as rules
from crm_pipeline.core.activity import Times

BERLIN, NEW_YORK, KATHMANDU = (ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Asia/Kathmandu"))
EVENING = datetime(2026, 3, 28, 23, 30)
HOUR = 3600


def at(text: str) -> datetime:
	return datetime.fromisoformat(text)


def test_an_activity_over_midnight_takes_the_hours_between():
	found = rules.times(Times(at("2026-05-04 22:30"), at("2026-05-05 01:00")), None, BERLIN)
	assert found.seconds == 2.5 * HOUR


@pytest.mark.parametrize(
	("starts", "ends", "hours"),
	[
		# Put forward: two o'clock is not shown that night.
		("2026-03-28 23:30", "2026-03-29 03:30", 3),
		# Put back: between two and three is shown twice.
		("2026-10-24 23:30", "2026-10-25 03:30", 5),
	],
)
def test_a_night_in_which_the_clock_changes_is_as_long_as_it_is(starts, ends, hours):
	assert rules.times(Times(at(starts), at(ends)), None, BERLIN).seconds == hours * HOUR
	assert rules.times(Times(at(starts), None, hours * HOUR), None, BERLIN).ends == at(ends)


def test_an_end_that_the_clock_shows_before_the_start_is_the_second_time_it_shows_it():
	found = rules.times(Times(at("2026-10-25 02:40"), at("2026-10-25 02:10")), None, BERLIN)
	assert found.seconds == HOUR / 2


def test_an_activity_does_not_end_before_it_starts():
	for times in (Times(at("2026-05-04 10:00"), at("2026-05-04 09:59")), Times(at("2026-05-04 10:00"), None, -60)):
		with pytest.raises(rules.EndBeforeStartError):
			rules.times(times, None, BERLIN)


def test_a_length_of_years_is_a_typing_error():
	for times in (Times(EVENING, EVENING + timedelta(days=400)), Times(EVENING, None, 10**12)):
		with pytest.raises(rules.TooLongError):
			rules.times(times, None, BERLIN)


def test_an_activity_may_have_no_end():
	assert rules.times(Times(EVENING), None, BERLIN) == Times(EVENING)
	assert rules.times(Times(EVENING, None, 0), None, BERLIN) == Times(EVENING)


BEFORE = Times(at("2026-05-04 10:00"), at("2026-05-04 11:00"), HOUR)


@pytest.mark.parametrize(
	("now", "found"),
	[
		# Only the start: the same length.
		(Times(at("2026-05-05 08:00"), BEFORE.ends, HOUR), (at("2026-05-05 09:00"), HOUR)),
		# The length, the end, both at once as a calendar drags them.
		(Times(BEFORE.starts, BEFORE.ends, 2 * HOUR), (at("2026-05-04 12:00"), 2 * HOUR)),
		(Times(BEFORE.starts, at("2026-05-04 10:30"), HOUR), (at("2026-05-04 10:30"), HOUR / 2)),
		(Times(at("2026-05-04 09:00"), at("2026-05-04 12:00"), HOUR), (at("2026-05-04 12:00"), 3 * HOUR)),
		# Taken away.
		(Times(BEFORE.starts, None, HOUR), (None, None)),
		(Times(BEFORE.starts, BEFORE.ends, None), (None, None)),
		(Times(BEFORE.starts, None, HOUR / 2), (at("2026-05-04 10:30"), HOUR / 2)),
		(BEFORE, (BEFORE.ends, HOUR)),
	],
)
def test_what_was_changed_of_start_end_and_length_counts(now, found):
	after = rules.times(now, BEFORE, BERLIN)
	assert (after.ends, after.seconds) == found


def test_an_activity_of_before_with_a_length_alone_gets_its_end():
	before = Times(BEFORE.starts, None, HOUR)
	assert rules.times(before, before, BERLIN).ends == BEFORE.ends


@given(
	st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2037, 1, 1)),
	st.integers(min_value=60, max_value=40 * 24 * HOUR),
	st.sampled_from([BERLIN, NEW_YORK, KATHMANDU]),
)
def test_a_length_is_kept_through_any_number_of_saves(starts, seconds, zone):
	once = rules.times(Times(starts, None, seconds), None, zone)
	assert once.seconds == seconds
	assert rules.times(once, once, zone) == once
	# An end typed as it was shown says the same, but for the hour that is shown twice.
	assert abs(rules.seconds_between(starts, once.ends, zone) - seconds) in (0, HOUR)


def test_what_nobody_says_is_due_when_it_starts_and_follows_it():
	monday, tuesday, friday = at("2026-05-04 10:00"), at("2026-05-05 10:00"), at("2026-05-08 17:00")
	assert rules.due(None, None, monday, None) == monday
	assert rules.due(monday, monday, tuesday, monday) == tuesday
	assert rules.due(friday, friday, tuesday, monday) == friday
	assert rules.due(friday, monday, tuesday, monday) == friday


NOON = at("2026-05-04 12:00")


@pytest.mark.parametrize(
	("status", "due_on", "reminder", "found"),
	[
		("Planned", at("2026-05-04 14:00"), "1 Hour Before", at("2026-05-04 13:00")),
		("Planned", at("2026-05-04 14:00"), "At the Time", at("2026-05-04 14:00")),
		("Planned", at("2026-05-05 00:10"), "1 Day Before", at("2026-05-04 00:10")),
		("Planned", at("2026-05-04 11:59"), "1 Hour Before", None),
		("Planned", at("2026-05-04 14:00"), "No Reminder", None),
		("Planned", at("2026-05-04 14:00"), None, None),
		("Planned", at("2026-05-04 14:00"), "Sometime", None),
		("Done", at("2026-05-04 14:00"), "1 Hour Before", None),
		("Cancelled", at("2026-05-04 14:00"), "1 Hour Before", None),
	],
)
def test_a_reminder_comes_before_what_is_planned(status, due_on, reminder, found):
	assert rules.remind_at(status, due_on, reminder, NOON, BERLIN, BERLIN) == found


@pytest.mark.parametrize(
	("due_on", "reminder", "found"),
	[
		# The clock goes from two to three: an hour before half past three is half past one.
		("2027-03-28 03:30", "1 Hour Before", "2027-03-28 01:30"),
		("2027-03-28 03:10", "15 Minutes Before", "2027-03-28 01:55"),
		("2027-03-28 10:00", "1 Day Before", "2027-03-27 10:00"),
		("2027-03-28 03:00", "At the Time", "2027-03-28 03:00"),
		# It goes from three to two: three hours later it shows what it showed two hours before.
		("2026-10-25 04:00", "2 Hours Before", "2026-10-25 02:00"),
		("2026-10-25 04:30", "2 Hours Before", "2026-10-25 02:30"),
		("2026-10-25 05:00", "2 Hours Before", "2026-10-25 03:00"),
		("2026-10-26 09:00", "2 Days Before", "2026-10-24 09:00"),
		("2026-11-01 09:00", "1 Week Before", "2026-10-25 09:00"),
	],
)
def test_a_reminder_comes_as_long_before_as_it_says_when_the_clock_changes(due_on, reminder, found):
	assert rules.remind_at("Planned", at(due_on), reminder, at("2026-01-01 00:00"), BERLIN, BERLIN) == at(found)


def test_a_day_before_is_the_same_time_for_who_is_reminded():
	# Ten in Berlin on the Monday after the clock went back is half past two in the afternoon in Kolkata; the day before too.
	kolkata = ZoneInfo("Asia/Kolkata")
	found = rules.remind_at("Planned", at("2026-10-26 14:30"), "2 Days Before", NOON, kolkata, BERLIN)
	assert found == at("2026-10-24 13:30")


def test_moved_to_another_day_it_keeps_the_time_that_its_owner_sees():
	# Eight in the evening in New York is two in the night in Berlin; on the 28th of March Berlin is an hour nearer.
	site = at("2026-03-03 02:00")
	assert rules.on_day(site, date(2026, 3, 12), BERLIN, NEW_YORK) == at("2026-03-13 01:00")
	assert rules.on_day(site, date(2026, 3, 12), BERLIN, BERLIN) == at("2026-03-12 02:00")


def test_a_day_begins_at_the_midnight_of_its_owner():
	assert rules.bounds(date(2026, 5, 4), BERLIN, NEW_YORK) == (at("2026-05-04 06:00"), at("2026-05-05 06:00"))
	first, last = rules.bounds(date(2026, 3, 29), BERLIN, BERLIN)
	assert (first, last) == (at("2026-03-29 00:00"), at("2026-03-30 00:00"))

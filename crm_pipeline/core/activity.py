"""When an activity is, how long it takes, by when it is due, and when somebody is reminded of it.

Moments are readings of the site's clock, without a zone, as they are stored; `zone` is that clock. Lengths are seconds
that really pass: a night in which the clock is put forward is an hour shorter. A reading that the clock shows twice is
the first one, and one that it skips is an hour later.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo

PLANNED, DONE, CANCELLED = "Planned", "Done", "Cancelled"
HIGH, MEDIUM, LOW = PRIORITIES = ("High", "Medium", "Low")

# An activity without an end takes this long in a calendar, in seconds.
USUAL = 30 * 60
# Longer than a year is a typing error.
LONGEST = 366 * 24 * 3600

# How long before an activity is due its people are reminded, in minutes; None for not at all.
NO_REMINDER = "No Reminder"
A_DAY = 24 * 60
REMINDERS = {
	NO_REMINDER: None,
	"At the Time": 0,
	"5 Minutes Before": 5,
	"15 Minutes Before": 15,
	"30 Minutes Before": 30,
	"1 Hour Before": 60,
	"2 Hours Before": 120,
	"1 Day Before": A_DAY,
	"2 Days Before": 2 * A_DAY,
	"1 Week Before": 7 * A_DAY,
}


class EndBeforeStartError(ValueError):
	"""It would end before it starts."""


class TooLongError(ValueError):
	"""It would take longer than LONGEST."""


@dataclass(frozen=True)
class Times:
	"""`ends` and `seconds` are both there, or both None: an activity without an end."""

	starts: datetime
	ends: datetime | None = None
	seconds: int | None = None


def seconds_between(starts: datetime, ends: datetime, zone: tzinfo) -> int:
	"""The seconds that pass between two readings of a clock. Raises EndBeforeStartError."""
	first = _instant(starts, zone)
	passed = _instant(ends, zone) - first
	if passed < timedelta(0):
		# The clock may have been put back in between: the second time that it shows this.
		passed = _instant(ends, zone, fold=1) - first
	if passed < timedelta(0):
		raise EndBeforeStartError
	return round(passed.total_seconds())


def end_after(starts: datetime, seconds: int, zone: tzinfo) -> datetime:
	"""What the clock shows so many seconds later."""
	later = _instant(starts, zone) + timedelta(seconds=seconds)
	return later.astimezone(zone).replace(tzinfo=None, fold=0)


def _instant(moment: datetime, zone: tzinfo, fold: int = 0) -> datetime:
	return moment.replace(tzinfo=zone, fold=fold).astimezone(timezone.utc)


def times(now: Times, before: Times | None, zone: tzinfo) -> Times:
	"""The times of an activity whose fields say `now` and said `before` (None for a new one).

	Of end and length the one that was changed counts, the end where both were; one that only starts at another time
	keeps its length. A length of nothing is no length. Raises EndBeforeStartError, TooLongError.
	"""
	before = before or Times(now.starts)
	ends, seconds = now.ends, now.seconds or None
	if ends != before.ends:
		# An end that was taken away takes the length along, unless another one is given.
		keeps = seconds if seconds != (before.seconds or None) else None
		found = (
			Times(now.starts, ends, seconds_between(now.starts, ends, zone)) if ends else _for(now.starts, keeps, zone)
		)
	elif seconds != (before.seconds or None) or now.starts != before.starts or (seconds and not ends):
		found = _for(now.starts, seconds, zone)
	else:
		found = Times(now.starts, ends, now.seconds if ends else None)
	if (found.seconds or 0) > LONGEST:
		raise TooLongError
	return found


def _for(starts: datetime, seconds: int | None, zone: tzinfo) -> Times:
	if seconds is None:
		return Times(starts)
	if seconds < 0:
		raise EndBeforeStartError
	if seconds > LONGEST:
		raise TooLongError
	return Times(starts, end_after(starts, seconds, zone), seconds)


def due(due_on: datetime | None, due_before: datetime | None, starts: datetime, started: datetime | None) -> datetime:
	"""By when it has to be done: as somebody says, else when it starts, and with the start while nobody says."""
	if due_on is None or (due_on == due_before == started):
		return starts
	return due_on


def remind_at(
	status: str, due_on: datetime, reminder: str | None, now: datetime, zone: tzinfo, user: tzinfo
) -> datetime | None:
	"""When to remind of a planned activity; None for never, as of one that is due already. Minutes and hours before are
	those that really pass; a day before is the same time of the day before, as the clock of `user` shows it."""
	minutes = REMINDERS.get(reminder or NO_REMINDER)
	if status != PLANNED or minutes is None or due_on < now:
		return None
	days = minutes // A_DAY
	if not days:
		return end_after(due_on, -60 * minutes, zone)
	day = _instant(due_on, zone).astimezone(user).date()
	return on_day(due_on, day - timedelta(days=days), zone, user)


def on_day(moment: datetime, day: date, site: tzinfo, user: tzinfo) -> datetime:
	"""The same time of another day, both as the clock of `user` shows them."""
	shown = _instant(moment, site).astimezone(user)
	there = datetime.combine(day, shown.timetz().replace(tzinfo=None))
	return _instant(there, user).astimezone(site).replace(tzinfo=None, fold=0)


def bounds(day: date, site: tzinfo, user: tzinfo) -> tuple[datetime, datetime]:
	"""The moments at which a day of `user` begins and ends."""
	return tuple(
		_instant(datetime.combine(one, datetime.min.time()), user).astimezone(site).replace(tzinfo=None, fold=0)
		for one in (day, day + timedelta(days=1))
	)

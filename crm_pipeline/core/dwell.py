"""Time between two moments of the ledger, and what a distribution of such times says.

A histogram is {value: how many}; its values may be hours, days or anything else that can be ordered.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

SECONDS_PER_DAY = 86_400

# Seconds of a stay of which nobody knows when it began: no figure about times counts it.
UNKNOWN = -1


def seconds_spent(entered: datetime | None, left: datetime) -> int:
	"""Whole seconds between two moments; 0 for the first one or where history runs backwards."""
	if entered is None:
		return 0
	return max(int((left - entered).total_seconds()), 0)


def whole_days(entered: datetime | None, now: datetime, earlier_seconds: int = 0) -> int | None:
	"""The days that a running stay has lasted, with the seconds of visits before it; None where nobody knows since when."""
	return None if entered is None else (seconds_spent(entered, now) + earlier_seconds) // SECONDS_PER_DAY


class WorkCalendar:
	"""Counts working days; `holidays` are all days on which nobody works, weekends among them.

	A list of them is known from `first` to `last` (None: without an end). Before and after it the `weekly_off`
	weekdays (0 is Monday) are off, and no others.
	"""

	def __init__(
		self,
		holidays: Iterable[date] = (),
		weekly_off: Iterable[int] = (),
		first: date | None = None,
		last: date | None = None,
	):
		self._holidays = sorted(set(holidays))
		self._weekly_off = frozenset(weekly_off)
		self._first, self._last = (first or date.min).toordinal(), (last or date.max).toordinal()

	def days_between(self, entered: datetime | date, left: datetime | date) -> int:
		"""Working days that began between two moments: from Friday to Monday it is one, within a day none.

		0 where history runs backwards. Without holidays it is the number of midnights.
		"""
		first, last = _day(entered), _day(left)
		if last <= first:
			return 0
		off = bisect_right(self._holidays, last) - bisect_right(self._holidays, first)
		start, end = first.toordinal(), last.toordinal()
		off += self._weekly_off_between(start, min(end, self._first - 1))
		off += self._weekly_off_between(max(start, self._last), end)
		return end - start - off

	def working_day_from(self, day: date) -> date:
		"""The day itself, or the next one on which people work; the day where all of a year is off."""
		for ahead in range(366):
			candidate = day + timedelta(days=ahead)
			if self.days_between(candidate - timedelta(days=1), candidate):
				return candidate
		return day

	def _weekly_off_between(self, start: int, end: int) -> int:
		"""Weekdays off after day `start` until day `end`; day 1 of the calendar was a Monday."""
		if end <= start:
			return 0
		return sum((end - 1 - weekday) // 7 - (start - 1 - weekday) // 7 for weekday in self._weekly_off)


def _day(moment: datetime | date) -> date:
	return moment.date() if isinstance(moment, datetime) else moment


def quantile(histogram: Mapping[float, int], q: float) -> float | None:
	"""The value below which a share `q` (0 to 1) of a histogram lies; None when it is empty.

	Between two values it is interpolated, as a spreadsheet's MEDIAN and PERCENTILE.INC do. Counts of
	zero or less stand for nothing.
	"""
	if not 0 <= q <= 1:
		raise ValueError("a quantile lies between 0 and 1")
	values = sorted((value, count) for value, count in histogram.items() if count > 0)
	if not values:
		return None
	place = (sum(count for _value, count in values) - 1) * q
	below = int(place)
	low, high = _at(values, below), _at(values, below + 1)
	# Written so that two equal values give exactly that value.
	return low + (high - low) * (place - below)


def _at(values: list[tuple[float, int]], index: int) -> float:
	"""The element at `index` of the list that the histogram stands for; the last one beyond its end."""
	for value, count in values:
		if index < count:
			return value
		index -= count
	return values[-1][0]


def median(histogram: Mapping[float, int]) -> float | None:
	return quantile(histogram, 0.5)


def share_from(histogram: Mapping[float, int], limit: float) -> int:
	"""How many of a histogram reach a limit."""
	return sum(count for value, count in histogram.items() if value >= limit)


@dataclass
class Spread:
	"""Stays in one stage: a histogram of whole values (hours or days) with the exact sum of all stays."""

	histogram: dict[float, int] = field(default_factory=dict)
	total: float = 0.0

	def add(self, value: float, count: int, total: float) -> None:
		self.histogram[value] = self.histogram.get(value, 0) + count
		self.total += total

	@property
	def count(self) -> int:
		return sum(self.histogram.values())

	@property
	def average(self) -> float | None:
		return self.total / self.count if self.count else None

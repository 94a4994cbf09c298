"""Due dates of a payment schedule that a later document takes over, and what its parts come to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Due:
	"""A row: its due date, and what its payment term gave for the earlier document and gives for the later one."""

	date: date
	by_term_then: date | None = None
	by_term_now: date | None = None


def redated(rows: Iterable[Due], then: date, now: date) -> list[tuple[date, bool]]:
	"""(due date, whether a fixed date has passed) of every row, for a document of the day `now` that follows one of `then`.

	A date that follows from a payment term follows from it again. A date fixed by hand stays; once it has passed, the
	payment is due at once. ERPNext takes no date twice, so a later row that falls on the same day moves on by a day.
	"""
	rows = list(rows)
	moved = [_moved(row, then, now) for row in rows]
	free = date.min
	for n in sorted(range(len(moved)), key=lambda n: (moved[n][0], rows[n].date)):
		due, passed = moved[n]
		due = max(due, free)
		moved[n] = due, passed
		free = due + timedelta(days=1)
	return moved


def _moved(row: Due, then: date, now: date) -> tuple[date, bool]:
	if row.by_term_now and row.date == row.by_term_then:
		return max(row.by_term_now, now), False
	return max(row.date, now), row.date < now and row.date != then


def amounts_of(
	total: float, portions: Iterable[float], precision: int, rounding: Callable[[float, int], float]
) -> list[float]:
	"""What each part of `total` comes to by its percentage. All of them come to the total, which a third three times does
	not: each part is what is due by then less what was due before."""
	due, before, found = 0.0, 0.0, []
	portions = list(portions)
	for n, portion in enumerate(portions, start=1):
		due += portion
		by_then = rounding(total if n == len(portions) else total * due / 100, precision)
		found.append(rounding(by_then - before, precision))
		before = by_then
	return found

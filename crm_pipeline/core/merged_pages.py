"""Pages of rows that several queries answer, each in the same order: the latest first, then by kind, then by name.

A place in that order is (moment, kind, name), the name as the database compares it. A page begins after the place where the
one before ended, so that rows which come or go in between move nothing, and equal moments are neither shown twice nor lost.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta


@dataclass(frozen=True)
class Row:
	"""A row with its place; `moment` is a day at midnight where only the day is known."""

	moment: datetime
	kind: str
	name: str
	values: dict


@dataclass(frozen=True)
class After:
	"""Where the rows of one kind go on: before `moment`, and at it where `equal`; then with names before `name` if given."""

	moment: datetime
	equal: bool
	name: str | None = None


def moment_of(value: date | datetime) -> datetime:
	return value if isinstance(value, datetime) else datetime.combine(value, time())


def after(place: tuple[datetime, str, str] | None, kind: str) -> After | None:
	"""Where the rows of `kind` go on after a place; None from the start."""
	if place is None:
		return None
	moment, at_kind, name = place
	if kind == at_kind:
		return After(moment, True, name)
	return After(moment, kind > at_kind)


def page(rows_of_kinds: Iterable[list[Row]], size: int) -> tuple[list[Row], bool]:
	"""(the first `size` rows of all, whether more follow). Each list is in order already and holds `size` + 1 rows where
	there are as many; names of one kind keep the order in which they came."""
	merged = heapq.merge(*rows_of_kinds, key=_order)
	found = [row for _place, row in zip(range(size + 1), merged, strict=False)]
	return found[:size], len(found) > size


def _order(row: Row) -> tuple[timedelta, str]:
	return (datetime.max - row.moment, row.kind)

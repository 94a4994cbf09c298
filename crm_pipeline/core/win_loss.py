"""Won and lost: counts, amounts, rates, and the period to compare with."""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Tally:
	"""Deals closed in a period, with their amounts in company currency."""

	won: int = 0
	lost: int = 0
	won_amount: float = 0.0
	lost_amount: float = 0.0

	def __add__(self, other: "Tally") -> "Tally":
		return Tally(
			self.won + other.won,
			self.lost + other.lost,
			self.won_amount + other.won_amount,
			self.lost_amount + other.lost_amount,
		)

	@property
	def win_rate(self) -> float | None:
		"""Won of all closed, in percent; None when none was closed."""
		return share(self.won, self.won + self.lost)

	@property
	def amount_win_rate(self) -> float | None:
		"""The same by amount; None when nothing closed had an amount."""
		return share(self.won_amount, self.won_amount + self.lost_amount)


def share(part: float, whole: float) -> float | None:
	return 100.0 * part / whole if whole > 0 else None


def change(now: float | None, before: float | None) -> float | None:
	"""Percentage points from before to now; None when either is unknown."""
	return None if now is None or before is None else now - before


def total(tallies: Iterable[Tally]) -> Tally:
	return sum(tallies, Tally())


def period_before(first: date, last: date) -> tuple[date, date]:
	"""The period of the same length that ends the day before; whole months are compared with whole months."""
	end = first - timedelta(days=1)
	if first.day == 1 and last.day == calendar.monthrange(last.year, last.month)[1]:
		months = (last.year - first.year) * 12 + last.month - first.month + 1
		index = first.year * 12 + first.month - 1 - months
		return date(index // 12, index % 12 + 1, 1), end
	return end - (last - first), end


def months_of(first: date, last: date) -> list[date]:
	"""The first day of every month that a period touches, in order."""
	found, year, month = [], first.year, first.month
	while (year, month) <= (last.year, last.month):
		found.append(date(year, month, 1))
		year, month = (year, month + 1) if month < 12 else (year + 1, 1)
	return found


def last_of_month(month: date) -> date:
	return month.replace(day=calendar.monthrange(month.year, month.month)[1])


@dataclass(frozen=True)
class Band:
	"""Amounts from `low` up to, not including, `high`; None is open. Both None: deals without an amount."""

	low: float | None
	high: float | None


def bands(limits: Sequence[float]) -> list[Band]:
	"""The size bands that rising limits make: none, below the first, between each two, from the last on."""
	steps = sorted({limit for limit in limits if limit > 0})
	if not steps:
		return [Band(None, None), Band(0.0, None)]
	edges = [0.0, *steps]
	return [Band(None, None), *(Band(low, high) for low, high in zip(edges, [*steps, None], strict=True))]


def parse_limits(text: str, grouped_by: str = "") -> tuple[float, ...]:
	"""Limits of size bands from text such as "1000, 10 000, 100000", or where thousands are `grouped_by` a point, "1.000,
	10.000". Raises ValueError for anything else."""
	parts = [part.replace(" ", "") for part in text.replace(grouped_by or " ", "").replace(";", ",").split(",")]
	limits = tuple(float(part) for part in parts if part)
	if any(limit <= 0 or limit == float("inf") or limit != limit for limit in limits):
		raise ValueError("limits are amounts above zero")
	return limits

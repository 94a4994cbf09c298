"""What became of leads and prospects: how fast they were answered, and how many of them came how far."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class LeadResult:
	"""`hours`: from when it came until the first answer, None without one; `in_time`: None where no limit was set,
	or where it has not passed and nobody answered yet."""

	hours: float | None = None
	in_time: bool | None = None
	contacted: bool = False
	qualified: bool = False
	converted: bool = False
	won: bool = False


@dataclass(frozen=True)
class LeadSummary:
	"""Counts of leads; shares in percent, None where there is nothing to be a share of."""

	leads: int
	answered: int
	median_hours: float | None
	in_time: int
	limited: int
	contacted: int
	qualified: int
	converted: int
	won: int

	@property
	def in_time_share(self) -> float | None:
		return share(self.in_time, self.limited)

	@property
	def contact_rate(self) -> float | None:
		return share(self.contacted, self.leads)

	@property
	def qualified_rate(self) -> float | None:
		return share(self.qualified, self.leads)

	@property
	def conversion_rate(self) -> float | None:
		return share(self.converted, self.leads)


def share(part: int, whole: int) -> float | None:
	return 100 * part / whole if whole else None


def summarised(results: Iterable[LeadResult]) -> LeadSummary:
	results = list(results)
	hours = [one.hours for one in results if one.hours is not None]
	limited = [one.in_time for one in results if one.in_time is not None]
	return LeadSummary(
		leads=len(results),
		answered=len(hours),
		median_hours=median(hours) if hours else None,
		in_time=sum(limited),
		limited=len(limited),
		contacted=sum(one.contacted for one in results),
		qualified=sum(one.qualified for one in results),
		converted=sum(one.converted for one in results),
		won=sum(one.won for one in results),
	)


# Ages of open leads: name of the band, and the first day that is no longer in it.
AGES = (("0-1", 2), ("2-7", 8), ("8-30", 31), ("31-90", 91), ("91+", None))


def age_band(days: int) -> str:
	"""The band of a lead that came so many days ago; one of the future came today."""
	return next(name for name, end in AGES if end is None or days < end)

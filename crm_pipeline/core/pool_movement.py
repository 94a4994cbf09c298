"""What went into the public pool and out of it in a period."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median

FELL, RELEASED, CLAIMED, GIVEN = MOVEMENTS = ("Fell", "Released", "Claimed", "Given")
INTO, OUT_OF = (FELL, RELEASED), (CLAIMED, GIVEN)


@dataclass(frozen=True)
class Move:
	"""One movement; `since` is when the record had come into the pool that it left."""

	movement: str
	at: datetime
	since: datetime | None = None


@dataclass(frozen=True)
class Traffic:
	"""Movements by kind; `days`: the median that what left had been in the pool, None where nothing left."""

	counts: dict[str, int]
	days: float | None

	@property
	def more(self) -> int:
		"""By so many records the pool grew."""
		return sum(self.counts[kind] for kind in INTO) - sum(self.counts[kind] for kind in OUT_OF)


def traffic(moves: Iterable[Move]) -> Traffic:
	counts = dict.fromkeys(MOVEMENTS, 0)
	stays = []
	for move in moves:
		counts[move.movement] += 1
		if move.movement in OUT_OF and move.since:
			stays.append((move.at - move.since).total_seconds() / 86_400)
	return Traffic(counts, median(stays) if stays else None)

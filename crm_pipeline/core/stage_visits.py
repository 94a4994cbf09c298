"""A deal's way through the stages, computed from its ledger: one `StageVisits` per stage that it has been in.

Nothing here depends on the order of moves but where the deal went to last: a clock that was set back (another time zone)
changes no count and no sum.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_pipeline.core.dwell import UNKNOWN


@dataclass(frozen=True)
class Move:
	"""One row of the ledger: a deal left `left` (None when it was created), after `seconds` in it, for `entered`."""

	left: str | None
	entered: str | None
	at: datetime
	seconds: int = 0


@dataclass
class StageVisits:
	"""What a deal's visits to one stage come to. `seconds` are those of the visits that ended, `longest` those of the
	longest one; `last_left` and `went_to` are None while the only visit lasts. Of a visit of which nobody knows when it
	began only the leaving counts: where there is no other, `visits` is 0 and `first_entered` None."""

	first_entered: datetime | None = None
	last_left: datetime | None = None
	seconds: int = 0
	longest: int = 0
	visits: int = 0
	went_to: str | None = None


def visits_of(moves: Iterable[Move]) -> dict[str, StageVisits]:
	"""{stage: visits} of one deal, from its moves in the order of the ledger.

	A stage that was left more often than it was entered has a gap before it in the ledger: it was entered all the same,
	as long before it was left as the row says.
	"""
	found: dict[str, StageVisits] = {}
	entered: dict[str, list[datetime]] = {}
	left: dict[str, list[datetime]] = {}
	for move in moves:
		if move.left:
			row = found.setdefault(move.left, StageVisits())
			row.seconds += max(move.seconds, 0)
			row.longest = max(row.longest, move.seconds)
			if row.last_left is None or move.at >= row.last_left:
				row.last_left, row.went_to = move.at, move.entered
			if move.seconds != UNKNOWN:
				left.setdefault(move.left, []).append(move.at - timedelta(seconds=move.seconds))
		if move.entered:
			found.setdefault(move.entered, StageVisits())
			entered.setdefault(move.entered, []).append(move.at)
	for stage, row in found.items():
		arrivals, departures = entered.get(stage, []), left.get(stage, [])
		row.visits = max(len(arrivals), len(departures))
		row.first_entered = min(
			arrivals if len(arrivals) >= len(departures) else [*arrivals, *departures], default=None
		)
	return found


def key_of(stages: Iterable[str]) -> int:
	"""A number for a set of stages, the same for the same names: deals that left the same ones are counted together.
	0 stands for none. It has 53 bits: a browser knows no larger whole numbers."""
	names = sorted(set(stages))
	if not names:
		return 0
	digest = hashlib.sha256(json.dumps(names).encode()).digest()
	return int.from_bytes(digest[:8], "big") >> 11 or 1


def gaps(moves: Iterable[Move], standing: str | None) -> list[str]:
	"""The stages at which the ledger of a deal that stands in `standing` does not add up: entered and not left, left and
	not entered, or standing there without having come."""
	balance: dict[str, int] = {standing: -1} if standing else {}
	for move in moves:
		if move.left:
			balance[move.left] = balance.get(move.left, 0) - 1
		if move.entered:
			balance[move.entered] = balance.get(move.entered, 0) + 1
	return sorted(stage for stage, count in balance.items() if count)

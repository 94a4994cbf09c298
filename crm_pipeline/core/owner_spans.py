"""Who had a document when, from the moves of its owner that the ledger holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Move:
	at: datetime
	from_user: str | None
	to_user: str | None
	by: str | None = None


@dataclass(frozen=True)
class Span:
	"""`since` None: from the beginning; `until` None: still. `by`: who gave it to them."""

	user: str | None
	since: datetime | None
	until: datetime | None
	by: str | None = None


def spans(moves: Iterable[Move], opened_on: datetime | None = None, owner: str | None = None) -> list[Span]:
	"""One span after the other, without gap: the first from `opened_on`, the last one is open. Of a document without moves
	the present `owner` had it all the time."""
	moves = sorted(moves, key=lambda move: move.at)
	if not moves:
		return [Span(owner, opened_on, None)]
	found = [Span(moves[0].from_user, opened_on, moves[0].at)]
	for move, later in zip(moves, [*moves[1:], None], strict=True):
		found.append(Span(move.to_user, move.at, later.at if later else None, move.by))
	return found

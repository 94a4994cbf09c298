"""The funnel: of all deals that entered a stage, where they stand now. It adds up by construction.

A deal counts once per stage it has been in, however often it came back. Seen from that stage it is

- still here: it stands in the stage,
- lost: it was lost out of the stage,
- moved back: it stands, or was lost, at an earlier position,
- advanced: it stands, or was lost, at a later one, or it is won.

So entered = advanced + lost + moved back + still here, for whatever moves led there.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from crm_pipeline.core.stages import LOST, OPEN, WON, Stage

# Fewer documents than this say nothing about a stage.
ENOUGH = 5


class Fate(Enum):
	ADVANCED = "advanced"
	LOST = "lost"
	BACK = "moved_back"
	HERE = "here"


@dataclass(frozen=True)
class Passage:
	"""Deals that entered `stage` and stand in `now`; of closed ones `closed_from` is their last open stage.

	`amount` and `weighted` are sums in company currency. Names of stages that no longer exist are allowed.
	"""

	stage: str
	now: str
	closed_from: str | None
	documents: int
	amount: float = 0.0
	weighted: float = 0.0


@dataclass
class Tally:
	"""How many documents, and their amount and weighted amount."""

	documents: int = 0
	amount: float = 0.0
	weighted: float = 0.0

	def add(self, documents: int, amount: float, weighted: float) -> None:
		self.documents += documents
		self.amount += amount
		self.weighted += weighted


@dataclass
class StageRow:
	"""One stage of the funnel. Rates are shares from 0 to 1, or None where nothing can be said."""

	stage: Stage
	entered: Tally = field(default_factory=Tally)
	fates: dict[Fate, Tally] = field(default_factory=lambda: {fate: Tally() for fate in Fate})
	won: int = 0
	lost_later: int = 0

	def count(self, fate: Fate) -> int:
		return self.fates[fate].documents

	@property
	def conversion(self) -> float | None:
		"""Share of those that entered which went on."""
		return _share(self.count(Fate.ADVANCED), self.entered.documents)

	@property
	def attrition(self) -> float | None:
		"""Share of those that entered which were lost out of this very stage."""
		return _share(self.count(Fate.LOST), self.entered.documents)

	@property
	def win_rate(self) -> float | None:
		"""Won among those that entered and are closed, whichever stage they were closed from."""
		return _share(self.won, self.won + self.lost_later)

	@property
	def passed(self) -> float | None:
		"""Share that went on among those that left: what still stands here has not decided yet."""
		left = self.entered.documents - self.count(Fate.HERE)
		return _share(self.count(Fate.ADVANCED), left)


def _share(part: float, whole: float) -> float | None:
	return part / whole if whole else None


def fate(stage: Stage, now: Stage | None, closed_from: Stage | None) -> Fate:
	"""What became of a deal after it entered the open stage `stage`.

	`now` is None when the deal's stage is gone; then, and where nobody knows out of which stage a deal
	was lost, the loss counts here: better one stage too early than left out.
	"""
	if now is not None and now.name == stage.name:
		return Fate.HERE
	if now is None:
		return Fate.LOST
	if now.type == WON:
		return Fate.ADVANCED
	current_stage = closed_from if now.type == LOST else now
	if current_stage is None or current_stage.name == stage.name:
		return Fate.LOST
	return Fate.BACK if _before(current_stage, stage) else Fate.ADVANCED


def _before(one: Stage, other: Stage) -> bool:
	return (one.position, one.name) < (other.position, other.name)


def funnel(stages: Iterable[Stage], passages: Iterable[Passage], occupied: Container[str] = ()) -> list[StageRow]:
	"""One row per open stage in order of position; a disabled stage shows only where deals have been in it, or
	where it is among `occupied`: the names of stages with deals in them that no passage is about."""
	known = {stage.name: stage for stage in stages}
	rows = {name: StageRow(stage) for name, stage in known.items() if stage.type == OPEN}
	for passage in passages:
		row = rows.get(passage.stage)
		if row is None:
			continue
		now = known.get(passage.now)
		sums = (passage.documents, passage.amount, passage.weighted)
		row.entered.add(*sums)
		row.fates[fate(row.stage, now, known.get(passage.closed_from or ""))].add(*sums)
		if now and now.type == WON:
			row.won += passage.documents
		elif now and now.type == LOST:
			row.lost_later += passage.documents
	shown = (row for name, row in rows.items() if row.entered.documents or not row.stage.disabled or name in occupied)
	return sorted(shown, key=lambda row: (row.stage.pipeline, row.stage.position, row.stage.name))


def bottleneck(rows: Iterable[StageRow], medians: Mapping[str, float | None]) -> StageRow | None:
	"""The stage that lets the smallest share of those leaving it go on; of equals the slowest one.

	Stages that fewer than ENOUGH deals have left don't count, nor do stages that let all go on.
	"""
	judged = [row for row in rows if row.entered.documents - row.count(Fate.HERE) >= ENOUGH and (row.passed or 0) < 1]
	return min(judged, key=lambda row: (row.passed, -(medians.get(row.stage.name) or 0)), default=None)


def no_funnel(counts: Iterable[tuple[str, int]]) -> list[tuple[str, str]]:
	"""Pairs (stage, stage before it) where the later one holds more; `counts` in order of position."""
	counts = list(counts)
	return [(name, before) for (before, held), (name, more) in zip(counts, counts[1:], strict=False) if more > held]


def merge(passages: Iterable[Passage]) -> list[Passage]:
	"""Passages of several groups (persons, months) as those of the whole."""
	sums: dict[tuple, Tally] = defaultdict(Tally)
	for p in passages:
		sums[p.stage, p.now, p.closed_from].add(p.documents, p.amount, p.weighted)
	return [Passage(*key, t.documents, t.amount, t.weighted) for key, t in sums.items()]

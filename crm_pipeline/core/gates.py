"""Gates: what a deal must show before it leaves a stage forwards.

A gate stands at the exit of its stage, beside the guidance and the tasks that lead to it. A move forward
passes the gates of the stage that is left and of every stage that is skipped; moving back, losing, and a win
that a document decides pass none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from crm_pipeline.core.stages import LOST, OPEN, WON, Stage


class Kind(str, Enum):
	"""The values are those of the field Kind of a Pipeline Stage Gate."""

	FIELD = "Field Filled"
	CHECK = "Check"
	DOCUMENT = "Document Exists"
	ROLE = "Contact With Role"
	ACTIVITY = "Recent Activity"


@dataclass(frozen=True)
class Gate:
	"""One gate of a stage. `subject` is a fieldname, a document type or a role, by kind.

	`text` is what a user reads: the sentence to be ticked for a check, else what an admin wrote in place of
	the usual words. `days` belongs to activities, `submitted` to documents. `key` is stable and unique.
	"""

	key: str
	stage: str
	kind: Kind
	subject: str = ""
	text: str = ""
	days: int = 0
	submitted: bool = False


@dataclass(frozen=True)
class Facts:
	"""What is known of a deal.

	`documents` holds the types of what came from it, `submitted` those of which one is submitted.
	`idle_days` is the age of its last activity in whole days; None when there was none.
	"""

	filled: frozenset[str] = frozenset()
	ticked: frozenset[str] = frozenset()
	documents: frozenset[str] = frozenset()
	submitted: frozenset[str] = frozenset()
	roles: frozenset[str] = frozenset()
	idle_days: int | None = None


def is_met(gate: Gate, facts: Facts) -> bool:
	if gate.kind == Kind.FIELD:
		return gate.subject in facts.filled
	if gate.kind == Kind.CHECK:
		return gate.key in facts.ticked
	if gate.kind == Kind.DOCUMENT:
		return gate.subject in (facts.submitted if gate.submitted else facts.documents)
	if gate.kind == Kind.ROLE:
		return gate.subject in facts.roles
	return facts.idle_days is not None and facts.idle_days <= gate.days


def missing(gates: Iterable[Gate], facts: Facts) -> list[Gate]:
	"""The gates that are not met, in their order."""
	return [gate for gate in gates if not is_met(gate, facts)]


def passed_stages(current: Stage | None, target: Stage, stages: Iterable[Stage]) -> list[str]:
	"""Names of the stages whose gates a move passes, in order of position.

	`current` is the open stage that a deal is in (of a closed one: was in last), None for a deal that is new
	in the pipeline: it passes all that comes before the stage it starts in. Disabled stages have no gates.
	"""
	if target.type == LOST:
		return []
	start = current.position if current and current.type == OPEN else None
	return [
		s.name
		for s in sorted(stages, key=lambda s: (s.position, s.name))
		if s.type == OPEN
		and not s.disabled
		and (start is None or s.position >= start)
		and s.name != target.name
		and (target.type == WON or s.position < target.position)
	]


def next_stage(current: Stage, stages: Iterable[Stage]) -> Stage | None:
	"""Where an open deal goes from here: the next enabled open stage, else the won one."""
	enabled = sorted((s for s in stages if not s.disabled), key=lambda s: (s.position, s.name))
	ahead = [s for s in enabled if s.type == OPEN and s.position > current.position]
	return next(iter([*ahead, *(s for s in enabled if s.type == WON)]), None)


@dataclass(frozen=True)
class Tick:
	"""A row of a deal's checklist."""

	key: str
	stage: str
	text: str
	done: bool = False
	row: object = field(default=None, compare=False)


def checklist(ticks: Sequence[Tick], gates: Iterable[Gate]) -> list[Tick]:
	"""A deal's checklist brought in line with the checks of its pipeline, in the order of the gates.

	A tick is found by its key or, where the gate was entered anew, by stage and text. What was ticked keeps
	the words it was ticked with; what is no longer asked stays when it is done and goes when it is not.
	"""
	left = list(ticks)
	rows = []
	for gate in (g for g in gates if g.kind == Kind.CHECK):
		found = next((t for t in left if t.key == gate.key), None) or next(
			(t for t in left if (t.stage, t.text) == (gate.stage, gate.text)), None
		)
		if found:
			left.remove(found)
			text = found.text if found.done else gate.text
			rows.append(replace(found, key=gate.key, stage=gate.stage, text=text))
		else:
			rows.append(Tick(gate.key, gate.stage, gate.text))
	return rows + [tick for tick in left if tick.done]

"""Moves between pipeline stages. Rules look at type and position, never at a name."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

OPEN, WON, LOST = "Open", "Won", "Lost"


@dataclass(frozen=True)
class Stage:
	"""One stage: `position` orders the stages of a pipeline, `type` is Open, Won or Lost."""

	name: str
	pipeline: str
	position: int
	type: str = OPEN
	probability: float = 0.0
	forecast_category: str = "Pipeline"
	disabled: bool = False


@dataclass(frozen=True)
class MoveRules:
	"""What a pipeline allows beyond a step forward."""

	allow_skip: bool = True
	allow_back: bool = True
	allow_reopen: bool = True
	allow_win_by_hand: bool = False


class Refusal(Enum):
	OTHER_PIPELINE = "other pipeline"
	DISABLED = "disabled"
	SKIPS = "skips"
	BACK = "back"
	REOPENS = "reopens"
	WIN_BY_HAND = "win by hand"


def refusal(
	current: Stage | None,
	target: Stage,
	stages: Iterable[Stage],
	rules: MoveRules,
	pipeline: str,
	by_document: bool = False,
) -> Refusal | None:
	"""Why a deal of `pipeline` may not move from `current` to `target`; None when it may.

	`current` is None for a new deal. `by_document` says that a contract or an order decides
	the move (won, or reopened by a cancellation): then only the pipeline is checked.
	"""
	if target.pipeline != pipeline:
		return Refusal.OTHER_PIPELINE
	if by_document:
		return None
	if target.disabled:
		return Refusal.DISABLED
	if target.type == WON and not rules.allow_win_by_hand:
		return Refusal.WIN_BY_HAND
	if current is None or target.type == LOST or current.pipeline != pipeline:
		return None
	if current.type != OPEN:
		return None if rules.allow_reopen else Refusal.REOPENS
	if target.type == OPEN and target.position < current.position and not rules.allow_back:
		return Refusal.BACK
	if not rules.allow_skip and _skipped(current, target, stages):
		return Refusal.SKIPS
	return None


def _skipped(current: Stage, target: Stage, stages: Iterable[Stage]) -> bool:
	return any(
		s.type == OPEN and not s.disabled and current.position < s.position < target.position for s in stages
	)


def first_open(stages: Iterable[Stage]) -> Stage | None:
	"""Where a new deal starts: the first enabled open stage."""
	return next(iter(_ordered(stages, OPEN)), None)


def first_of_type(stages: Iterable[Stage], kind: str) -> Stage | None:
	"""The enabled stage of a type with the lowest position, or None."""
	return next(iter(_ordered(stages, kind)), None)


def _ordered(stages: Iterable[Stage], kind: str) -> list[Stage]:
	return sorted(
		(s for s in stages if s.type == kind and not s.disabled), key=lambda s: (s.position, s.name)
	)

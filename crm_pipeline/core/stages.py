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
	LEAVES = "leaves"


def refusal(
	current: Stage | None,
	target: Stage,
	stages: Iterable[Stage],
	rules: MoveRules,
	pipeline: str,
	by_document: bool = False,
	closed: bool = False,
	left: MoveRules | None = None,
) -> Refusal | None:
	"""Why a deal of `pipeline` may not move from `current` to `target`; None when it may.

	`current` is None for a new deal; of a deal that is `closed` it is the open stage that it was closed in,
	where that is known. `left` are the rules of the pipeline that a deal comes from, None when it stays in its
	own. `by_document` says that a contract or an order decides the move (won, or reopened by a cancellation):
	then only the pipeline is checked.
	"""
	if target.pipeline != pipeline:
		return Refusal.OTHER_PIPELINE
	if by_document:
		return None
	if target.disabled:
		return Refusal.DISABLED
	closed = closed or bool(current and current.type != OPEN)
	if closed and left and not left.allow_reopen:
		return Refusal.LEAVES
	if target.type == WON and not rules.allow_win_by_hand:
		return Refusal.WIN_BY_HAND
	if target.type == LOST:
		return None
	# Who is new in a pipeline begins before its first stage, wherever else the deal has been.
	held = current if current and current.pipeline == pipeline else None
	if held and closed and not rules.allow_reopen:
		return Refusal.REOPENS
	if held and not closed and not rules.allow_back and _is_back(held, target):
		return Refusal.BACK
	if not rules.allow_skip and _skipped(held, target, stages):
		return Refusal.SKIPS
	return None


def _is_back(current: Stage, target: Stage) -> bool:
	return target.type == OPEN and target.position < current.position


def _skipped(current: Stage | None, target: Stage, stages: Iterable[Stage]) -> bool:
	return any(
		s.type == OPEN
		and not s.disabled
		and (current is None or current.position < s.position)
		and s.position < target.position
		for s in stages
	)


def reopened_in(closed_in: Stage | None, stages: Iterable[Stage]) -> Stage | None:
	"""Where a closed deal is open again: in the open stage that it was closed in; where that is disabled by now
	or nobody knows it, in the nearest enabled open stage before it, else in the first one. None without any."""
	if closed_in and not closed_in.disabled:
		return closed_in
	enabled = _ordered(stages, OPEN)
	# A disabled stage leaves its position to the stage that took its place.
	before = [s for s in enabled if closed_in and s.position <= closed_in.position]
	return next(iter(before[-1:] or enabled), None)


def first_open(stages: Iterable[Stage]) -> Stage | None:
	"""Where a new deal starts: the first enabled open stage."""
	return next(iter(_ordered(stages, OPEN)), None)


def first_of_type(stages: Iterable[Stage], kind: str) -> Stage | None:
	"""The enabled stage of a type with the lowest position, or None."""
	return next(iter(_ordered(stages, kind)), None)


def _ordered(stages: Iterable[Stage], kind: str) -> list[Stage]:
	return sorted((s for s in stages if s.type == kind and not s.disabled), key=lambda s: (s.position, s.name))

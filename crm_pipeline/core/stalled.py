"""Whether an open deal is stalled, and why: visible signals, each with a weight, added up.

A signal is a function of what is known of the deal and of the thresholds. It answers the numbers that
explain it, or None when there is nothing to say.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from crm_pipeline.core.dwell import median

# From a median absolute deviation to what a normal spread would call one standard deviation.
MAD_TO_SPREAD = 1.4826
SPREADS = 3


@dataclass(frozen=True)
class Facts:
	"""What is known of one open deal. Amounts are in the currency of its company."""

	days_in_stage: float = 0.0
	# Days since the deal began, and since the customer last took part and did not say no; None: not known, never.
	age_days: float | None = None
	in_touch_days: int | None = None
	# Somebody has said why it is not stalled, until a day that has not passed.
	acknowledged: bool = False
	# The limit of the stage, and what won deals took in it (None: none, or too few of them).
	stage_limit: float | None = None
	usual_days: float | None = None
	silent_days: int = 0
	times_pushed: int = 0
	# Days since the expected close; 0 or less when it is still to come, None when there is none.
	days_overdue: int | None = None
	has_next_step: bool = True
	# Days since the next step was due; None when it is still to come or has no date.
	next_step_late: int | None = None
	# A step is to come on a day that is known.
	step_ahead: bool = False
	stage_probability: float = 0.0
	has_decision_maker: bool = True
	# False where the pipeline knows no quotations.
	quotation_expected: bool = True
	has_quotation: bool = True
	amount: float = 0.0
	# {amount: how often} of the deals that the customer has closed with us.
	won_amounts: Mapping[float, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Thresholds:
	"""From where on a signal speaks; a weight of 0 switches it off."""

	weights: Mapping[str, int]
	stalled_from: int = 40
	# Below so many days a deal is new; up to so many after a word of the customer it is in touch. 0: never.
	new_days: int = 0
	in_touch_days: int = 0
	# So many whole days over a limit are shown and weigh nothing; of a stay in a stage also so large a share of the limit.
	tolerance_days: int = 0
	dwell_margin: float = 0.0
	silent_days: int = 21
	times_pushed: int = 3
	decision_maker_from: float = 50.0
	quotation_from: float = 75.0
	amount_factor: float = 5.0
	amount_min_won: int = 3


@dataclass(frozen=True)
class Reason:
	signal: str
	weight: int
	details: Mapping[str, float]


@dataclass(frozen=True)
class Verdict:
	"""`score` is the sum of the weights of its reasons. `spared` says why a deal is not called stalled whatever its
	score: NEW, IN_TOUCH, WORKED_ON, ACKNOWLEDGED; "" for nothing."""

	score: int
	reasons: tuple[Reason, ...]
	stalled: bool
	spared: str = ""


NEW, IN_TOUCH, WORKED_ON, ACKNOWLEDGED = "new", "in_touch", "worked_on", "acknowledged"


def over_dwell(facts: Facts, thresholds: Thresholds) -> dict | None:
	"""Longer in its stage than won deals took there, or than the stage allows."""
	for name, bound in (("usual", facts.usual_days), ("limit", facts.stage_limit or None)):
		result = _apart(facts.days_in_stage, bound) if bound is not None else None
		if result:
			return {"days": result[0], name: result[1]}
	return None


def silent(facts: Facts, thresholds: Thresholds) -> dict | None:
	reached = 0 < thresholds.silent_days <= facts.silent_days
	return {"days": facts.silent_days} if reached else None


def pushed(facts: Facts, thresholds: Thresholds) -> dict | None:
	reached = 0 < thresholds.times_pushed <= facts.times_pushed
	return {"times": facts.times_pushed} if reached else None


def overdue_close(facts: Facts, thresholds: Thresholds) -> dict | None:
	late = facts.days_overdue is not None and facts.days_overdue > 0
	return {"days": facts.days_overdue} if late else None


def no_next_step(facts: Facts, thresholds: Thresholds) -> dict | None:
	if not facts.has_next_step:
		return {}
	return {"days": facts.next_step_late} if facts.next_step_late is not None else None


def no_decision_maker(facts: Facts, thresholds: Thresholds) -> dict | None:
	due = facts.stage_probability >= thresholds.decision_maker_from
	return {} if due and not facts.has_decision_maker else None


def no_quotation(facts: Facts, thresholds: Thresholds) -> dict | None:
	due = facts.quotation_expected and facts.stage_probability >= thresholds.quotation_from
	return {} if due and not facts.has_quotation else None


def odd_amount(facts: Facts, thresholds: Thresholds) -> dict | None:
	"""Far above or below what the customer usually buys for, and beyond how much that varies by itself.

	Compared as ratios: ten times as much is as odd as a tenth. A deal without an amount is not compared. The
	answer says in which direction only: who reads it may not see the deals that the usual amount is of.
	"""
	factor = thresholds.amount_factor
	known = {math.log(amount): count for amount, count in facts.won_amounts.items() if amount > 0 and count > 0}
	if facts.amount <= 0 or factor <= 1 or sum(known.values()) < max(thresholds.amount_min_won, 1):
		return None
	usual = median(known)
	spreads: dict[float, int] = {}
	for value, count in known.items():
		spreads[abs(value - usual)] = spreads.get(abs(value - usual), 0) + count
	allowed = max(math.log(factor), SPREADS * MAD_TO_SPREAD * median(spreads))
	distance = math.log(facts.amount) - usual
	if abs(distance) <= allowed:
		return None
	return {"amount": facts.amount, "above": int(distance > 0)}


Signal = Callable[[Facts, Thresholds], dict | None]

SIGNALS: dict[str, Signal] = {
	signal.__name__: signal
	for signal in (
		over_dwell,
		silent,
		pushed,
		overdue_close,
		no_next_step,
		no_decision_maker,
		no_quotation,
		odd_amount,
	)
}


def judge(facts: Facts, thresholds: Thresholds) -> Verdict:
	"""All signals of a deal, the heaviest first. With `stalled_from` 0 or less no deal is ever stalled."""
	reasons = []
	for name, signal in SIGNALS.items():
		weight = thresholds.weights.get(name, 0)
		details = signal(facts, thresholds) if weight > 0 else None
		if details is not None:
			reasons.append(Reason(name, 0 if _barely_over(name, details, facts, thresholds) else weight, details))
	reasons.sort(key=lambda reason: -reason.weight)
	score = sum(reason.weight for reason in reasons)
	spared = _spared(facts, thresholds)
	return Verdict(score, tuple(reasons), not spared and 0 < thresholds.stalled_from <= score, spared)


def _spared(facts: Facts, thresholds: Thresholds) -> str:
	if facts.acknowledged:
		return ACKNOWLEDGED
	if facts.age_days is not None and facts.age_days < thresholds.new_days:
		return NEW
	if facts.in_touch_days is not None and facts.in_touch_days < thresholds.in_touch_days:
		return IN_TOUCH
	# Talked with before it counts as silent, and going on: slow, but somebody is at it.
	if facts.step_ahead and facts.in_touch_days is not None and facts.in_touch_days < thresholds.silent_days:
		return WORKED_ON
	return ""


def _barely_over(signal: str, details: Mapping[str, float], facts: Facts, thresholds: Thresholds) -> bool:
	"""Whether a limit in days is passed by no more than is tolerated.

	A stay in a stage is measured by the longer one of what the stage allows and what won deals took: a quarter of the
	deals that were won took longer than most, and a stage that deals are known to take longer in allows too little.
	"""
	if "days" not in details:
		return False
	if signal == over_dwell.__name__:
		limit = max(facts.usual_days or 0, facts.stage_limit or 0)
		if details["days"] < limit * (1 + thresholds.dwell_margin):
			return True
	else:
		limit = thresholds.silent_days if signal == silent.__name__ else 0
	return thresholds.tolerance_days > 0 and details["days"] - limit < thresholds.tolerance_days + 1


def _apart(days: float, bound: float) -> tuple[float, float] | None:
	"""Both in days as people say them, with as many decimals as it takes to see that the first one is more; None
	where it isn't, by a thousandth of a day."""
	for decimals in range(4):
		result = _floored(days, decimals), _floored(bound, decimals)
		if result[0] > result[1]:
			return result
	return None


def _floored(days: float, decimals: int) -> float:
	"""Whole days that have passed, below ten with one decimal, and with more where these are asked for."""
	scale = 10 ** max(decimals, 1 if days < 10 else 0)
	return math.floor(days * scale) / scale

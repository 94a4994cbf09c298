"""What a site's own outcomes teach about its leads: which facts are used, how a model is made, and whether it may speak.

A fact is a category (an industry), a mark (an e-mail address is there) or a count. Only what was known before the
outcome goes in: whoever gathers the examples sees to that, and the split by time sees whether it helps with what comes later.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from crm_pipeline.core import logistic
from crm_pipeline.core.scoring import MOST_OF_LEAD

# {name of the fact: text for a category, bool for a mark, int for a count}
LeadFacts = Mapping[str, object]

# A category is one where so many examples have it, and of each fact so many at most.
SEEN, CATEGORIES = 10, 12
# What it takes to learn, and to judge: examples in all, and of each outcome.
ENOUGH, ENOUGH_EACH, ENOUGH_JUDGED = 200, 30, 10
# The part of the examples, by time, that a model is judged by.
JUDGED = 0.3
# By so much it has to rank better than the rules do.
BETTER = 0.01
# Examples that count at most, the latest ones.
MOST = 10_000
FOLDS = 5

NOT_ENOUGH, WORSE, BETTER_THAN_RULES = "Not Enough", "Not Better", "Better"


@dataclass(frozen=True)
class Example:
	"""A lead that was decided: facts as they were before, when it came, when it was decided, what the rules gave it."""

	facts: LeadFacts
	created: datetime
	decided: datetime
	converted: bool
	points: float = 0.0


@dataclass(frozen=True)
class Model:
	"""`columns` are (fact, category or "") of the weights behind the first; `means` of them over the examples."""

	columns: tuple[tuple[str, str], ...]
	weights: tuple[float, ...]
	means: tuple[float, ...]
	shift: float = 0.0
	slope: float = 1.0

	def probability(self, facts: LeadFacts) -> float:
		return logistic.probability(
			self.shift + self.slope * logistic.log_odds(self.weights, _row(self.columns, facts))
		)

	def contributions(self, facts: LeadFacts) -> list[tuple[str, float]]:
		"""[(fact, log odds more than those of the average lead)], the largest first; all categories of a fact together."""
		there = dict(_row(self.columns, facts))
		found: dict[str, float] = {}
		for place, (fact, _category) in enumerate(self.columns, start=1):
			more = self.slope * self.weights[place] * (there.get(place, 0.0) - self.means[place])
			found[fact] = found.get(fact, 0.0) + more
		return sorted(found.items(), key=lambda one: -abs(one[1]))

	def as_dict(self) -> dict:
		return asdict(self)

	@classmethod
	def of(cls, kept: Mapping) -> "Model":
		columns = tuple((fact, category) for fact, category in kept["columns"])
		return cls(columns, tuple(kept["weights"]), tuple(kept["means"]), kept["shift"], kept["slope"])


@dataclass(frozen=True)
class Quality:
	"""How well leads of later were told apart: `auc`, `brier`, and the calibration table."""

	auc: float
	brier: float
	calibration: tuple[tuple[int, float, float], ...]


@dataclass(frozen=True)
class Lesson:
	"""What came of learning: `state` is one of those above; without enough examples the rest is None."""

	state: str
	examples: int
	converted: int
	learned: Quality | None = None
	rules: Quality | None = None
	# Of a guess that gives every lead the share that was converted before.
	guess: float | None = None
	model: Model | None = None
	split: datetime | None = None
	judged: int = 0


def learn(examples: Iterable[Example]) -> Lesson:
	"""Learn from leads that were decided, judge it by those that came later, and make the model of all of them."""
	rows = sorted(examples, key=lambda one: (one.created, one.decided))[-MOST:]
	converted = sum(one.converted for one in rows)
	lesson = Lesson(NOT_ENOUGH, len(rows), converted)
	if len(rows) < ENOUGH or min(converted, len(rows) - converted) < ENOUGH_EACH:
		return lesson
	split = rows[int(len(rows) * (1 - JUDGED))].created
	# Nothing that was decided later is known at the split.
	before = [one for one in rows if one.created < split and one.decided < split]
	after = [one for one in rows if one.created >= split]
	if not (_is_mixed(before, ENOUGH_EACH) and _is_mixed(after, ENOUGH_JUDGED)):
		return lesson
	outcomes = [one.converted for one in after]
	share = sum(one.converted for one in before) / len(before)
	early = make(before)
	learned = _quality([early.probability(one.facts) for one in after], outcomes)
	rules = _quality_of_rules(before, after)
	guess = logistic.brier([share] * len(after), outcomes)
	better = learned.auc >= rules.auc + BETTER and learned.brier < min(rules.brier, guess)
	return Lesson(
		state=BETTER_THAN_RULES if better else WORSE,
		examples=len(rows),
		converted=converted,
		learned=learned,
		rules=rules,
		guess=guess,
		model=make(rows),
		split=split,
		judged=len(after),
	)


def _is_mixed(rows: Sequence[Example], each: int) -> bool:
	converted = sum(one.converted for one in rows)
	return min(converted, len(rows) - converted) >= each


def _quality(probabilities: list[float], outcomes: list[bool]) -> Quality:
	return Quality(
		logistic.auc(probabilities, outcomes),
		logistic.brier(probabilities, outcomes),
		tuple(logistic.calibration(probabilities, outcomes)),
	)


def _quality_of_rules(before: Sequence[Example], after: Sequence[Example]) -> Quality:
	"""Of the points that the rules gave, turned into probabilities by what came of them before the split."""
	scale = MOST_OF_LEAD / 10
	shift, slope = logistic.calibrator([one.points / scale for one in before], [one.converted for one in before])
	likely = [logistic.probability(shift + slope * one.points / scale) for one in after]
	outcomes = [one.converted for one in after]
	found = _quality(likely, outcomes)
	# They rank by their points, whatever these are worth.
	return Quality(logistic.auc([one.points for one in after], outcomes), found.brier, found.calibration)


def make(rows: Sequence[Example]) -> Model:
	"""A model of these examples, calibrated by what it says of those that it has not seen."""
	columns = columns_of([one.facts for one in rows])
	encoded = [_row(columns, one.facts) for one in rows]
	outcomes = [one.converted for one in rows]
	width = len(columns) + 1
	unseen: list[float] = [0.0] * len(rows)
	for fold in range(FOLDS):
		others = [place for place in range(len(rows)) if place % FOLDS != fold]
		try:
			weights = logistic.fit([encoded[place] for place in others], [outcomes[place] for place in others], width)
		except ValueError:
			continue
		for place in range(fold, len(rows), FOLDS):
			unseen[place] = logistic.log_odds(weights, encoded[place])
	shift, slope = logistic.calibrator(unseen, outcomes)
	means = [0.0] * width
	for row in encoded:
		for column, value in row:
			means[column] += value / len(rows)
	return Model(columns, tuple(logistic.fit(encoded, outcomes, width)), tuple(means), shift, slope)


def columns_of(facts: Sequence[LeadFacts]) -> tuple[tuple[str, str], ...]:
	"""The columns of a model: the usual categories of each fact, marks and counts as they are."""
	categories: dict[str, Counter] = {}
	plain: set[str] = set()
	for one in facts:
		for fact, value in one.items():
			if isinstance(value, str):
				if value:
					categories.setdefault(fact, Counter())[value] += 1
			else:
				plain.add(fact)
	found = [(fact, "") for fact in sorted(plain)]
	for fact in sorted(categories):
		# In the order of their names where they are as frequent: the same examples make the same model.
		usual = sorted(categories[fact].items(), key=lambda item: (-item[1], item[0]))[:CATEGORIES]
		found += [(fact, value) for value, count in usual if count >= SEEN]
	return tuple(found)


def _row(columns: Sequence[tuple[str, str]], facts: LeadFacts) -> list[tuple[int, float]]:
	found = []
	for place, (fact, category) in enumerate(columns, start=1):
		value = facts.get(fact)
		if category:
			if value == category:
				found.append((place, 1.0))
		elif value and not isinstance(value, str):
			found.append((place, 1.0 if value is True else math.log1p(float(value))))
	return found

"""Points of a lead by rules: what each rule gives, and the sum. What a rule asks about is data; moments are the site's."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

FIELD, TERRITORY, ANSWER, ACTIVITIES, MAILS, PAGES, SILENCE = KINDS = (
	"Field",
	"Territory",
	"Answer",
	"Activities",
	"E-mails",
	"Page Views",
	"Silence",
)
# Those that count what happened.
COUNTED = (ACTIVITIES, MAILS, PAGES)
# And those that change by themselves as days go by.
BEHAVIOUR = (*COUNTED, SILENCE)

IS, IS_NOT, CONTAINS, IS_SET, IS_NOT_SET, AT_LEAST, AT_MOST = OPERATORS = (
	"is",
	"is not",
	"contains",
	"is set",
	"is not set",
	"at least",
	"at most",
)
UNARY = (IS_SET, IS_NOT_SET)
NUMERIC = (AT_LEAST, AT_MOST)

# A rule gives no more than this for one time, and a lead comes to no more than that, either way.
MOST_OF_RULE, MOST_OF_LEAD = 100, 1000
# Days that a rule looks back at most, and weeks of silence that count where a rule names none.
LONGEST, WEEKS = 3650, 10


@dataclass(frozen=True)
class Rule:
	"""One rule: `points` for each time that it applies, `most` times at most (0: however often).

	`values` of a Field or Territory rule are in lower case, those of the tree below included. An Answer rule without an
	`answer` applies as often as the answer weighs. Silence applies once for each full week.
	"""

	name: str
	kind: str
	points: int
	most: int = 0
	field: str = ""
	operator: str = IS
	values: frozenset[str] = frozenset()
	question: str = ""
	answer: str = ""
	days: int = 0
	way: str = ""
	result: str = ""
	direction: str = ""
	page: str = ""


@dataclass(frozen=True)
class Happened:
	"""Something that happened with a lead: an activity that was done, a mail, a page that they saw."""

	kind: str
	at: datetime
	way: str = ""
	result: str = ""
	direction: str = ""
	page: str = ""


@dataclass(frozen=True)
class Facts:
	"""What is known of a lead. `answers` are {question key: (answer, weight)}."""

	created: datetime
	values: Mapping[str, object] = field(default_factory=dict)
	answers: Mapping[str, tuple[str, int]] = field(default_factory=dict)
	happened: Sequence[Happened] = ()
	resting_until: date | None = None


@dataclass(frozen=True)
class Given:
	"""What one rule gave: `points` in all, for so many `times`."""

	rule: str
	points: int
	times: int


@dataclass(frozen=True)
class Score:
	points: int
	given: tuple[Given, ...] = ()


def score(rules: Iterable[Rule], facts: Facts, now: datetime) -> Score:
	"""The points of a lead with what each rule gave, in the order of the rules; the sum is kept within MOST_OF_LEAD."""
	given = []
	for rule in rules:
		times = times_of(rule, facts, now)
		if times and rule.points:
			given.append(Given(rule.name, rule.points * times, times))
	total = sum(one.points for one in given)
	return Score(max(-MOST_OF_LEAD, min(MOST_OF_LEAD, total)), tuple(given))


def times_of(rule: Rule, facts: Facts, now: datetime) -> int:
	"""How often a rule applies. A lead of which nothing is known meets no rule but those about what is missing."""
	if rule.kind in (FIELD, TERRITORY):
		return int(holds(rule, facts.values.get(rule.field)))
	if rule.kind == ANSWER:
		return _answered(rule, facts)
	if rule.kind == SILENCE:
		return _silent_weeks(rule, facts, now)
	if rule.kind not in COUNTED:
		return 0
	since = now - timedelta(days=rule.days or LONGEST)
	times = sum(1 for one in facts.happened if since <= one.at <= now and concerns(rule, one))
	return min(times, rule.most) if rule.most else times


def holds(rule: Rule, value) -> bool:
	"""Whether the condition of a rule holds for the value of its field. What is empty is neither this nor not this."""
	filled = value not in (None, "", 0, 0.0)
	if rule.operator in UNARY:
		return filled == (rule.operator == IS_SET)
	if rule.operator in NUMERIC:
		return _compares(rule, value)
	if not filled and value not in (0, 0.0):
		return False
	text = _text(value)
	if rule.operator == CONTAINS:
		return any(part in text for part in rule.values)
	return (text in rule.values) == (rule.operator == IS)


def _compares(rule: Rule, value) -> bool:
	number, limits = number_of(value), [number_of(limit) for limit in rule.values]
	if number is None or not limits or None in limits:
		return False
	return number >= min(limits) if rule.operator == AT_LEAST else number <= max(limits)


def number_of(value) -> float | None:
	"""A value as a number; None for what is none, or not finite."""
	try:
		number = float(value)
	except (TypeError, ValueError):
		return None
	return number if number - number == 0 else None


def plain_number(text: str, decimal: str = ".") -> str:
	"""A number as a site writes it ("1.000", "12,5") as number_of() reads it; what is none stays as it is."""
	group = r"\." if decimal == "," else ","
	grouped = rf"[+-]?[1-9]\d{{0,2}}([{group}'’\s]\d{{2,3}})*[{group}'’\s]\d{{3}}([{decimal}]\d*)?"
	if re.fullmatch(grouped, text):
		return re.sub(rf"[{group}'’\s]", "", text).replace(decimal, ".")
	return text.replace(",", ".") if decimal == "," and re.fullmatch(r"[+-]?\d*,\d+", text) else text


def _text(value) -> str:
	if isinstance(value, float) and value.is_integer():
		value = int(value)
	return str(value).strip().casefold()


def _answered(rule: Rule, facts: Facts) -> int:
	answer, weight = facts.answers.get(rule.question, ("", 0))
	if not answer:
		return 0
	return int(answer.casefold() == rule.answer.casefold()) if rule.answer else weight


def concerns(rule: Rule, one: Happened) -> bool:
	"""Whether a rule counts what happened."""
	return (
		one.kind == rule.kind
		and rule.way in ("", one.way)
		and rule.result in ("", one.result)
		and rule.direction in ("", one.direction)
		and rule.page.casefold() in one.page.casefold()
	)


def _silent_weeks(rule: Rule, facts: Facts, now: datetime) -> int:
	"""Full weeks since anything happened with the lead, or since it is there; none while it rests."""
	if facts.resting_until and facts.resting_until > now.date():
		return 0
	last = max([facts.created, *(one.at for one in facts.happened if one.at <= now)])
	return min(max((now - last).days // 7, 0), rule.most or WEEKS)


def days_back(rules: Iterable[Rule]) -> int:
	"""Days for which what happened has to be known."""
	found = [0]
	for rule in rules:
		if rule.kind in COUNTED:
			found.append(rule.days or LONGEST)
		elif rule.kind == SILENCE:
			found.append(7 * (rule.most or WEEKS) + 7)
	return max(found)


def condition(rule: Rule) -> tuple:
	"""What a rule asks, without what it gives: two with the same condition apply to the same leads."""
	asked = (rule.field, rule.operator, rule.values) if rule.kind in (FIELD, TERRITORY) else ()
	answered = (rule.question, rule.answer.casefold()) if rule.kind == ANSWER else ()
	counted = (rule.days, rule.way, rule.result, rule.direction, rule.page.casefold()) if rule.kind in COUNTED else ()
	return (rule.kind, *asked, *answered, *counted)


def against(rule: Rule, others: Iterable[Rule]) -> list[str]:
	"""Names of other rules that take from the same leads what this one gives, or the other way round."""
	return [
		other.name
		for other in others
		if other.name != rule.name and condition(other) == condition(rule) and other.points * rule.points < 0
	]


def crossed(before: int | None, after: int, threshold: int) -> bool:
	"""Whether a lead came from below a threshold to it; 0 is no threshold. One without a score came from below."""
	return threshold > 0 and (before is None or before < threshold) and after >= threshold

"""What to know of a customer before calling: facts in, warnings out, the worst first. Pure; words are made elsewhere.

A warning has a level: `stop`, deal with this first; `warn`, speak of it; `info`, know it. Whether it also stops a
hand-off is a matter of the site's settings (`Rules.actions`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import median

STOP, WARN, INFO = "stop", "warn", "info"
LEVELS = (STOP, WARN, INFO)

# Kinds, the worst first where levels are equal.
COMPLAINT, BLOCKED, CREDIT, OVERDUE, PROMISE = "complaint", "blocked", "credit", "overdue", "promise"
SILENT, STALLED, CONTRACT, REQUEST = "silent", "stalled", "contract", "request"
KINDS = (COMPLAINT, BLOCKED, CREDIT, OVERDUE, PROMISE, SILENT, STALLED, CONTRACT, REQUEST)

# What a site may have a kind do.
NONE, INFORM, STOP_SEVERE, STOPS = "None", "Inform", "Stop if Severe", "Stop"

# A rhythm is told from so many contacts on different days at least; gaps shorter than this say nothing.
RHYTHM_FROM = 5
SHORTEST_SILENCE = 14
CENT = 0.01
SOON = 14


@dataclass(frozen=True)
class OpenCase:
	"""A complaint or request that is not solved. `severe` as its severity says; `due_by` None: without a limit."""

	doctype: str
	name: str
	title: str
	opened_on: datetime
	complaint: bool = True
	severe: bool = False
	severity: str | None = None
	due_by: datetime | None = None


@dataclass(frozen=True)
class OverdueMoney:
	"""What is overdue in one company, in its currency; `oldest` is the day since when, `name` that invoice (None for who may
	not open it)."""

	company: str
	currency: str
	amount: float
	invoices: int
	oldest: date
	name: str | None


@dataclass(frozen=True)
class CreditUse:
	"""A credit limit in one company and what is used of it."""

	company: str
	currency: str
	limit: float
	used: float


@dataclass(frozen=True)
class EndingContract:
	name: str
	title: str
	end_date: date


@dataclass(frozen=True)
class StalledDeal:
	doctype: str
	name: str
	title: str
	score: int = 0


@dataclass(frozen=True)
class BrokenPromise:
	name: str
	promised_on: date
	amount: float
	currency: str


@dataclass(frozen=True)
class CustomerFacts:
	"""What is known of one customer, as far as the reader may know it. `contacts` are days on which there was an order or a
	word with them; `heard_of_on` the last such day of all, those that the reader does not see among them."""

	disabled: bool = False
	frozen: bool = False
	cases: tuple[OpenCase, ...] = ()
	overdue: tuple[OverdueMoney, ...] = ()
	credit: tuple[CreditUse, ...] = ()
	promises: tuple[BrokenPromise, ...] = ()
	contracts: tuple[EndingContract, ...] = ()
	deals: tuple[StalledDeal, ...] = ()
	contacts: tuple[date, ...] = ()
	heard_of_on: date | None = None


@dataclass(frozen=True)
class Rules:
	"""What the site wants to hear of: {kind: one of NONE, INFORM, STOP_SEVERE, STOPS}, INFORM where nothing is said. Money
	stops from `stop_from_days` overdue on and from an amount by currency on (`stop_from_amounts`, any amount without one),
	contracts are told of `contract_days` before their end."""

	actions: dict[str, str] = field(default_factory=dict)
	stop_from_days: int = 1
	contract_days: int = 60
	stop_from_amounts: dict[str, float] = field(default_factory=dict)

	def of(self, kind: str) -> str:
		return self.actions.get(kind) or INFORM


@dataclass(frozen=True)
class Finding:
	"""One warning: its kind and level, the numbers that its sentence needs, the document that it is about. `weight` orders
	those of one kind; `stops`: it stops a hand-off."""

	kind: str
	level: str
	numbers: dict
	doctype: str | None = None
	name: str | None = None
	weight: float = 0.0
	stops: bool = False


def judge(facts: CustomerFacts, rules: Rules, now: datetime) -> list[Finding]:
	"""All warnings of a customer, the worst first."""
	today = now.date()
	found = [
		*_blocked(facts),
		*_cases(facts, rules, now),
		*_credit(facts),
		*_overdue(facts, rules, today),
		*_promises(facts, today),
		*_silent(facts, today),
		*_stalled(facts),
		*_contracts(facts, rules, today),
	]
	return sorted(
		(_with_action(finding, rules) for finding in found if rules.of(finding.kind) != NONE),
		key=lambda finding: (LEVELS.index(finding.level), KINDS.index(finding.kind), -finding.weight),
	)


def _with_action(finding: Finding, rules: Rules) -> Finding:
	action = rules.of(finding.kind)
	stops = {
		STOPS: finding.level != INFO and (finding.kind != OVERDUE or _is_much(finding.numbers, rules)),
		STOP_SEVERE: finding.level == STOP,
	}.get(action, False)
	return Finding(
		finding.kind,
		STOP if stops else finding.level,
		finding.numbers,
		finding.doctype,
		finding.name,
		finding.weight,
		stops,
	)


def _is_much(money: dict, rules: Rules) -> bool:
	"""Whether what is overdue in a company stops: for long enough, and not just a few cents."""
	least = rules.stop_from_amounts.get(money["currency"], 0.0)
	return money["days"] >= rules.stop_from_days and money["amount"] >= least - CENT / 2


def _blocked(facts: CustomerFacts) -> Iterable[Finding]:
	for state in ("disabled", "frozen"):
		if getattr(facts, state):
			yield Finding(BLOCKED, STOP, {"state": state})


def _cases(facts: CustomerFacts, rules: Rules, now: datetime) -> Iterable[Finding]:
	"""One warning per type of document: the worst of them, and how many there are."""
	for kind in (COMPLAINT, REQUEST):
		groups: dict[str, list[OpenCase]] = {}
		for case in facts.cases:
			if case.complaint == (kind == COMPLAINT):
				groups.setdefault(case.doctype, []).append(case)
		for doctype, cases in groups.items():
			worst = max(cases, key=lambda case: (case.severe, _late(case, now), (now - case.opened_on)))
			late = _late(worst, now)
			numbers = {
				"count": len(cases),
				"late": sum(_late(case, now) > 0 for case in cases),
				"title": worst.title,
				"severity": worst.severity,
				"days_open": max((now.date() - worst.opened_on.date()).days, 0),
				"is_late": late > 0,
			}
			level = STOP if worst.severe else WARN
			if kind == REQUEST:
				level = WARN if late > 0 else INFO
			yield Finding(kind, level, numbers, doctype, worst.name, weight=late + len(cases) / 1000)


def _late(case: OpenCase, now: datetime) -> float:
	"""Days after the time by which it was to be solved; 0 while there is time."""
	return max((now - case.due_by).total_seconds() / 86_400, 0.0) if case.due_by else 0.0


def _credit(facts: CustomerFacts) -> Iterable[Finding]:
	for use in facts.credit:
		if use.limit > 0 and use.used > use.limit:
			numbers = {"company": use.company, "currency": use.currency, "limit": use.limit, "used": use.used}
			yield Finding(CREDIT, STOP, numbers, weight=use.used - use.limit)


def _overdue(facts: CustomerFacts, rules: Rules, today: date) -> Iterable[Finding]:
	for money in facts.overdue:
		days = (today - money.oldest).days
		if money.amount <= 0 or days < 1:
			continue
		numbers = {
			"company": money.company,
			"currency": money.currency,
			"amount": money.amount,
			"invoices": money.invoices,
			"days": days,
		}
		yield Finding(OVERDUE, WARN, numbers, "Sales Invoice" if money.name else None, money.name, weight=days)


def _promises(facts: CustomerFacts, today: date) -> Iterable[Finding]:
	if not facts.promises:
		return
	last = max(facts.promises, key=lambda promise: promise.promised_on)
	numbers = {
		"count": len(facts.promises),
		"promised_on": last.promised_on,
		"amount": last.amount,
		"currency": last.currency,
	}
	yield Finding(PROMISE, WARN, numbers, "Promise to Pay", last.name, weight=len(facts.promises))


def _silent(facts: CustomerFacts, today: date) -> Iterable[Finding]:
	rhythm = usual_gap(facts.contacts)
	if rhythm is None:
		return
	days = (today - max(facts.contacts)).days
	unseen = (today - facts.heard_of_on).days if facts.heard_of_on else days
	if min(days, unseen) > silent_from(facts.contacts):
		yield Finding(SILENT, INFO, {"days": days, "usual": rhythm}, weight=days / rhythm)


def usual_gap(contacts: Iterable[date]) -> int | None:
	"""Days that usually pass between two contacts, by the median; None where there are too few to tell."""
	days = sorted(set(contacts))
	if len(days) < RHYTHM_FROM:
		return None
	return max(round(median(_gaps(days))), 1)


def silent_from(contacts: Iterable[date]) -> int:
	"""Days of silence that are still usual: twice the usual gap, and no less than the longest but one."""
	days = sorted(set(contacts))
	gaps = sorted(_gaps(days))
	return max(2 * max(round(median(gaps)), 1), gaps[-2] if len(gaps) > 1 else gaps[-1], SHORTEST_SILENCE)


def _gaps(days: list[date]) -> list[int]:
	return [(later - earlier).days for earlier, later in zip(days, days[1:], strict=False)]


def _stalled(facts: CustomerFacts) -> Iterable[Finding]:
	if facts.deals:
		worst = max(facts.deals, key=lambda deal: deal.score)
		numbers = {"count": len(facts.deals), "title": worst.title}
		yield Finding(STALLED, INFO, numbers, worst.doctype, worst.name, weight=len(facts.deals))


def _contracts(facts: CustomerFacts, rules: Rules, today: date) -> Iterable[Finding]:
	ending = [row for row in facts.contracts if 0 <= (row.end_date - today).days <= rules.contract_days]
	if not ending:
		return
	first = min(ending, key=lambda row: row.end_date)
	days = (first.end_date - today).days
	numbers = {"count": len(ending), "title": first.title, "end_date": first.end_date, "days": days}
	yield Finding(CONTRACT, WARN if days <= SOON else INFO, numbers, "Sales Contract", first.name, weight=-days)

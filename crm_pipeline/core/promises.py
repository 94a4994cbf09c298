"""Promises to pay: kept, broken or still open, by what the Payment Ledger says was owed of the invoice on which day.

Whatever takes the outstanding amount down keeps a promise: a payment, a credit note, a write-off. Each amount counts for
one promise only, the one that was due first. An invoice of which nothing is owed any more on the promised day keeps all
of its promises; what comes later keeps none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from crm_pipeline.core.ageing import TOLERANCE

OPEN, KEPT, BROKEN, WITHDRAWN = "Open", "Kept", "Broken", "Withdrawn"


@dataclass(frozen=True)
class Promise:
	"""`outstanding` is what was owed of the invoice when it was promised to pay `amount` of it."""

	name: str
	made_on: date
	promised_on: date
	amount: float
	outstanding: float
	withdrawn: bool = False


@dataclass(frozen=True)
class Verdict:
	"""`settled` of the promised amount in time; `settled_on`: the day by which all of it was, None where it was not."""

	status: str
	settled: float = 0.0
	settled_on: date | None = None


class Owed:
	"""What is owed of one invoice at the end of each day, from the changes (day, amount) that its ledger holds."""

	def __init__(self, changes: Iterable[tuple[date, float]]):
		self.changes = sorted(changes)

	def on(self, day: date) -> float:
		return sum(amount for at, amount in self.changes if at <= day)

	def days(self, first: date, last: date) -> list[date]:
		"""Days on which it may have changed, within two days that are both included."""
		return sorted({first, *(at for at, _amount in self.changes if first <= at <= last)})


def verdicts(promises: Iterable[Promise], owed: Owed, today: date) -> dict[str, Verdict]:
	"""What became of the promises about one invoice, as of `today`, by their names."""
	found: dict[str, Verdict] = {}
	earlier: list[Promise] = []
	for promise in sorted(promises, key=lambda p: (p.promised_on, p.made_on, p.name)):
		if promise.withdrawn:
			found[promise.name] = Verdict(WITHDRAWN)
			continue
		found[promise.name] = _verdict(promise, earlier, found, owed, today)
		earlier.append(promise)
	return found


def _verdict(promise: Promise, earlier: list[Promise], found: dict, owed: Owed, today: date) -> Verdict:
	taken = sum(_taken_since(promise, other, found[other.name].settled) for other in earlier)
	last = min(promise.promised_on, today)

	def settled(day: date) -> float:
		return min(max(promise.outstanding - owed.on(day) - taken, 0.0), promise.amount)

	def is_kept(day: date) -> bool:
		return settled(day) >= promise.amount - TOLERANCE or owed.on(day) <= TOLERANCE

	amount = settled(last)
	if is_kept(last):
		days = owed.days(min(promise.made_on, last), last)
		# The last day from which on it held.
		since = last
		for day in reversed(days):
			if not is_kept(day):
				break
			since = day
		return Verdict(KEPT, amount, since)
	return Verdict(BROKEN if promise.promised_on < today else OPEN, amount)


def _taken_since(promise: Promise, other: Promise, settled: float) -> float:
	"""What an earlier promise used up of what was settled after this one was made."""
	if other.promised_on < promise.made_on:
		return 0.0
	before = max(other.outstanding - promise.outstanding, 0.0) if other.made_on <= promise.made_on else 0.0
	return max(settled - before, 0.0)


def promised(promises: Iterable[Promise], found: dict[str, Verdict]) -> float:
	"""What is promised and still to come."""
	return sum(still_promised(promise.amount, found[promise.name]) for promise in promises)


def still_promised(amount: float, verdict: Verdict) -> float:
	"""What of a promised amount is still to come."""
	return max(amount - verdict.settled, 0.0) if verdict.status == OPEN else 0.0


def is_to_escalate(verdict: Verdict, promised_on: date, today: date, days: int) -> bool:
	"""Whether the manager hears of a promise: broken for `days` or longer; never where `days` is 0."""
	return bool(days) and verdict.status == BROKEN and promised_on + timedelta(days=days) <= today

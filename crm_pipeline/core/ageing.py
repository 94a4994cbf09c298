"""What is owed, by age: as ERPNext's Accounts Receivable ages it, by due date and with payment terms counted.

A balance is what the Payment Ledger says of one document on one day; amounts are in one currency, the company's or that
of the receivable account. What is due today counts into the first bucket, what is due later into none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

# Days up to which a bucket goes; the last one has no end.
LIMITS = (30, 60, 90, 120)
BUCKETS = len(LIMITS) + 1
# Less than half a cent is nothing.
TOLERANCE = 0.005


@dataclass(frozen=True)
class Term:
	"""A row of an invoice's payment schedule; `paid` is what the schedule has as paid of it by now, discounts included."""

	due: date
	amount: float
	paid: float = 0.0
	label: str = ""


@dataclass(frozen=True)
class Balance:
	"""What was charged by a document, and what payments and credit notes took off it."""

	invoiced: float
	paid: float = 0.0
	credited: float = 0.0

	@property
	def outstanding(self) -> float:
		return self.invoiced - self.paid - self.credited


@dataclass(frozen=True)
class Part:
	"""What is still open of a document and falls due on one day; below zero for what was paid or credited too much."""

	due: date
	amount: float
	label: str = ""


def parts(balance: Balance, terms: Iterable[Term], due: date, advance: float = 0.0) -> list[Part]:
	"""What is open of an invoice, by its payment terms, in the order of their due dates. The sum is the outstanding amount.

	A payment that was entered for a term is taken from that term, any other payment from the first terms that nothing
	was paid of, then credit notes from the first ones with anything left. `advance` is what was set off before the
	schedule began. What is left over, or missing, falls due with the invoice, on `due`.
	"""
	terms, paid, credited = list(terms), balance.paid - advance, balance.credited
	if sum(term.paid for term in terms) > paid + TOLERANCE:
		# The schedule knows payments of later days, too.
		terms = [Term(term.due, term.amount, 0.0, term.label) for term in terms]
	paid -= sum(term.paid for term in terms)
	open_parts = []
	for term in sorted(terms, key=lambda term: (-term.paid, term.due)):
		left = term.amount - term.paid
		if not term.paid:
			taken = _taken(paid, left)
			paid, left = paid - taken, left - taken
		taken = _taken(credited, left)
		credited, left = credited - taken, left - taken
		if left > TOLERANCE:
			open_parts.append(Part(term.due, left, term.label))
	rest = balance.outstanding - sum(part.amount for part in open_parts)
	if abs(rest) > TOLERANCE:
		open_parts.append(Part(due, rest))
	return sorted(open_parts, key=lambda part: part.due)


def _taken(from_what: float, left: float) -> float:
	return max(min(from_what, left), 0.0)


def bucket(due: date, day: date, limits: tuple[int, ...] = LIMITS) -> int | None:
	"""The number of the bucket, from 0, of what falls due on `due`, seen on `day`; None before it is due."""
	days = (day - due).days
	if days < 0:
		return None
	return next((place for place, limit in enumerate(limits) if days <= limit), len(limits))


def by_age(found: Iterable[Part], day: date, limits: tuple[int, ...] = LIMITS) -> list[float]:
	"""The amounts of parts by bucket; what is not due yet is in none."""
	amounts = [0.0] * (len(limits) + 1)
	for part in found:
		place = bucket(part.due, day, limits)
		if place is not None:
			amounts[place] += part.amount
	return amounts


@dataclass(frozen=True)
class Ages:
	"""`buckets` are past due, by LIMITS; `not_due` is open and due later. All of them together are `outstanding`."""

	not_due: float
	buckets: tuple[float, ...]

	@property
	def past_due(self) -> float:
		return sum(self.buckets)

	@property
	def outstanding(self) -> float:
		return self.not_due + self.past_due


def ages(found: list[Part], day: date) -> Ages:
	"""The open amounts by age on a day."""
	return Ages(sum(part.amount for part in found if part.due > day), tuple(by_age(found, day)))


@dataclass(frozen=True)
class Document:
	"""What is open of one document of a customer. Of a credit note `against` is the invoice that it was made for."""

	name: str
	parts: tuple[Part, ...]
	against: str | None = None


@dataclass(frozen=True)
class Overdue:
	"""`amount` of `documents` that was due before a day, since `oldest` of `name`."""

	amount: float
	documents: int
	oldest: date
	name: str


def overdue(documents: Iterable[Document], day: date) -> Overdue | None:
	"""What was due before `day` and is not settled; None where that is nothing. What falls due on the day is not overdue yet.

	Payments and credit notes that nobody has set off are taken off it: a credit note off the invoice that it was made for,
	everything else, and what is left of that, off what has been due longest.
	"""
	documents = list(documents)
	credits = {document.name: -sum(part.amount for part in document.parts if part.amount < 0) for document in documents}
	left: dict[str, list[Part]] = {}
	for document in documents:
		late = [part for part in document.parts if part.amount > 0 and part.due < day]
		if late:
			left[document.name] = sorted(late, key=lambda part: part.due)
	for document in documents:
		target = document.against if document.against in left else document.name
		if credits[document.name] and target in left:
			left[target], credits[document.name] = _taken_off(left[target], credits[document.name])
	flat = sorted(
		((part, name) for name, found in left.items() for part in found), key=lambda row: (row[0].due, row[1])
	)
	rest = sum(credits.values())
	kept = []
	for part, name in flat:
		taken = _taken(rest, part.amount)
		rest -= taken
		if part.amount - taken > TOLERANCE:
			kept.append((Part(part.due, part.amount - taken, part.label), name))
	if not kept:
		return None
	return Overdue(
		sum(part.amount for part, _name in kept), len({name for _part, name in kept}), kept[0][0].due, kept[0][1]
	)


def _taken_off(found: list[Part], amount: float) -> tuple[list[Part], float]:
	"""What is left of parts, and of the amount that was taken off the first of them."""
	left = []
	for part in found:
		taken = _taken(amount, part.amount)
		amount -= taken
		if part.amount - taken > TOLERANCE:
			left.append(Part(part.due, part.amount - taken, part.label))
	return left, amount


def labels(limits: tuple[int, ...] = LIMITS) -> list[str]:
	"""0-30, 31-60 and so on; the last one ends with a plus sign."""
	firsts = [0, *(limit + 1 for limit in limits)]
	return [f"{first}-{limit}" for first, limit in zip(firsts, limits, strict=False)] + [f"{firsts[-1]}+"]

"""From what a contract agreed to the money: its orders and invoices, and each payment term.

Net amounts (agreed, ordered, delivered, billed, paid) are those of core/fulfilment.py; amounts with tax (invoiced, settled,
outstanding) are those of the invoices' payment schedules and of the Payment Ledger. All of one contract are in one currency.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from crm_pipeline.core.ageing import TOLERANCE, Part


@dataclass(frozen=True)
class Installment:
	"""What one invoice asks for by one payment term: with tax, the part of a contract in it only."""

	term: str
	due: date
	invoiced: float
	outstanding: float
	net: float = 0.0
	invoice: str = ""

	@property
	def settled(self) -> float:
		return self.invoiced - self.outstanding


@dataclass(frozen=True)
class AgreedTerm:
	"""A row of the contract's own schedule: `portion` of the net amount, as a share of 1."""

	term: str
	portion: float
	due: date | None = None


@dataclass
class TermLine:
	"""A payment term of a contract: agreed and billed net, and what was invoiced, settled and is still owed, with tax."""

	term: str
	agreed: float = 0.0
	billed: float = 0.0
	invoiced: float = 0.0
	outstanding: float = 0.0
	overdue: float = 0.0
	due: date | None = None
	invoices: tuple[str, ...] = ()

	@property
	def settled(self) -> float:
		return self.invoiced - self.outstanding


def paid_by_term(lines: list[TermLine], paid: float) -> list[float]:
	"""What was `paid` of a contract, net, by its payment terms: as their invoices are settled, and where none is, by the
	terms that come first. The sum is `paid`; more than was agreed counts for the last one."""
	if not lines:
		return []
	weights = [line.billed * line.settled / line.invoiced if abs(line.invoiced) > TOLERANCE else 0.0 for line in lines]
	whole = sum(weights)
	if whole > TOLERANCE:
		return [paid * weight / whole for weight in weights]
	found, left = [], paid
	for place, line in enumerate(lines, start=1):
		taken = left if place == len(lines) else _within(left, max(line.agreed, 0.0))
		found.append(taken)
		left -= taken
	return found


def installments(invoice: str, schedule: Iterable[tuple[str, date, float]], open_parts: Iterable[Part], invoiced: float,
	share: float, net: float, due: date) -> list[Installment]:  # fmt: skip
	"""An invoice by payment term: `schedule` rows (term, due, amount), what is open of it, what was `invoiced` in all, the
	`share` of it that belongs to a contract, and the `net` amount of that share. What the schedule does not say (an advance that was set off before
	it, a document without terms) is an installment without a term. They add up to the share of what was invoiced and is
	outstanding, and to `net`."""
	rows = [(term, day, amount) for term, day, amount in schedule if abs(amount) > TOLERANCE]
	rest = invoiced - sum(amount for _term, _day, amount in rows)
	if abs(rest) > TOLERANCE or not rows:
		rows.append(("", due, rest))
	left = [(part.due, part.label, part.amount) for part in open_parts]
	found = []
	for term, day, amount in rows:
		place = next((n for n, part in enumerate(left) if part[0] == day and part[1] == term), None)
		owed = left.pop(place)[2] if place is not None else 0.0
		found.append([term, day, amount, owed])
	# Paid too much, or falls due with the invoice: to the installment without a term, or to the last one.
	found[-1][3] += sum(amount for _day, _label, amount in left)
	whole = sum(row[2] for row in found)
	return [
		Installment(
			term=term,
			due=day,
			invoiced=amount * share,
			outstanding=owed * share,
			net=net * amount / whole if abs(whole) > TOLERANCE else net / len(found),
			invoice=invoice,
		)
		for term, day, amount, owed in found
	]


def by_term(agreed: float, terms: Iterable[AgreedTerm], found: Iterable[Installment], day: date) -> list[TermLine]:
	"""The payment terms of a contract, in the order that was agreed, then those of invoices that the contract does not
	know. What was agreed is the net amount by portion; the sum of all lines is that of the installments.

	An invoice without terms of its own is for the first terms that are not billed yet, and pays the first of those first;
	a credit note without any is for the last ones that are.
	"""
	lines: dict[str, TermLine] = {}
	for term in terms:
		line = lines.setdefault(term.term, TermLine(term.term, due=term.due))
		line.agreed += agreed * term.portion
	known = list(lines.values())
	for row in sorted(found, key=lambda row: (not row.term, row.due, row.invoice)):
		for piece in [row] if row.term else _spread(row, known):
			line = lines.setdefault(piece.term, TermLine(piece.term, due=piece.due))
			line.billed += piece.net
			line.invoiced += piece.invoiced
			line.outstanding += piece.outstanding
			line.overdue += piece.outstanding if piece.due < day else 0.0
			if piece.invoice and piece.invoice not in line.invoices:
				line.invoices = (*line.invoices, piece.invoice)
	return list(lines.values())


def _spread(row: Installment, known: list[TermLine]) -> list[Installment]:
	"""An installment that names no term, over the terms that it is for; what is left names none."""
	credit = row.net < 0
	left, pieces = abs(row.net), []
	for line in reversed(known) if credit else known:
		taken = min(left, max(line.billed if credit else line.agreed - line.billed, 0.0))
		if taken > TOLERANCE:
			pieces.append((line.term, taken))
			left -= taken
	if left > TOLERANCE or not pieces:
		pieces.append(("", left))
	whole = sum(amount for _term, amount in pieces)
	found, settled = [], row.settled
	for place, (term, amount) in enumerate(pieces, start=1):
		part = amount / whole if whole else 1.0
		invoiced = row.invoiced * part
		paid = settled if place == len(pieces) else _within(settled, invoiced)
		settled -= paid
		found.append(replace(row, term=term, invoiced=invoiced, outstanding=invoiced - paid, net=row.net * part))
	return found


def _within(settled: float, invoiced: float) -> float:
	"""What of a settled amount goes to one piece; both are below zero for a credit note."""
	return max(settled, invoiced) if invoiced < 0 else max(min(settled, invoiced), 0.0)

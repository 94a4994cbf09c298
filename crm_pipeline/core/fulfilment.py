"""Ordered, delivered, billed, paid: one definition for request, contract, opportunity and campaign.

All amounts are in company currency and net of tax, so the four can be compared:
- ordered: the net total of live Sales Orders; for a closed one, what was delivered or billed of it,
  whichever is more;
- delivered: delivered quantity (returns taken off) at the order's net rate; an order row that needs
  no delivery note, such as a service, counts as delivered when it is billed;
- billed: invoiced net, credit notes taken off;
- paid: what payments settled of those invoices, shared by net amount where one invoice spans
  orders, plus advances still standing on the order; refunds taken off. Credit notes, exchange
  differences and write-off journals settle an invoice but are no payment.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class OrderFacts:
	"""One live Sales Order; `delivered` already in money, `advance` and `gross` with tax."""

	name: str
	net: float
	gross: float
	delivered: float = 0.0
	advance: float = 0.0
	closed: bool = False


@dataclass(frozen=True)
class InvoiceShare:
	"""The part of one submitted invoice (or credit note, then negative) that belongs to `order`.

	`net` is that part without tax; `gross` the whole invoice with tax; `settled` what payments
	settled of the whole invoice, refunds negative.
	"""

	order: str
	net: float
	gross: float
	settled: float = 0.0


@dataclass(frozen=True)
class Fulfilment:
	ordered: float = 0.0
	delivered: float = 0.0
	billed: float = 0.0
	paid: float = 0.0

	def __add__(self, other: "Fulfilment") -> "Fulfilment":
		return Fulfilment(
			self.ordered + other.ordered,
			self.delivered + other.delivered,
			self.billed + other.billed,
			self.paid + other.paid,
		)

	def percent(self, field: str) -> float:
		"""`field` as a percentage of what was ordered, 0 where nothing was."""
		return getattr(self, field) / self.ordered * 100 if self.ordered else 0.0


def of_order(order: OrderFacts, shares: Iterable[InvoiceShare]) -> Fulfilment:
	shares = [s for s in shares if s.order == order.name]
	billed = sum(s.net for s in shares)
	paid = sum(s.settled * s.net / s.gross for s in shares if s.gross)
	if order.gross:
		paid += order.advance * order.net / order.gross
	ordered = max(order.delivered, billed, 0.0) if order.closed else order.net
	return Fulfilment(ordered=ordered, delivered=order.delivered, billed=billed, paid=paid)


def roll_up(orders: Iterable[OrderFacts], shares: Iterable[InvoiceShare]) -> Fulfilment:
	"""The sum over orders; each order counts once however many ways lead to it."""
	by_order: dict[str, list[InvoiceShare]] = {}
	for share in shares:
		by_order.setdefault(share.order, []).append(share)
	total = Fulfilment()
	for order in {o.name: o for o in orders}.values():
		total += of_order(order, by_order.get(order.name, ()))
	return total


def progress(amounts: Fulfilment, tolerance: float = 0.005) -> dict[str, str]:
	"""For each of delivered, billed, paid: 'none', 'part' or 'full', measured against ordered."""
	states = {}
	for field in ("delivered", "billed", "paid"):
		value = getattr(amounts, field)
		if value <= tolerance:
			states[field] = "none"
		elif value + tolerance < amounts.ordered:
			states[field] = "part"
		else:
			states[field] = "full"
	return states

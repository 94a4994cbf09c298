"""Ordered, delivered, billed, paid: one definition for request, contract, opportunity and campaign.

All amounts are in company currency and net of tax, so the four can be compared:
- ordered: the net total of live Sales Orders; for a closed one, what was delivered or billed of it,
  whichever is more;
- delivered: delivered quantity (returns taken off) at the order's net rate; an order row that needs
  no delivery note, such as a service or any row of an order that skips it, counts as delivered when it is billed;
- billed: invoiced net, credit notes taken off;
- paid: what payments settled of those invoices, shared by net amount where one invoice spans
  orders, plus advances still standing on the order; refunds taken off. Credit notes, exchange
  differences and write-off journals settle an invoice but are no payment.

Whether that is *all of it* is another question, and company currency can't answer it: the rate of an
invoice is not the rate of its order, and parts that are rounded do not add up to the rounded whole.
So `progress` goes by the rows' quantities and by amounts in the order's own currency.
"""

from collections.abc import Iterable
from dataclasses import dataclass

# Quantities closer than this are the same: they come from multiplying UOM factors.
TOLERANCE = 1e-6


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
	settled of the whole invoice, refunds negative, `at_till` what of that was paid with the invoice itself; `part` how much of
	the whole it is, as a share of 1.
	"""

	order: str
	net: float
	gross: float
	settled: float = 0.0
	part: float = 1.0
	at_till: float = 0.0


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


@dataclass(frozen=True)
class OrderRow:
	"""A row of a live Sales Order: quantities in stock units, amounts in the order's currency and with whatever tax
	its prices include. `billed` and `billed_qty` are those of `invoice_rows` rows of submitted invoices, credit notes
	taken off, which they are not of `invoiced_qty`; `unit` is the smallest amount of the currency."""

	qty: float
	amount: float
	delivered: float = 0.0
	billed: float = 0.0
	billed_qty: float = 0.0
	invoiced_qty: float = 0.0
	invoice_rows: int = 0
	needs_note: bool = True
	closed: bool = False
	unit: float = 0.01


def all_delivered(row: OrderRow) -> bool:
	"""Whether nothing of a row is still to be delivered. A closed order wants what was billed of it and no more."""
	if row.needs_note:
		return row.delivered + TOLERANCE >= (min(row.billed_qty, row.qty) if row.closed else row.qty)
	return row.closed or row.delivered + TOLERANCE >= row.qty or (row.billed_qty > TOLERANCE and all_billed(row))


def all_billed(row: OrderRow) -> bool:
	"""Whether nothing of a row is still to be billed. What costs nothing needs no invoice. A closed order wants
	what was delivered of it and no more."""
	wanted_qty = min(row.delivered, row.qty) if row.closed else row.qty
	wanted = row.amount * wanted_qty / row.qty if row.closed and row.qty else row.amount
	if row.closed and max(row.billed_qty, row.invoiced_qty) + TOLERANCE >= wanted_qty:
		# Whoever closes an order that was billed at a lower price, or credited in part, lets that price stand.
		return True
	missing = wanted - row.billed
	# Each invoice rounds its part, and the order rounded the whole.
	rounding = row.unit / 2 * (row.invoice_rows + 1) if row.billed_qty + TOLERANCE >= wanted_qty else row.unit / 2
	return missing < row.unit / 2 or missing <= rounding + TOLERANCE


def progress(at_order_rate: Fulfilment, rows: Iterable[OrderRow], tolerance: float = 0.005) -> dict[str, str]:
	"""For each of delivered, billed, paid: 'none', 'part' or 'full'.

	`at_order_rate` are the amounts with every invoice at its order's exchange rate, `rows` those of all the orders.
	Paid is full when all that was ordered, or all that can be billed, is paid.
	"""
	# A row that was closed before anything came of it says nothing.
	rows = [row for row in rows if not row.closed or row.delivered > TOLERANCE or row.billed_qty > TOLERANCE]
	full = {
		"delivered": bool(rows) and all(map(all_delivered, rows)),
		"billed": bool(rows) and all(map(all_billed, rows)),
	}
	to_pay = min(at_order_rate.ordered, at_order_rate.billed) if full["billed"] else at_order_rate.ordered
	full["paid"] = bool(rows) and at_order_rate.paid + tolerance >= to_pay
	return {
		field: "full" if full[field] else "part" if getattr(at_order_rate, field) > tolerance else "none"
		for field in ("delivered", "billed", "paid")
	}

"""What may still be ordered. Every quantity is in the item's stock UOM.

What counts as used up:
- a pending request: what it asks for;
- an accepted request: what its Sales Order says now (after Update Items), or more where more was
  delivered; when that order was closed or stopped for good, what was delivered only (billed, of what needs no
  delivery note);
- an order made past our request (from the quotation, or with the contract as its source): the same.
Free rows and cancelled documents never count. A product bundle counts as the bundle. Of rows that are
alternatives to each other, what is taken of one is taken of all, in proportion.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

# Quantities closer than this are the same: they come from multiplying UOM factors.
TOLERANCE = 1e-6


@dataclass(frozen=True)
class OrderLine:
	"""Row `name` of a live Sales Order that answers for `key` (the row of the contract or quotation; of a deal, which has
	no rows that are agreed, item and rate)."""

	key: str | tuple[str, float]
	qty: float
	delivered: float = 0.0
	closed: bool = False
	name: str = ""


@dataclass(frozen=True)
class RequestLine:
	"""A row of a submitted request; `ordered` says whether the request has a live Sales Order."""

	key: str | tuple[str, float]
	name: str
	qty: float
	ordered: bool = False


@dataclass(frozen=True)
class Shortage:
	"""Row `idx` asks for more than `remaining` of `key`."""

	idx: int
	key: str
	asked: float
	remaining: float


def used_by_order(line: OrderLine, over_delivery: bool = True) -> float:
	if line.closed:
		return line.delivered
	return max(line.qty, line.delivered) if over_delivery else line.qty


def used(requests: Iterable[RequestLine], orders: Iterable[OrderLine], over_delivery: bool = True) -> dict[str, float]:
	"""Quantity used up per key. Without `over_delivery` only what was ordered counts, not the surplus delivered."""
	result: dict[str, float] = {}
	for request in requests:
		if not request.ordered:
			result[request.key] = result.get(request.key, 0.0) + request.qty
	for order in orders:
		result[order.key] = result.get(order.key, 0.0) + used_by_order(order, over_delivery)
	return result


def place(
	loose: Iterable[tuple[OrderLine, tuple[str, ...]]],
	agreed: Mapping[str, float],
	used_up: Mapping[str, float],
) -> list[OrderLine]:
	"""Give order rows that carry no link (line, keys of the same item) to the key with the most room left."""
	room = {key: qty - used_up.get(key, 0.0) for key, qty in agreed.items()}
	placed = []
	for line, keys in loose:
		key = max(keys, key=lambda k: room.get(k, 0.0))
		room[key] = room.get(key, 0.0) - used_by_order(line)
		placed.append(replace(line, key=key))
	return placed


def remaining(agreed: Mapping[str, float], used_up: Mapping[str, float]) -> dict[str, float]:
	"""What is left per key, never below zero."""
	left = {key: qty - used_up.get(key, 0.0) for key, qty in agreed.items()}
	return {key: (qty if qty > TOLERANCE else 0.0) for key, qty in left.items()}


def share_left(rows: Iterable[tuple[float, float, float]]) -> float:
	"""Of rows (amount, quantity, what is left of it) the part of the amount that is left, as a share of 1."""
	rows = list(rows)
	whole = sum(amount for amount, _qty, _left in rows)
	left = sum(amount * min(left / qty, 1.0) for amount, qty, left in rows if qty)
	return left / whole if whole else 0.0


# {key: {alternative to it: how much of that one unit of the key takes the place of}}
Alternatives = Mapping[str, Mapping[str, float]]


def with_alternatives(used_up: Mapping[str, float], alternatives: Alternatives) -> dict[str, float]:
	"""What is used up per key, counted against its alternatives too."""
	result = dict(used_up)
	for key, qty in used_up.items():
		for other, ratio in alternatives.get(key, {}).items():
			result[other] = result.get(other, 0.0) + qty * ratio
	return result


def shortages(
	asked: Iterable[tuple[int, str, float]], left: Mapping[str, float], alternatives: Alternatives | None = None
) -> list[Shortage]:
	"""Rows (idx, key, stock qty) that ask for more than is left; several rows may share a key."""
	rest, found = dict(left), []
	for idx, key, qty in asked:
		available = rest.get(key, 0.0)
		if qty > available + TOLERANCE:
			found.append(Shortage(idx, key, qty, available))
		rest[key] = max(available - qty, 0.0)
		for other, ratio in (alternatives or {}).get(key, {}).items():
			rest[other] = max(rest.get(other, 0.0) - qty * ratio, 0.0)
	return found


def left_by_row(
	rows: Iterable[tuple[str, str, float, float]], used_up: Mapping[tuple[str, float], float]
) -> dict[str, float]:
	"""What is left per row (name, item, rate, qty) after what was used of (item, rate): of rows with the same item those
	at the same rate were used first, then the earlier ones."""
	rows, rest = list(rows), dict(used_up)
	left = {name: qty for name, _item, _rate, qty in rows}
	for same_rate in (True, False):
		for name, item, rate, _qty in rows:
			for key in rest:
				if key[0] == item and (key[1] == rate or not same_rate):
					taken = min(left[name], max(rest[key], 0.0))
					left[name] -= taken
					rest[key] -= taken
	return {name: (qty if qty > TOLERANCE else 0.0) for name, qty in left.items()}

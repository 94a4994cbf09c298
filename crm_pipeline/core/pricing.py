"""Amounts of lines and documents. Precision and the way of rounding come from the caller.

Without one, halves round to even, as ERPNext's default does. A site may round otherwise, and an
agreed amount must be to the cent what its Sales Order will say, so the app passes the site's own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal


def rounded(value: float, precision: int) -> float:
	"""`value` with `precision` decimals, computed on its shortest decimal form."""
	return float(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-precision), ROUND_HALF_EVEN))


Rounding = Callable[[float, int], float]


@dataclass(frozen=True)
class Line:
	"""One row: `rate` per `qty` unit, in the document's currency."""

	qty: float
	rate: float = 0.0
	price_list_rate: float = 0.0
	discount_percentage: float = 0.0
	conversion_factor: float = 1.0


@dataclass(frozen=True)
class Priced:
	"""A row's results: `rate`, `amount` in document currency, `base_amount` in company currency."""

	rate: float
	discount_percentage: float
	amount: float
	base_amount: float
	stock_qty: float


def price_line(
	line: Line,
	conversion_rate: float,
	precision: int,
	base_precision: int | None = None,
	rounding: Rounding = rounded,
	rate_precision: int | None = None,
) -> Priced:
	"""Price a row. A rate that was given wins, and the discount follows from it; else list price less discount. The rate
	of a screw may have more decimals than an amount."""
	base_precision = precision if base_precision is None else base_precision
	rate, discount = line.rate, line.discount_percentage
	if rate:
		if line.price_list_rate:
			discount = max(rounded((1 - rate / line.price_list_rate) * 100, 6), 0.0)
	else:
		rate = rounding(
			line.price_list_rate * (1 - discount / 100), precision if rate_precision is None else rate_precision
		)
	amount = rounding(rate * line.qty, precision)
	return Priced(
		rate=rate,
		discount_percentage=discount,
		amount=amount,
		base_amount=rounding(amount * conversion_rate, base_precision),
		stock_qty=line.qty * (line.conversion_factor or 1.0),
	)


@dataclass(frozen=True)
class Totals:
	"""`total` of the rows as they stand and `net` after the additional discount, without tax; `base_` in company
	currency."""

	total: float
	discount: float
	net: float
	base_total: float
	base_net: float


def totals(
	amounts: Iterable[float],
	conversion_rate: float,
	precision: int,
	discount_percentage: float = 0.0,
	discount_amount: float = 0.0,
	base_precision: int | None = None,
	rounding: Rounding = rounded,
) -> Totals:
	"""Sum rows and take the additional discount off; a percentage wins over an amount.

	For prices without tax and a discount on the net total; anything else is ERPNext's to work out, see
	erp/native_totals.py. As there, company currency is rounded row by row and the discount is spread over the rows.
	"""
	base_precision = precision if base_precision is None else base_precision
	amounts = [float(a) for a in amounts]
	total = rounding(_sum(amounts), precision)
	discount = rounding(total * discount_percentage / 100 if discount_percentage else discount_amount, precision)
	in_base = lambda values: rounding(  # noqa: E731
		_sum(rounding(value * conversion_rate, base_precision) for value in values), base_precision
	)
	nets = _less_discount(amounts, discount, total, precision, rounding)
	return Totals(
		total=total,
		discount=discount,
		net=rounding(_sum(nets), precision),
		base_total=in_base(amounts),
		base_net=in_base(nets),
	)


def _sum(values: Iterable[float]) -> float:
	return float(sum(Decimal(repr(float(value))) for value in values))


def _less_discount(
	amounts: list[float], discount: float, total: float, precision: int, rounding: Rounding
) -> list[float]:
	"""The rows less their parts of the discount; what rounding leaves over goes to the row where it shows."""
	if not (discount and total):
		return amounts
	nets, wanted, given = [], 0.0, 0.0
	for amount in amounts:
		exact = amount - discount * amount / total
		wanted += exact
		net = rounding(exact, precision)
		left_over = rounding(wanted - (given + net), precision)
		nets.append(rounding(net + left_over, precision))
		given += nets[-1]
	return nets


def share_of_discount(
	discount: float, total: float, part: float, taken_part: float, taken_discount: float, precision: int
) -> float:
	"""What a part order gets of a discount amount that was agreed on `total`; one below zero is a surcharge.

	`taken_*` are the earlier parts and what they got: the part that completes the total takes the
	cents that rounding left over.
	"""
	if not total or not discount:
		return 0.0
	if abs(taken_part + part - total) < 0.5 * 10**-precision:
		left = discount - taken_discount
		return rounded(min(max(left, 0.0), part) if discount > 0 else min(left, 0.0), precision)
	return rounded(discount * min(part / total, 1.0), precision)


def share_of_charge(
	charge: float, total: float, part: float, taken_part: float, taken_charge: float, precision: int
) -> float:
	"""What a part order bears of a fixed charge, such as freight, that was agreed once on `total`.

	`taken_*` are the earlier parts and what they bore: the part that completes the total bears the rest, and no part
	more than is left.
	"""
	left = charge - taken_charge
	if left * charge <= 0 or total <= 0:
		return 0.0
	if taken_part + part - total > -0.5 * 10**-precision:
		return rounded(left, precision)
	share = rounded(charge * part / total, precision)
	return share if abs(share) < abs(left) else rounded(left, precision)

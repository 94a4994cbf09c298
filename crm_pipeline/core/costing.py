"""What a deal costs and what is left of its price. Amounts are in company currency unless said otherwise.

Precision and the way of rounding come from the caller, as in core/pricing.py. Comparisons are exact: a
margin of exactly the floor is enough.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from crm_pipeline.core.pricing import Rounding, rounded

VALUATION = "Valuation"
BOM = "BOM"
LAST_PURCHASE = "Last Purchase"
BUNDLE = "Product Bundle"
ACTIVITY = "Activity Cost"
BY_HAND = "By Hand"

# Where the cost of an item is looked for when nobody chose: the first that knows one.
STOCKED = (VALUATION, BOM, LAST_PURCHASE)
NOT_STOCKED = (BUNDLE, BOM, LAST_PURCHASE)


def exact(value: float | None) -> Fraction:
	"""A number as it is written, without the error of its binary form."""
	return Fraction(Decimal(repr(float(value or 0))))


@dataclass(frozen=True)
class Line:
	"""A row: `rate` in the deal's currency and `cost_rate` in company currency, both per `qty` unit."""

	qty: float
	rate: float = 0.0
	cost_rate: float = 0.0


@dataclass(frozen=True)
class Result:
	"""Price, cost and what is left. `percentage` is of the price; see `percentage`."""

	selling: float
	cost: float
	margin: float
	percentage: float


def percentage(margin: float, selling: float) -> float:
	"""Margin in percent of the price, unrounded. Sold for nothing: -100 when it costs something, else 0."""
	if not selling:
		return -100.0 if margin < 0 else 0.0
	return float(exact(margin) / exact(selling) * 100)


def cost_line(line: Line, conversion_rate: float, precision: int, rounding: Rounding = rounded) -> Result:
	"""Price and cost of one row in company currency; `conversion_rate` is that of the deal's currency."""
	in_deal_currency = rounding(float(exact(line.qty) * exact(line.rate)), precision)
	selling = rounding(float(exact(in_deal_currency) * exact(conversion_rate)), precision)
	cost = rounding(float(exact(line.qty) * exact(line.cost_rate)), precision)
	return _result(selling, cost, precision)


@dataclass(frozen=True)
class Totals(Result):
	"""A whole estimate. `item_cost` + `other_cost` = `cost`; `margin` is what is left of both."""

	item_cost: float
	other_cost: float


def totals(lines: Iterable[Result], other_costs: Iterable[float], precision: int) -> Totals:
	"""Sums of rows that are rounded already: the margins of the rows less other costs are the whole's, exactly."""
	lines = list(lines)
	selling = rounded(float(sum(exact(line.selling) for line in lines)), precision)
	items = rounded(float(sum(exact(line.cost) for line in lines)), precision)
	other = rounded(float(sum(exact(cost) for cost in other_costs)), precision)
	whole = _result(selling, float(exact(items) + exact(other)), precision)
	return Totals(whole.selling, whole.cost, whole.margin, whole.percentage, item_cost=items, other_cost=other)


def _result(selling: float, cost: float, precision: int) -> Result:
	margin = rounded(float(exact(selling) - exact(cost)), precision)
	return Result(selling, cost, margin, percentage(margin, selling))


def is_below(margin: float, selling: float, floor: float) -> bool:
	"""Whether less is left than `floor` percent of the price. Compared by amount, so a price of zero has an answer."""
	return exact(margin) < exact(selling) * exact(floor) / 100


# ---- a quotation measured by an estimate


@dataclass(frozen=True)
class Quoted:
	"""A row of a quotation: net price in company currency. An alternative is offered, but not in the totals."""

	idx: int
	item_code: str
	stock_qty: float
	net: float
	alternative: bool = False


@dataclass(frozen=True)
class Estimated:
	"""A row of an estimate: what `stock_qty` stock units of the item cost."""

	item_code: str
	stock_qty: float
	cost: float


@dataclass(frozen=True)
class Verdict:
	"""Rows without a cost, and the margin of the quotation at the estimate's cost."""

	missing: tuple[Quoted, ...]
	result: Result
	below: bool

	@property
	def passed(self) -> bool:
		return not self.missing and not self.below


def judge(
	quoted: Iterable[Quoted],
	estimated: Iterable[Estimated],
	other_cost: float,
	floor: float | None,
	precision: int,
) -> Verdict:
	"""Measure a quotation by an estimate. `floor` in percent; None: margins are not looked at.

	Every item costs per stock unit what it does in the estimate, on average over its rows. Other costs count
	in proportion to how much of the estimate's item cost is quoted, whole at most; whole, too, where the
	items cost nothing.
	"""
	quoted, estimated = list(quoted), list(estimated)
	known = _sums(estimated)
	missing = tuple(row for row in quoted if row.item_code not in known)
	sold = [row for row in quoted if not row.alternative]
	quantities: dict[str, Fraction] = {}
	for row in sold:
		quantities[row.item_code] = quantities.get(row.item_code, Fraction(0)) + exact(row.stock_qty)
	items = sum(
		(qty / known[item][0] * known[item][1] for item, qty in quantities.items() if item in known),
		Fraction(0),
	)
	estimate = sum((cost for _qty, cost in known.values()), Fraction(0))
	share = min(items / estimate, Fraction(1)) if estimate else Fraction(1)
	cost = rounded(float(items + exact(other_cost) * share), precision)
	selling = rounded(float(sum(exact(row.net) for row in sold)), precision)
	result = _result(selling, cost, precision)
	below = floor is not None and is_below(result.margin, result.selling, floor)
	return Verdict(missing, result, below)


def _sums(estimated: Iterable[Estimated]) -> dict[str, tuple[Fraction, Fraction]]:
	"""{item: (stock quantity, cost)}; rows without a quantity say nothing."""
	found: dict[str, tuple[Fraction, Fraction]] = {}
	for row in estimated:
		if exact(row.stock_qty) > 0:
			qty, cost = found.get(row.item_code, (Fraction(0), Fraction(0)))
			found[row.item_code] = (qty + exact(row.stock_qty), cost + exact(row.cost))
	return found

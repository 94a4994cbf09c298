"""How a deal ended, and what it was sold for: one definition, stored on the deal, which every figure reads."""

from collections.abc import Callable
from dataclasses import dataclass

from crm_pipeline.core.stages import LOST, WON

COMPLETED = "Completed"


def outcome_of(status: str, stage_type: str | None) -> str | None:
	"""WON, LOST, or None of a deal that is open. A project that is completed was sold where it stands in a won stage; a
	service that nobody sold has no outcome."""
	if status == COMPLETED:
		return WON if stage_type == WON else None
	return status if status in (WON, LOST) else None


@dataclass(frozen=True)
class Money:
	"""An amount in company currency, and in the deal's own where that is known."""

	base: float
	amount: float | None = None


@dataclass(frozen=True)
class Sale:
	"""What is known of a sale. `rate` is the deal's exchange rate, 1 in company currency and 0 where nobody knows it;
	`contract` the contract that won it, `ordered` what was ordered of one that a document won, in company currency,
	`quoted` the quotation that spoke for it when it was closed."""

	own: Money
	rate: float
	contract: Money | None = None
	ordered: float = 0.0
	quoted: Money | None = None


def sold_for(sale: Sale, rounding: Callable[[float], float] = float) -> Money:
	"""What a won deal was sold for: what its contract says, else what was ordered, else its quotation, else its own
	amount. Of a deal in another currency without exchange rate the own amount is worth nothing."""
	if sale.contract:
		found = sale.contract
	elif sale.ordered > 0:
		found = Money(sale.ordered)
	elif sale.quoted:
		found = sale.quoted
	else:
		found = Money(sale.own.base if sale.rate > 0 else 0.0, sale.own.amount)
	if found.amount is not None:
		return found
	return Money(found.base, rounding(found.base / sale.rate) if sale.rate > 0 else 0.0)

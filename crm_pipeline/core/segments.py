"""Segments: groups of customers, prospects or leads by what they are and by what they did.

What they are is a list of filters that the framework understands. What they did is a list of behaviours, each about one
kind of event: how much of it, of which products, in which days. A record belongs to the segment that meets all of them.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

ORDERED, BILLED, CONTACTED, OPEN_DEAL = "Ordered", "Billed", "Contacted", "Open Deal"
# Events that are about products and money.
BUYING = (ORDERED, BILLED)
CUSTOMER, PROSPECT, LEAD = "Customer", "Sales Prospect", "Sales Lead"
# Of which records which behaviours are known.
KINDS = {
	CUSTOMER: (ORDERED, BILLED, CONTACTED, OPEN_DEAL),
	PROSPECT: (CONTACTED, OPEN_DEAL),
	LEAD: (CONTACTED,),
}
MOST_DAYS = 36_525

Amount = Decimal | float


@dataclass(frozen=True)
class Behaviour:
	"""At least one event of a kind within the days, and within all limits that are not None; `negated`: no such events.

	Days count back from today, today included, where `days` is set; else from `first` to `last`, where those are set.
	Amounts are net, in the company's currency; quantities in the stock unit. What was returned or credited is taken off,
	and who returned everything did not buy.
	"""

	kind: str
	negated: bool = False
	days: int | None = None
	first: date | None = None
	last: date | None = None
	item: str | None = None
	item_group: str | None = None
	min_amount: Amount | None = None
	max_amount: Amount | None = None
	min_quantity: Amount | None = None
	min_events: int | None = None

	def period(self, today: date) -> tuple[date | None, date | None]:
		"""(first day, last day), both included; None for a side without an end."""
		if self.days:
			return today - timedelta(days=self.days - 1), today
		return self.first, self.last

	def is_met(self, events: int, quantity: Amount = 0, amount: Amount = 0) -> bool:
		"""Whether a record with so many events, and with what they come to, did this; not asked of who has no event."""
		if self.kind in BUYING and quantity <= 0:
			return False
		return (
			events >= (self.min_events or 1)
			and (self.min_quantity is None or quantity >= self.min_quantity)
			and (self.min_amount is None or amount >= self.min_amount)
			and (self.max_amount is None or amount <= self.max_amount)
		)


# What can be wrong with a behaviour: words are found by these keys.
UNKNOWN, DAYS_TWICE, DAYS_RANGE, DAYS_ORDER, NO_PRODUCTS, AMOUNT_ORDER, NO_COMPANY, NO_DAYS, NEGATIVE = (
	"unknown",
	"days twice",
	"days range",
	"days order",
	"no products",
	"amount order",
	"no company",
	"no days",
	"negative",
)


def problem(asked: Behaviour, doctype: str, company: str | None) -> str | None:
	"""What is wrong with a behaviour of a segment of records of `doctype`, as one of the keys above; None for nothing."""
	limits = (asked.min_amount, asked.max_amount, asked.min_quantity, asked.min_events, asked.days)
	about_products = (asked.item, asked.item_group, asked.min_amount, asked.max_amount, asked.min_quantity)
	checks = (
		(UNKNOWN, asked.kind not in KINDS.get(doctype, ())),
		(NEGATIVE, any(limit is not None and limit < 0 for limit in limits)),
		(DAYS_RANGE, bool(asked.days and asked.days > MOST_DAYS)),
		(DAYS_TWICE, bool(asked.days and (asked.first or asked.last))),
		(DAYS_ORDER, bool(asked.first and asked.last and asked.first > asked.last)),
		(NO_DAYS, asked.kind == OPEN_DEAL and bool(asked.days or asked.first or asked.last)),
		(NO_PRODUCTS, asked.kind not in BUYING and any(value for value in about_products)),
		(
			AMOUNT_ORDER,
			asked.min_amount is not None and asked.max_amount is not None and asked.min_amount > asked.max_amount,
		),
		(NO_COMPANY, not company and (asked.min_amount is not None or asked.max_amount is not None)),
	)
	return next((key for key, is_wrong in checks if is_wrong), None)


def members(names: list[str], met: list[tuple[Behaviour, set[str]]]) -> list[str]:
	"""Those of `names`, in their order, that meet every behaviour; beside each stand the names that did it."""
	return [name for name in names if all((name in did) is not asked.negated for asked, did in met)]


def changes(before: set[str], now: set[str]) -> tuple[set[str], set[str]]:
	"""(who joined, who left) between two pictures of a segment."""
	return now - before, before - now


DAILY, WEEKLY, MONTHLY = "Daily", "Weekly", "Monthly"


def is_due(rhythm: str | None, last: date | None, today: date) -> bool:
	"""Whether a picture is to be taken today: the first at once, then once a day, week (of the calendar) or month."""
	if rhythm not in (DAILY, WEEKLY, MONTHLY):
		return False
	if not last:
		return True
	if rhythm == DAILY:
		return last < today
	if rhythm == WEEKLY:
		return last.isocalendar()[:2] < today.isocalendar()[:2]
	return (last.year, last.month) < (today.year, today.month)

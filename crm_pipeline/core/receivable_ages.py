"""Open amounts of a customer by age, as ERPNext's Accounts Receivable counts them by due date."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

# Days past due up to which a bucket reaches; the last one has no end. ERPNext's report begins with these.
LIMITS = (30, 60, 90, 120)


@dataclass(frozen=True)
class OpenVoucher:
	"""What is open of an invoice, or (below zero) of a payment or credit note that nothing was set against yet.

	`due` is the due date, or the day of posting where there is none.
	"""

	due: date
	amount: float


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


def ages(vouchers: Iterable[OpenVoucher], today: date) -> Ages:
	"""The open amounts by age on a day. What is due on that day itself counts as due, in the first bucket, as in ERPNext."""
	not_due, buckets = 0.0, [0.0] * (len(LIMITS) + 1)
	for voucher in vouchers:
		if voucher.due > today:
			not_due += voucher.amount
		else:
			buckets[_bucket((today - voucher.due).days)] += voucher.amount
	return Ages(not_due, tuple(buckets))


def _bucket(days: int) -> int:
	return next((place for place, limit in enumerate(LIMITS) if days <= limit), len(LIMITS))


def labels() -> list[tuple[int, int | None]]:
	"""(first day, last day) of each bucket; the last one has no end."""
	first = [0, *(limit + 1 for limit in LIMITS)]
	return list(zip(first, [*LIMITS, None], strict=True))

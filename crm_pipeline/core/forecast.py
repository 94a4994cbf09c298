"""What will come in: sums of open and won deals become a forecast by period. Works on aggregates, not on deals.

Every sum lands in exactly one place: a period, or one of the lines beside them (`OUTSIDE`). So the periods
and those lines always add up to all that was given.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from crm_pipeline.core.tree import with_all_below
from crm_pipeline.core.win_rates import Rates

MONTH, QUARTER = "Month", "Quarter"
OMITTED, PIPELINE, BEST_CASE, COMMIT, CLOSED = "Omitted", "Pipeline", "Best Case", "Commit", "Closed"

# The columns that open deals of a category are counted in. An open deal called Closed is a commitment.
COLUMN_OF = {
	OMITTED: "omitted", PIPELINE: "pipeline", BEST_CASE: "best_case", COMMIT: "commit", CLOSED: "commit",
}  # fmt: skip

# Where deals are counted that no shown period holds.
UNDATED, EARLIER, LATER = "undated", "earlier", "later"
OUTSIDE = (UNDATED, EARLIER, LATER)


@dataclass(frozen=True)
class Sum:
	"""Deals that agree in all that a forecast looks at, summed up. Values are amounts or quantities.

	`month` is the first day of the month in which an open deal is expected, or a won one was closed; None:
	not known. `overdue`: an open deal whose expected day has passed. `weighted` is value x probability.
	`ordered` is what native orders hold of won deals. `key` is the dimension asked for, or "".
	"""

	month: date | None
	won: bool = False
	overdue: bool = False
	category: str = PIPELINE
	stage: str = ""
	band: int = 0
	key: str = ""
	documents: int = 0
	value: float = 0.0
	weighted: float = 0.0
	ordered: float = 0.0
	unpriced: int = 0
	unrated: int = 0


@dataclass
class Totals:
	"""Sums of one period or line. `overdue` is a part of commit, best case and pipeline, not beside them."""

	documents: int = 0
	signed_documents: int = 0
	signed: float = 0.0
	ordered: float = 0.0
	commit: float = 0.0
	best_case: float = 0.0
	pipeline: float = 0.0
	omitted: float = 0.0
	overdue: float = 0.0
	overdue_documents: int = 0
	open_weighted: float = 0.0
	open_historical: float = 0.0
	unpriced: int = 0
	unrated: int = 0

	def add(self, other: "Totals") -> None:
		# Most columns of a single sum are 0.
		mine = vars(self)
		for name, amount in vars(other).items():
			if amount:
				mine[name] += amount

	@property
	def weighted(self) -> float:
		return self.signed + self.open_weighted

	@property
	def historical(self) -> float:
		return self.signed + self.open_historical

	@property
	def category(self) -> float:
		"""Closed and committed: the forecast by category."""
		return self.signed + self.commit

	@property
	def potential(self) -> float:
		"""If everything open that counts were won."""
		return self.signed + self.commit + self.best_case + self.pipeline


@dataclass(frozen=True)
class Period:
	"""First and last day, both included."""

	first: date
	last: date
	kind: str = MONTH

	@property
	def key(self) -> str:
		if self.kind == QUARTER:
			return f"{self.first.year}-Q{(self.first.month + 2) // 3}"
		return f"{self.first:%Y-%m}"

	def holds(self, day: date) -> bool:
		return self.first <= day <= self.last


@dataclass
class Forecast:
	"""Totals per period, in order, and of the lines outside them."""

	periods: dict[Period, Totals]
	outside: dict[str, Totals] = field(default_factory=lambda: {name: Totals() for name in OUTSIDE})

	@property
	def total(self) -> Totals:
		"""Of the periods, without what is outside."""
		return added(self.periods.values())


def first_of_month(day: date) -> date:
	return day.replace(day=1)


def add_months(day: date, months: int) -> date:
	"""First of the month that many months later (or earlier)."""
	index = day.year * 12 + day.month - 1 + months
	return date(index // 12, index % 12 + 1, 1)


def months_between(first: date, last: date) -> int:
	"""Whole months from the month of `first` to that of `last`; negative when that is earlier."""
	return (last.year - first.year) * 12 + last.month - first.month


def period_of(day: date, kind: str = MONTH) -> Period:
	"""The calendar month or quarter of a day."""
	if kind == QUARTER:
		first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
		return Period(first, add_months(first, 3) - timedelta(days=1), QUARTER)
	first = first_of_month(day)
	return Period(first, add_months(first, 1) - timedelta(days=1), MONTH)


def periods(start: date, count: int, kind: str = MONTH) -> list[Period]:
	"""`count` periods, the first one holding `start`. Raises ValueError below one period."""
	if count < 1:
		raise ValueError("a forecast needs at least one period")
	first = period_of(start, kind).first
	step = 3 if kind == QUARTER else 1
	return [period_of(add_months(first, step * n), kind) for n in range(count)]


def totals_of(row: Sum, rates: Rates) -> Totals:
	"""One sum in its columns. Omitted deals are counted, and weighted with nothing."""
	totals = Totals(documents=row.documents, unpriced=row.unpriced, unrated=row.unrated)
	if row.won:
		totals.signed, totals.ordered, totals.signed_documents = row.value, row.ordered, row.documents
		return totals
	column = COLUMN_OF.get(row.category, "pipeline")
	setattr(totals, column, row.value)
	if column != "omitted":
		if row.overdue:
			totals.overdue, totals.overdue_documents = row.value, row.documents
		totals.open_weighted = row.weighted
		totals.open_historical = row.value * rates.of(row.stage, row.band).value
	return totals


def place(row: Sum, shown: Sequence[Period], today: date) -> Period | str:
	"""The period that a sum counts in, or the name of a line outside. Overdue deals are expected now."""
	day = today if row.overdue else row.month
	if day is None:
		return UNDATED
	for period in shown:
		if period.holds(day):
			return period
	return EARLIER if day < shown[0].first else LATER


def forecast(rows: Iterable[Sum], shown: Sequence[Period], today: date, rates: Rates) -> Forecast:
	"""Add up. `shown` is in order and without gaps."""
	result = Forecast({period: Totals() for period in shown})
	for row in rows:
		where = place(row, shown, today)
		target = result.outside[where] if isinstance(where, str) else result.periods[where]
		target.add(totals_of(row, rates))
	return result


def by_key(rows: Iterable[Sum], shown: Sequence[Period], today: date, rates: Rates) -> dict[str, Forecast]:
	"""A forecast per value of the dimension; together they are the forecast of all rows."""
	groups: dict[str, list[Sum]] = {}
	for row in rows:
		groups.setdefault(row.key, []).append(row)
	return {key: forecast(group, shown, today, rates) for key, group in sorted(groups.items())}


def added(parts: Iterable[Totals]) -> Totals:
	total = Totals()
	for part in parts:
		total.add(part)
	return total


def roll_up(own: Mapping[str, Totals], nodes: Iterable[tuple[str, int, int]]) -> list[tuple[str, int, Totals]]:
	"""Totals of a tree: (name, depth, own + all below), in tree order, branches without deals left out.

	`nodes` are (name, left, right) of a nested set. What belongs to no node is not in it.
	"""
	return [(name, depth, added(own[one] for one in below)) for name, depth, below in with_all_below(nodes, own)]

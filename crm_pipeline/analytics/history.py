"""What came in month by month, and what it promises for the months to come.

The history is that of native Sales Orders where it can answer the question: they know company, territory
and item, and everybody who reads them reads all. For a person, a team, a pipeline or a part of the scope,
under team visibility, and on a site without orders, it is that of won deals. The answer names which.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from frappe.utils import flt

from crm_pipeline.analytics import deal_values, forecast_totals, order_history
from crm_pipeline.analytics.forecast_scope import ForecastScope
from crm_pipeline.core import series
from crm_pipeline.core.forecast import Period, add_months, first_of_month, months_between
from crm_pipeline.core.series import Outlook

ORDERS, WON_DEALS = "Sales Orders", "Won Deals"


@dataclass(frozen=True)
class History:
	"""`values` per month, oldest first; the last one is the month before `until` (a first of month)."""

	basis: str
	values: tuple[float, ...]
	until: date

	def of_month(self, month: date) -> float:
		"""What came in in that month; 0 outside what is known."""
		index = len(self.values) - months_between(month, self.until)
		return self.values[index] if 0 <= index < len(self.values) else 0.0

	def before(self, month: date) -> list[float]:
		"""The values of the months before `month`."""
		return list(self.values[: max(len(self.values) - months_between(month, self.until), 0)])


def history_of(asked: ForecastScope, today: date, basis: str | None = None) -> History:
	"""The complete months before that of `today`. `basis` asks for one kind of history."""
	until = first_of_month(today)
	if basis != WON_DEALS and order_history.suffice(asked):
		found = order_history.by_month(asked, until)
		if found:
			return _history(ORDERS, found, until)
	return _history(WON_DEALS, won_by_month(asked, today), until)


def won_by_month(asked: ForecastScope, today: date) -> dict[date, float]:
	"""{first of month: value of the deals won in it} of the months that a series may use, and of this one."""
	first, site = add_months(today, -series.LONGEST), deal_values.look(asked.company)
	found: dict[date, float] = {}
	for doctype in forecast_totals.readable(asked, site):
		for line in forecast_totals.won_lines(doctype, asked, today, first, site=site):
			if line.month:
				found[line.month] = found.get(line.month, 0.0) + flt(line.value)
	return found


def _history(basis: str, found: dict[date, float], until: date) -> History:
	return History(basis, tuple(series.monthly(found, add_months(until, -1))), until)


def outlooks(history: History, shown: Sequence[Period]) -> dict[str, Outlook]:
	"""What each method of core/series.py says about the months from `until` to the end of `shown`."""
	steps = max(months_between(history.until, shown[-1].last) + 1, 1)
	return {name: method(history.values, steps) for name, method in series.METHODS.items()}


def of_period(history: History, outlook: Outlook, period: Period) -> float | None:
	"""A period's value: months that are over as they were, the others as forecast. None: nothing to say."""
	if outlook.values is None or period.last < history.until:
		return None
	total, month = 0.0, first_of_month(period.first)
	while month <= period.last:
		ahead = months_between(history.until, month)
		total += outlook.values[ahead] if ahead >= 0 else history.of_month(month)
		month = add_months(month, 1)
	return total

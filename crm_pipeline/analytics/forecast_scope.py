"""What a forecast is asked for, beside what all figures share."""

from dataclasses import dataclass
from datetime import date

from frappe.utils import cint, getdate

from crm_pipeline.analytics.scope import Scope
from crm_pipeline.core import forecast as core
from crm_pipeline.core.forecast import MONTH, QUARTER, Period

OPPORTUNITY, PROJECT = "Sales Opportunity", "Sales Project"
KINDS = {"Both": (OPPORTUNITY, PROJECT), "Opportunities": (OPPORTUNITY,), "Sales Projects": (PROJECT,)}
AMOUNT, QUANTITY = "Amount", "Quantity"

# What a forecast may be split by: the deal's own fields, and those of its items.
DIMENSIONS = ("pipeline", "stage", "territory", "sales_person", "sales_owner", "customer", "campaign")
ITEM_DIMENSIONS = ("item_code", "item_group")

DEFAULT_COUNT = {MONTH: 6, QUARTER: 4}
MOST_PERIODS = 36


@dataclass(frozen=True)
class ForecastScope(Scope):
	"""`scope` is a key of KINDS; `by`, `count` and `start` are the periods shown; `measure` is Amount or Quantity; `first`
	is a day of the one period that Forecast Movement is about."""

	scope: str = "Both"
	by: str = MONTH
	count: int = 0
	start: date | None = None
	measure: str = AMOUNT
	item_code: str | None = None
	item_group: str | None = None
	first: date | None = None

	@property
	def doctypes(self) -> tuple[str, ...]:
		"""The DocTypes in scope; both where nobody knows such a scope."""
		return KINDS.get(self.scope) or KINDS["Both"]

	@property
	def counts_quantity(self) -> bool:
		return self.measure == QUANTITY

	@property
	def narrows_items(self) -> bool:
		return any(getattr(self, field) for field in ITEM_DIMENSIONS)

	def is_by_item(self, dimension: str | None = None) -> bool:
		"""Whether the numbers are sums of item rows. What was ordered of a deal is known of the whole deal only."""
		return self.counts_quantity or self.narrows_items or dimension in ITEM_DIMENSIONS

	def periods(self, today: date) -> list[Period]:
		"""The periods asked for: from `start` (today's by default), `count` of them, by month or quarter."""
		kind = QUARTER if self.by == QUARTER else MONTH
		count = min(max(cint(self.count) or DEFAULT_COUNT[kind], 1), MOST_PERIODS)
		return core.periods(getdate(self.start or today), count, kind)

"""The deals of one funnel: a pipeline, filters, a period and what the period means; and what a funnel is split by."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import frappe
from frappe import _
from frappe.query_builder.functions import Coalesce
from frappe.utils import add_days, add_months, get_first_day

from crm_pipeline.analytics import scope
from crm_pipeline.analytics.sql_terms import Month, Year
from crm_pipeline.chain import pipelines
from crm_pipeline.core.stages import Stage
from crm_pipeline.core.tree import with_all_below
from crm_pipeline.core.win_loss import period_before
from crm_pipeline.user_day import latest_today
from crm_pipeline.wording import bold

OPENED, ENTERED = "Opened in Period", "Entered Stage in Period"
MONTH, TEAM = "Month", "Team"
Found = TypeVar("Found")

# What a funnel may be split by: {value of the filter: field of the deal}. A month is that of opening, or where the
# moves of a period count that of the move; a team is a Sales Person with all below it.
SPLITS = {
	MONTH: "opened_on",
	"Territory": "territory",
	TEAM: "sales_person",
	"Sales Person": "sales_person",
	"Sales Owner": "sales_owner",
	"Source": "source_type",
	"Channel": "channel",
	"Campaign": "campaign",
}


@dataclass(frozen=True)
class FunnelScope(scope.Scope):
	"""`basis`: OPENED takes the deals opened in the period, ENTERED per stage those that entered it in the period.
	`group_by` is a key of SPLITS; `part` is one value of such a split: {"split": a key of SPLITS, "value": as
	passages() gives it}."""

	basis: str = OPENED
	group_by: str | None = None
	part: dict | None = None


class Cohort:
	"""The deals of one funnel, of the last twelve months and the default pipeline where no others are asked for."""

	def __init__(self, asked: FunnelScope):
		self.company = asked.company
		self.pipeline = asked.pipeline or self._default_pipeline()
		self.asked = asked.replaced(pipeline=self.pipeline)
		self.doctype = frappe.get_cached_value("Sales Pipeline", self.pipeline, "applies_to")
		if not self.doctype:
			frappe.throw(
				_("{0} {1} does not exist").format(_("Sales Pipeline"), bold(self.pipeline)), frappe.DoesNotExistError
			)
		self.basis = asked.basis
		today = latest_today()
		self.first, self.last = asked.period(get_first_day(add_months(today, -11)), today)
		self.deal, self.event = frappe.qb.DocType(self.doctype), frappe.qb.DocType("Pipeline Event")
		self.passage = frappe.qb.DocType("Stage Passage")
		# What funnel_ways asked already.
		self.ways: dict[str | None, list] = {}

	def _default_pipeline(self) -> str:
		found = pipelines.default_pipeline("Sales Opportunity", self.company)
		if not found:
			frappe.throw(
				_("There is no enabled Sales Pipeline for {0}. Please create one.").format(_("Sales Opportunity")),
				title=_("Pipeline Missing"),
			)
		return found

	def before(self) -> "Cohort":
		"""The same of the period before, which is as many whole months or days long."""
		first, last = period_before(self.first, self.last)
		return Cohort(self.asked.replaced(from_date=first, to_date=last))

	@cached_property
	def stages(self) -> list[Stage]:
		"""Stages of every pipeline, for a deal may have moved on to another one."""
		return pipelines.all_stages(self.doctype)

	def narrow(self, query):
		"""Filters, visibility and period on a query on the deals."""
		deal = self.deal
		if self.basis == OPENED:
			query = query.where(deal.opened_on[self.first : self.last])
		else:
			query = query.where(deal.name.isin(self.arrivals().select(self.event.reference_name)))
		return self.of_deals(query)

	def of_deals(self, query, moved_on=None):
		"""Filters and visibility only, whatever the period; `moved_on` is when a stage was entered, where that counts."""
		part = self.asked.part
		terms = self.split_columns(part["split"], moved_on) if part else []
		if part and len(terms) != len(part["value"]):
			frappe.throw(
				_("{0} is not a grouping of this report").format(bold(part["split"])), title=_("Unknown Grouping")
			)
		if part and part["split"] == TEAM and part["value"][0]:
			query = query.where(scope.within(self.deal.sales_person, "Sales Person", part["value"][0]))
		elif part:
			for term, value in zip(terms, part["value"], strict=True):
				query = query.where(term == value if value not in (None, "") else Coalesce(term, "") == "")
		return scope.sales(query, self.doctype).where(self._criterion)

	@cached_property
	def _criterion(self):
		return self.asked.criterion(self.doctype)

	def split_columns(self, split: str | None, moved_on=None) -> list:
		"""The terms of a split; a month is its year and its number."""
		if not split:
			return []
		if split not in SPLITS:
			frappe.throw(_("{0} is not a grouping of this report").format(bold(split)), title=_("Unknown Grouping"))
		if split == MONTH and self.basis == ENTERED and moved_on is not None:
			return [Year(moved_on), Month(moved_on)]
		field = self.deal[SPLITS[split]]
		return [Year(field), Month(field)] if split == MONTH else [field]

	def arrivals(self):
		"""Ledger events by which deals came into a stage of this pipeline."""
		return self.moves("Created", "Stage").where(self.event.pipeline == self.pipeline)

	def leavings(self):
		"""Ledger events by which deals left a stage of this pipeline; one that left the pipeline carries the next one's."""
		own = [stage.name for stage in self.stages if stage.pipeline == self.pipeline]
		return self.moves("Stage").where(self.event.from_value.isin(own or [""]))

	def moves(self, *kinds: str):
		"""Ledger events of these kinds; those of the period where it is the moves that count."""
		event = self.event
		query = frappe.qb.from_(event).where(event.reference_doctype == self.doctype).where(event.kind.isin(kinds))
		if self.basis == ENTERED:
			query = query.where((event.at >= str(self.first)) & (event.at < str(add_days(self.last, 1))))
		return query


def named(terms: list) -> list:
	"""The terms of a split as columns split_0, split_1 …"""
	return [term.as_(f"split_{i}") for i, term in enumerate(terms)]


# ---- teams


def by_team(of_persons: dict[tuple, Found], together: Callable[[list[Found]], Found]) -> dict[tuple, Found]:
	"""What was found of persons as that of each node of the tree with all below it, in the order of the tree; what is
	of nobody comes last."""
	teams = {
		(name,): together([of_persons[(person,)] for person in below])
		for name, _depth, below in _team_tree(value[0] for value in of_persons)
	}
	return teams | {value: found for value, found in of_persons.items() if value not in teams}


def depths_of_teams(values: Iterable[tuple]) -> dict[tuple, int]:
	"""How deep in the tree the teams of a split are."""
	return {(name,): depth for name, depth, _below in _team_tree(value[0] for value in values)}


def _team_tree(persons: Iterable[str | None]) -> list[tuple[str, int, list[str]]]:
	nodes = frappe.get_all("Sales Person", fields=["name", "lft", "rgt"], order_by="lft asc", limit=0)
	return with_all_below(((row.name, row.lft, row.rgt) for row in nodes), set(persons))

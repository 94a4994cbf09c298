"""Won and lost deals of a period, grouped: counts and amounts from the database, rates from core/win_loss.py.

A deal counts in the period in which it was closed, once per grouping. By product its amount is split by its
rows and it counts once per product, so there the deals of the rows add up to more than the total.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import frappe
from frappe import _
from frappe.query_builder.functions import Count, Sum
from frappe.utils import add_months, flt, get_first_day, get_last_day
from pypika import Case
from pypika.terms import Term

from crm_pipeline.analytics import drill, scope
from crm_pipeline.analytics.sql_terms import is_lost, is_won, value_of
from crm_pipeline.core import win_loss
from crm_pipeline.core.stages import LOST, WON
from crm_pipeline.core.win_loss import Tally
from crm_pipeline.user_day import latest_today

OPPORTUNITY, PROJECT = "Sales Opportunity", scope.PROJECT
DEFAULT_LIMITS = "1000, 10000, 100000"
LESSONS = "Lessons"
MOST_LESSONS = 500


@dataclass(frozen=True)
class Row:
	"""One group: its key as Grouping has it, its figures and those of the period before, and the filters of its documents."""

	key: tuple
	label: str
	now: Tally
	before: Tally
	won_filters: tuple | None
	lost_filters: tuple


@dataclass(frozen=True)
class Cell:
	"""One number of the report: deals of `outcome` (WON, LOST, None for both) of the group `key` (() for all), closed in the
	period, or in the one `before`."""

	key: tuple = ()
	outcome: str | None = None
	before: bool = False


@dataclass(frozen=True)
class Grouping:
	"""How closed deals are grouped: terms of the key, joins (`shape(query)`), and what is counted and added up where that
	is not the deals and what they count with."""

	keys: tuple = ()
	shape: Callable | None = None
	documents: Term | None = None
	amount: Term | None = None


@dataclass(frozen=True)
class ClosedScope(scope.Scope):
	"""`group_by` is one of GROUPINGS, or LESSONS; `size_limits` are amounts with commas between them."""

	document_type: str = OPPORTUNITY
	group_by: str = "Reason"
	size_limits: str = DEFAULT_LIMITS


class Closed:
	"""The closed deals that a report is about."""

	def __init__(self, asked: ClosedScope):
		self.asked = asked
		self.doctype = PROJECT if asked.document_type == PROJECT else OPPORTUNITY
		today = latest_today()
		self.first, self.last = asked.period(get_first_day(add_months(today, -11)), get_last_day(today))
		self.before = win_loss.period_before(self.first, self.last)
		self.currency = asked.currency
		self.bands = win_loss.bands(self._limits())
		self.deal = frappe.qb.DocType(self.doctype)

	def _limits(self) -> tuple[float, ...]:
		try:
			return win_loss.parse_limits(self.asked.size_limits, _thousands_sign())
		except ValueError:
			frappe.throw(
				_("{0} must be amounts with commas between them, such as {1}").format(_("Size Limits"), DEFAULT_LIMITS),
				title=_("Size Limits Not Understood"),
			)

	def query(self):
		"""Won and lost deals, narrowed to filters and to what the user may see, whenever they were closed."""
		deal = self.deal
		query = frappe.qb.from_(deal).where(is_won(deal) | is_lost(deal))
		return self.asked.narrow(scope.sales(query, self.doctype), self.doctype)

	def in_period(self, query, first, last):
		return query.where(self.deal.closed_on[first:last])

	def undated(self) -> int:
		"""Closed deals without a day of closing: they belong to no period and are left out."""
		rows = self.query().where(self.deal.closed_on.isnull()).select(Count("*")).run()
		return rows[0][0]

	def tallies(self, grouping: Grouping = Grouping()) -> dict[tuple, list[Tally]]:
		"""{key: [tally of the period, tally of the period before]}."""
		deal, keys, shape = self.deal, grouping.keys, grouping.shape
		lost = Case().when(is_lost(deal), 1).else_(0)
		current = Case().when(deal.closed_on >= str(self.first), 1).else_(0)
		terms = [term.as_(f"key_{i}") for i, term in enumerate(keys)]
		query = self.in_period(self.query(), self.before[0], self.last)
		query = (
			(shape(query) if shape else query)
			.select(
				*terms,
				lost.as_("lost"),
				current.as_("current"),
				(grouping.documents or Count("*")).as_("documents"),
				Sum(self.amount_of(grouping)).as_("amount"),
			)
			.groupby(*keys, lost, current)
		)
		found: dict[tuple, list[Tally]] = defaultdict(lambda: [Tally(), Tally()])
		for *key, was_lost, is_current, count, total in query.run():
			one = Tally(lost=count, lost_amount=flt(total)) if was_lost else Tally(won=count, won_amount=flt(total))
			# A key that is empty in two ways (NULL and "") is one key.
			cell = found[tuple(part or None for part in key)]
			cell[0 if is_current else 1] += one
		return found

	def amount_of(self, grouping: Grouping):
		return value_of(self.deal) if grouping.amount is None else grouping.amount

	# ---- drill

	def filters_of(self, extra: tuple, outcome: str) -> tuple:
		own = drill.sales(self.doctype)
		when = (
			()
			if any(field == "closed_on" for field, *_rest in extra)
			else (drill.between("closed_on", self.first, self.last),)
		)
		return (*drill.shared(self.asked), *own, *when, *extra, ("outcome", "=", outcome))

	def row(self, key, label, cell, won_extra: tuple | None, lost_extra: tuple | None = None) -> Row:
		lost_extra = won_extra if lost_extra is None else lost_extra
		return Row(
			key,
			label,
			cell[0],
			cell[1],
			None if won_extra is None else self.filters_of(won_extra, WON),
			self.filters_of(lost_extra, LOST),
		)

	def total(self) -> Row:
		cell = self.tallies().get((), [Tally(), Tally()])
		return self.row((), _("Total"), cell, ())


def _thousands_sign() -> str:
	"""The sign between the thousands of a number as the site writes it, but for a comma, which stands between amounts."""
	return {"#.###,##": ".", "#.###": ".", "#'###.##": "'"}.get(frappe.db.get_default("number_format") or "", "")


def lessons(closed: Closed) -> tuple[list[dict], int]:
	"""What was learned from the deals closed in the period, the latest MOST_LESSONS, and how many there are."""
	deal = closed.deal
	query = closed.in_period(closed.query(), closed.first, closed.last).where(
		deal.lessons.isnotnull() & (deal.lessons != "")
	)
	rows = (
		query.select(
			deal.name, deal.title, deal.party_name, deal.status, deal.closed_on, value_of(deal).as_("amount"),
			deal.lost_reason, deal.lost_to, deal.sales_person, deal.lessons,
		)
		.orderby(deal.closed_on, order=frappe.qb.desc)
		.orderby(deal.name)
		.limit(MOST_LESSONS)
	).run(as_dict=True)  # fmt: skip
	return rows, query.select(Count("*")).run()[0][0]

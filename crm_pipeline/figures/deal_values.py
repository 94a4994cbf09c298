"""Deals as a forecast counts them: which ones, what each is worth, and when it is expected.

One query shape serves totals, tables, snapshots and the list behind a number, so they can't differ.

- Opportunities that run as a project are left out: the project takes their place.
- Projects count when their type is Sales or Service.
- A valid quotation replaces amount and items of its deal. A project without one takes its opportunity's.
- A deal in another currency without exchange rate is worth nothing here, and is counted as such.
"""

import frappe
from frappe.query_builder.functions import Coalesce
from frappe.utils import add_days, cint
from pypika import Case
from pypika.functions import NullIf, Substring

from crm_pipeline.core.win_rates import BANDS
from crm_pipeline.erp import quoted
from crm_pipeline.figures import scope

OPPORTUNITY, PROJECT = "Sales Opportunity", "Sales Project"
SCOPES = {"Both": (OPPORTUNITY, PROJECT), "Opportunities": (OPPORTUNITY,), "Sales Projects": (PROJECT,)}
COUNTED_TYPES = ("Sales", "Service")

# What a forecast may be split by: the deal's own fields, and those of its items.
DIMENSIONS = ("pipeline", "stage", "territory", "sales_person", "sales_owner", "customer", "campaign")
ITEM_DIMENSIONS = ("item_code", "item_group")


def doctypes_of(filters) -> tuple[str, ...]:
	"""The DocTypes of a forecast's scope, both by default."""
	return SCOPES.get((filters or {}).get("scope") or "Both") or SCOPES["Both"]


class Deals:
	"""The open or the won deals of one DocType under `filters`, with the terms to select and group by.

	`by_item` reads one row per item; a deal without items still has one row.
	"""

	def __init__(self, doctype: str, filters, today, won: bool, by_item: bool = False):
		self.doctype, self.filters, self.today, self.won = doctype, filters or {}, today, won
		self.by_item = by_item or any(self.filters.get(field) for field in ITEM_DIMENSIONS)
		self.company = scope.company_of(filters)
		self.deal = frappe.qb.DocType(doctype)
		self.query = self._counted()
		self._join_quotations()
		if self.by_item:
			self._join_items()

	# ---- which deals

	def _counted(self):
		deal = self.deal
		query = scope.narrowed(frappe.qb.from_(deal), self.doctype, {**self.filters, "company": self.company})
		if self.won:
			query = query.where(self._is_won())
		else:
			query = query.where(deal.status == "Open")
		if self.doctype == PROJECT:
			return query.where(deal.project_type.isin(COUNTED_TYPES))
		return query.where(deal.name.notin(run_as_project()))

	def _is_won(self):
		if self.doctype == OPPORTUNITY:
			return self.deal.status == "Won"
		# A completed project was won before, or was a service that nobody sold: the stage tells.
		stage = frappe.qb.DocType("Pipeline Stage")
		won = frappe.qb.from_(stage).select(stage.name).where(stage.stage_type == "Won")
		return (self.deal.status == "Won") | ((self.deal.status == "Completed") & self.deal.stage.isin(won))

	# ---- what they are worth

	def _join_quotations(self):
		# What was signed does not change when the quotation behind it runs out.
		valid_on = None if self.won else self.today
		own = quoted.latest(self.doctype, self.company, valid_on).as_("own")
		self.query = self.query.left_join(own).on(own.deal == self.deal.name)
		self.quotation, net = own.quotation, own.net
		if self.doctype == PROJECT:
			first = quoted.latest(OPPORTUNITY, self.company, valid_on).as_("first")
			self.query = self.query.left_join(first).on(
				(first.deal == self.deal.source_name) & (self.deal.source_type == OPPORTUNITY)
			)
			self.quotation, net = Coalesce(own.quotation, first.quotation), Coalesce(own.net, first.net)
		currency = scope.currency_of(self.company)
		foreign = Coalesce(NullIf(self.deal.currency, ""), currency) != currency
		self.no_rate = foreign & (Coalesce(self.deal.conversion_rate, 0) <= 0) & self.quotation.isnull()
		self.worth = (
			Case()
			.when(self.quotation.isnotnull(), net)
			.when(self.no_rate, 0)
			.else_(Coalesce(self.deal.base_amount, 0))
		)
		self.amount, self.quantity = self.worth, None

	def _join_items(self):
		deal = self.deal
		offered, row = frappe.qb.DocType(quoted.ITEMS), frappe.qb.DocType("Sales Deal Item")
		item = frappe.qb.DocType("Item")
		self.query = (
			self.query.left_join(offered)
			.on((offered.parent == self.quotation) & (offered.is_alternative == 0))
			.left_join(row)
			.on((row.parent == deal.name) & (row.parenttype == self.doctype) & self.quotation.isnull())
		)
		self.item_code = Coalesce(offered.item_code, row.item_code)
		self.query = self.query.left_join(item).on(item.name == self.item_code)
		# Shares of the deal's worth: the items of a deal add up to the deal, in company currency.
		share = Case().when(deal.amount == 0, 0).else_(self.worth * row.amount / deal.amount)
		self.amount = (
			Case()
			.when(offered.name.isnotnull(), offered.base_net_amount)
			.when(row.name.isnotnull(), share)
			.else_(self.worth)
		)
		self.quantity = Coalesce(offered.stock_qty, row.stock_qty, 0)
		self.item_group = item.item_group
		if self.filters.get("item_code"):
			self.query = self.query.where(self.item_code == self.filters["item_code"])
		if self.filters.get("item_group"):
			names = [found.name for found in scope.subtree("Item Group", self.filters["item_group"])]
			self.query = self.query.where(self.item_group.isin(names or [""]))

	# ---- by what they are grouped

	@property
	def day(self):
		"""The date that decides the period."""
		return self.deal.closed_on if self.won else self.deal.expected_close

	@property
	def is_overdue(self):
		return self.deal.expected_close < self.today

	def month(self):
		"""'2026-11'; NULL without a date and for overdue deals, which are expected now."""
		text = Substring(self.day, 1, 7)
		return text if self.won else Case().when(self.is_overdue, None).else_(text)

	def overdue(self):
		return Case().when(self.is_overdue, 1).else_(0)

	def category(self):
		return Coalesce(NullIf(self.deal.forecast_category, ""), "Pipeline")

	def band(self):
		"""The age band of the stage a deal is in; 0 where nobody knows since when."""
		case = Case()
		for band in range(len(BANDS) - 1, 0, -1):
			case = case.when(self.deal.stage_entered_on <= add_days(self.today, -BANDS[band]), band)
		return case.else_(0)

	def dimension(self, name: str):
		"""The term of a dimension, "" where it is not filled. Raises KeyError for an unknown one."""
		if name in ITEM_DIMENSIONS:
			return Coalesce(getattr(self, name), "")
		if name not in DIMENSIONS:
			raise KeyError(name)
		return Coalesce(self.deal[name], "")


def run_as_project():
	"""Subquery: names of the opportunities that a counted project stands for."""
	project = frappe.qb.DocType(PROJECT)
	return (
		frappe.qb.from_(project)
		.select(project.source_name)
		.where(
			(project.source_type == OPPORTUNITY)
			& project.source_name.isnotnull()
			& project.project_type.isin(COUNTED_TYPES)
		)
	)


def months_ahead(filters, default: int) -> int:
	"""The number of periods asked for: 1 to 36."""
	return min(max(cint((filters or {}).get("count")) or default, 1), 36)

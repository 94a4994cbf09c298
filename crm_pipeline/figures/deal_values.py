"""Deals as a forecast counts them: which ones, what each is worth, and when it is expected.

One query shape serves totals, tables, snapshots and the list behind a number, so they can't differ.

- Opportunities that run as a project are left out: the project takes their place until it is lost.
- Projects count when their type is Sales or Service.
- A valid quotation replaces amount and items of its deal. A project without one takes its opportunity's.
- A deal in another currency without exchange rate is worth nothing here, and is counted as such.
"""

from dataclasses import dataclass

import frappe
from frappe.query_builder.functions import Coalesce
from frappe.utils import add_days, cint
from pypika import Case
from pypika.functions import NullIf, Substring

from crm_pipeline.core.chain import SALE_TYPES as COUNTED_TYPES
from crm_pipeline.core.win_rates import BANDS
from crm_pipeline.erp import quoted
from crm_pipeline.figures import scope

OPPORTUNITY, PROJECT = "Sales Opportunity", "Sales Project"
SCOPES = {"Both": (OPPORTUNITY, PROJECT), "Opportunities": (OPPORTUNITY,), "Sales Projects": (PROJECT,)}

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

	def __init__(self, doctype: str, filters, today, won: bool, by_item: bool = False, site: "Site | None" = None):
		self.doctype, self.filters, self.today, self.won = doctype, filters or {}, today, won
		self.site = site or look(scope.company_of(filters))
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
		return query.where(deal.name.notin(run_as_project())) if self.site.projects else query

	def _is_won(self):
		if self.doctype == OPPORTUNITY:
			return self.deal.status == "Won"
		# A completed project was won before, or was a service that nobody sold: the stage tells.
		stage = frappe.qb.DocType("Pipeline Stage")
		won = frappe.qb.from_(stage).select(stage.name).where(stage.stage_type == "Won")
		return (self.deal.status == "Won") | ((self.deal.status == "Completed") & self.deal.stage.isin(won))

	# ---- what they are worth

	def _join_quotations(self):
		"""Sets `quotation` (None where there is none at all), `no_rate`, and `worth`: what a deal counts with."""
		self.quotation, net = None, None
		for doctype, source in self._quoted_by():
			if doctype in self.site.quoted:
				# What was signed does not change when the quotation behind it runs out.
				latest = quoted.latest(doctype, self.company, None if self.won else self.today)
				latest = latest.as_(f"quoted_{frappe.scrub(doctype)}")
				self.query = self.query.left_join(latest).on(source(latest.deal))
				self.quotation = Coalesce(self.quotation, latest.quotation) if self.quotation else latest.quotation
				net = Coalesce(net, latest.net) if net else latest.net
		currency = scope.currency_of(self.company)
		self.no_rate = (Coalesce(NullIf(self.deal.currency, ""), currency) != currency) & (
			Coalesce(self.deal.conversion_rate, 0) <= 0
		)
		worth = Case()
		if self.quotation:
			self.no_rate = self.no_rate & self.quotation.isnull()
			worth = worth.when(self.quotation.isnotnull(), net)
		self.worth = worth.when(self.no_rate, 0).else_(Coalesce(self.deal.base_amount, 0))
		self.amount, self.quantity = self.worth, None

	def _quoted_by(self) -> list:
		"""(DocType that a quotation came from, how that finds the deal), the deal's own before its opportunity's."""
		own = (self.doctype, lambda name: name == self.deal.name)
		if self.doctype != PROJECT:
			return [own]
		first = lambda name: (name == self.deal.source_name) & (self.deal.source_type == OPPORTUNITY)  # noqa: E731
		return [own, (OPPORTUNITY, first)]

	def _join_items(self):
		deal, row, item = self.deal, frappe.qb.DocType("Sales Deal Item"), frappe.qb.DocType("Item")
		own_row = (row.parent == deal.name) & (row.parenttype == self.doctype)
		# Shares of the deal's worth: the items of a deal add up to the deal, in company currency.
		share = Case().when(deal.amount == 0, 0).else_(self.worth * row.amount / deal.amount)
		amount, codes, quantities = Case(), [row.item_code], [row.stock_qty]
		if self.quotation:
			offered = frappe.qb.DocType(quoted.ITEMS)
			self.query = self.query.left_join(offered).on(
				(offered.parent == self.quotation) & (offered.is_alternative == 0)
			)
			own_row = own_row & self.quotation.isnull()
			amount = amount.when(offered.name.isnotnull(), offered.base_net_amount)
			codes, quantities = [offered.item_code, *codes], [offered.stock_qty, *quantities]
		self.item_code = Coalesce(*codes)
		self.query = self.query.left_join(row).on(own_row).left_join(item).on(item.name == self.item_code)
		self.amount = amount.when(row.name.isnotnull(), share).else_(self.worth)
		self.quantity = Coalesce(*quantities, 0)
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


@dataclass(frozen=True)
class Site:
	"""What queries need not look for: whether there are projects, and the DocTypes that quotations came from."""

	projects: bool
	quoted: frozenset[str]


def look(company: str) -> Site:
	"""The site as it is now: two or three quick questions that spare most sites the joins."""
	project = frappe.qb.DocType(PROJECT)
	projects = bool(frappe.qb.from_(project).select(project.name).limit(1).run())
	deals = SCOPES["Both"] if projects else (OPPORTUNITY,)
	return Site(projects, frozenset(doctype for doctype in deals if quoted.any_for(doctype, company)))


def run_as_project(lost_too: bool = False):
	"""Subquery: names of the opportunities that a counted project stands for. A lost project stands for none, the
	opportunity counts by itself again; `lost_too` is for a day in the past, on which it may have been open."""
	project = frappe.qb.DocType(PROJECT)
	query = (
		frappe.qb.from_(project)
		.select(project.source_name)
		.where(
			(project.source_type == OPPORTUNITY)
			& project.source_name.isnotnull()
			& project.project_type.isin(COUNTED_TYPES)
		)
	)
	return query if lost_too else query.where(project.status != "Lost")


def months_ahead(filters, default: int) -> int:
	"""The number of periods asked for: 1 to 36."""
	return min(max(cint((filters or {}).get("count")) or default, 1), 36)

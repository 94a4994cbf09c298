"""Deals as a forecast counts them: which ones, what each counts with, and when it is expected.

One query shape serves totals, tables, snapshots and the list behind a number, so they can't differ.

- Opportunities that run as a project are left out: the project takes their place until it is lost.
- Projects count when their type is one of SALE_TYPES.
- A valid quotation replaces amount and items of its deal. A project without one takes its opportunity's, if
  it is the only project of it: nobody knows how to share a quotation among several.
- A won deal is worth what it was sold for, as it stores it (core/outcomes.py).
- A deal in another currency without exchange rate is worth nothing here, and is counted as such.
"""

from dataclasses import dataclass
from datetime import date

import frappe
from frappe.query_builder.functions import Coalesce, Count, Max
from frappe.utils import add_days
from pypika import Case
from pypika.functions import NullIf, Substring

from crm_pipeline.analytics import scope
from crm_pipeline.analytics.forecast_scope import (
	DIMENSIONS,
	ITEM_DIMENSIONS,
	KINDS,
	OPPORTUNITY,
	PROJECT,
	ForecastScope,
)
from crm_pipeline.analytics.sql_terms import age_band, is_won
from crm_pipeline.core.chain import SALE_TYPES
from crm_pipeline.erp import quoted

CONTRACT = "Sales Contract"


class Deals:
	"""The open or the won deals of one DocType in a scope, with the terms to select and group by.

	`by_item` reads one row per item; a deal without items still has one row.
	"""

	def __init__(
		self, doctype: str, asked: ForecastScope, today, won: bool, by_item: bool = False, site: "Site | None" = None
	):
		self.doctype, self.asked, self.today, self.won = doctype, asked, today, won
		self.company = asked.company
		self.site = site or look(self.company)
		self.by_item = by_item or asked.narrows_items
		self.deal = frappe.qb.DocType(doctype)
		self.query = self._counted()
		self._join_contracts()
		self._join_quotations()
		self._set_counted_value()
		if self.by_item:
			self._join_items()

	# ---- which deals

	def _counted(self):
		deal = self.deal
		query = self.asked.narrow(frappe.qb.from_(deal), self.doctype)
		query = query.where(is_won(deal) if self.won else deal.status == "Open")
		if self.doctype == PROJECT:
			return query.where(deal.project_type.isin(SALE_TYPES))
		return query.where(deal.name.notin(run_as_project())) if self.site.projects else query

	# ---- what they are worth

	def _join_contracts(self):
		"""Sets `contract`, the one that won a deal, whose rows speak for it; None where nobody asks, or there is none at all."""
		self.contract = None
		if self.won and self.by_item and self.site.contracts:
			self.contract = contract = frappe.qb.DocType(CONTRACT)
			self.query = self.query.left_join(contract).on(
				(self.deal.won_by_type == CONTRACT)
				& (contract.name == self.deal.won_by)
				& (contract.docstatus == 1)
				& (contract.company == self.company)
			)

	def _join_quotations(self):
		"""Sets `quotation`, the name (None where there is none at all), and `offered`, its net amount. What a won deal was
		sold for is stored: only its rows are asked for."""
		self.quotation = self.offered = None
		if self.won and not self.by_item:
			return
		for doctype in self._quoted_by():
			deal, name = frappe.qb.DocType(self.doctype).as_("quoted_deal"), self.deal.name
			came_from = deal.name
			if doctype != self.doctype:
				alone, came_from = only_projects().as_("alone"), deal.source_name
				self.query = self.query.left_join(alone).on(alone.name == name)
				name = alone.name
			if self.won:
				found = quoted.at_closing(doctype, self.company, deal, came_from)
			else:
				found = quoted.latest(doctype, self.company, deal, came_from, self.today)
			found = found.as_(f"quoted_{frappe.scrub(doctype)}")
			self.query = self.query.left_join(found).on(found.deal == name)
			self.offered = Coalesce(self.offered, found.net) if self.quotation else found.net
			self.quotation = Coalesce(self.quotation, found.quotation) if self.quotation else found.quotation

	def _quoted_by(self) -> list[str]:
		"""DocTypes that a deal's quotation may have come from, its own before its opportunity's."""
		return [name for name in dict.fromkeys((self.doctype, OPPORTUNITY)) if name in self.site.quoted]

	def _set_counted_value(self):
		"""Sets `worth`, what a deal counts with, and `no_rate`."""
		deal, currency = self.deal, self.asked.currency
		self.no_rate = (Coalesce(NullIf(deal.currency, ""), currency) != currency) & (
			Coalesce(deal.conversion_rate, 0) <= 0
		)
		if self.won:
			self.counted_value = deal.base_won_amount
			self.no_rate = self.no_rate & (deal.base_won_amount == 0)
		else:
			counted_value = Case()
			if self.quotation:
				self.no_rate = self.no_rate & self.quotation.isnull()
				counted_value = counted_value.when(self.quotation.isnotnull(), self.offered)
			self.counted_value = counted_value.when(self.no_rate, 0).else_(Coalesce(deal.base_amount, 0))
		self.amount, self.quantity = self.counted_value, None

	def _join_items(self):
		"""The rows of what speaks for a deal. They add up to the deal, in company currency."""
		item = frappe.qb.DocType("Item")
		amount, codes, quantities, unspoken = Case(), [], [], None
		for row, belongs, document, value, whole in self._rows():
			self.query = self.query.left_join(row).on(belongs & unspoken if unspoken else belongs)
			unspoken = unspoken & document.isnull() if unspoken else document.isnull()
			# Where none of them has a price, the first one stands for all.
			first = Case().when(row.idx == 1, self.counted_value).else_(0)
			share = Case().when(whole != 0, self.counted_value * value / whole).else_(first)
			amount = amount.when(row.name.isnotnull(), share)
			codes.append(row.item_code)
			quantities.append(row.stock_qty)
		self.amount = amount.else_(self.counted_value)
		self.quantity = Coalesce(*quantities, 0)
		self.item_code = Coalesce(*codes)
		self.query = self.query.left_join(item).on(item.name == self.item_code)
		self.item_group = item.item_group
		if self.asked.item_code:
			self.query = self.query.where(self.item_code == self.asked.item_code)
		if self.asked.item_group:
			self.query = self.query.where(scope.within(self.item_group, "Item Group", self.asked.item_group))

	def _rows(self):
		"""(rows, which of them, their document, a row's amount, that of all of them): contract, quotation, the deal."""
		if self.contract:
			agreed = frappe.qb.DocType("Sales Contract Item")
			name = self.contract.name
			yield agreed, agreed.parent == name, name, agreed.base_amount, self.contract.base_total
		if self.quotation:
			offered = frappe.qb.DocType(quoted.ITEMS)
			chosen = (offered.parent == self.quotation) & (offered.is_alternative == 0)
			yield offered, chosen, self.quotation, offered.base_net_amount, self.offered
		deal, row = self.deal, frappe.qb.DocType("Sales Deal Item")
		own = (row.parent == deal.name) & (row.parenttype == self.doctype)
		# Where tax is in the prices the rows add up to more than the deal.
		yield row, own, deal.name, row.amount, Coalesce(NullIf(deal.items_total, 0), deal.amount)

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
		return age_band(lambda days: self.deal.stage_entered_on <= add_days(self.today, -days))

	def dimension(self, name: str):
		"""The term of a dimension, "" where it is not filled. Raises KeyError for an unknown one."""
		if name in ITEM_DIMENSIONS:
			return Coalesce(getattr(self, name), "")
		if name not in DIMENSIONS:
			raise KeyError(name)
		return Coalesce(self.deal[name], "")


@dataclass(frozen=True)
class Site:
	"""What queries need not look for: projects, contracts, and the DocTypes that quotations came from."""

	projects: bool
	contracts: bool
	quoted: frozenset[str]


def look(company: str) -> Site:
	"""The site as it is now: a few quick questions that spare most sites the joins."""
	project, contract = frappe.qb.DocType(PROJECT), frappe.qb.DocType(CONTRACT)
	projects = bool(frappe.qb.from_(project).select(project.name).limit(1).run())
	agreed = frappe.qb.from_(contract).select(contract.name).where(contract.docstatus == 1)
	contracts = bool(agreed.where(contract.company == company).limit(1).run())
	deals = KINDS["Both"] if projects else (OPPORTUNITY,)
	return Site(projects, contracts, frozenset(doctype for doctype in deals if quoted.any_for(doctype, company)))


def run_as_project(at: date | None = None):
	"""Subquery: names of the opportunities that a counted project stands for. A lost project stands for none, the
	opportunity counts by itself again. `at`: at the start of that past day, before which a project may not have been there."""
	project = frappe.qb.DocType(PROJECT)
	query = _of_opportunities(project).select(project.source_name)
	if not at:
		return query.where(project.status != "Lost")
	return query.where((project.opened_on < at) & ((project.status != "Lost") | (project.closed_on >= at)))


def only_projects():
	"""Subquery: names of the projects that stand for an opportunity alone."""
	project = frappe.qb.DocType(PROJECT)
	query = _of_opportunities(project).select(Max(project.name).as_("name")).where(project.status != "Lost")
	return query.groupby(project.source_name).having(Count("*") == 1)


def _of_opportunities(project):
	return frappe.qb.from_(project).where(
		(project.source_type == OPPORTUNITY) & project.source_name.isnotnull() & project.project_type.isin(SALE_TYPES)
	)

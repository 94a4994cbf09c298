"""Whom the page is about, narrowed by company and period, and what of that the reader may see.

Every section asks through here: what the reader's roles, User Permissions and place in the team leave of a type of document.
A section whose documents the reader may not read is no section, so that no sum tells what it hides.
"""

from dataclasses import dataclass, field, replace
from datetime import date

import frappe
from frappe.desk.reportview import build_match_conditions
from pypika import Criterion
from pypika.terms import LiteralValue
from typing_extensions import Self

from crm_pipeline.chain import rights
from crm_pipeline.erp import prices

CUSTOMER, PROSPECT = "Customer", "Sales Prospect"
# Before it nothing is dated.
BEGINNING = date(1900, 1, 1)
FIELD = {CUSTOMER: "customer", PROSPECT: "prospect"}


@dataclass(frozen=True)
class AskedParty:
	"""`names` is one Customer or Sales Prospect, or the customers of a group. Both days of the period are included; without
	a company it is all of those that the reader sees."""

	doctype: str
	names: tuple[str, ...]
	company: str | None = None
	from_date: date | None = None
	to_date: date | None = None
	_seen: dict = field(default_factory=dict, compare=False, repr=False)
	# What sections share of one page.
	kept: dict = field(default_factory=dict, compare=False, repr=False)

	@property
	def name(self) -> str:
		return self.names[0]

	@property
	def field(self) -> str:
		"""The field of our documents that links it."""
		return FIELD[self.doctype]

	@property
	def is_customer(self) -> bool:
		return self.doctype == CUSTOMER

	def of_group(self, names: tuple[str, ...]) -> Self:
		return replace(self, names=names)

	def without_period(self) -> Self:
		return replace(self, from_date=None, to_date=None)

	def narrow(self, query, doctype: str, field: str | None = None, day: str | None = None):
		"""Narrow a query on `tab<doctype>` to the party by `field`, the company, the period by `day`, and to what the
		reader may see. Raises PermissionError without any right to such documents."""
		query = query.where(self.criterion(doctype, field, day))
		condition = self.seen(doctype)
		return query.where(condition) if condition else query

	def seen(self, doctype: str):
		"""What narrows a query on `tab<doctype>` to the documents that the reader sees; None where it is all of them. Asked
		once for all sections: for Contact the framework reads every permission of the site. Raises PermissionError."""
		if doctype not in self._seen:
			conditions = build_match_conditions(doctype)
			self._seen[doctype] = LiteralValue(f"({conditions})") if conditions else None
		return self._seen[doctype]

	def criterion(self, doctype: str, field: str | None = None, day: str | None = None, with_company: bool = True):
		table = frappe.qb.DocType(doctype)
		found = [table[field or self.field].isin(self.names)]
		if self.company and with_company:
			found.append(table.company == self.company)
		if day and self.from_date:
			found.append(table[day] >= self.from_date)
		if day and self.to_date:
			found.append(table[day] <= self.to_date)
		return Criterion.all(found)


def is_readable(doctype: str, *fields: str, rows: tuple[str, ...] = ()) -> bool:
	"""Whether the reader may read such documents at all, and these fields of them and of their `rows` (of the DocType of the
	same name with Item): a sum tells nobody a field that the site keeps from them."""
	if not frappe.has_permission(doctype, "read"):
		return False
	return rights.reads_fields(doctype, fields) and (not rows or rights.reads_fields(f"{doctype} Item", rows, doctype))


def company_currency(company: str | None) -> str | None:
	return prices.company_currency(company) if company else None

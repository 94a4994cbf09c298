"""Which documents a figure is about: the filters that all figures share, and what the user may see.

The door parses filters once, `Scope.of(filters)`; from there on figures know the scope alone. What one figure asks beside
is a scope of its own, such as ForecastScope. A figure is always of one company, in its currency. `Territory` and
`Sales Person` are trees: choosing a group means all below it. All figures of deals are of sales: see sales().
"""

from dataclasses import Field, dataclass, fields, replace
from datetime import date
from typing import get_args

import frappe
from frappe import _
from frappe.desk.reportview import build_match_conditions
from frappe.permissions import get_user_permissions
from frappe.utils import cint, formatdate, getdate, nowdate
from pypika import Criterion
from pypika.terms import LiteralValue
from typing_extensions import Self

from crm_pipeline.analytics.sql_terms import is_won
from crm_pipeline.chain.rights import limiting, usual_company
from crm_pipeline.core.chain import CREATED_DIRECTLY, SALE_TYPES
from crm_pipeline.core.outcomes import COMPLETED
from crm_pipeline.parties.people import subtree, visibility_of

EQUAL = ("pipeline", "sales_owner", "campaign", "channel", "source_type")
TREES = {"territory": "Territory", "sales_person": "Sales Person"}

PROJECT = "Sales Project"


def company_of(company: str | None) -> str:
	"""The company asked for, else the user's own, else the oldest one that the user may see. Raises ValidationError without
	any."""
	company = company or usual_company()
	if not company:
		frappe.throw(_("Please choose a {0}").format(_("Company")), title=_("Company Missing"))
	return company


def currency_of(company: str) -> str:
	return frappe.get_cached_value("Company", company, "default_currency")


def visible(query, doctype: str):
	"""Narrow a query on `tab<doctype>` (not aliased) to what the user may read. Raises PermissionError."""
	seen = _visibility(doctype)
	return query.where(seen) if seen else query


def _visibility(doctype: str):
	conditions = build_match_conditions(doctype)
	return LiteralValue(f"({conditions})") if conditions else None


@dataclass(frozen=True)
class Scope:
	"""What the filters of a figure say, field by field of the same name; what is None is not asked for. Both days of the
	period are included."""

	company: str
	pipeline: str | None = None
	sales_owner: str | None = None
	campaign: str | None = None
	channel: str | None = None
	source_type: str | None = None
	territory: str | None = None
	sales_person: str | None = None
	from_date: date | None = None
	to_date: date | None = None

	@classmethod
	def of(cls, filters: dict | None) -> Self:
		"""The scope of filters as the door lets them in; those that the figure does not know are left out. Raises
		ValidationError without any company, for a date that is none and for dates the wrong way round."""
		filters = filters or {}
		values = {field.name: _typed(field, filters[field.name]) for field in fields(cls) if filters.get(field.name)}
		values["company"] = company_of(values.get("company"))
		found = cls(**values)
		_check_order(found.from_date, found.to_date)
		return found

	def replaced(self, **values) -> Self:
		"""The same but for some fields; None for one that is not asked for."""
		return replace(self, **values)

	@property
	def currency(self) -> str:
		return currency_of(self.company)

	def period(self, first: date, last: date) -> tuple[date, date]:
		"""The days asked for; where one is not, that of the default period. Raises ValidationError for a period without
		days."""
		first, last = self.from_date or getdate(first), self.to_date or getdate(last)
		_check_order(first, last)
		return first, last

	def narrow(self, query, doctype: str):
		"""Narrow a query on `tab<doctype>` to company and filters, and to what the user may read. Raises PermissionError."""
		return query.where(self.criterion(doctype))

	def criterion(self, doctype: str):
		"""What narrow() narrows by, for those who ask more than once. The period is the figure's own."""
		table = frappe.qb.DocType(doctype)
		found = [table.company == self.company]
		for field in EQUAL:
			value = getattr(self, field)
			if value == CREATED_DIRECTLY and field == "source_type":
				found.append(table.source_type.isnull() | (table.source_type == ""))
			elif value:
				found.append(table[field] == value)
		found += [
			within(table[field], tree, getattr(self, field)) for field, tree in TREES.items() if getattr(self, field)
		]
		seen = _visibility(doctype)
		return Criterion.all([*found, seen] if seen else found)


def _typed(field: Field, value):
	"""A filter as the type that its field of a scope has."""
	types = get_args(field.type) or (field.type,)
	if str in types:
		return str(value)
	if int in types:
		return cint(value)
	return _day(field.name, value) if date in types else value


def _day(field: str, value) -> date:
	day = getdate(value)
	if not day:
		label = {"from_date": _("From Date"), "to_date": _("To Date"), "start": _("From")}.get(field) or _(
			"A Day of the Period"
		)
		frappe.throw(_("{0} is not a date.").format(label), title=_("No Date"))
	return day


def _check_order(first: date | None, last: date | None) -> None:
	if first and last and first > last:
		frappe.throw(
			_("{0} must not be after {1}").format(_("From Date"), _("To Date")), title=_("Dates the Wrong Way Round")
		)


def sales(query, doctype: str):
	"""Narrow a query on `tab<doctype>` to what counts as a sale: every opportunity, and the projects of SALE_TYPES
	but for those that were completed without being sold, such as a service that nobody paid for."""
	if doctype != PROJECT:
		return query
	deal = frappe.qb.DocType(doctype)
	return query.where(deal.project_type.isin(SALE_TYPES) & ((deal.status != COMPLETED) | is_won(deal)))


def sees_all(doctypes) -> bool:
	"""Whether the user sees all documents of a company: neither team visibility nor User Permissions narrow it."""
	user = frappe.session.user
	if visibility_of(user) or not all(frappe.has_permission(doctype, "read") for doctype in doctypes):
		return False
	limits = set(get_user_permissions(user)) - {"Company"}
	return not limits & {link for doctype in doctypes for link in limiting(doctype)}


def in_words(asked: Scope, *more: str) -> str:
	"""What a page prints over its numbers: whose documents they are of, as far as this reader sees them, and of which
	company; then whatever else the page narrows them by."""
	user = frappe.session.user
	whose = _("All that you may see")
	if asked.sales_owner:
		whose = _("Mine") if asked.sales_owner == user else frappe.utils.get_fullname(asked.sales_owner)
	elif visibility_of(user):
		whose = _("My team and I")
	named = [asked.company, asked.pipeline, asked.sales_person, asked.territory, asked.campaign, asked.channel]
	return " · ".join([whose, *(name for name in named if name), *more])


def line(asked: Scope, *more: str, today: date | None = None) -> str:
	"""The scope of a page or a report, in one line and the same on all: whose, of which company and what else narrows it,
	the period where one is asked for, the currency, and as of which day."""
	days = [day and formatdate(day) for day in (asked.from_date, asked.to_date)]
	if all(days):
		more = (*more, _("{0} to {1}").format(*days))
	# A company that there is not has none.
	currency = [asked.currency] if asked.currency else []
	return in_words(asked, *more, *currency, _("as of {0}").format(formatdate(today or nowdate())))


def within(field, tree: str, node: str):
	"""Criterion: a field holds a node of a tree or one below it. No field does where there is no such node."""
	names = [row.name for row in subtree(tree, node)]
	return field.isin(names) if names else field.isnull() & field.isnotnull()

"""Which documents a figure is about: the filters that all figures share, and what the user may see.

A figure is always of one company, in its currency. `Territory` and `Sales Person` are trees: choosing a
group means all below it. All figures of deals are of sales: see sales().
"""

from dataclasses import dataclass
from datetime import date

import frappe
from frappe import _
from frappe.desk.reportview import build_match_conditions
from frappe.permissions import get_user_permissions
from frappe.utils import getdate
from pypika import Criterion
from pypika.terms import LiteralValue

from crm_pipeline.analytics.sql_terms import is_won
from crm_pipeline.core.chain import CREATED_DIRECTLY, SALE_TYPES
from crm_pipeline.core.outcomes import COMPLETED
from crm_pipeline.parties.people import subtree, visibility_of

EQUAL = ("pipeline", "sales_owner", "campaign", "channel", "source_type")
PERIOD = ("from_date", "to_date")
TREES = {"territory": "Territory", "sales_person": "Sales Person"}

PROJECT = "Sales Project"


def company_of(filters) -> str:
	"""The company asked for, else the user's own, else the only one. Raises ValidationError without any."""
	company = (filters or {}).get("company") or frappe.defaults.get_user_default("Company")
	company = company or frappe.db.get_value("Company", {}, "name", order_by="creation asc")
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
	"""What the filters of a figure say about its documents; what is None is not asked for. Dates are both included."""

	company: str
	pipeline: str | None = None
	sales_owner: str | None = None
	campaign: str | None = None
	channel: str | None = None
	source_type: str | None = None
	territory: str | None = None
	sales_person: str | None = None
	first: date | None = None
	last: date | None = None

	@classmethod
	def of(cls, filters) -> "Scope":
		"""The scope of filters as the door lets them in. Raises ValidationError without any company, for a date that is
		none and for dates the wrong way round."""
		filters = filters or {}
		first, last = (_date_of(filters, key) for key in PERIOD)
		if first and last and first > last:
			frappe.throw(
				_("{0} must not be after {1}").format(_("From Date"), _("To Date")),
				title=_("Dates the Wrong Way Round"),
			)
		words = {field: str(filters[field]) for field in (*EQUAL, *TREES) if filters.get(field)}
		return cls(company=company_of(filters), first=first, last=last, **words)

	def criterion(self, doctype: str):
		"""Company and filters (the period is the figure's own), and what the user may read, on `tab<doctype>`."""
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


def _date_of(filters, key: str) -> date | None:
	if not filters.get(key):
		return None
	day = getdate(filters[key])
	if not day:
		frappe.throw(
			_("{0} is not a date.").format(_("From Date") if key == "from_date" else _("To Date")), title=_("No Date")
		)
	return day


def narrowed(query, doctype: str, filters):
	"""Narrow a query on `tab<doctype>` to company and filters, and to what the user may read."""
	return query.where(criterion(doctype, filters))


def criterion(doctype: str, filters):
	"""What narrowed() narrows by, for those who ask more than once."""
	return Scope.of(filters).criterion(doctype)


def sales(query, doctype: str):
	"""Narrow a query on `tab<doctype>` to what counts as a sale: every opportunity, and the projects of SALE_TYPES
	but for those that were completed without being sold, such as a service that nobody paid for."""
	if doctype != PROJECT:
		return query
	deal = frappe.qb.DocType(doctype)
	return query.where(deal.project_type.isin(SALE_TYPES) & ((deal.status != COMPLETED) | is_won(deal)))


def limiting(doctype: str) -> list[str]:
	"""The DocTypes by which User Permissions can narrow what is seen of a DocType, itself included."""
	meta = frappe.get_meta(doctype)
	return [doctype, *(df.options for df in meta.get_link_fields() if not df.ignore_user_permissions)]


def sees_all(doctypes) -> bool:
	"""Whether the user sees all documents of a company: neither team visibility nor User Permissions narrow it."""
	user = frappe.session.user
	if visibility_of(user) or not all(frappe.has_permission(doctype, "read") for doctype in doctypes):
		return False
	limits = set(get_user_permissions(user)) - {"Company"}
	return not limits & {link for doctype in doctypes for link in limiting(doctype)}


def in_words(filters, *more: str) -> str:
	"""What a page prints over its numbers: whose documents they are of, as far as this reader sees them, and of which
	company; then whatever else the page narrows them by."""
	chosen, user = Scope.of(filters), frappe.session.user
	whose = _("All that you may see")
	if chosen.sales_owner:
		whose = _("Mine") if chosen.sales_owner == user else frappe.utils.get_fullname(chosen.sales_owner)
	elif visibility_of(user):
		whose = _("My team and I")
	named = [chosen.company, chosen.pipeline, chosen.sales_person, chosen.territory, chosen.campaign, chosen.channel]
	return " · ".join([whose, *(name for name in named if name), *more])


def within(field, tree: str, node: str):
	"""Criterion: a field holds a node of a tree or one below it. No field does where there is no such node."""
	names = [row.name for row in subtree(tree, node)]
	return field.isin(names) if names else field.isnull() & field.isnotnull()


def period(filters, default: tuple) -> tuple:
	"""(from, to) as dates, both included. Raises ValidationError when one is no day or they are the wrong way round."""
	asked = Scope.of(filters)
	first, last = asked.first or getdate(default[0]), asked.last or getdate(default[1])
	if first > last:
		frappe.throw(
			_("{0} must not be after {1}").format(_("From Date"), _("To Date")), title=_("Dates the Wrong Way Round")
		)
	return first, last

"""Which documents a figure is about: the filters that all figures share, and what the user may see.

A figure is always of one company, in its currency. `Territory` and `Sales Person` are trees: choosing a
group means all below it. All figures of deals are of sales: see sales().
"""

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
from crm_pipeline.parties.people import sight_of, subtree

EQUAL = ("pipeline", "sales_owner", "campaign", "channel", "source_type")
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
	seen = _sight(doctype)
	return query.where(seen) if seen else query


def _sight(doctype: str):
	conditions = build_match_conditions(doctype)
	return LiteralValue(f"({conditions})") if conditions else None


def narrowed(query, doctype: str, filters):
	"""Narrow a query on `tab<doctype>` to company and filters, and to what the user may read."""
	return query.where(criterion(doctype, filters))


def criterion(doctype: str, filters):
	"""What narrowed() narrows by, for those who ask more than once."""
	table, filters = frappe.qb.DocType(doctype), filters or {}
	found = [table.company == company_of(filters)]
	for field in EQUAL:
		value = filters.get(field)
		if value and field == "source_type" and value == CREATED_DIRECTLY:
			found.append(table.source_type.isnull() | (table.source_type == ""))
		elif value:
			found.append(table[field] == value)
	found += [within(table[field], tree, filters[field]) for field, tree in TREES.items() if filters.get(field)]
	seen = _sight(doctype)
	return Criterion.all([*found, seen] if seen else found)


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
	if sight_of(user) or not all(frappe.has_permission(doctype, "read") for doctype in doctypes):
		return False
	limits = set(get_user_permissions(user)) - {"Company"}
	return not limits & {link for doctype in doctypes for link in limiting(doctype)}


def within(field, tree: str, node: str):
	"""Criterion: a field holds a node of a tree or one below it. No field does where there is no such node."""
	names = [row.name for row in subtree(tree, node)]
	return field.isin(names) if names else field.isnull() & field.isnotnull()


def period(filters, default: tuple) -> tuple:
	"""(from, to) as dates, both included. Raises ValidationError when one is no day or they are the wrong way round."""
	first, last = (getdate((filters or {}).get(key) or value) for key, value in zip(("from_date", "to_date"), default, strict=True))
	for day, label in ((first, _("From Date")), (last, _("To Date"))):
		if not day:
			frappe.throw(_("{0} is not a date.").format(label), title=_("No Date"))
	if first > last:
		frappe.throw(_("{0} must not be after {1}").format(_("From Date"), _("To Date")), title=_("Dates the Wrong Way Round"))
	return first, last

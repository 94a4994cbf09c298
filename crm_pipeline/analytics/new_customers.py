"""Customers that came in a period, by territory, province, city, group or day. ERPNext's Customer belongs to no company."""

from dataclasses import dataclass
from datetime import date

import frappe
from frappe import _
from frappe.query_builder.functions import Count
from frappe.utils import add_days, formatdate, get_first_day, getdate

from crm_pipeline.analytics import drill
from crm_pipeline.analytics.scope import TREES, Scope, visible, within
from crm_pipeline.analytics.sql_terms import Date
from crm_pipeline.chain import rights

CUSTOMER, ADDRESS = "Customer", "Address"
DAY = "Day"
# Choice of the report -> (DocType, field).
GROUPINGS = {
	"Territory": (CUSTOMER, "territory"),
	"Province": (ADDRESS, "state"),
	"City": (ADDRESS, "city"),
	"Customer Group": (CUSTOMER, "customer_group"),
	DAY: (CUSTOMER, "creation"),
}


@dataclass(frozen=True)
class CustomerScope(Scope):
	group_by: str = "Territory"

	@property
	def grouping(self) -> tuple[str, str]:
		if self.group_by not in GROUPINGS:
			frappe.throw(_("{0} is not one of: {1}").format(_("Group By"), ", ".join(_(name) for name in GROUPINGS)))
		return GROUPINGS[self.group_by]

	def days(self) -> tuple[date, date]:
		"""The days asked for, this month where none are."""
		today = getdate()
		last = self.to_date or today
		return self.period(get_first_day(min(last, today)), max(last, self.from_date or last))


@dataclass(frozen=True)
class CustomerGroup:
	"""`key`: the value that these customers share, a day for Day, None where it is not set."""

	key: str | date | None
	label: str
	customers: int


def groups(asked: CustomerScope) -> list[CustomerGroup]:
	"""The largest group first, days in their order. Raises PermissionError where addresses are asked for that the user may
	not read."""
	doctype, field = asked.grouping
	customer, address = frappe.qb.DocType(CUSTOMER), frappe.qb.DocType(ADDRESS)
	query = frappe.qb.from_(customer)
	column = customer[field]
	if doctype == ADDRESS:
		rights.need(ADDRESS)
		query = query.left_join(address).on(address.name == customer.customer_primary_address)
		column = address[field]
	column = Date(column) if asked.group_by == DAY else column
	first, last = asked.days()
	query = (
		query.select(column, Count(customer.name))
		.where((customer.creation >= first) & (customer.creation < add_days(last, 1)))
		.groupby(column)
	)
	if asked.territory:
		query = query.where(within(customer.territory, TREES["territory"], asked.territory))
	counts: dict = {}
	for key, count in visible(query, CUSTOMER).run():
		counts[key or None] = counts.get(key or None, 0) + count
	found = [CustomerGroup(key, _label(asked, key), count) for key, count in counts.items()]
	return sorted(
		found, key=(lambda one: one.key) if asked.group_by == DAY else (lambda one: (-one.customers, one.label))
	)


def _label(asked: CustomerScope, key) -> str:
	if not key:
		return _("Not Set")
	return formatdate(key) if asked.group_by == DAY else _(str(key))


def list_filters(asked: CustomerScope, key=None, whole: bool = False) -> list[tuple] | None:
	"""Filters of the list of the customers of a group, or of all of them; None of an address, which a list can't filter by."""
	doctype, field = asked.grouping
	first, last = asked.days()
	if asked.group_by == DAY and not whole:
		first = last = key
	found = [drill.between("creation", first, last)]
	if asked.territory:
		found.append(("territory", "descendants of (inclusive)", asked.territory))
	if whole or asked.group_by == DAY:
		return found
	return None if doctype == ADDRESS else [*found, drill.equal(field, key)]

"""Customers that came in a period, by area, province, city, group or day; to be mailed by an Auto Email Report as well."""

from frappe import _
from frappe.utils import formatdate

from crm_pipeline.analytics import new_customers
from crm_pipeline.analytics.new_customers import CUSTOMER, CustomerScope
from crm_pipeline.api.door import report
from crm_pipeline.chain import rights


@report
def execute(filters: dict | None = None):
	rights.need(CUSTOMER)
	asked = CustomerScope.of(filters)
	groups = new_customers.groups(asked)
	lines = [_row(one.label, one.customers, new_customers.list_filters(asked, one.key)) for one in groups]
	if groups:
		whole = new_customers.list_filters(asked, whole=True)
		lines.append({**_row(_("Total"), sum(one.customers for one in groups), whole), "is_total": 1, "bold": 1})
	return columns(asked), lines, note(asked)


def columns(asked: CustomerScope) -> list[dict]:
	return [
		{"fieldname": "label", "fieldtype": "Data", "label": _(asked.group_by), "width": 260},
		{"fieldname": "customers", "fieldtype": "Int", "label": _("New Customers"), "width": 140},
	]


def _row(label: str, customers: int, filters: list[tuple] | None) -> dict:
	return {"label": label, "customers": customers, "routes": {"customers": filters} if filters else {}}


def note(asked: CustomerScope) -> str:
	first, last = (formatdate(day) for day in asked.days())
	return _("Customers that were made from {0} to {1}, those of all companies.").format(first, last)

"""ERPNext's holiday list of a company: the days on which its people do not work."""

from datetime import date

import frappe
from frappe import _
from frappe.utils import getdate


def of_company(company: str) -> frozenset[date]:
	"""All days of the company's default holiday list, weekends among them; empty when it has none."""
	holiday_list = frappe.get_cached_value("Company", company, "default_holiday_list")
	if not holiday_list:
		return frozenset()
	days = frappe.get_all(
		"Holiday",
		filters={"parent": holiday_list, "parenttype": "Holiday List"},
		pluck="holiday_date",
		order_by="holiday_date asc",
		limit=0,
	)
	return frozenset(getdate(day) for day in days if day)


def required_of_company(company: str) -> frozenset[date]:
	"""The same where working days were asked for. Raises ValidationError when there is no list."""
	days = of_company(company)
	if not days:
		frappe.throw(
			_("{0} has no default holiday list with days in it, so working days can't be told from others").format(
				frappe.bold(company)
			),
			title=_("Holiday List Missing"),
		)
	return days

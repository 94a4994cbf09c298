"""ERPNext's holiday list of a company: the days on which its people do not work."""

import frappe
from frappe import _
from frappe.utils import cint, getdate

from crm_pipeline.core.dwell import WorkCalendar
from crm_pipeline.wording import bold


def calendar_of(company: str | None) -> WorkCalendar | None:
	"""Working days by the company's default holiday list; None when it has no list with days in it.

	A list is of one year as a rule. Before and after it the weekdays are off that it calls weekly off.
	"""
	holiday_list = company and frappe.get_cached_value("Company", company, "default_holiday_list")
	if not holiday_list:
		return None
	days = frappe.get_all(
		"Holiday",
		filters={"parent": holiday_list, "parenttype": "Holiday List"},
		fields=["holiday_date", "weekly_off"],
		order_by="holiday_date asc",
		limit=0,
	)
	days = [(getdate(row.holiday_date), cint(row.weekly_off)) for row in days if row.holiday_date]
	if not days:
		return None
	first, last = frappe.db.get_value("Holiday List", holiday_list, ["from_date", "to_date"])
	return WorkCalendar(
		holidays=[day for day, _weekly_off in days],
		weekly_off={day.weekday() for day, weekly_off in days if weekly_off},
		first=getdate(first) if first else None,
		last=getdate(last) if last else None,
	)


def required_of_company(company: str) -> WorkCalendar:
	"""The same where working days were asked for. Raises ValidationError when there is no list."""
	calendar = calendar_of(company)
	if not calendar:
		frappe.throw(
			_("{0} has no default holiday list with days in it, so working days can't be told from others").format(
				bold(company)
			),
			title=_("Holiday List Missing"),
		)
	return calendar

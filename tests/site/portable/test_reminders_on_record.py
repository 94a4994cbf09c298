# ruff: noqa: F811
"""Reminders of activities: to whom, when, once, and by which clock."""

import frappe
from frappe.utils import get_datetime, nowdate

from crm_pipeline.activities import reminders
from tests.site.portable.test_reminders import OTHER, REP, bells, mails, soon  # noqa: F401


def test_who_stands_in_is_reminded_beside_who_is_away(world, as_user, mails):
	as_user("rep")
	doc = soon()
	today = {"from_date": nowdate(), "to_date": nowdate()}
	absence = frappe.get_doc({"doctype": "Sales Absence", "user": REP, "deputy": OTHER, **today}).insert()
	reminders.remind(doc.name)
	assert sorted(bells(doc)) == sorted([REP, OTHER])
	as_user("Administrator")
	absence.delete()
	again = soon(sales_owner=REP)
	reminders.remind(again.name)
	assert bells(again) == [REP]


def test_an_hour_before_is_an_hour_in_the_night_of_a_clock_change(world, as_user):
	as_user("Administrator")
	frappe.db.set_single_value("System Settings", "time_zone", "Europe/Berlin")
	doc = soon(starts_on="2031-03-30 03:30:00", remind="1 Hour Before")
	assert doc.remind_at == get_datetime("2031-03-30 01:30:00")

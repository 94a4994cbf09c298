"""Reminders of activities: to whom, when, once, and by which clock."""

# ruff: noqa: F811 (what a test asks for has the name of its fixture)
import frappe
from frappe.utils import get_datetime, nowdate

from crm_pipeline.activities import reminders
from tests.site.portable.test_reminders import ACTIVITY, MANAGER, OTHER, REP, alone, bells, mails, soon  # noqa: F401


def test_who_is_responsible_and_the_colleagues_are_reminded_once_each(world, as_user, mails):
	as_user("rep")
	doc = soon(people=[{"colleague": MANAGER}])
	as_user("Administrator")
	modified = frappe.db.get_value(ACTIVITY, doc.name, "modified")
	assert reminders.send_due().changed == 1
	assert reminders.send_due().changed == 0 and not reminders.remind(doc.name)
	assert sorted(bells(doc)) == [MANAGER, REP]
	assert sorted(mail["recipients"][0] for mail in mails) == [MANAGER, REP]
	# Nobody who has it open is told that somebody changed it.
	assert frappe.db.get_value(ACTIVITY, doc.name, "modified") == modified


def test_what_somebody_typed_is_no_html_in_it(world, as_user, mails):
	as_user("rep")
	doc = soon()
	reminders.remind(doc.name)
	[subject] = frappe.get_all("Notification Log", filters={"document_name": doc.name}, pluck="subject")
	assert "<b>Ann" not in subject and "<b>Ann" not in mails[0]["message"]


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

# ruff: noqa: F811
"""Reminders of activities: to whom, when, once, and by which clock."""

import frappe

from crm_pipeline.activities import reminders
from tests.site.portable.test_reminders import ACTIVITY, MANAGER, REP, bells, mails, soon  # noqa: F401


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

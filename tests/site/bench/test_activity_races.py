"""Two workers that remind of one activity, two tabs that make one calendar address: one result."""

import frappe
from frappe.utils import add_to_date, now_datetime

from tests.site.bench.test_concurrency import committed, race  # noqa: F401

ACTIVITY, FEED, REP = "Sales Activity", "Sales Calendar Feed", "rep@crm-test.example"


def test_two_workers_remind_once(committed, race):  # noqa: F811
	due = {"starts_on": add_to_date(now_datetime(), minutes=10), "status": "Planned", "way": "Phone"}
	doc = frappe.get_doc({"doctype": ACTIVITY, "subject": "Call", "sales_owner": REP, **due}).insert()
	call = ("crm_pipeline.activities.reminders.remind", [doc.name], [ACTIVITY, doc.name])
	answers = race([call, call, call])
	assert sorted(str(answer.get("result", answer)) for answer in answers) == ["False", "False", "True"]
	assert frappe.db.count("Notification Log", {"document_name": doc.name, "for_user": REP}) == 1


def test_two_tabs_make_one_address_each_and_the_last_one_counts(committed, race):  # noqa: F811
	try:
		call = ("crm_pipeline.api.make_calendar_feed", [], ["User", REP])
		answers = race([call, call], user=REP)
		assert [answer.get("error") for answer in answers] == [None, None], answers
		assert frappe.db.count(FEED, {"user": REP}) == 1
	finally:
		frappe.db.delete(FEED, {"user": REP})
		frappe.db.commit()

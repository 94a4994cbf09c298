"""My Day: what waits for somebody, as their lists say, and what is done about it there."""

import frappe
from frappe.desk.doctype.notification_log import notification_log
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from tests.site.portable.test_my_day import ACTIVITY, MANAGER, OTHER, REP, activity, day, later, names


def test_the_number_of_queries_does_not_grow_with_what_waits(sale, as_user, monkeypatch):
	as_user("rep")
	asked = []
	ask = frappe.db.sql
	monkeypatch.setattr(frappe.local.db, "sql", lambda *args, **kwargs: asked.append(args[0]) or ask(*args, **kwargs))

	def counted() -> int:
		asked.clear()
		api.get_my_day()
		return len(asked)

	about = {"reference_doctype": "Customer", "reference_name": sale.world.customer}
	activity(starts_on=later(days=-1), **about)
	sale.opportunity(next_step="Send it", next_step_date=nowdate())
	api.get_my_day()
	few = counted()
	for days in range(1, 25):
		activity(starts_on=later(days=-days), **about)
		sale.opportunity(next_step="Send it", next_step_date=nowdate())
	assert counted() == few <= 60


def test_forwarded_with_its_history(sale, as_user, monkeypatch):
	mailed, told = [], []
	monkeypatch.setattr(notification_log, "send_notification_email", mailed.append)
	make = notification_log.make_notification_logs
	monkeypatch.setattr(
		notification_log, "make_notification_logs", lambda doc, users: (told.extend(users), make(doc, users))
	)
	as_user("rep")
	doc, deal = activity(starts_on=later(days=-1)), sale.opportunity()
	for given in (doc, deal):
		api.forward_item(given.doctype, given.name, OTHER, "You know <b>them</b>")
		given.reload()
		assert given.sales_owner == OTHER
	[said] = frappe.get_all(
		"Comment", filters={"reference_name": doc.name, "comment_type": "Assigned"}, pluck="content"
	)
	assert "You know &lt;b&gt;them" in said and "forwarded this to" in said
	[note] = frappe.get_all("Pipeline Event", filters={"reference_name": deal.name, "kind": "Owner"}, pluck="note")
	assert note == "You know <b>them</b>" or "You know" in note
	[notice] = frappe.get_all("Notification Log", {"for_user": OTHER, "document_name": doc.name}, pluck="subject")
	assert "forwarded you" in notice and "You know &lt;b&gt;them" in notice
	# By the framework's own way, which asks what the other one wants to hear; their bell rings, and nothing is mailed.
	assert OTHER in told and mailed == []
	as_user("other_rep")
	assert doc.name in names("late")


def test_whoever_switched_the_bell_off_is_not_told_of_what_is_forwarded(sale, as_user):
	frappe.db.set_value("Notification Settings", OTHER, "enabled", 0)
	frappe.clear_document_cache("Notification Settings", OTHER)
	as_user("rep")
	doc = activity()
	api.forward_item(ACTIVITY, doc.name, OTHER, None)
	assert not frappe.get_all("Notification Log", {"for_user": OTHER, "document_name": doc.name})


def test_assigned_to_another_department_it_is_a_task_there_and_stays_where_it_is(sale, as_user, monkeypatch):
	# The site has no mail account; the task is what counts here.
	monkeypatch.setattr(notification_log, "send_notification_email", lambda notice: None)
	as_user("rep")
	deal = sale.opportunity()
	api.assign_item(
		deal.doctype, deal.name, "finance@crm-test.example", "Is their credit good?", add_days(nowdate(), 1)
	)
	assert frappe.db.get_value(deal.doctype, deal.name, "sales_owner") == REP
	as_user("finance")
	[task] = day()["tasks"]["rows"]
	assert (task.reference_doctype, task.reference_name, task.about) == (deal.doctype, deal.name, deal.title)
	# They hand it on: it is the other one's task, and none of theirs.
	api.forward_item("ToDo", task.name, MANAGER, "Yours")
	assert day()["tasks"]["count"] == 0
	as_user("manager")
	assert [row.reference_name for row in day()["tasks"]["rows"]] == [deal.name]

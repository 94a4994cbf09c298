"""Reminders of activities: to whom, when, once, and by which clock."""

import frappe
import pytest
from frappe.utils import add_to_date, get_datetime, now_datetime

from crm_pipeline.activities import reminders

ACTIVITY = "Sales Activity"
REP, OTHER, MANAGER = (f"{name}@crm-test.example" for name in ("rep", "rep2", "manager"))


def soon(**values):
	"""An activity that is due in ten minutes."""
	due = {"starts_on": add_to_date(now_datetime(), minutes=10), "status": "Planned", "way": "Phone"}
	return frappe.get_doc({"doctype": ACTIVITY, "subject": "Ring <b>Ann</b>", **due, **values}).insert()


@pytest.fixture(autouse=True)
def alone(rolled_back):
	"""What else waits on the site is not reminded of here; mails are kept instead of sent."""
	frappe.db.sql("update `tabSales Activity` set reminded_on = %s where remind_at is not null", (now_datetime(),))
	for user in (REP, OTHER, MANAGER):
		if not frappe.db.exists("Notification Settings", user):
			frappe.get_doc({"doctype": "Notification Settings", "name": user, "user": user, "enabled": 1}).insert()


@pytest.fixture
def mails(monkeypatch):
	sent = []
	monkeypatch.setitem(vars(frappe), "sendmail", lambda **mail: sent.append(mail))
	return sent


def bells(doc) -> list[str]:
	return frappe.get_all(
		"Notification Log", filters={"document_name": doc.name}, pluck="for_user", order_by="creation asc"
	)


def test_nothing_too_early_too_late_or_done(world, as_user, mails):
	as_user("rep")
	early = soon(starts_on=add_to_date(now_datetime(), hours=3))
	off = soon(status="Cancelled")
	done = soon()
	done.status = "Done"
	done.save()
	late = soon()
	frappe.db.set_value(ACTIVITY, late.name, {"due_on": add_to_date(now_datetime(), days=-2)})
	silent = soon(remind="No Reminder")
	reminders.send_due()
	assert [bells(doc) for doc in (early, off, done, late, silent)] == [[]] * 5


def test_moved_it_is_reminded_of_again_at_its_new_time(world, as_user, mails):
	as_user("rep")
	doc = soon()
	reminders.send_due()
	doc.reload()
	doc.starts_on = add_to_date(now_datetime(), minutes=20)
	doc.save()
	assert doc.reminded_on is None
	reminders.send_due()
	# Saved without another time, not again.
	doc.reload()
	doc.place = "Quay 3"
	doc.save()
	reminders.send_due()
	assert bells(doc) == [REP, REP]


def test_moved_so_near_that_its_reminder_would_be_past_it_is_reminded_of_at_once(world, as_user, mails):
	as_user("rep")
	doc = soon(starts_on=add_to_date(now_datetime(), hours=30))
	reminders.send_due()
	assert bells(doc) == []
	doc.starts_on = add_to_date(now_datetime(), minutes=2)
	doc.save()
	assert doc.remind_at < now_datetime()
	reminders.send_due()
	assert bells(doc) == [REP]


def test_who_left_or_may_not_read_it_hears_nothing(sale, as_user, mails):
	from tests.site.portable.test_visibility import set_apart

	as_user("rep")
	left = soon()
	deal = sale.opportunity()
	hidden = soon(reference_doctype=deal.doctype, reference_name=deal.name, people=[{"colleague": OTHER}])
	set_apart()
	reminders.remind(hidden.name)
	assert bells(hidden) == [REP]
	as_user("Administrator")
	frappe.db.set_value("User", REP, "enabled", 0)
	assert reminders.remind(left.name) and bells(left) == []


def test_the_bell_and_the_mail_are_each_as_the_user_wants(world, as_user, mails):
	as_user("rep")
	frappe.db.set_value("Notification Settings", REP, "crm_remind_by_email", 0)
	doc = soon()
	reminders.remind(doc.name)
	assert bells(doc) == [REP] and mails == []
	frappe.db.set_value("Notification Settings", REP, {"enabled": 0, "crm_remind_by_email": 1})
	doc = soon()
	reminders.remind(doc.name)
	assert bells(doc) == [] and mails == []


def test_a_mail_that_can_not_be_built_takes_no_bell_away(world, as_user, monkeypatch):
	def fail(**mail):
		raise frappe.OutgoingEmailError("no account")

	monkeypatch.setitem(vars(frappe), "sendmail", fail)
	as_user("rep")
	doc = soon()
	reminders.remind(doc.name)
	assert bells(doc) == [REP] and frappe.db.get_value(ACTIVITY, doc.name, "reminded_on")


def test_one_that_fails_stops_no_other(world, as_user, mails, monkeypatch):
	as_user("rep")
	first, second = soon(), soon(subject="Second")
	notify = reminders._notify

	def fail(doc, user):
		if doc.name == first.name:
			raise ValueError("broken")
		notify(doc, user)

	monkeypatch.setattr(reminders, "_notify", fail)
	result = reminders.send_due()
	assert len(result.failed) == 1 and bells(second) == [REP]


def test_the_time_is_that_of_the_reader(world, as_user):
	as_user("Administrator")
	frappe.db.set_single_value("System Settings", "time_zone", "America/New_York")
	for user, zone in ((REP, "Asia/Tokyo"), (OTHER, "")):
		frappe.db.set_value("User", user, "time_zone", zone)
		frappe.clear_document_cache("User", user)
	doc = frappe._dict(subject="Call", due_on=get_datetime("2031-05-04 20:15:00"))
	said = [reminders.text(doc, user, "en") for user in (REP, OTHER)]
	for user in (REP, OTHER):
		frappe.clear_document_cache("User", user)
	assert "09:15" in said[0] and "20:15" in said[1]

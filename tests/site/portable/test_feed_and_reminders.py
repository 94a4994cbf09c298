# ruff: noqa: F811
"""The colours of the calendar, who gets the file at a private address, and how a reminder is said and sent."""

import sys
from datetime import datetime
from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline.activities import calendar_events, feed_tokens, reminders
from tests.site.conftest import USERS
from tests.site.portable.test_reminders import alone, bells, mails, soon  # noqa: F401
from tests.site.portable.test_visibility import set_apart

REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]
NOW = datetime(2031, 5, 6, 12)


def at(hour: int) -> datetime:
	return NOW.replace(hour=hour)


OF_PHONE = calendar_events.colour_of(frappe._dict(status="Planned", way="Phone", starts_on=at(18)), NOW)


@pytest.mark.parametrize(
	("values", "colour"),
	[
		({"starts_on": at(9), "due_on": at(13)}, OF_PHONE),
		({"starts_on": at(9), "due_on": at(12)}, OF_PHONE),
		({"starts_on": at(9), "due_on": at(11)}, calendar_events.LATE),
		({"starts_on": at(11)}, calendar_events.LATE),
		({"starts_on": at(12)}, OF_PHONE),
		({"starts_on": at(9), "due_on": at(11), "priority": "High"}, calendar_events.LATE),
		({"starts_on": at(13), "priority": "High"}, calendar_events.PRESSING),
		({"starts_on": at(13), "priority": "Low"}, calendar_events.LITTLE),
		({"starts_on": at(13), "priority": "Medium"}, OF_PHONE),
		({"starts_on": at(9), "status": "Done", "priority": "High"}, calendar_events.FINISHED),
		({"starts_on": at(13), "status": "Cancelled"}, calendar_events.OFF),
	],
)
def test_the_calendar_colours_what_is_over_then_late_then_pressing(values, colour):
	row = frappe._dict({"status": "Planned", "way": "Phone", **values})
	assert calendar_events.colour_of(row, NOW) == colour


def test_another_type_may_have_another_colour_and_none_has_one_as_well():
	ways = ("Phone", "Visit", "Video Call", "E-mail", "Letter", "Demo", None)
	found = {calendar_events.colour_of(frappe._dict(status="Planned", way=way, starts_on=at(18)), NOW) for way in ways}
	assert len(found) > 1 and found <= set(calendar_events.OF_TYPES)


@pytest.fixture
def page(monkeypatch):
	"""The page renderer, with answers as they are given to it."""
	answer = lambda content, **how: SimpleNamespace(content=content, **how)  # noqa: E731
	if "werkzeug.wrappers" not in sys.modules:
		monkeypatch.setitem(sys.modules, "werkzeug.wrappers", SimpleNamespace(Response=answer))
	from crm_pipeline.activities import feed_page

	monkeypatch.setattr(feed_page, "Response", answer)
	return feed_page.CalendarFeedPage


def test_the_address_of_a_calendar_answers_the_file_of_its_user_whoever_asks(world, as_user, page):
	as_user("rep")
	mine = soon(subject="Call the harbour")
	path = feed_tokens.renew(REP).partition("/crm-calendar/")[2]
	set_apart()
	as_user("other_rep")
	theirs = soon(subject="Of somebody else")
	renderer = page(f"/crm-calendar/{path}")
	assert renderer.can_render()
	answer = renderer.render()
	assert mine.name.encode() in answer.content and theirs.name.encode() not in answer.content
	assert answer.mimetype == "text/calendar" and not hasattr(answer, "status")
	assert answer.headers["X-Robots-Tag"] == "noindex" and answer.headers["Cache-Control"].startswith("private")
	assert frappe.session.user == OTHER


def test_a_wrong_address_of_a_calendar_is_not_found_and_says_no_more(world, as_user, page):
	as_user("rep")
	path = feed_tokens.renew(REP).partition("/crm-calendar/")[2]
	name = path.partition("-")[0]
	for wrong in (f"{name}-{'0' * 64}.ics", "nobody-0.ics", ""):
		answer = page(f"crm-calendar/{wrong}").render()
		assert (answer.content, answer.status, answer.mimetype) == ("Not Found", 404, "text/plain")
	assert not page("crm-calendars/x").can_render() and not page(None).can_render()
	feed_tokens.close(REP)
	assert page(f"crm-calendar/{path}").render().status == 404


# ---- reminders


@pytest.fixture
def told(monkeypatch):
	"""What open pages are told: [(event, message, how)]."""
	found = []
	monkeypatch.setitem(
		vars(frappe), "publish_realtime", lambda event=None, message=None, **how: found.append((event, message, how))
	)
	return found


def for_both(as_user):
	"""An activity of two who want a mail, too; a worker reminds of it."""
	as_user("rep")
	doc = soon(people=[{"colleague": OTHER}])
	as_user("Administrator")
	for user in (REP, OTHER):
		frappe.db.set_value("Notification Settings", user, {"enable_email_notifications": 1, "crm_remind_by_email": 1})
	return doc


def test_the_page_of_who_is_reminded_is_told_and_nobody_else_s(world, as_user, mails, told):
	doc = for_both(as_user)
	reminders.remind(doc.name)
	told = [(message["name"], how) for event, message, how in told if event == "crm_reminder"]
	assert told == [(doc.name, {"user": user, "after_commit": True}) for user in (REP, OTHER)]
	rows = frappe.get_all(
		"Notification Log",
		filters={"document_name": doc.name},
		fields=["type", "for_user", "document_type"],
		order_by="creation asc",
	)
	assert [tuple(row.values()) for row in rows] == [("Alert", user, "Sales Activity") for user in (REP, OTHER)]
	assert [mail["recipients"] for mail in mails] == [[REP], [OTHER]]


def test_a_reminder_is_in_the_language_of_who_gets_it(world, as_user, mails, monkeypatch):
	monkeypatch.setattr(reminders, "_", lambda text, language=None: f"({language}) {text}")
	doc = for_both(as_user)
	frappe.db.set_value("User", REP, "language", "de")
	frappe.db.set_value("User", OTHER, "language", "fr")
	reminders.remind(doc.name)
	assert [mail["subject"][:4] for mail in mails] == ["(de)", "(fr)"]


def test_who_has_no_address_is_reminded_with_the_bell_alone(world, as_user, mails):
	doc = for_both(as_user)
	frappe.db.set_value("User", REP, "email", "")
	reminders.remind(doc.name)
	assert bells(doc) == [REP, OTHER] and [mail["recipients"] for mail in mails] == [[OTHER]]

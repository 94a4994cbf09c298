"""The private calendar of a user: what a phone reads at its address, and what nobody else does."""

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime, nowdate
from icalendar import Calendar

from crm_pipeline import api
from crm_pipeline.activities import feed_tokens
from crm_pipeline.activities.feed_page import CalendarFeedPage
from tests.site.portable.test_visibility import set_apart

ACTIVITY = "Sales Activity"
REP, OTHER = "rep@crm-test.example", "rep2@crm-test.example"


def activity(**values):
	planned = {"starts_on": add_to_date(now_datetime(), days=1), "status": "Planned", "way": "Phone"}
	return frappe.get_doc({"doctype": ACTIVITY, "subject": "Call", **planned, **values}).insert()


def path_of(url: str) -> str:
	return url.partition("//")[2].partition("/")[2]


def answer(path: str):
	frappe.set_user("Guest")
	page = CalendarFeedPage(path)
	assert page.can_render()
	response = page.render()
	assert frappe.session.user == "Guest"
	return response


def events(path: str) -> dict[str, object]:
	response = answer(path)
	assert response.status_code == 200
	return {
		str(event["uid"]).partition("@")[0]: event for event in Calendar.from_ical(response.get_data()).walk("VEVENT")
	}


@pytest.fixture
def path(world, as_user):
	as_user("rep")
	return path_of(api.make_calendar_feed()["url"])


def test_whoever_is_logged_in_stays_so(path, as_user):
	"""A browser that opens somebody's address has a session of its own, of which nothing is lost."""
	as_user("other_rep")
	session = frappe.local.session
	session.update(sid="a-session-id", data=frappe._dict(user=OTHER, csrf_token="token", session_ip="127.0.0.1"))
	before = frappe.as_json(session)
	assert CalendarFeedPage(path).render().status_code == 200
	assert frappe.local.session is session and frappe.as_json(session) == before


def test_it_is_a_calendar_file_with_folded_lines(path, as_user):
	as_user("rep")
	activity(subject="Ring them about " + "the pumps " * 12)
	response = answer(path)
	assert response.mimetype == "text/calendar" and "charset=utf-8" in response.headers["Content-Type"].lower()
	lines = response.get_data().split(b"\r\n")
	assert lines[0] == b"BEGIN:VCALENDAR" and max(map(len, lines)) <= 75
	assert "private" in response.headers["Cache-Control"]


def test_what_the_user_may_no_longer_read_is_gone(path, sale, as_user):
	as_user("other_rep")
	deal = sale.opportunity(title="Secret pumps")
	as_user("rep")
	about = activity(reference_doctype=deal.doctype, reference_name=deal.name, subject="About the pumps")
	task = frappe.get_doc(
		{"doctype": "ToDo", "description": "Secret task", "allocated_to": REP, "date": nowdate(),
		"reference_type": deal.doctype, "reference_name": deal.name}
	).insert()  # fmt: skip
	assert {about.name, f"todo-{task.name}"} <= set(events(path))
	set_apart()
	response = answer(path)
	assert response.status_code == 200
	for secret in (b"Secret", b"About the pumps", deal.name.encode()):
		assert secret not in response.get_data()


def test_a_new_address_ends_the_old_one_and_it_can_be_switched_off(path, as_user):
	assert answer(path).status_code == 200
	as_user("rep")
	assert api.get_calendar_feed()["active"]
	again = path_of(api.make_calendar_feed()["url"])
	assert answer(path).status_code == 404 and answer(again).status_code == 200
	as_user("rep")
	api.close_calendar_feed()
	assert answer(again).status_code == 404
	as_user("rep")
	assert not api.get_calendar_feed()["active"]
	assert frappe.db.count("Sales Calendar Feed", {"user": REP}) == 1


def test_who_left_has_no_calendar(path, as_user):
	as_user("Administrator")
	frappe.db.set_value("User", REP, "enabled", 0)
	assert answer(path).status_code == 404
	frappe.db.set_value("User", REP, "enabled", 1)
	frappe.db.set_value("User", REP, "user_type", "Website User")
	assert answer(path).status_code == 404


def test_who_has_another_job_now_reads_no_activities(path, as_user):
	as_user("rep")
	activity(subject="About the pumps")
	as_user("Administrator")
	frappe.db.delete("Has Role", {"parent": REP, "role": "Sales User"})
	frappe.clear_cache(user=REP)
	response = answer(path)
	frappe.clear_cache(user=REP)
	assert response.status_code == 200 and b"VEVENT" not in response.get_data()


def test_nothing_but_the_whole_secret_opens_it(path, as_user):
	name, _dash, secret = path.removeprefix("crm-calendar/").removesuffix(".ics").partition("-")
	as_user("Administrator")
	feed = frappe.get_doc("Sales Calendar Feed", name)
	# What the database holds opens nothing.
	assert secret not in frappe.as_json(feed.as_dict()) and feed.token_hash
	wrong = (
		f"crm-calendar/{name}", f"crm-calendar/{name}-", f"crm-calendar/{name}-{secret[:-1]}",
		f"crm-calendar/{name}-{feed.token_hash}", f"crm-calendar/{REP}-{secret}.ics", f"crm-calendar/x-{secret}.ics",
		f"crm-calendar/{name}-{secret.upper()}x", "crm-calendar/%00-\u00e9", f"crm-calendar/{'a' * 5000}-b",
	)  # fmt: skip
	for attempt in wrong:
		response = answer(attempt)
		assert (response.status_code, response.get_data()) == (404, b"Not Found"), attempt
	assert not CalendarFeedPage("crm-calendars").can_render() and not CalendarFeedPage("login").can_render()
	frappe.db.set_value("Sales Calendar Feed", name, "token_hash", None)
	assert answer(f"crm-calendar/{name}-").status_code == 404


def test_a_guest_makes_no_address_and_reads_no_row(path, as_user):
	as_user("other_rep")
	assert not frappe.has_permission("Sales Calendar Feed", "read")
	for call in (api.make_calendar_feed, api.get_calendar_feed, api.close_calendar_feed):
		as_user("Guest")
		with pytest.raises(frappe.PermissionError):
			call()


def test_two_users_that_become_one_have_one_address(world, as_user):
	as_user("Administrator")
	one, two = (f"{name}.{world.tag}@crm-test.example" for name in ("one", "two"))
	for user in (one, two):
		values = {"doctype": "User", "email": user, "first_name": "Ann", "send_welcome_email": 0}
		frappe.get_doc({**values, "roles": [{"role": "Sales User"}]}).insert()
		feed_tokens.renew(user)
	frappe.rename_doc("User", one, two, merge=True)
	assert frappe.get_all("Sales Calendar Feed", {"user": ("in", [one, two])}, pluck="user") == [two]

"""What is in the calendar file of a user; tests/site/bench/test_calendar_feed.py asks who gets it at which address."""

from datetime import datetime, timedelta

import frappe
import pytest
from frappe.utils import add_days, add_months, add_to_date, get_datetime, getdate, now_datetime, nowdate
from icalendar import Calendar

from crm_pipeline.activities import calendar_file, feed_tokens
from tests.site.conftest import USERS, switch
from tests.site.portable.test_visibility import set_apart

ACTIVITY = "Sales Activity"
REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]


def activity(**values):
	planned = {"starts_on": add_to_date(now_datetime(), days=1), "status": "Planned", "way": "Phone"}
	return frappe.get_doc({"doctype": ACTIVITY, "subject": "Call", **planned, **values}).insert()


def events(who: str = "rep") -> dict[str, object]:
	"""The events of a user's calendar, as a calendar program reads them, by their ids."""
	switch(who)
	events = Calendar.from_ical(calendar_file.of(USERS[who][0])).walk("VEVENT")
	return {str(event["uid"]).partition("@")[0]: event for event in events}


def test_it_holds_own_activities_and_tasks_with_a_day(sale, as_user):
	as_user("other_rep")
	activity(subject="Of somebody else")
	with_me = activity(subject="Visit together", people=[{"colleague": REP}])
	as_user("rep")
	mine = activity(place="Quay 3; left, right", subject="Ring Ann, then Bob;\nask\\tell " + "ä" * 60, priority="High")
	done = activity(status="Done", subject="Was done")
	off = activity(status="Cancelled", subject="Called off")
	old = activity(starts_on=add_days(nowdate(), -200), subject="Long ago")
	task = frappe.get_doc(
		{"doctype": "ToDo", "description": "<p>Send it</p>", "allocated_to": REP, "date": nowdate()}
	).insert()
	some_day = frappe.get_doc({"doctype": "ToDo", "description": "Some day", "allocated_to": REP}).insert()
	some_day.db_set("date", None)
	found = events()
	assert set(found) == {mine.name, done.name, off.name, with_me.name, f"todo-{task.name}"}
	assert old.name not in found
	assert str(found[mine.name]["summary"]) == frappe.db.get_value(ACTIVITY, mine.name, "subject")
	assert str(found[mine.name]["location"]) == "Quay 3; left, right"
	assert [str(found[name.name]["status"]) for name in (mine, done, off)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
	assert int(found[mine.name]["priority"]) == 1
	day = found[f"todo-{task.name}"]
	assert (str(day["summary"]), day["dtend"].dt - day["dtstart"].dt) == ("Send it", timedelta(days=1))
	assert f"/sales-activity/{mine.name}" in str(found[mine.name]["description"])


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Europe/Berlin", "", "Mars/Olympus"])
def test_its_times_are_those_of_the_users_clock(as_user, zone):
	as_user("Administrator")
	frappe.db.set_single_value("System Settings", "time_zone", "America/New_York")
	frappe.db.set_value("User", REP, "time_zone", zone)
	frappe.clear_document_cache("User", REP)
	as_user("rep")
	starts = datetime.combine(get_datetime(add_days(nowdate(), 10)).date(), datetime.min.time()) + timedelta(hours=20)
	doc = activity(starts_on=starts, duration=5400)
	point = activity(starts_on=starts)
	found = events()
	frappe.clear_document_cache("User", REP)
	at = found[doc.name]["dtstart"].dt
	known = zone if zone in ("Asia/Tokyo", "Europe/Berlin") else "America/New_York"
	assert str(at.tzinfo) == known == found[doc.name]["dtstart"].params["TZID"]
	assert at.astimezone(found[point.name]["dtstart"].dt.tzinfo) == found[point.name]["dtstart"].dt
	assert found[doc.name]["dtend"].dt - at == timedelta(minutes=90)
	assert found[point.name]["dtend"].dt - found[point.name]["dtstart"].dt == timedelta(minutes=30)


def test_a_change_keeps_the_id_and_counts_up(as_user):
	as_user("rep")
	doc = activity()
	first = events()[doc.name]
	as_user("rep")
	doc.reload()
	doc.status = "Cancelled"
	doc.save()
	frappe.db.set_value(ACTIVITY, doc.name, "modified", add_to_date(now_datetime(), minutes=5), update_modified=False)
	second = events()[doc.name]
	assert first["uid"] == second["uid"] and second["sequence"] > first["sequence"]
	assert str(second["status"]) == "CANCELLED"


def test_it_reaches_from_ninety_days_back_to_two_years_ahead(as_user):
	as_user("rep")
	now = now_datetime().replace(hour=12)
	last = add_months(nowdate(), 24)
	days = (add_days(nowdate(), -90), add_days(nowdate(), -91), last, add_days(last, 1))
	made = [activity(starts_on=datetime.combine(getdate(day), now.time())) for day in days]
	tasks = [task(date=day) for day in days]
	found = events()
	assert [doc.name in found for doc in made] == [True, False, True, False]
	assert [f"todo-{doc.name}" in found for doc in tasks] == [True, False, True, False]


def task(**values):
	values = {"description": "<p>Send it</p>", "allocated_to": REP, "date": nowdate(), **values}
	return frappe.get_doc({"doctype": "ToDo", **values}).insert()


def test_an_event_says_who_what_and_what_comes_next(sale, as_user):
	as_user("rep")
	lead = sale.lead()
	low = activity(reference_doctype=lead.doctype, reference_name=lead.name, priority="Low", next_step="Send the offer")
	found = events()[low.name]
	said = str(found["description"]).splitlines()
	assert (said[0], said[-2]) == (lead.party_name, "Next: Send the offer") and said[-1] == str(found["url"])
	assert int(found["priority"]) == 9 and "location" not in found
	assert [str(one) for one in found["categories"].cats] == ["Phone"]
	plain = activity(priority=None)
	assert int(events()[plain.name]["priority"]) == 5
	ended = activity(starts_on=add_days(now_datetime(), 1))
	frappe.db.set_value(ACTIVITY, ended.name, "ends_on", add_days(now_datetime(), -1))
	ended = events()[ended.name]
	assert ended["dtend"].dt == ended["dtstart"].dt, "it does not end before it begins"


def test_a_task_is_a_whole_day_that_keeps_nobody_from_meeting(as_user):
	as_user("rep")
	first = task(description=f"<p>Ring {'them ' * 40}</p>")
	found = events()[f"todo-{first.name}"]
	assert (found["dtstart"].dt, found["dtend"].dt) == (getdate(), getdate() + timedelta(days=1))
	assert str(found["transp"]) == "TRANSPARENT" and len(str(found["summary"])) == 140
	assert str(found["description"]).count("them") == 40 and str(found["url"]).endswith(f"/todo/{first.name}")
	assert f"todo-{task(status='Closed').name}" not in events()
	as_user("Administrator")
	theirs = task(allocated_to=OTHER)
	assert f"todo-{theirs.name}" not in events()


def test_each_task_stands_on_its_own_day_the_earliest_first(as_user):
	as_user("rep")
	made = {days: task(date=add_days(nowdate(), days)) for days in (3, -2, 0, 40)}
	found = {key: event for key, event in events().items() if key in {f"todo-{doc.name}" for doc in made.values()}}
	days = {days: found[f"todo-{doc.name}"]["dtstart"].dt for days, doc in made.items()}
	assert days == {key: getdate(add_days(nowdate(), key)) for key in made}
	assert list(found) == [f"todo-{made[key].name}" for key in sorted(made)]


def test_a_task_about_what_nobody_may_read_any_more_is_not_in_it(sale, as_user):
	as_user("rep")
	mine = sale.lead(sales_owner=REP, title="My lead")
	as_user("other_rep")
	theirs = sale.lead(sales_owner=OTHER, title="Their lead", prospect_name="Other", email_id=None, phone=None)
	as_user("rep")
	bare = task(reference_type=mine.doctype, reference_name=mine.name)
	bare.db_set("description", "")
	secret = task(reference_type=theirs.doctype, reference_name=theirs.name)
	assert {f"todo-{bare.name}", f"todo-{secret.name}"} <= set(events())
	set_apart()
	found = events()
	assert str(found[f"todo-{bare.name}"]["summary"]) == mine.name, "a task without words is called after its document"
	assert f"todo-{secret.name}" not in found


def test_what_was_changed_at_the_site_s_clock_is_stamped_with_it(as_user):
	as_user("Administrator")
	frappe.db.set_single_value("System Settings", "time_zone", "Asia/Tokyo")
	as_user("rep")
	doc = activity()
	frappe.db.set_value(ACTIVITY, doc.name, "modified", "2026-01-01 09:00:00", update_modified=False)
	found = events()[doc.name]
	assert found["dtstamp"].dt.isoformat() == "2026-01-01T00:00:00+00:00" == found["last-modified"].dt.isoformat()


def test_who_reads_the_file_at_its_address_reads_as_its_user_and_stays_who_they_are(sale, as_user):
	as_user("other_rep")
	theirs = sale.lead(sales_owner=OTHER)
	set_apart()
	as_user("rep")
	session = frappe.local.session
	assert not frappe.has_permission(theirs.doctype, doc=theirs.name)
	with feed_tokens.reading_as(OTHER):
		assert frappe.session.user == OTHER and frappe.has_permission(theirs.doctype, doc=theirs.name)
	assert frappe.session.user == REP and frappe.local.session is session
	with pytest.raises(ValueError, match="broken"), feed_tokens.reading_as(OTHER):
		raise ValueError("broken")
	assert frappe.session.user == REP and frappe.local.session is session
	assert not frappe.has_permission(theirs.doctype, doc=theirs.name)


def test_an_event_names_the_document_that_it_is_about(sale, as_user):
	as_user("rep")
	deal = sale.opportunity(title="Pumps for the quay")
	made = activity(reference_doctype=deal.doctype, reference_name=deal.name)
	said = str(events()[made.name]["description"]).splitlines()
	assert said[0] == deal.party_name and "Pumps for the quay" in said[1] and len(said) == 3

"""A user's calendar as an iCalendar file: own activities, and tasks that have a day. Escaping, folded lines and time
zones are the library's business.
"""

from datetime import date, datetime, timedelta

import frappe
from frappe import _
from frappe.utils import add_days, add_months, get_datetime, get_url_to_form, getdate, nowdate
from icalendar import Calendar, Event

from crm_pipeline import user_day
from crm_pipeline.activities import own_activities
from crm_pipeline.core.activity import CANCELLED, USUAL, end_after
from crm_pipeline.wording import text_of

# What calendars show of the past and of the future.
DAYS_BACK, MONTHS_AHEAD = 90, 24
MOST = 2000
PRIORITIES = {"High": 1, "Medium": 5, "Low": 9}
MAX_TEXT = 1000


def of(user: str) -> bytes:
	"""The calendar of a user, asked for as that user: nothing is in it that they may not read now."""
	zone, site = user_day.zone_of(user), user_day.site_zone()
	language = frappe.db.get_value("User", user, "language")
	calendar = Calendar()
	calendar.add("prodid", "-//CRM Pipeline//Activities//EN")
	calendar.add("version", "2.0")
	calendar.add("calscale", "GREGORIAN")
	calendar.add("method", "PUBLISH")
	calendar.add("x-wr-calname", _("CRM Activities", language))
	calendar.add("x-wr-timezone", str(zone))
	calendar.add("x-published-ttl", "PT15M")
	since, until = add_days(nowdate(), -DAYS_BACK), add_months(nowdate(), MONTHS_AHEAD)
	for row in own_activities.of(user, since, until, MOST):
		calendar.add_component(_activity(row, site, zone, language))
	for row in _tasks(user, since, until):
		calendar.add_component(_task(row, site))
	# Only those years: a clock's whole history is of no use to a phone.
	calendar.add_missing_timezones(first_date=getdate(since), last_date=getdate(until))
	return calendar.to_ical()


def _activity(row, site, zone, language: str | None) -> Event:
	starts = get_datetime(row.starts_on)
	ends = get_datetime(row.ends_on) if row.ends_on else end_after(starts, USUAL, site)
	event = _event(f"{row.name}@{frappe.local.site}", row.subject, row, site)
	event.add("dtstart", _local(starts, site, zone))
	event.add("dtend", max(_local(ends, site, zone), _local(starts, site, zone)))
	event.add("status", "CANCELLED" if row.status == CANCELLED else "CONFIRMED")
	event.add("priority", PRIORITIES.get(row.priority, 5))
	event.add("categories", [_(row.way, language)])
	if row.place:
		event.add("location", row.place)
	said = [row.party, row.about, row.next_step and _("Next: {0}", language).format(row.next_step)]
	_describe(event, said, get_url_to_form("Sales Activity", row.name))
	return event


def _task(row, site) -> Event:
	text = text_of(row.description) or row.reference_name or row.name
	event = _event(f"todo-{row.name}@{frappe.local.site}", text.splitlines()[0][:140], row, site)
	day = getdate(row.date)
	event.add("dtstart", day)
	event.add("dtend", day + timedelta(days=1))
	# A whole day that keeps nobody from meeting.
	event.add("transp", "TRANSPARENT")
	_describe(event, [text[:MAX_TEXT]], get_url_to_form("ToDo", row.name))
	return event


def _event(uid: str, summary: str, row, site) -> Event:
	event = Event()
	changed = get_datetime(row.modified).replace(tzinfo=site, microsecond=0)
	event.add("uid", uid)
	event.add("summary", summary)
	event.add("dtstamp", changed)
	event.add("last-modified", changed)
	event.add("sequence", int(changed.timestamp() - datetime(2020, 1, 1).timestamp()) // 60)
	return event


def _describe(event: Event, parts: list[str | None], link: str) -> None:
	event.add("description", "\n".join([*filter(None, parts), link]))
	event.add("url", link)


def _local(moment: datetime, site, zone) -> datetime:
	return moment.replace(tzinfo=site).astimezone(zone)


def _tasks(user: str, since: date, until: date) -> list[dict]:
	"""Open tasks with a day, about nothing that the user may no longer read."""
	if not frappe.has_permission("ToDo", "read"):
		return []
	rows = frappe.get_list(
		"ToDo",
		filters={"allocated_to": user, "status": "Open", "date": ("between", [since, until])},
		fields=["name", "description", "date", "reference_type", "reference_name", "modified"],
		order_by="date asc, name asc",
		limit=MOST,
	)
	kinds = {row.reference_type for row in rows if row.reference_type}
	seen = {
		kind: own_activities.readable(kind, {r.reference_name for r in rows if r.reference_type == kind})
		for kind in kinds
	}
	return [row for row in rows if not row.reference_type or row.reference_name in seen[row.reference_type]]

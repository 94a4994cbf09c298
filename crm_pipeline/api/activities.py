"""Activities: logging, the calendar, the private calendar address, and My Day."""

import frappe
from frappe import _

from crm_pipeline import permissions
from crm_pipeline.activities import calendar_events, feed_tokens
from crm_pipeline.api.door import filters_in_words, may, reads, writes
from crm_pipeline.api.types import (
	CalendarFilters,
	Day,
	Form,
	MaybeDay,
	MaybeName,
	MaybeText,
	Name,
	Names,
	SiteTime,
)  # fmt: skip
from crm_pipeline.my_day import day, day_actions


@writes(may("create", "Sales Activity"))
def log_activity(
	values: Form,
	contacts: Names = None,
	colleagues: Names = None,
	finishes_type: MaybeName = None,
	finishes: MaybeName = None,
) -> dict:
	"""Log an activity with its people. `finishes` names the document whose next step it carried out."""
	done = day_actions.to_finish(finishes_type, finishes)
	name = day_actions.log(values or {}, contacts or [], colleagues or [], done)
	return {"doctype": "Sales Activity", "name": name}


@reads(may("read", "Sales Activity"))
def get_activity_events(
	doctype: Name,
	start: SiteTime,
	end: SiteTime,
	filters: CalendarFilters = None,
	field_map: Form = None,
	fields: MaybeText = None,
) -> list:
	"""Activities between two moments of the site's time, as Frappe's calendar asks for them."""
	with filters_in_words(filters):
		return calendar_events.events(start, end, filters)


@reads(may("read", "Sales Activity"))
def get_calendar_feed() -> dict:
	"""Whether the user has a private calendar address, and since when."""
	return feed_tokens.state(frappe.session.user)


@writes(may("read", "Sales Activity"))
def make_calendar_feed() -> dict:
	"""Make the user's private calendar address, in place of an earlier one; told this one time."""
	return {"url": feed_tokens.renew(frappe.session.user)}


@writes(may("read", "Sales Activity"))
def close_calendar_feed() -> None:
	"""Switch the user's private calendar address off."""
	feed_tokens.close(frappe.session.user)


@reads()
def get_my_day(user: MaybeName = None) -> dict:
	"""What waits for the user, or for somebody below them; see my_day/day.py for the shape."""
	_need_role()
	return day.of(user)


def _need_role() -> None:
	"""For whoever works with the app in any role: each sees the parts that they have a right to."""
	if not permissions.may_use_app():
		frappe.throw(_("You have no right to {0}").format(_("My Day")), frappe.PermissionError)


@writes(may("write", day_actions.DATED, "name"))
def finish_item(doctype: Name, name: Name, values: Form = None) -> None:
	"""Done: a planned activity with its result, a next step, a task."""
	day_actions.finish(doctype, name, values or {})


@writes(may("write", day_actions.DATED, "name"))
def move_item(doctype: Name, name: Name, day: Day) -> None:
	"""Put off a planned activity, a next step, a follow-up or a task to another day."""
	day_actions.move(doctype, name, day)


@writes(may("write", day_actions.GIVEN_TYPES, "name"))
def forward_item(doctype: Name, name: Name, user: Name, note: MaybeText = None) -> None:
	"""Make somebody else responsible, with a note that stays in the history."""
	day_actions.forward(doctype, name, user, note)


@writes(may("write", day_actions.ASSIGNED, "name"))
def assign_item(doctype: Name, name: Name, user: Name, note: MaybeText = None, day: MaybeDay = None) -> None:
	"""Ask a colleague to see to it: the framework's assignment."""
	day_actions.assign(doctype, name, user, note, day)

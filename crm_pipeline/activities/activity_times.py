"""Times of an activity on its save: its end and length, by when it is due, when its people are reminded."""

from datetime import timezone

import frappe
from frappe import _
from frappe.utils import cint, get_datetime, getdate, now_datetime

from crm_pipeline import user_day
from crm_pipeline.activities import reminder_choice
from crm_pipeline.core import activity as rules
from crm_pipeline.core.activity import Times
from crm_pipeline.wording import bold


def follow(doc) -> None:
	"""Part of validate(): bring end, length, deadline and reminder in line. Raises ValidationError for an end before the
	start and for a length of years."""
	if not doc.starts_on:
		return
	before = doc.get_doc_before_save()
	# Which clock it is matters to lengths alone.
	zone = user_day.site_zone() if doc.ends_on or doc.duration else timezone.utc
	try:
		found = rules.times(_times(doc), _times(before) if before else None, zone)
	except rules.EndBeforeStartError:
		frappe.throw(
			_("{0} must not be before {1}").format(bold(_("Ends On")), bold(_("Starts On"))), title=_("Wrong Times")
		)
	except rules.TooLongError:
		frappe.throw(
			_("An activity may last a year at most. Please correct {0} or {1}.").format(
				bold(_("Ends On")), bold(_("Duration"))
			),
			title=_("Wrong Times"),
		)
	except OverflowError:
		frappe.throw(_("{0} is not a date that can be used here").format(bold(_("Starts On"))), title=_("Wrong Times"))
	doc.ends_on, doc.duration = found.ends, found.seconds
	was = before or frappe._dict()
	doc.due_on = rules.due(_moment(doc.due_on), _moment(was.get("due_on")), found.starts, _moment(was.get("starts_on")))
	_set_reminder(doc, was)


def repeat(doc, day) -> None:
	"""Part of on_recurring(): what an Auto Repeat makes for a day is at the same time of it, and as long."""
	later = getdate(day) - getdate(doc.starts_on)
	for field in ("starts_on", "ends_on", "due_on"):
		if doc.get(field):
			doc.set(field, get_datetime(doc.get(field)) + later)


def _set_reminder(doc, before) -> None:
	"""When to remind; whoever was reminded already is reminded again only of another time."""
	chosen = doc.remind or (reminder_choice.usual_of(doc.sales_owner) if doc.status == rules.PLANNED else None)
	doc.remind_at = _reminder(doc, chosen) if chosen and doc.status == rules.PLANNED else None
	same = _moment(doc.remind_at) == _moment(before.get("remind_at"))
	doc.reminded_on = before.get("reminded_on") if same else None


def _reminder(doc, chosen: str):
	site = user_day.site_zone()
	zone = user_day.zone_of(doc.sales_owner) if doc.sales_owner else site
	try:
		return rules.remind_at(doc.status, _moment(doc.due_on), chosen, now_datetime(), site, zone)
	except OverflowError:
		frappe.throw(_("{0} is not a date that can be used here").format(bold(_("Due On"))), title=_("Wrong Times"))


def _times(doc) -> Times:
	return Times(_moment(doc.starts_on), _moment(doc.ends_on), cint(doc.duration) or None)


def _moment(value):
	return get_datetime(value).replace(tzinfo=None) if value else None

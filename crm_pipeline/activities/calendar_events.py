"""What Frappe's calendar shows of activities: own and the team's, coloured by deadline, priority and type."""

import hashlib
from datetime import datetime

import frappe
from frappe.utils import get_datetime, now_datetime

from crm_pipeline import user_day
from crm_pipeline.core.activity import CANCELLED, DONE, HIGH, LOW, USUAL, end_after

ACTIVITY = "Sales Activity"
MOST = 2000
# Light ones: the calendar chooses a dark text for them.
LATE, PRESSING, LITTLE, FINISHED, OFF = "#f9c9c9", "#fbd9b5", "#e3e6ea", "#cdebd8", "#eeeeee"
# Of types, in the order of their names' hashes: the same type has the same colour everywhere.
OF_TYPES = ("#cfe3fa", "#e2d3f8", "#c5ebf0", "#f8d3e4", "#dfe9c3", "#f7e7ae")


def events(start: datetime, end: datetime, filters: list | None) -> list[dict]:
	"""Activities that the user may read and that touch the time between, with `ends_on` and `color` filled in."""
	rows = frappe.get_list(
		ACTIVITY,
		filters=[
			*[row[:4] for row in filters or []],
			[ACTIVITY, "starts_on", "<=", str(end)],
		],
		or_filters=[[ACTIVITY, "ends_on", ">=", str(start)], [ACTIVITY, "starts_on", ">=", str(start)]],
		fields=[
			"name",
			"subject",
			"way",
			"status",
			"priority",
			"starts_on",
			"ends_on",
			"due_on",
			"sales_owner",
			"customer",
		],
		order_by="starts_on asc, name asc",
		limit=MOST,
	)
	site, now = user_day.site_zone(), now_datetime()
	for row in rows:
		row.ends_on = row.ends_on or end_after(get_datetime(row.starts_on), USUAL, site)
		row.color = colour_of(row, now)
	return rows


def colour_of(row, now: datetime) -> str:
	"""What is over, then what is late, then what presses; the rest by its type."""
	if row.status in (DONE, CANCELLED):
		return FINISHED if row.status == DONE else OFF
	if get_datetime(row.due_on or row.starts_on) < now:
		return LATE
	if row.priority in (HIGH, LOW):
		return PRESSING if row.priority == HIGH else LITTLE
	return OF_TYPES[int(hashlib.sha1((row.way or "").encode()).hexdigest(), 16) % len(OF_TYPES)]

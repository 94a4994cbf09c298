"""What Frappe's calendar shows of activities: own and the team's, coloured by deadline, priority and type."""

import hashlib
from datetime import datetime

import frappe
from frappe.utils import get_datetime, now_datetime

from crm_pipeline import user_day
from crm_pipeline.core.activity import CANCELLED, DONE, HIGH, LOW, USUAL, end_after

ACTIVITY = "Sales Activity"
MOST = 2000
LATE, PRESSING, LITTLE, FINISHED, OFF = "#d9534f", "#e08a1e", "#9aa5b1", "#3fa06b", "#b7b7b7"
# Of types, in the order of their names' hashes: the same type has the same colour everywhere.
OF_TYPES = ("#2f6fb5", "#6f55b5", "#0b7c8f", "#a3235c", "#5b7d1f", "#8a5a2b")


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

"""Before 0.5 an activity had a start and perhaps a length, and one contact: now it has an end, a deadline and people.

Next steps whose day has passed count as done: nobody waited for them on a list until now.
"""

import frappe
from frappe.utils import get_datetime, getdate, now, nowdate

from crm_pipeline import user_day
from crm_pipeline.core.activity import LONGEST, end_after
from crm_pipeline.patches.pages import pages, write

ACTIVITY, PERSON = "Sales Activity", "Sales Activity Person"
FIELDS = ("starts_on", "ends_on", "duration", "contact", "next_step_date", "next_step_done", "owner", "creation")
COLUMNS = (
	*("name", "creation", "modified", "modified_by", "owner", "docstatus", "idx"),
	*("parent", "parenttype", "parentfield", "contact", "contact_name"),
)


def execute():
	"""Killed, it goes on with the activities that have no deadline yet."""
	zone, today = user_day.site_zone(), getdate(nowdate())
	for rows in pages(ACTIVITY, FIELDS, lambda activity: activity.due_on.isnull() & activity.starts_on.isnotnull()):
		write(ACTIVITY, {row.name: _completed(row, zone, today) for row in rows})
		_add_people([row for row in rows if row.contact])


def _completed(row, zone, today) -> dict:
	starts, ends = get_datetime(row.starts_on), row.ends_on
	if not ends and row.duration and 0 < row.duration <= LONGEST:
		ends = end_after(starts, int(row.duration), zone)
	passed = bool(row.next_step_date) and getdate(row.next_step_date) < today
	return {"due_on": starts, "ends_on": ends, "next_step_done": int(bool(row.next_step_done or passed))}


def _add_people(rows: list[dict]) -> None:
	"""The contact of each, where it is not among its people."""
	if not rows:
		return
	there = frappe.get_all(
		PERSON,
		filters={"parent": ("in", [row.name for row in rows]), "contact": ("is", "set")},
		fields=["parent", "contact"],
		order_by="parent asc",
		limit=0,
	)
	known = {(row.parent, row.contact) for row in there}
	names = dict(
		frappe.get_all(
			"Contact",
			filters={"name": ("in", sorted({row.contact for row in rows}))},
			fields=["name", "full_name"],
			order_by="name asc",
			limit=0,
			as_list=True,
		)
	)
	values = [
		(
			*(frappe.generate_hash(length=10), row.creation, now(), "Administrator", row.owner, 0, 1),
			*(row.name, ACTIVITY, "people", row.contact, names.get(row.contact)),
		)
		for row in rows
		if (row.name, row.contact) not in known
	]
	if values:
		frappe.db.bulk_insert(PERSON, fields=list(COLUMNS), values=values)

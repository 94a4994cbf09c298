"""When there was last contact with a customer or prospect, and what comes next."""

import frappe
from frappe.utils import now_datetime

from crm_pipeline.chain.status import open_states
from crm_pipeline.core.registry import DEALS
from crm_pipeline.customers.asked_party import AskedParty, is_readable

ACTIVITY = "Sales Activity"


def of_party(asked: AskedParty) -> dict | None:
	"""{"last": the last activity that was done, "next": what is planned}, each {"doctype", "name", "title", "at", "person"}
	or None; without "last" for who reads no activities. None as a whole for who reads neither activities nor deals. At most four queries."""
	if not any(is_readable(doctype) for doctype in (ACTIVITY, *DEALS)):
		return None
	reads = is_readable(ACTIVITY)
	planned = _activity(asked, False) if reads else None
	steps = [step for step in (planned, *(_next_step(asked, doctype) for doctype in DEALS)) if step]
	found = {"next": min(steps, key=lambda step: str(step["at"]), default=None)}
	return {"last": _activity(asked, True), **found} if reads else found


def _activity(asked: AskedParty, done: bool) -> dict | None:
	day = ["starts_on", "<=", now_datetime()] if done else ["starts_on", "is", "set"]
	rows = frappe.get_list(
		ACTIVITY,
		filters=[
			[asked.field, "=", asked.name],
			["status", "=", "Done"] if done else ["status", "in", open_states(ACTIVITY)],
			day,
			*_of_company(asked),
		],
		fields=["name", "subject", "starts_on", "sales_owner"],
		order_by="starts_on desc, name desc" if done else "starts_on asc, name asc",
		limit=1,
	)
	return _step(ACTIVITY, rows[0], "subject", "starts_on") if rows else None


def _next_step(asked: AskedParty, doctype: str) -> dict | None:
	if not is_readable(doctype, "next_step_date"):
		return None
	rows = frappe.get_list(
		doctype,
		filters=[
			[asked.field, "=", asked.name],
			["status", "in", open_states(doctype)],
			["next_step_date", "is", "set"],
			*_of_company(asked),
		],
		fields=["name", "next_step", "next_step_date", "sales_owner", "title"],
		order_by="next_step_date asc, name asc",
		limit=1,
	)
	if not rows:
		return None
	rows[0].next_step = rows[0].next_step or rows[0].title
	return _step(doctype, rows[0], "next_step", "next_step_date")


def _step(doctype: str, row: dict, title: str, at: str) -> dict:
	return {"doctype": doctype, "name": row.name, "title": row.get(title), "at": row[at], "person": row.sales_owner}


def _of_company(asked: AskedParty) -> list[list]:
	return [["company", "in", [asked.company, ""]]] if asked.company else []

"""My Day: what waits for a person today, worst first, each part with the list that holds exactly the same documents.

A section is of one or several parts, a part of one DocType: `filters` are those of its list, `count` how many that list
holds, and `rows` the most urgent of them. Everything is read as the reader may: who looks at somebody else's day sees
of it what they see anyway. The number of queries does not depend on how much there is.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

import frappe
from frappe import _
from frappe.utils import cint, getdate, now_datetime

from crm_pipeline import user_day
from crm_pipeline.activities import own_activities
from crm_pipeline.cases.customer_cases import WAITING
from crm_pipeline.core import activity as rules
from crm_pipeline.core.registry import DEALS, STATES
from crm_pipeline.core.stages import OPEN
from crm_pipeline.my_day import day_people
from crm_pipeline.orders.returned import settled
from crm_pipeline.pool import pool_rules
from crm_pipeline.wording import text_of

ACTIVITY, LEAD, HELP, REQUEST = "Sales Activity", "Sales Lead", "Sales Help Request", "Sales Order Request"
CASE, PROMISE, TASK = "Customer Case", "Promise to Pay", "ToDo"
# Who may give leads to others.
GIVERS = {"Sales Manager", "Sales Master Manager"}
TITLES = {"Sales Prospect": "prospect_name", "Customer": "customer_name"}
# Rows that a part shows; its list has the rest.
SHOWN = 30
# A list takes its filters in an address, which servers cut off at some 4,000 characters.
MOST_NAMES = 100
# Moments that say since when something waits: no deadline that could have passed.
SINCE = ("creation", "pool_since", "crm_pool_since", "asked_on", "returned_on", "requested_on", "stage_entered_on")


@dataclass(frozen=True)
class Whose:
	"""Whose day it is, which day, and the moments of the site's clock at which it begins and ends."""

	user: str
	day: date
	begins: datetime
	ends: datetime

	@classmethod
	def of(cls, user: str) -> "Whose":
		day = user_day.today_of(user)
		return cls(user, day, *rules.bounds(day, user_day.site_zone(), user_day.zone_of(user)))


@dataclass(frozen=True)
class Part:
	"""Documents of one type: `title`, `at` and `text` are fields, `order` says which is worst."""

	doctype: str
	filters: list
	order: str
	at: str
	title: str = "title"
	text: str | None = None
	# Its word where a section has two parts of one type.
	label: str | None = None
	more: tuple[str, ...] = field(default=())


# ---- what there is, worst first


def _come(name: str, whose: Whose) -> list:
	"""Filters: a day that has come. Frappe takes an empty one for the year 1."""
	return [[name, "is", "set"], [name, "<=", str(whose.day)]]


def _late_activities(whose: Whose) -> list[Part]:
	return [_activities([["due_on", "<", str(whose.begins)]], whose)]


def _todays_activities(whose: Whose) -> list[Part]:
	return [_activities([["due_on", ">=", str(whose.begins)], ["starts_on", "<", str(whose.ends)]], whose)]


def _activities(filters: list, whose: Whose) -> Part:
	mine = [["status", "=", rules.PLANNED], ["sales_owner", "=", whose.user], *filters]
	more = ("way", "priority", "starts_on", "place")
	return Part(ACTIVITY, mine, "due_on asc, name asc", "due_on", "subject", more=more)


def _next_steps(whose: Whose) -> list[Part]:
	due = [["sales_owner", "=", whose.user], *_come("next_step_date", whose)]
	parts = [
		Part(deal, [["status", "=", OPEN], *due], "next_step_date asc, name asc", "next_step_date", text="next_step")
		for deal in DEALS
	]
	# What was agreed with somebody about no deal.
	agreed = [["status", "=", rules.DONE], ["next_step_done", "=", 0], *due]
	order = "next_step_date asc, name asc"
	return [*parts, Part(ACTIVITY, agreed, order, "next_step_date", "next_step", "subject")]


def _promises(whose: Whose) -> list[Part]:
	due = [["status", "=", "Open"], ["sales_owner", "=", whose.user], *_come("promised_on", whose)]
	return [
		Part(PROMISE, due, "promised_on asc, name asc", "promised_on", "sales_invoice", more=("amount", "currency"))
	]


def _cases(whose: Whose) -> list[Part]:
	mine = [["responsible", "=", whose.user], ["status", "not in", list(STATES[CASE].closed)]]
	return [Part(CASE, mine, "due_by asc, name asc", "due_by", "subject", more=("severity", "kind", "status"))]


def _leads(whose: Whose) -> list[Part]:
	# Frappe takes an empty day for the year 1: those that nobody nurtures are among them.
	mine = [["sales_owner", "=", whose.user], ["nurture_until", "<=", str(whose.day)]]
	later = [["status", "=", "Contacted"], *mine, *_come("follow_up_date", whose)]
	return [
		Part(
			LEAD,
			[["status", "=", "New"], *mine],
			"score desc, creation asc, name asc",
			"creation",
			text="message",
			label=_("New"),
			more=("score",),
		),
		Part(
			LEAD,
			later,
			"score desc, follow_up_date asc, name asc",
			"follow_up_date",
			text="follow_up_plan",
			label=_("Follow Up"),
			more=("follow_up_date", "score"),
		),
	]


def _unassigned(whose: Whose) -> list[Part]:
	"""For who may give leads: those that nobody has."""
	if not GIVERS & set(frappe.get_roles(whose.user)):
		return []
	open_ones = [["status", "not in", list(STATES[LEAD].closed)], ["pool_since", "is", "not set"]]
	return [
		Part(LEAD, [["sales_owner", "is", "not set"], *open_ones], "creation asc, name asc", "creation", text="message")
	]


def _pool(whose: Whose) -> list[Part]:
	"""What the person may claim."""
	rules = pool_rules.may_claim_by(whose.user)
	parts = []
	for doctype in pool_rules.TYPES if rules else ():
		at = pool_rules.field(doctype, "pool_since")
		filters = [[at, "is", "set"], [pool_rules.field(doctype, "pool_rule"), "in", rules]]
		filters += [
			[key, *(how if isinstance(how, tuple) else ("=", how))]
			for key, how in pool_rules.open_filters(doctype).items()
		]
		parts.append(Part(doctype, filters, f"{at} desc, name asc", at, TITLES.get(doctype, "title")))
	return parts


def _stalled(whose: Whose) -> list[Part]:
	mine = [["status", "=", OPEN], ["is_stalled", "=", 1], ["sales_owner", "=", whose.user]]
	order = "stalled_score desc, name asc"
	return [Part(deal, mine, order, "stage_entered_on", text="next_step", more=("stalled_score",)) for deal in DEALS]


def _waiting(whose: Whose) -> list[Part]:
	asked = [["status", "=", "Open"], ["manager", "=", whose.user]]
	parts = [Part(HELP, asked, "asked_on asc, name asc", "asked_on", "deal_title", "question")]
	returned = _returned(whose)
	if returned:
		filters = [["name", "in", returned]]
		order = "returned_on asc, name asc"
		parts.append(Part(REQUEST, filters, order, "returned_on", text="return_reason", label=_("Returned")))
	if "Order Desk" in frappe.get_roles(whose.user):
		waiting = [["docstatus", "=", 1], ["status", "=", "Requested"]]
		parts.append(Part(REQUEST, waiting, "requested_on asc, name asc", "requested_on", label=_("Requested")))
	return parts


def _returned(whose: Whose) -> list[str]:
	"""Requests of a person that came back and that nobody has sent again, of what may still be sold."""
	if not frappe.has_permission(REQUEST, "read"):
		return []
	names = frappe.get_list(
		REQUEST,
		filters={"status": "Returned", "sales_owner": whose.user},
		pluck="name",
		order_by="returned_on desc",
		limit=MOST_NAMES,
	)
	done = settled(names)
	return [name for name in names if name not in done]


def _tasks(whose: Whose) -> list[Part]:
	# A question to a manager is a task as well: it stands among what waits.
	mine = [["status", "=", "Open"], ["allocated_to", "=", whose.user], ["reference_type", "!=", HELP]]
	more = ("reference_type", "reference_name", "priority")
	return [Part(TASK, mine, "date asc, name asc", "date", "description", more=more)]


SECTIONS: dict[str, Callable[[Whose], list[Part]]] = {
	"late": _late_activities,
	"steps": _next_steps,
	"promises": _promises,
	"cases": _cases,
	"today": _todays_activities,
	"leads": _leads,
	"unassigned": _unassigned,
	"pool": _pool,
	"stalled": _stalled,
	"waiting": _waiting,
	"tasks": _tasks,
}


def labels() -> dict[str, str]:
	return {
		"late": _("Overdue Activities"),
		"steps": _("Next Steps Due"),
		"promises": _("Promised Payments Due"),
		"cases": _("Open Cases"),
		"today": _("Activities Today"),
		"leads": _("Leads to Answer"),
		"unassigned": _("Unassigned Leads"),
		"pool": _("Public Pool"),
		"stalled": _("Stalled Deals"),
		"waiting": _("Requests Waiting"),
		"tasks": _("Tasks"),
	}


# ---- reading it


def of(user: str | None = None) -> dict:
	"""{"user", "full_name", "day", "people": [{"user", "full_name"}] whose day the reader may look at, "sections":
	[{"key", "label", "count", "parts": [{"doctype", "label", "filters", "count"}], "rows": [...]}]}.

	A row has `doctype`, `name`, `title`, `text`, `at`, `is_late`, `party`, `about`, the document that it is about, and
	the fields of its type. Raises PermissionError for the day of somebody who is not below the reader.
	"""
	user = user or frappe.session.user
	people = day_people.below(frappe.session.user)
	day_people.need(user, people)
	whose, words, now = Whose.of(user), labels(), now_datetime()
	sections = []
	for key, parts_of in SECTIONS.items():
		parts = [_read(part) for part in parts_of(whose) if _has(part.doctype)]
		rows = [row for part in parts for row in part.pop("rows")]
		rows.sort(key=_worst_first)
		if parts:
			count = sum(part["count"] for part in parts)
			sections.append({"key": key, "label": words[key], "count": count, "parts": parts, "rows": rows})
	_finish([row for section in sections for row in section["rows"]], whose, now)
	return {
		"user": user,
		"full_name": frappe.utils.get_fullname(user),
		"day": str(whose.day),
		"people": people,
		"sections": sections,
	}


def _worst_first(row: dict) -> tuple:
	"""Deals and leads by their scores, everything else by what is due or waits the longest."""
	return (-cint(row.get("stalled_score")), -cint(row.get("score")), not row["at"], str(row["at"] or ""))


def _has(doctype: str) -> bool:
	"""Whether the site has such documents, and the reader a list of them."""
	return bool(frappe.db.exists("DocType", doctype)) and bool(frappe.has_permission(doctype, "read"))


def _worst(part: Part, fields: list[str]) -> list[dict]:
	"""The worst rows, one more than are shown. What has no day comes last; the database has it first."""

	def ask(*more: list) -> list[dict]:
		filters = [*part.filters, *more]
		return frappe.get_list(part.doctype, filters=filters, fields=fields, order_by=part.order, limit=SHOWN + 1)

	rows = ask()
	if len(rows) <= SHOWN or rows[0].get(part.at) or not part.order.startswith(f"{part.at} asc"):
		return rows
	return [*ask([part.at, "is", "set"]), *(row for row in rows if not row[part.at])][: SHOWN + 1]


def _read(part: Part) -> dict:
	"""A part with its count and its worst rows, in three queries at most."""
	meta = frappe.get_meta(part.doctype)
	wanted = ["name", part.title, part.at, part.text, *part.more, "customer", "prospect", "party_name", "contact"]
	wanted += ["reference_doctype", "reference_name", "company", "modified"]
	fields = [
		name
		for name in dict.fromkeys(wanted)
		if name in ("name", "creation", "modified") or (name and meta.has_field(name))
	]
	rows = _worst(part, fields)
	count = len(rows)
	if count > SHOWN:
		count = len(frappe.get_list(part.doctype, filters=part.filters, pluck="name", order_by="name asc", limit=0))
	shown = [
		frappe._dict(
			row,
			doctype=part.doctype,
			title=_plain(row.get(part.title)),
			text=_plain(row.get(part.text or "")),
			at=row.get(part.at),
			since=part.at in SINCE,
		)
		for row in rows[:SHOWN]
	]
	return {
		"doctype": part.doctype,
		"label": part.label or _(part.doctype),
		"filters": part.filters,
		"count": count,
		"rows": shown,
	}


def _plain(text: str | None) -> str:
	return text_of(text)[:240]


def _finish(rows: list[dict], whose: Whose, now: datetime) -> None:
	"""Names of parties and of documents, and what is late."""
	for row in rows:
		if row.doctype == TASK:
			row.reference_doctype = row.reference_type
	own_activities.named(rows)
	for row in rows:
		row.title = row.title or row.about or row.party or row.name
		row.is_late = _is_late(row, whose, now)


def _is_late(row, whose: Whose, now: datetime) -> bool:
	at = row.get("at")
	# A case that waits for the customer is late with nothing.
	if not at or row.since or (row.doctype == CASE and row.status == WAITING):
		return False
	if isinstance(at, datetime):
		return at < now
	return getdate(at) < whose.day

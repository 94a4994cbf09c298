"""What rules and the learned score ask about leads: many at once, in a number of queries that does not depend on how many."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import frappe
from frappe.utils import get_datetime, getdate

from crm_pipeline.core import scoring
from crm_pipeline.core.activity import DONE
from crm_pipeline.core.scoring import ACTIVITIES, MAILS, PAGES, SILENCE, Facts, Happened, Rule
from crm_pipeline.scoring.score_rules import LEAD, OF_PROSPECT, PROSPECT

# Columns that are read in any case.
KEPT = (
	"name",
	"creation",
	"status",
	"sales_owner",
	"prospect",
	"nurture_until",
	"score",
	"score_told",
	"learned_score",
)
# Where the lead says nothing, its prospect does.
SHARED = ("industry", "territory", "channel")
# Set where visitors are known; a later part of the app, or the site, has the field.
VISITOR = "visitor_id"


def rows_of(names: Sequence[str], fields: Iterable[str]) -> list[dict]:
	"""Leads with these fields, as far as there are such columns."""
	columns = set(frappe.get_meta(LEAD).get_valid_columns())
	wanted = dict.fromkeys((*KEPT, *(field for field in (*fields, VISITOR) if field in columns)))
	return frappe.get_all(
		LEAD, filters={"name": ("in", list(names))}, fields=list(wanted), order_by="name asc", limit=0
	)


def fields_of(rules: Iterable[Rule]) -> list[str]:
	"""Fields that the rules ask about, those of the prospect with their prefix."""
	return sorted({rule.field for rule in rules if rule.field})


def gather(
	rows: Sequence[Mapping],
	rules: Sequence[Rule],
	now: datetime,
	more: Sequence[str] = (),
	ever: bool = False,
	answered: Mapping[str, tuple[datetime, set[str]]] | None = None,
) -> dict[str, Facts]:
	"""{lead: its facts} for rows of rows_of(), for these rules and `more` fields. `ever`: all that happened and was answered,
	not only what the rules ask for. `answered`: {lead: (before when answers count, answers that do not)}."""
	if not rows:
		return {}
	fields = [*fields_of(rules), *more]
	prospects = _prospects(rows, fields)
	answers = _answers(rows, answered or {}) if ever or any(rule.kind == scoring.ANSWER for rule in rules) else {}
	happened = _happened(rows, rules, now, ever)
	return {
		row["name"]: Facts(
			created=get_datetime(row["creation"]),
			values=_values(row, prospects.get(row.get("prospect")), fields),
			answers=answers.get(row["name"], {}),
			happened=happened.get(row["name"], ()),
			resting_until=getdate(row["nurture_until"]) if row.get("nurture_until") else None,
		)
		for row in rows
	}


def _values(row: Mapping, prospect: Mapping | None, fields: Iterable[str]) -> dict:
	found = {}
	for field in fields:
		if field.startswith(OF_PROSPECT):
			found[field] = prospect.get(field.removeprefix(OF_PROSPECT)) if prospect else None
		else:
			found[field] = row.get(field) or (prospect.get(field) if prospect and field in SHARED else row.get(field))
	return found


def _prospects(rows: Sequence[Mapping], fields: Iterable[str]) -> dict[str, Mapping]:
	columns = set(frappe.get_meta(PROSPECT).get_valid_columns())
	asked = {field.removeprefix(OF_PROSPECT) for field in fields if field.startswith(OF_PROSPECT) or field in SHARED}
	names = {row["prospect"] for row in rows if row.get("prospect")}
	wanted = sorted(asked & columns)
	if not (names and wanted):
		return {}
	found = frappe.get_all(
		PROSPECT, filters={"name": ("in", sorted(names))}, fields=["name", *wanted], order_by="name asc", limit=0
	)
	return {row.name: row for row in found}


def _answers(rows: Sequence[Mapping], answered: Mapping) -> dict[str, dict[str, tuple[str, int]]]:
	found: dict[str, dict] = {}
	for row in frappe.get_all(
		"Lead Answer",
		filters={"parenttype": LEAD, "parent": ("in", _names(rows))},
		fields=["name", "parent", "creation", "question_key", "answer", "points"],
		order_by="parent asc, idx asc",
		limit=0,
	):
		before, left_out = answered.get(row.parent, (datetime.max, ()))
		if row.creation >= before or row.name in left_out:
			continue
		found.setdefault(row.parent, {})[row.question_key] = (row.answer or "", row.points or 0)
	return found


# ---- what happened


def _happened(rows, rules, now: datetime, ever: bool) -> dict[str, list[Happened]]:
	days = scoring.days_back(rules)
	if not (days or ever):
		return {}
	since = None if ever else now - timedelta(days=days)
	kinds = {rule.kind for rule in rules}
	found: dict[str, list[Happened]] = {}
	for kind, read in ((ACTIVITIES, _activities), (MAILS, _mails), (PAGES, _pages)):
		if ever or kind in kinds or SILENCE in kinds:
			for lead, one in read(rows, since):
				found.setdefault(lead, []).append(one)
	return found


def _names(rows: Sequence[Mapping]) -> list[str]:
	return [row["name"] for row in rows]


def _activities(rows, since: datetime | None):
	activity = frappe.qb.DocType("Sales Activity")
	query = (
		frappe.qb.from_(activity)
		.select(activity.reference_name, activity.starts_on, activity.way, activity.result, activity.direction)
		.where((activity.reference_doctype == LEAD) & activity.reference_name.isin(_names(rows)))
		.where((activity.status == DONE) & activity.starts_on.isnotnull())
	)
	if since:
		query = query.where(activity.starts_on >= since)
	for lead, at, way, result, direction in query.run():
		yield lead, Happened(ACTIVITIES, at, way or "", result or "", direction or "")


def _mails(rows, since: datetime | None):
	mail = frappe.qb.DocType("Communication")
	query = (
		frappe.qb.from_(mail)
		.select(mail.reference_name, mail.communication_date, mail.sent_or_received)
		.where((mail.reference_doctype == LEAD) & mail.reference_name.isin(_names(rows)))
		.where((mail.communication_type == "Communication") & mail.communication_date.isnotnull())
	)
	if since:
		query = query.where(mail.communication_date >= since)
	for lead, at, way in query.run():
		yield lead, Happened(MAILS, at, direction="Inbound" if way == "Received" else "Outbound")


def _pages(rows, since: datetime | None):
	"""Pages that a lead saw, as soon as it is known who the visitor is."""
	visitors: dict[str, list[str]] = {}
	for row in rows:
		if row.get(VISITOR):
			visitors.setdefault(row[VISITOR], []).append(row["name"])
	if not visitors or not frappe.db.exists("DocType", "Web Page View"):
		return
	view = frappe.qb.DocType("Web Page View")
	query = (
		frappe.qb.from_(view)
		.select(view.visitor_id, view.creation, view.path)
		.where(view.visitor_id.isin(sorted(visitors)))
	)
	if since:
		query = query.where(view.creation >= since)
	for visitor, at, path in query.run():
		for lead in visitors[visitor]:
			yield lead, Happened(PAGES, at, page=path or "")

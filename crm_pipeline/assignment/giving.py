"""Leads get their owners: columns, ledger and notices, for many leads in a few statements.

Where the site hangs automation on leads (Notification, Assignment Rule, Webhook, Server Script, another app), each is
written by itself, so that the automation hears of it as of any save.
"""

from datetime import datetime, timedelta

import frappe
from frappe.utils import cint, now_datetime

from crm_pipeline.assignment.rule_records import LEAD, MEMBER, RULE
from crm_pipeline.cases.customer_cases import working_time
from crm_pipeline.chain import automation, ledger, locks, pending
from crm_pipeline.core import assignment as rules
from crm_pipeline.core import cases as working
from crm_pipeline.core.assignment import Choice, Roster
from crm_pipeline.core.dwell import seconds_spent
from crm_pipeline.parties import people

# Of so many an open form is told at once.
TOLD = 20
# Where a site says what happens when a document changes: (DocType, field that names the type, filters).
AUTOMATION = (
	("Notification", "document_type", {"enabled": 1}),
	("Assignment Rule", "document_type", {"disabled": 0}),
	("Webhook", "webhook_doctype", {"enabled": 1}),
	("Server Script", "reference_doctype", {"script_type": "DocType Event", "disabled": 0}),
	("Milestone Tracker", "document_type", {"disabled": 0}),
	("Workflow", "document_type", {"is_active": 1}),
)


def is_watched(doctype: str) -> bool:
	"""Whether automation of the site waits for changes of such documents."""
	if frappe.get_hooks("doc_events").get(doctype):
		return True
	return any(
		frappe.db.exists(kind, {field: doctype, **filters})
		for kind, field, filters in AUTOMATION
		if frappe.db.exists("DocType", kind)
	)


def give(rows: dict[str, dict], choices: list[Choice], docs: list, roster: Roster) -> int:
	"""Store who gets which (locked) leads; `rows` are the leads as they are, by name. Answers how many were given."""
	given = [choice for choice in choices if choice.user]
	if not given:
		return 0
	by_name = {doc.name: doc for doc in docs}
	values = {}
	now = now_datetime()
	for choice in given:
		key = (choice.user, choice.rule, rows[choice.lead].company)
		if key not in values:
			values[key] = _values(by_name[choice.rule], choice.user, key[2], now)
	each = [(rows[c.lead], c, values[c.user, c.rule, rows[c.lead].company]) for c in given]
	events = _one_by_one(each, by_name) if is_watched(LEAD) else _at_once(each, by_name, now)
	_count_turns(docs, roster)
	_notify(events)
	return len(given)


def _values(doc, user: str, company: str | None, now: datetime) -> dict:
	"""What a lead that this rule gives gets."""
	due = answer_due(doc, company, now)
	later = doc.method == rules.REGIONAL_MANAGER and doc.next_rule
	return {
		"sales_owner": user,
		"sales_person": people.person_of(user),
		"assigned_on": now,
		"assignment_rule": doc.name,
		"next_rule_on": now + timedelta(minutes=cint(doc.next_minutes)) if later else None,
		"answer_due_on": due,
		"first_answer_on": None,
		"answer_reminded_on": None,
		"answer_escalated_on": None,
	}


def answer_due(rule, company: str | None, now: datetime) -> datetime | None:
	"""Until when a lead that is given now is to be answered, in working time; None without a limit."""
	minutes = cint(rule.answer_minutes)
	return working.due(now, minutes / 60, working_time(company)) if minutes else None


def _at_once(each: list, by_name: dict, now: datetime) -> list[tuple[str, str]]:
	groups: dict[int, tuple[dict, list]] = {}
	for row, _choice, values in each:
		groups.setdefault(id(values), (values, []))[1].append(row.name)
	for values, names in groups.values():
		stamps = {"modified": now, "modified_by": frappe.session.user}
		locks.set_named(LEAD, names, {**values, **stamps})
	moves = [
		(row, row.sales_owner, choice.user, by_name[choice.rule].title, _seconds(row, now))
		for row, choice, _values_of in each
	]
	events = ledger.record_owners(LEAD, moves)
	if len(each) <= TOLD:
		for row, _choice, _values_of in each:
			frappe.get_doc(LEAD, row.name).run_method("notify_update")
	return [(choice.user, event) for (_row, choice, _values_of), event in zip(each, events, strict=True)]


def _seconds(row: dict, now: datetime) -> int:
	return seconds_spent(row.assigned_on or row.creation, now) if row.sales_owner else 0


def _one_by_one(each: list, by_name: dict) -> list[tuple[str, str]]:
	found = []
	for row, choice, values in each:
		doc = frappe.get_doc(LEAD, row.name)
		doc.flags.notices = []
		event = ("Owner", doc.sales_owner, choice.user)
		automation.set_state(doc, values, event=event, note=by_name[choice.rule].title)
		found += [(choice.user, name) for name in doc.flags.notices]
	return found


def _count_turns(docs: list, roster: Roster) -> None:
	"""Whose turn it is next, for the (locked) rules."""
	for doc in docs:
		total = sum(count for (rule, _user), count in roster.given.items() if rule == doc.name)
		if not total:
			continue
		frappe.db.set_value(RULE, doc.name, "given", cint(doc.given) + total, update_modified=False)
		for row in doc.members:
			turn = {
				"credit": roster.credits.get((doc.name, row.user), 0),
				"given": cint(row.given) + roster.given.get((doc.name, row.user), 0),
			}
			if (turn["credit"], turn["given"]) != (cint(row.credit), cint(row.given)):
				frappe.db.set_value(MEMBER, row.name, turn, update_modified=False)


def _notify(events: list[tuple[str, str]]) -> None:
	"""One notice for each who was given something, however much; what is brought in is the past."""
	if frappe.flags.in_import:
		return
	of_user: dict[str, list[str]] = {}
	for user, event in events:
		of_user.setdefault(user, []).append(event)
	for found in of_user.values():
		pending.note("Pipeline Event", found[0], pending.MOVE, event=found[0], together=len(found))

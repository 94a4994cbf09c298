"""The first answer to a lead: noted when it was given; its owner is reminded, then the manager called, each once.

Answered is a lead about which an activity was done or a mail sent since it has its owner, or whose state somebody changed.
"""

from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.desk.doctype.notification_log.notification_log import enqueue_create_notification
from frappe.query_builder.functions import Min
from frappe.utils import add_to_date, cint, get_datetime, now_datetime

from crm_pipeline import user_day
from crm_pipeline.assignment import assigning, rule_records
from crm_pipeline.assignment.rule_records import LEAD, RULE
from crm_pipeline.chain import jobs, locks
from crm_pipeline.coaching import help_requests
from crm_pipeline.core.registry import STATES
from crm_pipeline.parties import absences
from crm_pipeline.wording import bold

ACTIVITY, MAIL, EVENT = "Sales Activity", "Communication", "Pipeline Event"
# Days that the sweep looks back for answers that were entered later.
LOOK_BACK = 2
MOST = 2000
REMIND, ESCALATE = "answer_reminded_on", "answer_escalated_on"


def sweep() -> None:
	"""Every few minutes: what was answered, what is late, what goes on to its second owner, what has no owner yet."""
	note_answers()
	look_after_limits()
	hand_on()
	assigning.sweep()


# ---- answers


def daily() -> None:
	"""Answers from a time in which no sweep ran."""
	_note(answers_since(None))


def note_answers() -> jobs.Result:
	"""Note the first answer of leads that got one lately."""
	return _note(answers_since(add_to_date(now_datetime(), days=-LOOK_BACK)))


def _note(found: dict[str, datetime]) -> jobs.Result:
	return jobs.each(sorted(found.items()), note_answer, _("CRM Pipeline: first answer not noted"))


def note_answer(lead: str, at: datetime) -> bool:
	"""Note when a lead was answered first, unless that is known; whether it was."""
	if not locks.lock_named(LEAD, [lead]):
		return False
	if frappe.db.get_value(LEAD, lead, "first_answer_on"):
		return False
	# A stamp beside what people enter: a form that is open meanwhile stays valid.
	frappe.db.set_value(LEAD, lead, "first_answer_on", at, update_modified=False)
	return True


def answers_since(moment: datetime | None, leads: list[str] | None = None) -> dict[str, datetime]:
	"""{lead without a noted answer: when it was answered first since it has its owner}, of what was entered since a moment, or
	ever; of these `leads` alone."""
	found: dict[str, datetime] = {}
	for query in (_activities(moment), _mails(moment)):
		if leads is not None:
			query = query.where(frappe.qb.DocType(LEAD).name.isin(leads or [""]))
		for lead, at in query.run():
			at = get_datetime(at)
			found[lead] = min(found.get(lead, at), at)
	return found


def _waiting():
	lead = frappe.qb.DocType(LEAD)
	return lead, lead.first_answer_on.isnull() & lead.assigned_on.isnotnull()


def _activities(moment: datetime | None):
	activity = frappe.qb.DocType(ACTIVITY)
	done = activity.status == "Done"
	return _first_of_each(activity, activity.starts_on, done & (activity.modified >= moment) if moment else done)


def _mails(moment: datetime | None):
	mail = frappe.qb.DocType(MAIL)
	sent = (mail.sent_or_received == "Sent") & (mail.communication_type == "Communication")
	return _first_of_each(mail, mail.communication_date, sent & (mail.creation >= moment) if moment else sent)


def _first_of_each(table, at, counts):
	"""(lead, moment) of the first record about each waiting lead since it was given."""
	lead, waits = _waiting()
	return (
		frappe.qb.from_(table)
		.join(lead)
		.on((table.reference_doctype == LEAD) & (table.reference_name == lead.name))
		.select(lead.name, Min(at))
		.where(waits & counts & (at >= lead.assigned_on))
		.groupby(lead.name)
		.orderby(lead.name)
		.limit(MOST)
	)


# ---- reminder and escalation


def look_after_limits() -> jobs.Result:
	"""Remind owners whose limit comes near, and call the managers where it has passed."""
	now = now_datetime()
	rules = _rules()
	ahead = max([cint(rule.remind_minutes) for rule in rules.values()], default=0)
	records = []
	for row in _due_until(now + timedelta(minutes=ahead)):
		rule = rules.get(row.assignment_rule)
		due = get_datetime(row.answer_due_on)
		if not rule:
			continue
		if due <= now and rule.escalate and not row[ESCALATE]:
			records.append((row.name, ESCALATE))
		elif due > now and cint(rule.remind_minutes) and not row[REMIND]:
			if due - timedelta(minutes=cint(rule.remind_minutes)) <= now:
				records.append((row.name, REMIND))
	# Where nothing ran for a while, what was answered meanwhile is not noted yet.
	answered = answers_since(None, [lead for lead, _what in records]) if records else {}
	_note(answered)
	records = [record for record in records if record[0] not in answered]
	return jobs.each(records, _ring, _("CRM Pipeline: late answer not reported"))


def _rules() -> dict[str, dict]:
	rows = frappe.get_all(
		RULE,
		filters={"answer_minutes": (">", 0)},
		fields=["name", "remind_minutes", "escalate"],
		order_by="name asc",
		limit=0,
	)
	return {row.name: row for row in rows}


def _due_until(moment: datetime) -> list[dict]:
	"""Open leads that nobody answered, whose limit ends by then and whose manager was not called yet."""
	lead = frappe.qb.DocType(LEAD)
	return (
		frappe.qb.from_(lead)
		.select(lead.name, lead.assignment_rule, lead.answer_due_on, lead[REMIND], lead[ESCALATE])
		.where(lead.answer_due_on.isnotnull() & (lead.answer_due_on <= moment))
		.where(lead.first_answer_on.isnull() & lead[ESCALATE].isnull())
		.where(lead.status.notin(STATES[LEAD].closed))
		.orderby(lead.answer_due_on)
		.orderby(lead.name)
		.limit(MOST)
		.run(as_dict=True)
	)


def _ring(lead: str, what: str) -> bool:
	"""One bell, once: the mark on the lead comes in the same transaction."""
	if not locks.lock_named(LEAD, [lead]):
		return False
	doc = frappe.get_doc(LEAD, lead)
	if doc.first_answer_on or doc.get(what) or doc.status in STATES[LEAD].closed:
		return False
	frappe.db.set_value(LEAD, lead, what, now_datetime(), update_modified=False)
	users = [doc.sales_owner] if what == REMIND else help_requests.managers_for(doc, doc.sales_owner)
	for user in absences.with_deputies(users):
		if user and frappe.has_permission(LEAD, doc=doc, user=user):
			enqueue_create_notification([user], _notice(doc, what, user))
	return True


def _notice(doc, what: str, user: str) -> dict:
	language = frappe.db.get_value("User", user, "language")
	if what == REMIND:
		text = _("{0} waits for its first answer until {1}", language)
	else:
		text = _("{0} of {2} has had no answer until {1}", language)
	owner = frappe.utils.get_fullname(doc.sales_owner)
	due = user_day.in_words(doc.answer_due_on, user)
	return {
		"type": "Alert",
		"document_type": LEAD,
		"document_name": doc.name,
		"subject": text.format(bold(doc.title), due, bold(owner)),
		"from_user": "Administrator",
	}


# ---- the second hop


def hand_on() -> jobs.Result:
	"""Leads that their regional manager has neither answered nor given on in time go to a rep by the next rule."""
	lead = frappe.qb.DocType(LEAD)
	rows = (
		frappe.qb.from_(lead)
		.select(lead.name)
		.where(lead.next_rule_on.isnotnull() & (lead.next_rule_on <= now_datetime()))
		.where(lead.status.notin(STATES[LEAD].closed) & lead.first_answer_on.isnull())
		.orderby(lead.next_rule_on)
		.orderby(lead.name)
		.limit(MOST)
		.run()
	)
	return jobs.each(rows, give_on, _("CRM Pipeline: lead not handed on"))


def give_on(lead: str) -> int:
	"""One lead by the next rule of the rule that gave it to its manager. Where that has nobody, it stays and is tried again."""
	rule = frappe.db.get_value(LEAD, lead, "assignment_rule")
	following = rule and frappe.db.get_value(RULE, rule, "next_rule")
	# Two managers who save at once can close a circle that neither of them sees: a lead does not go round in it.
	if not following or frappe.db.get_value(RULE, following, "disabled") or rule_records.circle_of(rule):
		frappe.db.set_value(LEAD, lead, "next_rule_on", None, update_modified=False)
		return 0
	asked = [rule_records.of_doc(frappe.get_doc(RULE, following))]
	return assigning.assign([lead], asked, owned=True)

"""What is done about a row of My Day without leaving it: logged, done, moved to another day, forwarded, assigned."""

from datetime import date

import frappe
from frappe import _
from frappe.desk.doctype.notification_log.notification_log import enqueue_create_notification
from frappe.utils import escape_html, get_datetime

from crm_pipeline import user_day
from crm_pipeline.activities import own_activities
from crm_pipeline.cases import customer_cases
from crm_pipeline.chain import locks, rights, standard_kinds, status
from crm_pipeline.core import activity as rules
from crm_pipeline.core.kinds import ACTIVITY_TYPE, PHONE
from crm_pipeline.core.registry import DEALS, OWNED
from crm_pipeline.deals import moving
from crm_pipeline.parties import people
from crm_pipeline.wording import bold

ACTIVITY, LEAD, CASE, TASK = "Sales Activity", "Sales Lead", "Customer Case", "ToDo"
# What can be done and moved, and what can be given to somebody else with the field that says whose it is.
DATED = (ACTIVITY, LEAD, TASK, *DEALS)
GIVEN = {ACTIVITY: "sales_owner", **dict.fromkeys(OWNED, "sales_owner"), CASE: "responsible", TASK: "allocated_to"}
GIVEN_TYPES = tuple(GIVEN)
ASSIGNED = (*(doctype for doctype in GIVEN_TYPES if doctype != TASK), "Sales Help Request")

# Fields that are entered when an activity is done.
OF_RESULT = ("result", "evaluation", "notes", "next_step", "next_step_date", "ends_on", "duration")


# ---- logged


def to_finish(doctype: str | None, name: str | None) -> tuple[str, str] | None:
	"""The document whose next step is carried out, which the user must be able to change. Raises PermissionError."""
	if not (doctype and name):
		return None
	if doctype not in DATED:
		frappe.throw(_("{0} has no next step").format(bold(doctype)))
	rights.need(doctype, name, "write")
	return doctype, name


def log(values: dict, contacts: list[str], colleagues: list[str], finishes: tuple[str, str] | None = None) -> str:
	"""Insert an activity with these people; with `finishes`, (doctype, name), the next step that it carried out is done."""
	fields = {df.fieldname for df in frappe.get_meta(ACTIVITY).fields if df.fieldtype != "Table"}
	doc = frappe.new_doc(ACTIVITY)
	doc.update({name: value for name, value in values.items() if name in fields and value not in (None, "")})
	people_rows = [*({"contact": contact} for contact in contacts), *({"colleague": user} for user in colleagues)]
	doc.extend("people", people_rows)
	doc.subject = doc.subject or _subject(doc)
	# First, so that the step which follows takes its place.
	if finishes:
		finish(*finishes, {})
	return doc.insert().name


def _subject(doc) -> str:
	"""What a call is called where nobody says: its type, and whom or what it is about."""
	way = doc.way or standard_kinds.name_of(ACTIVITY_TYPE, PHONE)
	[row] = own_activities.named([frappe._dict(doc.as_dict())])
	return ": ".join(filter(None, (_(way), row.party or row.about)))[:140]


# ---- done


def finish(doctype: str, name: str, values: dict) -> None:
	"""Do what waits: a planned activity with its result, a next step, a task. What is done already stays as it is."""
	if doctype in DEALS:
		doc = frappe.get_doc(doctype, name)
		if doc.next_step or doc.next_step_date:
			moving.plan(doctype, name, None, None)
		return
	doc = locks.locked_doc(doctype, name) if doctype == ACTIVITY else frappe.get_doc(doctype, name)
	if doctype == TASK:
		doc.status = "Closed"
	elif doctype == ACTIVITY and doc.status == rules.DONE and (values or not doc.next_step):
		# Done by somebody else, or by the first of two clicks: what follows from it is still to be done.
		return
	elif doctype == ACTIVITY and doc.status == rules.PLANNED:
		doc.update({field: values[field] for field in OF_RESULT if values.get(field) not in (None, "")})
		status.set_status(doc, rules.DONE)
	elif doctype == ACTIVITY and doc.next_step:
		doc.next_step_done = 1
	else:
		_refuse(doc)
	doc.save()


def _refuse(doc) -> None:
	frappe.throw(_("{0} {1} can't be marked as done here: open it").format(_(doc.doctype), bold(doc.get_title())))


# ---- moved


def move(doctype: str, name: str, day: date) -> None:
	"""Put off what waits to another day, at the same time of day. Raises ValidationError for a day that has passed."""
	if user_day.is_over(day):
		frappe.throw(_("Please choose today or a later day"), title=_("Day Has Passed"))
	doc = frappe.get_doc(doctype, name)
	if doctype in DEALS:
		moving.plan(doctype, name, doc.next_step, day)
		return
	if doctype == TASK:
		doc.date = day
	elif doctype == LEAD:
		doc.follow_up_date = day
	elif doc.status == rules.PLANNED:
		_move_activity(doc, day)
	elif doc.status == rules.DONE and doc.next_step:
		doc.next_step_date, doc.next_step_done = day, 0
	else:
		frappe.throw(_("{0} is not planned any more").format(bold(doc.subject)))
	doc.save()


def _move_activity(doc, day: date) -> None:
	"""Start and deadline go to that day; the end follows the start."""
	site, zone = user_day.site_zone(), user_day.zone_of(frappe.session.user)
	starts = rules.on_day(get_datetime(doc.starts_on), day, site, zone)
	due = rules.on_day(get_datetime(doc.due_on or doc.starts_on), day, site, zone)
	doc.starts_on, doc.due_on = starts, max(starts, due)


# ---- given to somebody else


def forward(doctype: str, name: str, user: str, note: str | None) -> None:
	"""Make somebody else responsible, in another department too; who did it, when and why stays in its history."""
	doc = frappe.get_doc(doctype, name)
	field = GIVEN[doctype]
	if doc.get(field) == user:
		return
	_need_colleague(user)
	if doctype == CASE:
		# Its own log keeps it.
		customer_cases.forward(name, user, None, note or "")
		return
	if doctype in OWNED:
		# The ledger keeps it, and tells the new owner.
		doc.flags.event_note = note
		doc.set(field, user)
		doc.save()
		return
	if doctype == TASK:
		_forward_task(doc, user, note)
		return
	people.need_possible_owner(doctype, user)
	doc.set(field, user)
	if doc.meta.has_field("sales_person"):
		doc.sales_person = people.person_of(user)
	doc.save()
	_remember(doc, user, note)


def _forward_task(doc, user: str, note: str | None) -> None:
	"""A task about a document is assigned anew, the framework's way; one about nothing changes hands."""
	if doc.reference_type and doc.reference_name:
		text = "<br>".join(filter(None, (doc.description, escape_html(note or ""))))
		_assign(doc.reference_type, doc.reference_name, user, text, doc.date)
		doc.reload()
		doc.status = "Closed"
		doc.save()
		return
	# A task is of who has it and of who gave it: nobody else may save it.
	doc.allocated_to, doc.assigned_by = user, frappe.session.user
	doc.save()
	_remember(doc, user, note)


def _remember(doc, user: str, note: str | None) -> None:
	"""A line in the document's own history, and the bell of who has it now."""
	said = _("{0} forwarded this to {1}").format(
		*(bold(frappe.utils.get_fullname(u)) for u in (frappe.session.user, user))
	)
	reason = f": {escape_html(note)}" if note else ""
	doc.add_comment("Assigned", said + reason)
	if user == frappe.session.user:
		return
	language = frappe.db.get_value("User", user, "language")
	text = _("{0} forwarded you {1}", language).format(
		bold(frappe.utils.get_fullname(frappe.session.user)), bold(doc.get_title())
	)
	enqueue_create_notification(
		[user],
		{
			"type": "Alert",
			"document_type": doc.doctype,
			"document_name": doc.name,
			"subject": text + reason,
			"from_user": frappe.session.user,
		},
	)


def assign(doctype: str, name: str, user: str, note: str | None, day: date | None) -> None:
	"""Ask somebody to see to it: a task of theirs about the document, which stays with who is responsible."""
	_need_colleague(user)
	_assign(doctype, name, user, escape_html(note or ""), day)


def _assign(doctype: str, name: str, user: str, description: str, day: date | None) -> None:
	values = {"doctype": doctype, "name": name, "assign_to": [user], "description": description}
	frappe.get_attr("frappe.desk.form.assign_to.add")({**values, **({"date": day} if day else {})})


def _need_colleague(user: str) -> None:
	if not people.is_colleague(user):
		frappe.throw(_("{0} is not a user who works here").format(bold(user)))

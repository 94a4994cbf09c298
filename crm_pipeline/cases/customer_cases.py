"""A customer's complaint or request: what its save does, and what people do with it.

Saves and buttons follow the same rules. The handling log is written by the app alone: who did what, when, for how long.
"""

import frappe
from frappe import _
from frappe.utils import cint, flt, get_datetime, now_datetime

from crm_pipeline.chain import locks, pending, rights, status, system_fields
from crm_pipeline.core import cases as arithmetic
from crm_pipeline.core.mail_subjects import is_automatic_answer
from crm_pipeline.core.registry import STATES
from crm_pipeline.erp import contacts, holidays
from crm_pipeline.parties import mailbox, party, people
from crm_pipeline.wording import bold, text_of

CASE = "Customer Case"
SETTINGS = "CRM Pipeline Settings"
OPEN, WAITING, SOLVED, WITHDRAWN = "Open", "Waiting", "Solved", "Withdrawn"
LOGGED = (WAITING, WITHDRAWN)
ANSWER, NOTE, FORWARDED, REOPENED = "Answer", "Note", "Forwarded", "Reopened"
LATER = 5


class CaseError(frappe.ValidationError):
	"""A case can't be saved, solved or forwarded as things stand."""


# ---- what the document does on save


def follow(case) -> None:
	"""validate() of a case, once what was sent is taken in."""
	before = case.get_doc_before_save()
	party.need_seen(case)
	_check_whole_reference(case)
	_fill(case)
	_set_party(case)
	_check_reference(case, before)
	people.follow_owner(case)
	_check_responsible(case, before)
	_check_opened(case)
	status.follow_choice(case)
	_follow_state(case, before)
	_follow_responsible(case, before)
	_set_due(case, before)
	case.minutes = sum(cint(row.minutes) for row in case.log)


def _check_whole_reference(case) -> None:
	if bool(case.reference_doctype) != bool(case.reference_name):
		frappe.throw(_("Document type and document belong together: fill both or none"))


def _fill(case) -> None:
	"""What nobody entered: the severity in the middle, the company of the user, the owner of the customer."""
	case.kind = case.kind or arithmetic.COMPLAINT
	case.severity = case.severity or _usual_severity()
	case.opened_on = case.opened_on or now_datetime()
	if not case.company and case.reference_name:
		case.company = _value(case.reference_doctype, case.reference_name, "company")
	if not (case.customer or case.prospect) and case.reference_name:
		case.customer = _customer_of(case.reference_doctype, case.reference_name)
		case.prospect = None if case.customer else _value(case.reference_doctype, case.reference_name, "prospect")
	if not (case.customer or case.prospect):
		case.customer = _customer_of_contact(case)
	case.company = case.company or rights.usual_company()
	if case.is_new() and not case.sales_owner:
		manager = case.customer and _value("Customer", case.customer, "account_manager")
		case.sales_owner = manager if people.is_colleague(manager) else _handles(case)


def leave_open(case) -> None:
	"""Part of before_insert(): a case is not handled by who writes it on the website, or collects the mails."""
	if case.responsible == frappe.session.user and not _handles(case):
		case.responsible = None


def _handles(case) -> str | None:
	"""The user, where a colleague enters what they heard; a mail is stored by whoever collects them."""
	by_mail = case.flags.ignore_mandatory and not case.flags.history_import
	return frappe.session.user if people.is_colleague(frappe.session.user) and not by_mail else None


def _customer_of_contact(case) -> str | None:
	"""The one customer of the contact that was chosen, or of those that have the address that a mail came from."""
	writers = [case.contact] if case.contact else []
	# Who types an address into a form learns nothing of whose it is.
	if not writers and case.email_id and case.flags.ignore_mandatory:
		writers = contacts.with_address(case.email_id)
		case.contact = writers[0] if len(writers) == 1 else None
	if not (case.flags.ignore_mandatory or all(rights.has("Contact", name) for name in writers)):
		return None
	customers = mailbox.parties_of(writers)
	return customers[0] if len(customers) == 1 else None


def _usual_severity() -> str | None:
	known = frappe.get_all("Case Severity", filters={"disabled": 0}, pluck="name", order_by="position asc, name asc")
	return known[len(known) // 2] if known else None


def _set_party(case) -> None:
	party.set_party(case)
	if case.customer or case.prospect:
		party.validate_one_party(case)
		return
	case.party_name = case.email_id
	# A mail that came in says nothing of who wrote it.
	if not case.flags.ignore_mandatory:
		frappe.throw(
			_("Please choose a {0} or a {1}").format(
				_(case.meta.get_label("customer")), _(case.meta.get_label("prospect"))
			),
			frappe.MandatoryError,
			title=_("Customer Missing"),
		)


def _check_reference(case, before) -> None:
	"""The order, delivery or the like is one of this customer, which the user may read."""
	if not case.reference_name:
		return
	chosen = (case.reference_doctype, case.reference_name)
	if not before or (before.reference_doctype, before.reference_name) != chosen:
		rights.need(*chosen)
	elif before.customer == case.customer:
		return
	theirs = _customer_of(*chosen)
	if theirs and case.customer and theirs != case.customer:
		frappe.throw(
			_("{0}: {1} {2} is about Customer {3}, not about {4}").format(
				bold(_(case.meta.get_label("reference_name"))),
				_(case.reference_doctype),
				bold(case.reference_name),
				bold(theirs),
				bold(case.customer),
			),
			CaseError,
			title=_("Another Customer"),
		)
	company = _value(*chosen, "company")
	if company and company != case.company:
		if before and before.company == company:
			frappe.throw(
				_("{0} {1} belongs to company {2}").format(
					_(case.reference_doctype), bold(case.reference_name), bold(company)
				),
				CaseError,
				title=_("Another Company"),
			)
		case.company = company


def _customer_of(doctype: str, name: str) -> str | None:
	if doctype == "Customer":
		return name
	if doctype == "Quotation":
		party = frappe.db.get_value(doctype, name, ["quotation_to", "party_name"])
		return party[1] if party and party[0] == "Customer" else None
	return _value(doctype, name, "customer")


def _value(doctype: str, name: str, field: str) -> str | None:
	meta = frappe.get_meta(doctype)
	if meta.issingle or not meta.has_field(field):
		return None
	return frappe.db.get_value(doctype, name, field)


def _check_responsible(case, before) -> None:
	if case.responsible and (not before or before.responsible != case.responsible):
		_need_colleague(case.responsible)


def _need_colleague(user: str) -> None:
	if not people.is_colleague(user):
		frappe.throw(
			_("{0}: user {1} is disabled, does not exist or does not work in Desk").format(
				_("Responsible"), bold(user)
			),
			CaseError,
		)


def _check_opened(case) -> None:
	if not case.has_value_changed("opened_on"):
		return
	# The clock of a phone may be some minutes ahead.
	if (get_datetime(case.opened_on) - now_datetime()).total_seconds() > LATER * 60:
		frappe.throw(_("{0} is in the future").format(bold(_(case.meta.get_label("opened_on")))), CaseError)


def _follow_state(case, before) -> None:
	was = before.status if before else OPEN
	if was == case.status or case.flags.history_import:
		return
	now = now_datetime()
	if case.status == SOLVED:
		if not text_of(case.solution):
			frappe.throw(
				_("Please write the solution: a case is solved by one"),
				frappe.MandatoryError,
				title=_("Solution Missing"),
			)
		case.update(
			{
				"solved_on": now,
				"solved_by": frappe.session.user,
				"first_answer_on": case.first_answer_on or now,
			}
		)
		_add(case, SOLVED, case.solution)
	elif was in STATES[CASE].closed:
		_add(case, REOPENED, case.flags.event_note)
		case.update(
			{
				"solved_on": None,
				"solved_by": None,
				"reopened_on": now,
				"waited_hours": 0,
				"times_reopened": cint(case.times_reopened) + 1,
				"solution": case.solution if was != SOLVED else None,
			}
		)
	elif case.status in LOGGED:
		_add(case, case.status, case.flags.event_note)
	# A link that was sent for another solution is void.
	case.satisfaction_key = frappe.generate_hash(length=32) if case.status == SOLVED and _asks(case) else None
	case.satisfaction_asked_on = now if case.satisfaction_key else None


def _asks(case) -> bool:
	return bool(case.email_id and cint(frappe.db.get_single_value(SETTINGS, "ask_satisfaction")))


def _follow_responsible(case, before) -> None:
	if not before or (before.responsible, before.department) == (case.responsible, case.department):
		return
	_add(
		case,
		FORWARDED,
		case.flags.event_note,
		from_user=before.responsible,
		to_user=case.responsible,
		to_department=case.department if case.department != before.department else None,
	)


def _add(case, kind: str, text: str | None = None, **values) -> None:
	row = {"at": now_datetime(), "by": frappe.session.user, "kind": kind, "text": text, **values}
	case.append("log", row)


def _set_due(case, before) -> None:
	"""Counted from when it was opened, or opened again; anew when one of what it depends on changes."""
	fields = ("severity", "opened_on", "company", "reopened_on")
	same = before and all(str(before.get(field)) == str(case.get(field)) for field in fields)
	if before:
		_add_waiting(case, before)
	# What is closed stays measured by what held while it was open.
	closed = before and before.status == case.status and case.status in STATES[CASE].closed
	if (same or closed) and not case.flags.history_import:
		return
	hours = frappe.db.get_value("Case Severity", case.severity, ["answer_hours", "solve_hours"])
	if not hours:
		return
	working = working_time(case.company)
	begin = get_datetime(case.reopened_on or case.opened_on)
	case.answer_by = arithmetic.due(get_datetime(case.opened_on), hours[0], working)
	case.due_by = arithmetic.due(begin, hours[1], working)
	if case.due_by and case.waited_hours:
		case.due_by = arithmetic.due(case.due_by, case.waited_hours, working)


def _add_waiting(case, before) -> None:
	"""While we wait for the customer the clock stands: what is waited, in working time, is added when it goes on."""
	if before.status != WAITING or case.status == WAITING or not case.due_by:
		return
	since = next((get_datetime(row.at) for row in reversed(case.log) if row.kind == WAITING), None)
	if since:
		working = working_time(case.company)
		waited = arithmetic.worked(since, now_datetime(), working)
		# Another severity later keeps what was waited.
		case.waited_hours = flt(case.waited_hours) + waited
		case.due_by = arithmetic.due(get_datetime(case.due_by), waited, working) or case.due_by


def working_time(company: str | None) -> arithmetic.WorkingTime:
	settings = frappe.get_cached_doc(SETTINGS)
	start, end = (settings.get(field) for field in ("case_day_start", "case_day_end"))
	hours = [frappe.utils.get_time(at) if at else None for at in (start, end)]
	return arithmetic.WorkingTime(holidays.calendar_of(company), *hours)


def notify(case) -> None:
	"""on_update() of a case: whoever has to do something learns of it after the commit."""
	before = case.get_doc_before_save()
	# Of many at once (`notices`) there is one notice; whoever does that sends it.
	if frappe.flags.in_import or case.flags.history_import or case.flags.notices is not None:
		return
	changed = not before or any(
		before.get(field) != case.get(field) for field in ("responsible", "department", "status", "satisfaction_key")
	)
	if changed:
		pending.note(CASE, case.name, pending.CASE, case=case.name, by=frappe.session.user)


# ---- what people do


def log(name: str, text: str, answer: bool = False, minutes: int = 0) -> None:
	"""What was done about a case. An `answer` to the customer counts as the first one where there was none; whoever logs
	something on an open case works on it."""
	case = locks.locked_doc(CASE, name)
	if not (text or "").strip():
		frappe.throw(_("Please write what was done"), frappe.MandatoryError)
	_add(case, ANSWER if answer else NOTE, text.strip(), minutes=minutes)
	values = {"log": [*case.log]}
	if answer and not case.first_answer_on:
		values["first_answer_on"] = now_datetime()
	system_fields.write(case, **values)
	if case.status == OPEN:
		status.set_status(case, "In Progress")
	case.save()


def forward(name: str, user: str | None, department: str | None, note: str) -> None:
	"""Give a case to another person or department, with a word to them; who had it stays in the log."""
	case = locks.locked_doc(CASE, name)
	if not user and not department:
		frappe.throw(_("Please choose a person or a department"), frappe.MandatoryError)
	if (user or None, department or case.department) == (case.responsible, case.department):
		# For nobody, get_fullname() answers the name of the reader.
		whose = frappe.utils.get_fullname(user) if user else case.department
		frappe.throw(_("Case {0} is with {1} already").format(bold(name), bold(whose)), CaseError)
	case.responsible = user or None
	case.department = department or case.department
	case.flags.event_note = note
	case.save()


def solve(name: str, solution: str) -> None:
	case = locks.locked_doc(CASE, name)
	case.solution = solution
	status.set_status(case, SOLVED)
	case.save()


def reopen(name: str, reason: str) -> None:
	_set(name, OPEN, reason)


def withdraw(name: str, reason: str) -> None:
	_set(name, WITHDRAWN, reason)


def wait(name: str, reason: str) -> None:
	_set(name, WAITING, reason)


def _set(name: str, to: str, reason: str) -> None:
	if not (reason or "").strip():
		frappe.throw(_("Please give a reason"), frappe.MandatoryError)
	case = locks.locked_doc(CASE, name)
	status.set_status(case, to, note=reason.strip())
	case.save()


def follow_mail(case, mail) -> None:
	"""A mail to the customer is an answer. One from them ends the waiting; to a case that is closed it is told whoever had it,
	who says whether it is open again: a word of thanks is none."""
	# A mail is saved more than once while it is sent.
	if mail.communication_type != "Communication" or not mail.flags.in_insert:
		return
	if mail.sent_or_received == "Sent":
		if not case.first_answer_on:
			first = max(get_datetime(mail.communication_date or mail.creation), get_datetime(case.opened_on))
			frappe.db.set_value(CASE, case.name, "first_answer_on", first, update_modified=False)
		return
	if is_automatic_answer(mail.subject):
		# Somebody's mailbox wrote, not somebody.
		return
	waits, closed = case.status == WAITING, case.status in STATES[CASE].closed
	if not (waits or closed):
		return
	case = frappe.get_doc(CASE, case.name)
	_add(case, NOTE, _("The customer wrote: {0}").format(mail.subject or ""))
	system_fields.write(case, log=[*case.log])
	if waits:
		status.set_status(case, "In Progress")
	# Whoever collects the mails has no rights of their own, and a mail may say nothing of who wrote it.
	case.flags.ignore_permissions = case.flags.ignore_mandatory = True
	# One notice, to whoever reads it: what moved the case was not a colleague.
	case.flags.notices = []
	case.save()
	pending.note(CASE, case.name, pending.CASE, case=case.name, by=frappe.session.user, wrote=True)

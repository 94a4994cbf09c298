"""Tells people of cases: a background job, after the commit. Frappe's assignment is the notice to colleagues."""

import frappe
from frappe import _
from frappe.desk.doctype.notification_log.notification_log import enqueue_create_notification
from frappe.desk.form import assign_to
from frappe.utils import escape_html

from crm_pipeline.cases import satisfaction
from crm_pipeline.cases.customer_cases import ANSWER, CASE, WAITING
from crm_pipeline.core.registry import STATES
from crm_pipeline.parties import absences, managers, people
from crm_pipeline.wording import bold

# What is said to the customer.
ANSWERED = (ANSWER, WAITING)


def send(case: str, by: str, wrote: bool = False) -> None:
	"""Whose an open case is now gets it as a task, whoever had it before loses theirs; a solved one ends the tasks and asks
	the customer, where that is wished for. `wrote`: the customer did, and somebody who is there reads it."""
	if not frappe.db.exists(CASE, case):
		return
	doc = frappe.get_doc(CASE, case)
	if wrote:
		_give_to(doc, _who_reads(doc))
		return
	if doc.status in STATES[CASE].closed:
		assign_to.close_all_assignments(CASE, case)
		satisfaction.ask(doc)
		return
	wanted = [doc.responsible] if doc.responsible else colleagues_of(doc.department) or _who_reads(doc)
	_take_from(doc, wanted)
	_give_to(doc, [user for user in wanted if user and user != by])


def _who_reads(doc) -> list[str]:
	"""Whoever has or had a case, or answered last, or the owner of its customer; where all of them left, the colleagues and
	managers."""
	answered = next((row.by for row in reversed(doc.log) if row.kind in ANSWERED), None)
	theirs = (doc.responsible, doc.solved_by, answered, doc.sales_owner)
	there = [user for user in theirs if people.is_colleague(user)]
	return there[:1] or colleagues_of(doc.department) or managers.managers_for(doc, None)


def colleagues_of(department: str | None) -> list[str]:
	"""Users of the employees of a department."""
	if not department or not frappe.db.exists("DocType", "Employee"):
		return []
	users = frappe.get_all(
		"Employee",
		filters={"department": department, "status": "Active", "user_id": ("is", "set")},
		pluck="user_id",
		order_by="name asc",
	)
	return frappe.get_all(
		"User", filters={"name": ("in", users or [""]), "enabled": 1}, pluck="name", order_by="name asc"
	)


def _take_from(doc, wanted: list[str]) -> None:
	"""Those whom forwarding made responsible before, and no others: a colleague assigned by hand stays."""
	earlier = {row.from_user for row in doc.log if row.from_user} | {row.to_user for row in doc.log if row.to_user}
	for user in sorted(earlier - set(wanted)):
		if frappe.db.exists("ToDo", _task_of(doc, user)):
			# Who forwards a case ends the task that forwarding made, whoever holds it.
			assign_to.set_status(CASE, doc.name, todo=None, assign_to=user, status="Closed", ignore_permissions=True)


def _give_to(doc, users: list[str]) -> None:
	new = [user for user in users if not frappe.db.exists("ToDo", _task_of(doc, user))]
	for user in new:
		if not frappe.has_permission(CASE, "write", doc=doc, user=user):
			# Whose role does not let them in handles this one case all the same.
			frappe.share.add_docshare(
				CASE, doc.name, user, read=1, write=1, flags={"ignore_share_permission": True}, notify=0
			)
		assign_to.add(
			{
				"doctype": CASE,
				"name": doc.name,
				"assign_to": [user],
				"description": _description(doc, frappe.db.get_value("User", user, "language")),
				"date": doc.due_by and doc.due_by.date(),
			},
			# The rights to the case were asked for where it is forwarded; the ones of the receiver are given above.
			ignore_permissions=True,
		)
	if new:
		_notify_deputies(doc, new)


def _notify_deputies(doc, users: list[str]) -> None:
	"""Whoever stands in for one of these hears of it; the task stays with who is away."""
	for user in users:
		deputy = absences.deputy_of(user)
		if not deputy or deputy in users or not frappe.has_permission(CASE, "read", doc=doc, user=deputy):
			continue
		if not people.is_colleague(deputy):
			continue
		language = frappe.db.get_value("User", deputy, "language")
		said = _("You stand in for {0}, who was given {1}", language)
		enqueue_create_notification(
			[deputy],
			{
				"type": "Alert",
				"document_type": CASE,
				"document_name": doc.name,
				"subject": said.format(bold(frappe.utils.get_fullname(user)), bold(f"{doc.name}: {doc.subject}")),
				"email_content": _description(doc, language),
				"from_user": frappe.session.user,
			},
		)


def _task_of(doc, user: str) -> dict:
	return {"reference_type": CASE, "reference_name": doc.name, "allocated_to": user, "status": "Open"}


def _description(doc, language: str | None) -> str:
	"""What it is, in the language of who reads it."""
	note = next((row.text for row in reversed(doc.log) if row.kind == "Forwarded"), None)
	what = f"{_(doc.kind, language)} ({_(doc.severity or '', language)}): {doc.subject}"
	parts = [what, doc.party_name, note]
	return "<br>".join(escape_html(part) for part in parts if part)

"""Tells people of help requests: a background job, after the commit."""

import frappe
from frappe.desk.doctype.notification_log.notification_log import enqueue_create_notification
from frappe.desk.form import assign_to
from frappe.utils import escape_html

from crm_pipeline.coaching import help_requests as help_wanted
from crm_pipeline.parties import absences


def send(request: str) -> None:
	"""An open request becomes a task of everybody who is asked; a closed one ends the tasks and notifies the rep."""
	if not frappe.db.exists(help_wanted.REQUEST, request):
		return
	doc = frappe.get_doc(help_wanted.REQUEST, request)
	if doc.status == help_wanted.OPEN:
		_assign(doc)
		return
	assign_to.close_all_assignments(doc.doctype, doc.name)
	if doc.status == help_wanted.ANSWERED:
		_notify_of_answer(doc)


def _assign(doc) -> None:
	deal = frappe.get_doc(doc.reference_doctype, doc.reference_name)
	there = {row.owner for row in assign_to.get({"doctype": doc.doctype, "name": doc.name})}
	asked = [doc.manager] if doc.manager else help_wanted.managers_for(deal, doc.asked_by)
	users = [user for user in absences.with_deputies(asked) if user not in there and user != doc.asked_by]
	for user in users:
		assign_to.add(
			{
				"doctype": doc.doctype,
				"name": doc.name,
				"assign_to": [user],
				"description": f"{help_wanted.subject_of(doc, _language(user))}<br>{escape_html(doc.question)}",
				"assigned_by": doc.asked_by,
			}
		)


def _notify_of_answer(doc) -> None:
	owner = frappe.db.get_value(doc.reference_doctype, doc.reference_name, "sales_owner")
	for user in sorted({doc.asked_by, owner} - {None, "", doc.answered_by}):
		enqueue_create_notification(
			[user],
			{
				"type": "Alert",
				"document_type": doc.reference_doctype,
				"document_name": doc.reference_name,
				"subject": help_wanted.subject_of(doc, _language(user)),
				"email_content": escape_html(doc.answer),
				"from_user": doc.answered_by,
			},
		)


def _language(user: str) -> str | None:
	return frappe.db.get_value("User", user, "language")

"""Mails and comments of a lead in the timeline of its deal, for who may read the lead."""

import frappe
from frappe import _
from frappe.utils import escape_html, get_fullname, get_link_to_form

from crm_pipeline.leads import origins
from crm_pipeline.wording import text_of

LIMIT = 20
MAX_TEXT = 1000


def timeline(doctype: str, docname: str) -> list[dict]:
	"""Hook additional_timeline_content: the last mails and comments, each as a card that says which lead it was about."""
	leads = origins.leads_of(doctype, [docname]).get(docname, [])
	leads = [lead for lead in leads if frappe.has_permission(origins.LEAD, "read", doc=lead)]
	if not leads:
		return []
	about = {"reference_doctype": origins.LEAD, "reference_name": ("in", leads)}
	mails = frappe.get_all(
		"Communication",
		filters={**about, "communication_type": "Communication"},
		fields=["sender", "subject", "content", "communication_date", "reference_name"],
		order_by="communication_date desc",
		limit=LIMIT,
	)
	comments = frappe.get_all(
		"Comment",
		filters={**about, "comment_type": "Comment"},
		fields=["owner", "content", "creation", "reference_name"],
		order_by="creation desc",
		limit=LIMIT,
	)
	return [
		*(_entry("mail", mail.communication_date, mail) for mail in mails),
		*(_entry("small-message", row.creation, {**row, "sender": get_fullname(row.owner)}) for row in comments),
	]


def _entry(icon: str, at, row) -> dict:
	return {"icon": icon, "is_card": True, "creation": at, "content": _card(frappe._dict(row))}


def _card(mail) -> str:
	"""Of a mail, or of a comment, which has no subject."""
	head = " · ".join(escape_html(part) for part in (mail.sender, mail.subject) if part)
	about = _("About {0}").format(get_link_to_form(origins.LEAD, mail.reference_name))
	text = escape_html(text_of(mail.content)[:MAX_TEXT]).replace("\n", "<br>")
	return f"<div><b>{head}</b> <span class='text-muted'>{about}</span></div><div>{text}</div>"

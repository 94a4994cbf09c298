"""Mails of a lead in the timeline of its deal, for who may read the lead."""

import frappe
from frappe import _
from frappe.utils import escape_html, get_link_to_form, strip_html

from crm_pipeline.leads import origins

LIMIT = 20
MAX_TEXT = 1000


def timeline(doctype: str, docname: str) -> list[dict]:
	"""Hook additional_timeline_content: the last mails, each as a card that says which lead it was about."""
	leads = origins.leads_of(doctype, [docname]).get(docname, [])
	leads = [lead for lead in leads if frappe.has_permission(origins.LEAD, "read", doc=lead)]
	if not leads:
		return []
	mails = frappe.get_all(
		"Communication",
		filters={
			"reference_doctype": origins.LEAD,
			"reference_name": ("in", leads),
			"communication_type": "Communication",
		},
		fields=["sender", "subject", "content", "communication_date", "reference_name"],
		order_by="communication_date desc",
		limit=LIMIT,
	)
	return [
		{"icon": "mail", "is_card": True, "creation": mail.communication_date, "content": _card(mail)} for mail in mails
	]


def _card(mail) -> str:
	head = " · ".join(escape_html(part) for part in (mail.sender, mail.subject) if part)
	about = _("About {0}").format(get_link_to_form(origins.LEAD, mail.reference_name))
	text = escape_html(strip_html(mail.content or "").strip()[:MAX_TEXT])
	return f"<div><b>{head}</b> <span class='text-muted'>{about}</span></div><div>{text}</div>"

"""What was written on a record of the other system shows on the one that it became: read where it stands, not copied, so
that both sides see the same for as long as both are used."""

import frappe
from frappe import _
from frappe.utils import escape_html

from crm_pipeline.importer.moving_in.systems import DEAL, SYSTEMS
from crm_pipeline.wording import text_of

LIMIT = 50
MAX_TEXT = 2000


def timeline(doctype: str, docname: str) -> list[dict]:
	"""Hook additional_timeline_content: the last comments on the record that this one came from, for who reads this one."""
	source, name = _origin(doctype, docname)
	system = next((one for one in SYSTEMS.values() if one.name == source), None)
	there = next((old for old, new in system.became.items() if new == doctype), None) if system else None
	if not there:
		return []
	comments = frappe.get_all(
		"Comment",
		filters={"reference_doctype": there, "reference_name": name, "comment_type": "Comment"},
		fields=["comment_by", "comment_email", "content", "creation"],
		order_by="creation desc",
		limit=LIMIT,
	)
	about = _("{0} {1}").format(_(there), name)
	return [
		{"icon": "es-line-chat-alt", "is_card": True, "creation": one.creation, "content": _card(one, about)}
		for one in comments
	]


def _origin(doctype: str, docname: str) -> tuple[str | None, str | None]:
	if doctype == DEAL:
		return frappe.db.get_value(DEAL, docname, ["external_source", "external_id"]) or (None, None)
	found = {"document": docname, "document_type": doctype}
	return frappe.db.get_value("Imported Record", found, ["source", "record_id"]) or (None, None)


def _card(comment, about: str) -> str:
	who = escape_html(comment.comment_by or comment.comment_email or "")
	text = escape_html(text_of(comment.content)[:MAX_TEXT]).replace("\n", "<br>")
	return f"<div><b>{who}</b> <span class='text-muted'>{escape_html(about)}</span></div><div>{text}</div>"

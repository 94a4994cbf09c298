"""Tells people of moves that concern them, with Frappe's bell: a background job, after the commit. Who made the move is
not notified, nor who may not read the document or switched this kind off in Notification Settings."""

from dataclasses import dataclass

import frappe
from frappe import _
from frappe.desk.doctype.notification_log.notification_log import enqueue_create_notification
from frappe.utils import escape_html

from crm_pipeline.coaching import help_requests
from crm_pipeline.core.registry import DEALS, OWNED
from crm_pipeline.core.stages import LOST, WON
from crm_pipeline.parties import absences
from crm_pipeline.wording import bold

ASSIGNMENT, HAND_OFF, RETURN, WIN, LOSS = KINDS = ("assignment", "hand_off", "return", "win", "loss")
REQUEST = "Sales Order Request"
SETTINGS = "Notification Settings"
DESK = "Order Desk"


@dataclass(frozen=True)
class Notice:
	"""A notification: its text (`what` is one of texts()), its kind, and to whom it goes."""

	kind: str
	what: str
	users: tuple[str | None, ...]
	reason: str | None = None


def send(event: str, together: int = 1) -> None:
	"""Tell of one row of the ledger, which stands for so many that came together; nothing where it, or its document, is
	gone by now."""
	move = frappe.db.get_value(
		"Pipeline Event",
		event,
		["reference_doctype", "reference_name", "kind", "to_value", "note", "by"],
		as_dict=True,
	)
	if not move or not frappe.db.exists(move.reference_doctype, move.reference_name):
		return
	doc = frappe.get_doc(move.reference_doctype, move.reference_name)
	notice = notice_of(move, doc)
	for user in recipients(notice, doc, move.by) if notice else ():
		_notify(user, notice, doc, move.by, together)


def notice_of(move, doc) -> Notice | None:
	"""The notification about a row of the ledger."""
	if doc.doctype == REQUEST and move.kind == "Hand-off":
		return _of_hand_off(move, doc)
	if move.kind in ("Owner", "Created"):
		return _of_owner(move, doc)
	if doc.doctype in DEALS and move.kind in ("Stage", "State") and doc.status in (WON, LOST):
		people = (doc.sales_owner, help_requests.manager_of(doc, move.by))
		if doc.status == WON:
			return Notice(WIN, "won", people)
		return Notice(LOSS, "lost", people, doc.lost_reason)
	return None


def texts(language: str | None = None) -> dict[str, str]:
	"""The sentences, with places for who did it and for the document."""
	return {
		"given": _("{0} gave you {1}", language),
		"given_more": _("{0} gave you {1} and {2} more", language),
		"requested": _("{0} asks the order desk for {1}", language),
		"returned": _("{0} returned {1}", language),
		"accepted": _("{0} accepted {1}", language),
		"won": _("{0} won {1}", language),
		"lost": _("{0} lost {1}", language),
	}


def _of_hand_off(move, doc) -> Notice | None:
	sales = (doc.sales_owner, doc.requested_by)
	if move.to_value == "Requested":
		return Notice(HAND_OFF, "requested", tuple(_order_desk()), doc.instructions)
	if move.to_value == "Returned":
		return Notice(RETURN, "returned", sales, move.note)
	if move.to_value == "Accepted":
		return Notice(HAND_OFF, "accepted", sales)
	return None


def _of_owner(move, doc) -> Notice | None:
	# Agreements go to the owner of their deal by themselves.
	if doc.doctype not in OWNED or (move.kind == "Created" and doc.doctype not in ("Sales Lead", *DEALS)):
		return None
	if move.kind == "Owner" and move.to_value != doc.sales_owner:
		return None
	return Notice(ASSIGNMENT, "given", (doc.sales_owner,))


def _order_desk() -> list[str]:
	return frappe.get_all(
		"Has Role",
		filters={"role": DESK, "parenttype": "User", "parent": ("!=", "Administrator")},
		pluck="parent",
		order_by="parent asc",
		limit=0,
	)


def recipients(notice: Notice, doc, by: str) -> list[str]:
	"""The people of a notice who are enabled, may read the document and want to be notified."""
	users = sorted(set(absences.with_deputies(notice.users)) - {by})
	enabled = frappe.get_all(
		"User", filters={"name": ("in", [*users, ""]), "enabled": 1}, pluck="name", order_by="name asc", limit=0
	)
	return [
		user for user in enabled if wants(user, notice.kind) and frappe.has_permission(doc.doctype, doc=doc, user=user)
	]


def wants(user: str, kind: str) -> bool:
	"""Whether a user wants notifications of a kind: yes, until they switch it off."""
	answer = frappe.db.get_value(SETTINGS, user, f"crm_notify_{kind}")
	return answer is None or bool(answer)


def _notify(user: str, notice: Notice, doc, by: str, together: int = 1) -> None:
	language = frappe.db.get_value("User", user, "language")
	name = f"{_(doc.doctype, language)} {doc.get('title') or doc.name}"
	reason = escape_html(notice.reason or "")
	what = f"{notice.what}_more" if together > 1 else notice.what
	said = texts(language)[what].format(bold(frappe.utils.get_fullname(by)), bold(name), together - 1)
	enqueue_create_notification(
		[user],
		{
			"type": "Alert",
			"document_type": doc.doctype,
			"document_name": doc.name,
			# The bell shows the subject alone.
			"subject": f"{said}: {reason}" if reason else said,
			"email_content": reason,
			"from_user": by,
		},
	)

"""Tells the new owners of a handover: one notification each, whatever they were given."""

import frappe
from frappe import _
from frappe.desk.doctype.notification_log.notification_log import enqueue_create_notification

from crm_pipeline.coaching import move_notices
from crm_pipeline.handovers.handing_over import HANDOVER, ITEM, ITEM_DONE
from crm_pipeline.wording import bold


def send(handover: str) -> None:
	"""One line to each new owner, who opens the handover from it."""
	doc = frappe.db.get_value(HANDOVER, handover, ["from_user", "started_by"], as_dict=True)
	if not doc:
		return
	given = frappe.get_all(
		ITEM, filters={"parent": handover, "state": ITEM_DONE}, pluck="to_user", order_by="idx asc", limit=0
	)
	for user in sorted(set(given) - {None, doc.started_by}):
		if not move_notices.wants(user, move_notices.ASSIGNMENT):
			continue
		language = frappe.db.get_value("User", user, "language")
		text = (
			_("{0} gave you {1} records of {2}", language)
			if given.count(user) > 1
			else _("{0} gave you a record of {2}", language)
		)
		names = [bold(frappe.utils.get_fullname(who)) for who in (doc.started_by, doc.from_user)]
		enqueue_create_notification(
			[user],
			{
				"type": "Alert",
				"document_type": HANDOVER,
				"document_name": handover,
				"subject": text.format(names[0], given.count(user), names[1]),
				"from_user": doc.started_by,
			},
		)

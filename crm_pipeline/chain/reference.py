"""Activities and memos are about a document: they take its party and company, and follow its permission.

They stay when what they name is deleted: the history of calls does not end with an address card.
"""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import now_datetime

from crm_pipeline.chain import incoming, locks, rights, system_fields
from crm_pipeline.core import states
from crm_pipeline.core.registry import DEALS, STATES
from crm_pipeline.core.stages import OPEN

ACTIVITY, PLANNED, CANCELLED, DONE = "Sales Activity", "Planned", "Cancelled", "Done"
# What is pursued, and given up.
PURSUED = ("Sales Lead", "Sales Prospect", *DEALS)
GIVEN_UP = (states.LOST, states.CANCELLED)


class AboutDocument(Document):
	"""Base of DocTypes that are about a document and outlive it."""

	def save(self, *args, **kwargs):
		modified, said = self.modified, len(frappe.local.message_log)
		try:
			return super().save(*args, **kwargs)
		except (frappe.LinkValidationError, frappe.DoesNotExistError):
			if not (incoming.is_stored(self) and leave_deleted(self)):
				raise
		del frappe.local.message_log[said:]
		# Which version this is: the save that failed has set its own.
		self.modified = modified
		return super().save(*args, **kwargs)


def leave_deleted(doc) -> bool:
	"""Empty the links that were stored and lead to nothing any more, with rows that hold nothing else; whether there were any."""
	stored = frappe.get_doc(doc.doctype, doc.name)
	rows = {row.name: row for row in doc.get_all_children()}
	found = _empty_deleted(doc, stored)
	for before in stored.get_all_children():
		row = rows.get(before.name)
		if row and _empty_deleted(row, before):
			doc.remove(row)
			found = True
	return found


def _empty_deleted(part, stored) -> bool:
	found = False
	for df in stored.meta.fields:
		target = {"Link": df.options, "Dynamic Link": stored.get(df.options or "")}.get(df.fieldtype)
		name = stored.get(df.fieldname)
		# The framework has emptied the first one that it did not find.
		if not (target and name) or part.get(df.fieldname) not in (name, None) or frappe.db.exists(target, name):
			continue
		part.set(df.fieldname, None)
		if df.fieldtype == "Dynamic Link":
			part.set(df.options, None)
		found = True
	return found


def follow(doc) -> None:
	"""Take customer, prospect and company from the document this is about, which the user must be able to read."""
	if bool(doc.reference_doctype) != bool(doc.reference_name):
		frappe.throw(_("Document type and document belong together: fill both or none"))
	if not doc.reference_name:
		return
	if doc.is_new() or doc.has_value_changed("reference_doctype") or doc.has_value_changed("reference_name"):
		rights.need(doc.reference_doctype, doc.reference_name)
	about = frappe.get_doc(doc.reference_doctype, doc.reference_name)
	doc.company = about.get("company") or doc.get("company")
	doc.prospect = about.name if about.doctype == "Sales Prospect" else about.get("prospect") or doc.get("prospect")
	doc.customer = about.name if about.doctype == "Customer" else about.get("customer") or doc.get("customer")
	if about.doctype == "Quotation" and about.quotation_to == "Customer":
		doc.customer = about.party_name


def pass_on_next_step(activity) -> bool:
	"""The next step of an activity that was done is the deal's next step, where the user may change the deal; whether
	it is."""
	if activity.status != "Done" or not activity.next_step:
		return False
	if activity.reference_doctype not in DEALS:
		return False
	deal = frappe.db.get_value(
		activity.reference_doctype, activity.reference_name, ["status", "next_step", "next_step_date"], as_dict=True
	)
	if deal.status != OPEN:
		return False
	if (deal.next_step, deal.next_step_date) == (activity.next_step, activity.next_step_date):
		return True
	if not rights.has(activity.reference_doctype, activity.reference_name, "write"):
		frappe.msgprint(
			_("The next step of {0} stays as it is: you have no right to change that deal").format(
				activity.reference_name
			),
			alert=True,
		)
		return False
	frappe.db.set_value(
		activity.reference_doctype,
		activity.reference_name,
		{"next_step": activity.next_step, "next_step_date": activity.next_step_date},
	)
	return True


def _follow_next_steps(doctype: str, name: str, given_up: bool) -> None:
	"""What was agreed with somebody about it waits for nobody while it is given up."""
	was = {"next_step_done": 0, "next_step": ("is", "set")} if given_up else {"cancelled_with_document": 1}
	names = _activities_about(doctype, name, {"status": DONE, **was})
	if names:
		locks.set_named(ACTIVITY, names, {"next_step_done": int(given_up), "cancelled_with_document": int(given_up)})


def _activities_about(doctype: str, name: str, wanted: dict) -> list[str]:
	return frappe.get_all(
		ACTIVITY,
		filters={"reference_doctype": doctype, "reference_name": name, **wanted},
		pluck="name",
		order_by="name asc",
		limit=0,
	)


def follow_own_state(activity) -> None:
	"""Part of validate(): what somebody planned, cancelled or did by hand is not taken back by its document."""
	by_hand = activity.has_value_changed("status") or activity.has_value_changed("next_step_done")
	if activity.status == PLANNED or by_hand:
		system_fields.write(activity, cancelled_with_document=0)


def follow_state(doctype: str, name: str | None, before: str | None, now: str) -> None:
	"""What is planned about a lead, prospect or deal, and the next steps agreed about it, are off when that is lost, and wait
	again when it is taken up again.
	Activities of colleagues too: nobody is reminded of what is over."""
	if doctype not in PURSUED or not name:
		return
	given_up, was_given_up = (STATES[doctype].group_of(state) in GIVEN_UP for state in (now, before))
	if given_up == was_given_up:
		return
	_follow_next_steps(doctype, name, given_up)
	wanted = {"status": PLANNED} if given_up else {"status": CANCELLED, "cancelled_with_document": 1}
	names = _activities_about(doctype, name, wanted)
	if not names:
		return
	values = {"status": CANCELLED if given_up else PLANNED, "cancelled_with_document": int(given_up)}
	# Whoever has one of them open sees that it changed; calendars on phones go by that, too.
	locks.set_named(ACTIVITY, names, {**values, "modified": now_datetime(), "modified_by": frappe.session.user})
	said = _("Planned activities that are cancelled: {0}") if given_up else _("Activities that are planned again: {0}")
	frappe.msgprint(said.format(len(names)), alert=True)

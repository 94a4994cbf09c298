"""Activities and memos are about a document: they take its party and company, and follow its permission."""

import frappe
from frappe import _

from crm_pipeline.chain import rights
from crm_pipeline.core.registry import DEALS
from crm_pipeline.core.stages import OPEN


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

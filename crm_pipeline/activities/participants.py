"""Who takes part in an activity: contacts and colleagues, beside the one who is responsible."""

import frappe
from frappe import _

from crm_pipeline.chain import rights
from crm_pipeline.parties import people
from crm_pipeline.wording import bold


def follow(doc) -> None:
	"""Part of validate(): each person once, the main contact among them. Raises ValidationError for a row that names
	nobody or a user who has left, PermissionError for a contact whom the user may not see."""
	_take_contact_of_reference(doc)
	_check(doc)
	_once_each(doc)
	contacts = [row.contact for row in doc.people if row.contact]
	if doc.contact and doc.contact not in contacts:
		doc.append("people", {"contact": doc.contact})
	elif not doc.contact and contacts:
		doc.contact = contacts[0]


def _take_contact_of_reference(doc) -> None:
	if doc.reference_doctype != "Contact" or not doc.reference_name:
		return
	doc.contact = doc.contact or doc.reference_name
	if not (doc.customer or doc.prospect):
		doc.customer = _only_customer_of(doc.reference_name)


def _only_customer_of(contact: str) -> str | None:
	"""The customer of a contact; None where there are none or several."""
	found = frappe.get_all(
		"Dynamic Link",
		filters={"parenttype": "Contact", "parent": contact, "link_doctype": "Customer"},
		pluck="link_name",
		distinct=True,
		order_by="link_name asc",
		limit=2,
	)
	return found[0] if len(found) == 1 and rights.has("Customer", found[0]) else None


def _check(doc) -> None:
	before = doc.get_doc_before_save()
	known_contacts = {row.contact for row in before.people} | {before.contact} if before else set()
	known_users = {row.colleague for row in before.people} if before else set()
	for row in doc.people:
		if not (row.contact or row.colleague):
			frappe.throw(
				_("Row {0} of {1}: choose a contact or a colleague").format(row.idx, bold(_("Contacts and Colleagues")))
			)
		if row.colleague and row.colleague not in known_users:
			_need_colleague(row)
	for contact in {doc.contact, *(row.contact for row in doc.people)} - known_contacts - {None, ""}:
		rights.need("Contact", contact)


def _need_colleague(row) -> None:
	if not people.is_colleague(row.colleague):
		frappe.throw(
			_("Row {0} of {1}: {2} is not a user who works here").format(
				row.idx, bold(_("Contacts and Colleagues")), bold(row.colleague)
			)
		)


def _once_each(doc) -> None:
	"""A row per person; what is twice goes, the responsible one too."""
	seen, kept = {("", doc.sales_owner)}, []
	for row in doc.people:
		key = (row.contact or "", row.colleague or "")
		if key not in seen:
			seen.add(key)
			kept.append(row)
	if len(kept) < len(doc.people):
		doc.set("people", kept)


def users_of(activity: str, responsible: str | None) -> list[str]:
	"""The responsible one and the colleagues, in this order."""
	colleagues = frappe.get_all(
		"Sales Activity Person",
		filters={"parenttype": "Sales Activity", "parent": activity, "colleague": ("is", "set")},
		pluck="colleague",
		order_by="idx asc",
		limit=0,
	)
	return list(dict.fromkeys(user for user in (responsible, *colleagues) if user))

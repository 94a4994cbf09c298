"""What our documents say of a customer, a contact or a user beside the link to it: the name as it is now."""

import frappe

from crm_pipeline.chain import clean_html, locks

# DocType: (where its name is copied, the link there, the field that holds the name). Rows of deals follow by
# deal_people.py, since somebody may have typed another name there; documents with a party name by overrides/customer.py.
COPIES = {
	"Customer": (("Contact Position", "customer", "customer_name"), ("Promise to Pay", "customer", "customer_name")),
	"Contact": (("Contact Position", "contact", "contact_name"), ("Sales Activity Person", "contact", "contact_name")),
	"User": (("Sales Activity Person", "colleague", "colleague_name"), ("Sales Project Member", "user", "full_name")),
}
PAIR = "Duplicate Pair"
SIDES = {"document_name": "document_title", "other_name": "other_title"}


def follow(doctype: str, name: str, title: str | None) -> None:
	"""`title` is what the record is called now."""
	title = clean_html.short(title)
	if not title:
		return
	for where, link, field in COPIES.get(doctype, ()):
		_write(where, {link: name}, field, title)
	for link, field in SIDES.items():
		_write(PAIR, {"document_type": doctype, link: name}, field, title)


def _write(where: str, filters: dict, field: str, title: str) -> None:
	"""Compared here: the database takes a name with another accent for the same."""
	rows = frappe.get_all(where, filters=filters, fields=["name", field], order_by="name asc", limit=0)
	stale = [row.name for row in rows if row[field] != title]
	if stale:
		locks.set_named(where, stale, {field: title})

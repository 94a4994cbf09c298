"""Who a customer or prospect is: what is kept by hand, its addresses, its people."""

import frappe
from frappe import _

from crm_pipeline.chain.link_titles import title_field
from crm_pipeline.customers.asked_party import CUSTOMER, PROSPECT, AskedParty, is_readable
from crm_pipeline.relations import key_people

# What is shown of each, in this order, as far as the site's version has the field and the reader may see it.
FACTS = {
	CUSTOMER: (
		"customer_type", "customer_group", "territory", "industry", "market_segment", "tax_id", "account_manager",
		"crm_parent_customer", "website", "mobile_no", "email_id", "payment_terms", "default_price_list",
		"default_currency", "language", "customer_details",
	),
	PROSPECT: (
		"prospect_kind", "customer_group", "territory", "industry", "tax_id", "sales_owner", "sales_person", "channel",
		"campaign", "website", "contact_name", "designation", "phone", "mobile_no", "email_id", "no_of_employees",
		"annual_revenue",
	),
}  # fmt: skip
MARKS = {CUSTOMER: ("disabled", "is_frozen"), PROSPECT: ("status", "customer")}
ADDRESSES, PEOPLE = 3, 12


def of_party(asked: AskedParty) -> dict:
	"""{"doctype", "name", "title", "image", "marks", "facts": [{"label", "value", "doctype"}]}; `doctype` where the value
	names a document that the reader may open. One query."""
	meta = frappe.get_meta(asked.doctype)
	fields = [field for field in FACTS[asked.doctype] if meta.has_field(field)]
	marks = [field for field in MARKS[asked.doctype] if meta.has_field(field)]
	title = title_field(asked.doctype)
	image = ["image"] if meta.has_field("image") else []
	row = frappe.get_list(
		asked.doctype,
		filters={"name": asked.name},
		fields=["name", title, *image, *marks, *fields],
		order_by="name asc",
		limit=1,
	)[0]
	return {
		"doctype": asked.doctype,
		"name": asked.name,
		"title": row.get(title) or asked.name,
		"image": row.get("image"),
		"marks": {field: row.get(field) for field in marks},
		"facts": [_fact(meta.get_field(field), row.get(field)) for field in fields if row.get(field)],
	}


def _fact(field, value) -> dict:
	linked = field.options if field.fieldtype == "Link" and is_readable(field.options) else None
	shown = _(value) if field.fieldtype == "Select" else value
	return {"label": _(field.label), "value": shown, "doctype": linked, "type": field.fieldtype}


def addresses(asked: AskedParty) -> list[dict] | None:
	"""The first addresses, the primary one first: [{"name", "title", "lines"}]. One query."""
	if not is_readable("Address"):
		return None
	fields = ["address_line1", "address_line2", "pincode", "city", "state", "country"]
	rows = frappe.get_list(
		"Address",
		filters=[*_linked(asked), ["disabled", "=", 0]],
		fields=["name", "address_title", "address_type", *fields],
		order_by="`tabAddress`.is_primary_address desc, `tabAddress`.name asc",
		limit=ADDRESSES,
	)
	return [
		{"name": row.name, "title": _(row.address_type), "lines": [row[field] for field in fields if row[field]]}
		for row in rows
	]


def people(asked: AskedParty, day) -> list[dict] | None:
	"""Who matters there: the posts of the day (relations/key_people.py has their shape) and the contacts without a post, as
	[{"doctype": "Contact", "name", "full_name", "designation", "phone", "email_id", "is_primary"}]."""
	posts = key_people.of_customer(asked.name, day) if asked.is_customer else []
	others = contacts(asked)
	held = {row.contact for row in posts}
	return None if others is None and not posts else [*posts, *(row for row in others or () if row["name"] not in held)]


def contacts(asked: AskedParty) -> list[dict] | None:
	if not is_readable("Contact"):
		return None
	contact, link = frappe.qb.DocType("Contact"), frappe.qb.DocType("Dynamic Link")
	query = (
		frappe.qb.from_(contact)
		.join(link)
		.on((link.parenttype == "Contact") & (link.parent == contact.name))
		.select(
			contact.name, contact.full_name, contact.designation, contact.mobile_no, contact.phone, contact.email_id,
			contact.is_primary_contact,
		)
		.where((link.link_doctype == asked.doctype) & (link.link_name == asked.name))
		.orderby(contact.is_primary_contact, order=frappe.qb.desc)
		.orderby(contact.full_name)
		.orderby(contact.name)
		.limit(PEOPLE)
	)  # fmt: skip
	condition = asked.seen("Contact")
	rows = (query.where(condition) if condition else query).run(as_dict=True)
	return [
		{
			"doctype": "Contact",
			"name": row.name,
			"full_name": row.full_name or row.name,
			"designation": row.designation,
			"phone": row.mobile_no or row.phone,
			"email_id": row.email_id,
			"is_primary": bool(row.is_primary_contact),
		}
		for row in rows
	]


def _linked(asked: AskedParty) -> list[list]:
	return [["Dynamic Link", "link_doctype", "=", asked.doctype], ["Dynamic Link", "link_name", "=", asked.name]]

"""ERPNext's Customer, the one account: finding it, making it, with its contact and address."""

import frappe
from frappe import _
from frappe.query_builder import CustomFunction
from frappe.query_builder.functions import Lower

from crm_pipeline.core import matching
from crm_pipeline.core.matching import Identity
from crm_pipeline.erp.quotation import carry_same_named

CARRIED_TO_CUSTOMER = ("tax_id", "website", "industry")

Replace = CustomFunction("REPLACE", ["text", "old", "new"])
DigitsOf = CustomFunction("REGEXP_REPLACE", ["text", "pattern", "by"])


def identity_of(doc) -> Identity:
	"""What a prospect or a lead knows of its party."""
	return Identity(
		name=doc.name or "",
		label=doc.get("prospect_name") or "",
		kind=doc.get("prospect_kind") or "Organisation",
		tax_id=doc.get("tax_id") or "",
		emails=tuple(e for e in (doc.get("email_id"),) if e),
		phones=tuple(p for p in (doc.get("phone"), doc.get("mobile_no")) if p),
	)


def candidates(party: Identity) -> list[Identity]:
	"""Enabled and disabled Customers that could be `party`: a wide net, the core decides."""
	names = _by_tax_id(party) | _by_name(party) | _by_reach(party)
	if not names:
		return []
	rows = frappe.get_all(
		"Customer",
		filters={"name": ("in", sorted(names))},
		fields=["name", "customer_name", "customer_type", "tax_id"],
		order_by="name asc",
		limit=0,
	)
	emails, phones = _reach_of("Customer", [r.name for r in rows])
	return [
		Identity(
			name=r.name,
			label=r.customer_name,
			kind="Person" if r.customer_type == "Individual" else "Organisation",
			tax_id=r.tax_id or "",
			emails=tuple(emails.get(r.name, ())),
			phones=tuple(phones.get(r.name, ())),
		)
		for r in rows
	]


def _by_tax_id(party: Identity) -> set[str]:
	wanted = matching.normal_tax_id(party.tax_id)
	if not wanted:
		return set()
	customer = frappe.qb.DocType("Customer")
	plain = Lower(customer.tax_id)
	for mark in (" ", "-", ".", "/", "_"):
		plain = Replace(plain, mark, "")
	return set(frappe.qb.from_(customer).select(customer.name).where(plain == wanted).run(pluck=True))


def _by_name(party: Identity) -> set[str]:
	words = matching.normal_name(party.label).split()
	if not words:
		return set()
	customer = frappe.qb.DocType("Customer")
	longest = max(words, key=len)
	return set(
		frappe.qb.from_(customer)
		.select(customer.name)
		.where(Replace(customer.customer_name, ".", "").like(f"%{longest}%"))
		.run(pluck=True)
	)


def _by_reach(party: Identity) -> set[str]:
	"""Customers whose contacts share an e-mail (domain) or a phone with `party`."""
	contact, link = frappe.qb.DocType("Contact"), frappe.qb.DocType("Dynamic Link")
	mail, phone = frappe.qb.DocType("Contact Email"), frappe.qb.DocType("Contact Phone")
	organisation = party.kind == "Organisation"
	tails = {matching.mail_domain(e) if organisation else matching.normal_email(e) for e in party.emails} - {""}
	numbers = {matching.normal_phone(p) for p in party.phones} - {""}
	found: set[str] = set()
	for table, values, text in (
		(mail, [f"%@{t}" if organisation else t for t in tails], mail.email_id),
		(phone, [f"%{n}" for n in numbers], DigitsOf(phone.phone, "[^0-9]", "")),
	):
		for value in values:
			found |= set(
				frappe.qb.from_(table)
				.join(contact)
				.on(contact.name == table.parent)
				.join(link)
				.on((link.parent == contact.name) & (link.parenttype == "Contact"))
				.select(link.link_name)
				.distinct()
				.where((link.link_doctype == "Customer") & text.like(value))
				.run(pluck=True)
			)
	return found


def _reach_of(link_doctype: str, names: list[str]) -> tuple[dict[str, set], dict[str, set]]:
	"""E-mails and phones of the contacts of some parties: two dicts by party name."""
	emails: dict[str, set] = {}
	phones: dict[str, set] = {}
	if not names:
		return emails, phones
	link = frappe.qb.DocType("Dynamic Link")
	for child, column, target in (("Contact Email", "email_id", emails), ("Contact Phone", "phone", phones)):
		table = frappe.qb.DocType(child)
		rows = (
			frappe.qb.from_(table)
			.join(link)
			.on((link.parent == table.parent) & (link.parenttype == "Contact"))
			.select(link.link_name, table[column].as_("value"))
			.where((link.link_doctype == link_doctype) & link.link_name.isin(names))
		).run(as_dict=True)
		for row in rows:
			target.setdefault(row.link_name, set()).add(row.value)
	return emails, phones


def make(prospect, settings) -> str:
	"""Insert a Customer for a verified prospect; answers the name. Custom fields of the same name come along.

	Fields are named one by one: ERPNext's Customer has fields of its own that only look like ours
	(`prospect_name` links its Prospect), and contact data goes to a Contact (`carry_reach`).
	"""
	customer = frappe.new_doc("Customer")
	customer.update({field: prospect.get(field) for field in CARRIED_TO_CUSTOMER})
	customer.update(
		{
			"customer_name": prospect.prospect_name,
			"customer_type": "Individual" if prospect.prospect_kind == "Person" else "Company",
			"customer_group": prospect.customer_group
			or settings.default_customer_group
			or _selling("customer_group"),
			"territory": prospect.territory or settings.default_territory or _selling("territory"),
		}
	)
	carry_same_named(prospect, customer)
	customer.insert()
	return customer.name


def _selling(field: str) -> str | None:
	"""The default of Selling Settings; a group that has children can't be used and is left out."""
	value = frappe.db.get_single_value("Selling Settings", field)
	doctype = {"customer_group": "Customer Group", "territory": "Territory"}[field]
	if value and not frappe.get_cached_value(doctype, value, "is_group"):
		return value
	return frappe.db.get_value(doctype, {"is_group": 0}, "name", order_by="lft asc")


def carry_reach(prospect, customer: str) -> None:
	"""Give the customer the prospect's contact, address and every Contact and Address linked to it."""
	_link_native("Contact", prospect.name, customer)
	_link_native("Address", prospect.name, customer)
	contact = _make_contact(prospect, customer)
	address = _make_address(prospect, customer)
	current = frappe.db.get_value(
		"Customer", customer, ["customer_primary_contact", "customer_primary_address"], as_dict=True
	)
	doc = frappe.get_doc("Customer", customer)
	if contact and not current.customer_primary_contact:
		doc.db_set(
			{
				"customer_primary_contact": contact,
				"email_id": prospect.email_id,
				"mobile_no": prospect.mobile_no or prospect.phone,
			},
			update_modified=False,
		)
	if address and not current.customer_primary_address:
		from frappe.contacts.doctype.address.address import get_address_display

		doc.db_set(
			{"customer_primary_address": address, "primary_address": get_address_display(address)},
			update_modified=False,
		)


def _link_native(doctype: str, prospect: str, customer: str) -> None:
	parents = frappe.get_all(
		"Dynamic Link",
		filters={"parenttype": doctype, "link_doctype": "Sales Prospect", "link_name": prospect},
		pluck="parent",
		order_by="parent asc",
	)
	for name in parents:
		doc = frappe.get_doc(doctype, name)
		if not doc.has_link("Customer", customer):
			doc.append("links", {"link_doctype": "Customer", "link_name": customer})
			doc.save(ignore_permissions=True)


def _make_contact(prospect, customer: str) -> str | None:
	person = prospect.contact_name or (prospect.prospect_name if prospect.prospect_kind == "Person" else None)
	if not (person or prospect.email_id or prospect.phone or prospect.mobile_no):
		return None
	existing = _same_contact(prospect, customer)
	if existing:
		return existing
	first, _space, last = (person or prospect.prospect_name).partition(" ")
	contact = frappe.new_doc("Contact")
	contact.update({"first_name": first, "last_name": last, "designation": prospect.designation, "is_primary_contact": 1})
	contact.append("links", {"link_doctype": "Customer", "link_name": customer})
	if prospect.email_id:
		contact.append("email_ids", {"email_id": prospect.email_id, "is_primary": 1})
	if prospect.phone:
		contact.append("phone_nos", {"phone": prospect.phone, "is_primary_phone": 1})
	if prospect.mobile_no and prospect.mobile_no != prospect.phone:
		contact.append("phone_nos", {"phone": prospect.mobile_no, "is_primary_mobile_no": 1})
	return contact.insert().name


def _same_contact(prospect, customer: str) -> str | None:
	"""A contact of the customer that has the prospect's e-mail already."""
	if not prospect.email_id:
		return None
	mail, link = frappe.qb.DocType("Contact Email"), frappe.qb.DocType("Dynamic Link")
	found = (
		frappe.qb.from_(mail)
		.join(link)
		.on((link.parent == mail.parent) & (link.parenttype == "Contact"))
		.select(mail.parent)
		.where((link.link_doctype == "Customer") & (link.link_name == customer) & (mail.email_id == prospect.email_id))
		.limit(1)
	).run(pluck=True)
	return found[0] if found else None


def _make_address(prospect, customer: str) -> str | None:
	if not prospect.address_line1:
		return None
	address = frappe.new_doc("Address")
	address.update(
		{
			"address_title": prospect.prospect_name,
			"address_type": "Billing",
			"address_line1": prospect.address_line1,
			"address_line2": prospect.address_line2,
			"city": prospect.city or prospect.state or prospect.country or _("Unknown"),
			"state": prospect.state,
			"pincode": prospect.pincode,
			"country": prospect.country or frappe.get_cached_value("Company", prospect.company, "country"),
			"is_primary_address": 1,
		}
	)
	address.append("links", {"link_doctype": "Customer", "link_name": customer})
	return address.insert().name


def check_usable(customer: str) -> None:
	"""Raise a ValidationError when a customer is disabled."""
	if frappe.get_cached_value("Customer", customer, "disabled"):
		frappe.throw(_("Customer {0} is disabled").format(frappe.bold(customer)), title=_("Disabled Customer"))

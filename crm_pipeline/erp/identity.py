"""What is known of parties, in stored keys: who a prospect or lead may be is asked of indexed columns.

The keys of Customer and Contact are custom fields that follow every save, ERPNext's own forms and imports
included; core/normal.py makes keys and questions alike.
"""

from collections.abc import Iterable
from dataclasses import replace

import frappe

from crm_pipeline.core import matching
from crm_pipeline.core.matching import Identity
from crm_pipeline.core.tax_ids import written_as

CUSTOMER, PROSPECT, CONTACT, LEAD = "Customer", "Sales Prospect", "Contact", "Sales Lead"
PROSPECT_FIELDS = (
	"name", "prospect_name", "prospect_kind", "tax_id", "email_id", "phone", "mobile_no", "city", "country", "company",
)  # fmt: skip


# ---- keys, stored


def customer_keys(doc) -> dict:
	return {
		"crm_match_name": matching.search_name(doc.get("customer_name"), doc.get("customer_type") == "Individual"),
		"crm_match_tax_id": matching.normal_tax_id(doc.get("tax_id"))[:140],
	}


def prospect_keys(doc) -> dict:
	country = country_code(doc.get("country"), doc.get("company"))
	return {
		"match_name": matching.search_name(doc.get("prospect_name"), doc.get("prospect_kind") == matching.PERSON),
		"match_tax_id": matching.normal_tax_id(doc.get("tax_id"))[:140],
		"match_email": matching.normal_email(doc.get("email_id"))[:140],
		"match_domain": matching.mail_domain(doc.get("email_id"))[:140],
		"match_phone": matching.normal_phone(doc.get("phone"), country),
		"match_mobile": matching.normal_phone(doc.get("mobile_no"), country),
	}


def contact_keys(doc) -> dict:
	names = (doc.get(field) for field in ("first_name", "middle_name", "last_name"))
	return {"crm_match_name": matching.search_name(" ".join(name for name in names if name), True)}


def email_keys(email: str | None) -> dict:
	return {
		"crm_match_email": matching.normal_email(email)[:140],
		"crm_match_domain": matching.mail_domain(email)[:140],
	}


def phone_keys(phone: str | None, country: str) -> dict:
	return {"crm_match_phone": matching.normal_phone(phone, country)}


def country_code(country: str | None, company: str | None = None) -> str:
	"""ISO code of a country, else of the company's, else of the site's; "" where none is known."""
	country = (
		country
		or (company and frappe.get_cached_value("Company", company, "country"))
		or frappe.db.get_default("country")
	)
	return (country and frappe.get_cached_value("Country", country, "code") or "").upper()


def set_contact_keys(doc):
	"""validate() of Contact."""
	doc.update(contact_keys(doc))
	for row in doc.get("email_ids") or []:
		row.update(email_keys(row.email_id))
	rows = doc.get("phone_nos") or []
	country = (
		country_code(doc.get("address") and frappe.db.get_value("Address", doc.address, "country")) if rows else ""
	)
	for row in rows:
		row.update(phone_keys(row.phone, country))


# ---- who is known


def identity_of(doc) -> Identity:
	"""What a prospect or a lead knows of its party."""
	return Identity(
		name=doc.name or "",
		label=doc.get("prospect_name") or "",
		kind=doc.get("prospect_kind") or matching.ORGANISATION,
		tax_id=doc.get("tax_id") or "",
		emails=tuple(e for e in (doc.get("email_id"),) if e),
		phones=tuple(p for p in (doc.get("phone"), doc.get("mobile_no")) if p),
		towns=tuple(t for t in (doc.get("city"),) if t),
		country=country_code(doc.get("country"), doc.get("company")),
	)


def customers_like(party: Identity) -> list[Identity]:
	"""Enabled and disabled Customers that could be `party`: a wide net, the core decides."""
	customer = frappe.qb.DocType(CUSTOMER)
	asked = customer.crm_match_name.isin(_name_keys(party))
	tax_id = matching.normal_tax_id(party.tax_id)
	if tax_id:
		asked |= customer.crm_match_tax_id.isin(written_as(tax_id, party.country))
	names = {name for (name,) in frappe.qb.from_(customer).select(customer.name).where(asked).run()}
	names |= _reached_like(party, CUSTOMER)
	return known_customers(names)


def known_customers(names: Iterable[str]) -> list[Identity]:
	"""What is known of these Customers."""
	if not names:
		return []
	rows = frappe.get_all(
		CUSTOMER,
		filters={"name": ("in", sorted(names))},
		fields=["name", "customer_name", "customer_type", "tax_id"],
		order_by="name asc",
		limit=0,
	)
	known = [
		Identity(
			name=row.name,
			label=row.customer_name or "",
			kind=matching.PERSON if row.customer_type == "Individual" else matching.ORGANISATION,
			tax_id=row.tax_id or "",
		)
		for row in rows
	]
	return _with_reach(known, CUSTOMER)


def known_prospects(names: Iterable[str]) -> list[Identity]:
	"""What is known of these prospects that are not verified."""
	rows = frappe.get_all(
		PROSPECT,
		filters={"name": ("in", sorted(names) or [""]), "status": "Unverified"},
		fields=list(PROSPECT_FIELDS),
		order_by="name asc",
		limit=0,
	)
	return _with_reach([identity_of(row) for row in rows], PROSPECT)


def known_leads(names: Iterable[str]) -> list[Identity]:
	"""What these leads say of their party."""
	fields = ["name", "title", "party_name", "contact_name", "email_id", "phone", "mobile_no", "company"]
	rows = frappe.get_all(
		LEAD, filters={"name": ("in", sorted(names) or [""])}, fields=fields, order_by="name asc", limit=0
	)
	return [replace(identity_of(row), label=row.party_name or row.title or "") for row in rows]


def known_contacts(names: Iterable[str]) -> list[Identity]:
	"""What is known of these Contacts: people, with all their addresses and numbers."""
	names = sorted(names)
	rows = frappe.get_all(
		CONTACT,
		filters={"name": ("in", names or [""])},
		fields=["name", "first_name", "middle_name", "last_name"],
		order_by="name asc",
		limit=0,
	)
	mails, numbers = (_children(child, column, names) for child, column in CONTACT_REACH)
	site = country_code(None)
	return [
		Identity(
			name=row.name,
			label=" ".join(part for part in (row.first_name, row.middle_name, row.last_name) if part),
			kind=matching.PERSON,
			emails=tuple(mails.get(row.name, ())),
			phones=tuple(numbers.get(row.name, ())),
			country=site,
		)
		for row in rows
	]


CONTACT_REACH = (("Contact Email", "email_id"), ("Contact Phone", "phone"))


def _children(child: str, column: str, names: list[str]) -> dict[str, list[str]]:
	rows = frappe.get_all(
		child,
		filters={"parenttype": CONTACT, "parent": ("in", names or [""])},
		fields=["parent", column],
		order_by="parent asc, idx asc",
		limit=0,
	)
	found: dict[str, list[str]] = {}
	for row in rows:
		if row[column]:
			found.setdefault(row.parent, []).append(row[column])
	return found


KNOWN = {CUSTOMER: known_customers, PROSPECT: known_prospects, CONTACT: known_contacts, LEAD: known_leads}


def prospects_like(party: Identity) -> list[Identity]:
	"""Unverified prospects that could be `party`."""
	prospect = frappe.qb.DocType(PROSPECT)
	asked = prospect.match_name.isin(_name_keys(party))
	tax_id = matching.normal_tax_id(party.tax_id)
	if tax_id:
		asked |= prospect.match_tax_id.isin(written_as(tax_id, party.country))
	emails, domains, phones = _reach_keys(party)
	if emails:
		asked |= prospect.match_email.isin(emails)
	if domains:
		asked |= prospect.match_domain.isin(domains)
	if phones:
		asked |= prospect.match_phone.isin(phones) | prospect.match_mobile.isin(phones)
	names = {name for (name,) in frappe.qb.from_(prospect).select(prospect.name).where(asked).run()}
	names |= _reached_like(party, PROSPECT)
	return known_prospects(names - {party.name})


def _name_keys(party: Identity) -> list[str]:
	"""A person is found where it was typed as a firm, and the other way round."""
	keys = {matching.search_name(party.label), matching.search_name(party.label, person=True)}
	return sorted(keys - {""}) or [" "]


def _reach_keys(party: Identity) -> tuple[list[str], list[str], list[str]]:
	emails = {matching.normal_email(e)[:140] for e in party.emails} - {""}
	domains = set() if party.is_person else {matching.mail_domain(e)[:140] for e in emails} - {""}
	phones = {matching.normal_phone(p, party.country) for p in party.phones} - {""}
	return sorted(emails), sorted(domains), sorted(phones)


def _reached_like(party: Identity, doctype: str) -> set[str]:
	"""Parties of a type whose contacts share an e-mail (or its domain) or a phone with `party`."""
	emails, domains, phones = _reach_keys(party)
	found: set[str] = set()
	for child, column, values in (
		("Contact Email", "crm_match_email", emails),
		("Contact Email", "crm_match_domain", domains),
		("Contact Phone", "crm_match_phone", phones),
	):
		if values:
			table, link = frappe.qb.DocType(child), frappe.qb.DocType("Dynamic Link")
			rows = (
				frappe.qb.from_(table)
				.join(link)
				.on((link.parent == table.parent) & (link.parenttype == "Contact"))
				.select(link.link_name)
				.distinct()
				.where((link.link_doctype == doctype) & table[column].isin(values))
			).run()
			found |= {name for (name,) in rows}
	return found


def _with_reach(parties: list[Identity], doctype: str) -> list[Identity]:
	"""The same with the e-mails and phones of their contacts and the towns of their addresses."""
	names = [party.name for party in parties]
	if not names:
		return []
	emails = _linked(doctype, names, "Contact", "Contact Email", "email_id")
	phones = _linked(doctype, names, "Contact", "Contact Phone", "phone")
	towns = _linked(doctype, names, "Address", "Address", "city")
	site = country_code(None)
	return [
		replace(
			party,
			emails=(*party.emails, *sorted(emails.get(party.name, ()))),
			phones=(*party.phones, *sorted(phones.get(party.name, ()))),
			towns=(*party.towns, *sorted(towns.get(party.name, ()))),
			country=party.country or site,
		)
		for party in parties
	]


def _linked(doctype: str, names: list[str], record: str, child: str, column: str) -> dict[str, set[str]]:
	"""{party: values} of a column of the Contacts or Addresses that parties are linked to."""
	table, link = frappe.qb.DocType(child), frappe.qb.DocType("Dynamic Link")
	key = table.name if child == record else table.parent
	rows = (
		frappe.qb.from_(table)
		.join(link)
		.on((link.parent == key) & (link.parenttype == record))
		.select(link.link_name, table[column])
		.where((link.link_doctype == doctype) & link.link_name.isin(names))
	).run()
	found: dict[str, set[str]] = {}
	for name, value in rows:
		if value:
			found.setdefault(name, set()).add(value)
	return found

"""The people of a document are Contacts: each row is linked to whom it is, by address or number, never by a name alone."""

from dataclasses import dataclass, replace

import frappe
from frappe import _

from crm_pipeline.chain import locks
from crm_pipeline.chain.locks import locked_doc
from crm_pipeline.core import matching
from crm_pipeline.erp import contacts, identity
from crm_pipeline.erp.contacts import ROW, Person
from crm_pipeline.parties import party
from crm_pipeline.relations import key_people
from crm_pipeline.wording import bold

TABLE = "Sales Deal Contact"
# What a row takes of its Contact where it says nothing itself.
TAKEN = {
	"contact_name": "full_name", "designation": "designation", "email_id": "email_id", "phone": "phone",
	"mobile_no": "mobile_no",
}  # fmt: skip
PARTIES = (("Customer", "customer"), ("Sales Prospect", "prospect"))


@dataclass(frozen=True)
class Known:
	"""A Contact of a party with what it says of a person, by each of its addresses and numbers."""

	name: str
	people: tuple[Person, ...]


def parties_of(doc) -> list[tuple[str, str]]:
	"""(doctype, name) of whom a document is about, the customer first."""
	own = [(doc.doctype, doc.name)] if doc.doctype == "Sales Prospect" and not doc.is_new() else []
	return [(doctype, doc.get(field)) for doctype, field in PARTIES if doc.get(field)] + own


def known_of(parties: list[tuple[str, str]]) -> list[Known]:
	"""The Contacts of parties that the user may see: nobody is linked to, or told of, another one."""
	names = sorted({name for doctype, party in parties for name in contacts.linked_to("Contact", doctype, party)})
	if not names or not frappe.has_permission("Contact", "read"):
		return []
	seen = frappe.get_list("Contact", filters={"name": ("in", names)}, pluck="name", order_by="name asc", limit=0)
	return [Known(name, tuple(people)) for name, people in contacts.people_behind(seen).items()]


def person_of(row) -> Person:
	return Person(*((row.get(field) or "").strip() for field in ROW), role=row.get("role") or "")


def surely(person: Person, known: list[Known], country: str) -> str | None:
	"""The one Contact that shares an address or a number with a person, under a name that may be theirs; None where
	there is none, or several: a mailbox or a switchboard is of many."""
	found = [one.name for one in known if _reached_alike(person, one, country)]
	return found[0] if len(found) == 1 else None


def _reached_alike(person: Person, one: Known, country: str) -> bool:
	mails = {matching.normal_email(p.email) for p in one.people} - {""}
	numbers = {matching.normal_phone(p.phone, country) for p in one.people} - {""}
	own = {matching.normal_phone(number, country) for number in (person.phone, person.mobile)} - {""}
	alike = matching.normal_email(person.email) in mails or bool(own & numbers)
	return alike and matching.may_be_one(person.name, one.people[0].name)


def same_named(person: Person, known: list[Known], country: str) -> list[str]:
	"""Contacts that may be a person: of the same name, or reached alike. Somebody has to say."""
	nameless = replace(person, name="")
	return [
		one.name
		for one in known
		if any(contacts.is_one(asked, alike, country) for asked in (person, nameless) for alike in one.people)
	]


# ---- on save


def link_rows(doc) -> None:
	"""Part of a save: rows that surely are a Contact of the party are linked to it, and say what it says where they are
	empty; their role on the deal begins as that of their post; a Contact of nobody that was chosen is the party's."""
	rows = doc.get("contacts") or []
	parties = parties_of(doc)
	if not (rows and parties):
		return
	loose = [row for row in rows if not row.contact and any(row.get(field) for field in ROW[2:])]
	if loose:
		known, country = known_of(parties), identity.country_code(None, doc.get("company"))
		for row in loose:
			row.contact = surely(person_of(row), known, country)
			if row.contact:
				_take(row)
	before = doc.get_doc_before_save()
	had = {row.contact for row in before.get("contacts") or []} if before else set()
	new = {row.contact for row in rows if row.contact} - had
	for row in rows:
		if row.contact in new and not row.role:
			row.update(key_people.role_of(row.contact, doc.get("customer")))
	for contact in new:
		if not frappe.db.exists("Dynamic Link", {"parenttype": "Contact", "parent": contact}):
			contacts.give_party(contact, *parties[0])


def _take(row) -> None:
	found = frappe.db.get_value("Contact", row.contact, list(TAKEN.values()), as_dict=True) or {}
	row.update({field: found[source] for field, source in TAKEN.items() if found.get(source) and not row.get(field)})


def changes_of(contact) -> dict[str, tuple[str, str]]:
	"""{field of a row: (what the Contact said, what it says now)} of a Contact that is being saved."""
	before = contact.get_doc_before_save()
	said = (
		{field: (before.get(source) or "", contact.get(source) or "") for field, source in TAKEN.items()}
		if before
		else {}
	)
	return {field: pair for field, pair in said.items() if pair[0] != pair[1]}


def follow_contact(contact: str, changed: dict[str, tuple[str, str]]) -> None:
	"""Rows of documents that said what a Contact said say what it says now."""
	fields = ["name", "parenttype", "parent", *changed]
	rows = frappe.get_all(TABLE, filters={"contact": contact}, fields=fields, order_by="name asc", limit=0)
	if locks.is_guest():
		# Whoever is saving one of the documents holds its rows: nobody waits for them in the database.
		locks.lock(*{(row.parenttype, row.parent) for row in rows})
	for row in rows:
		values = {field: new for field, (old, new) in changed.items() if old and row[field] == old}
		if "phone" in values:
			values["match_phone"] = matching.normal_phone(values["phone"], identity.country_code(None))
		if values:
			frappe.db.set_value(TABLE, row.name, values, update_modified=False)


def after_merge(contact: str) -> None:
	"""Two people that became one stand once on each document, called as they are now: a row without a role of its own
	adds to the other one what that lacks."""
	name = frappe.db.get_value("Contact", contact, "full_name")
	fields = ["name", "parenttype", "parent", "role", "notes", *ROW]
	order = "parenttype asc, parent asc, idx asc"
	kept: dict[tuple[str, str], list[dict]] = {}
	for row in frappe.get_all(TABLE, filters={"contact": contact}, fields=fields, order_by=order, limit=0):
		there = kept.setdefault((row.parenttype, row.parent), [])
		twin = next((other for other in there if not (row.role and other.role) or row.role == other.role), None)
		values = {"contact_name": name} if name and row.contact_name != name else {}
		if twin:
			values = {field: row[field] for field in ("role", "notes", *ROW) if row[field] and not twin[field]}
			if values.get("phone"):
				values["match_phone"] = matching.normal_phone(values["phone"], identity.country_code(None))
			twin.update(values)
			locks.delete_rows(TABLE, {"name": row.name})
		else:
			there.append(row)
		if values:
			frappe.db.set_value(TABLE, (twin or row).name, values, update_modified=False)


# ---- a prospect becomes a customer


def follow_verification(prospect: str, customer: str) -> None:
	"""Everybody on the documents of a prospect is a Contact of its customer."""
	label = frappe.db.get_value("Customer", customer, "customer_name")
	for doctype in party.types_with("prospect", "customer", "contacts"):
		names = frappe.get_all(doctype, filters={"prospect": prospect}, pluck="name", order_by="name asc", limit=0)
		rows = frappe.get_all(
			TABLE,
			filters={"parenttype": doctype, "parent": ("in", names or [""])},
			fields=["name", "contact", *ROW],
			order_by="parent asc, idx asc",
			limit=0,
		)
		for row in rows:
			if row.contact:
				contacts.give_party(row.contact, "Customer", customer)
			elif row.contact_name and any(row[field] for field in ROW[2:]):
				contact = contacts.add_to_party(
					"Customer", customer, [person_of(row)], label, identity.country_code(None)
				)
				locks.set_rows(TABLE, {"name": row.name}, {"contact": contact})


# ---- by hand


def make_contacts(doctype: str, name: str, chosen: dict[str, str]) -> list[dict]:
	"""Make a Contact of everybody on a document who is none; `chosen` says of rows which Contact they are, "" for a new
	one. Answers the rows of which somebody has to say, and leaves them: [{"row", "name", "contacts": [{"name", "title",
	"detail"}]}]. Raises ValidationError without a party."""
	doc = locked_doc(doctype, name)
	doc.check_permission("write")
	parties, country = _need_parties(doc), identity.country_code(None, doc.get("company"))
	unclear = []
	for row in doc.contacts:
		if row.contact or not person_of(row).is_known:
			continue
		person, known = person_of(row), known_of(parties)
		may_be = same_named(person, known, country)
		if row.name in chosen:
			row.contact = _one_of(chosen[row.name], may_be) or contacts.make(*parties[0], person, doc.party_name)
		elif may_be:
			unclear.append(
				{"row": row.name, "name": person.name or person.email or person.phone, "contacts": _shown(may_be)}
			)
		else:
			row.contact = contacts.make(*parties[0], person, doc.party_name)
	doc.save()
	return unclear


def _need_parties(doc) -> list[tuple[str, str]]:
	parties = parties_of(doc)
	if not parties:
		frappe.throw(_("{0} has no customer or prospect whose contacts they could be").format(bold(doc.name)))
	return parties


def _one_of(contact: str, may_be: list[str]) -> str | None:
	if contact and contact not in may_be:
		frappe.throw(_("{0} is not one of the contacts that it may be").format(bold(contact)))
	return contact or None


def _shown(names: list[str]) -> list[dict]:
	rows = frappe.get_list(
		"Contact",
		filters={"name": ("in", names)},
		fields=["name", "full_name", "email_id", "phone", "mobile_no"],
		order_by="name asc",
	)
	return [
		{
			"name": row.name,
			"title": row.full_name or row.name,
			"detail": row.email_id or row.mobile_no or row.phone or "",
		}
		for row in rows
	]


def add_person(doctype: str, name: str, role: str, contact: str | None, person: Person) -> None:
	"""Somebody with a role on a deal: a Contact, or a new one of the deal's party by what was typed of a person. Who is
	there without a role gets it, who has another one gets a second row. Raises ValidationError where nobody is named,
	and where the party has a Contact of that name already."""
	doc = locked_doc(doctype, name)
	doc.check_permission("write")
	if not contact:
		if not person.name:
			frappe.throw(_("Choose a contact, or type a name"), frappe.MandatoryError)
		contact = _new_contact(doc, person)
	row = next((row for row in doc.contacts if row.contact == contact and not row.role), None)
	if not any(row.contact == contact and row.role == role for row in doc.contacts):
		row = row or doc.append("contacts", {"contact": contact})
		row.role = role
		_take(row)
	doc.save()


def _new_contact(doc, person: Person) -> str:
	parties, country = _need_parties(doc), identity.country_code(None, doc.get("company"))
	known = known_of(parties)
	found = surely(person, known, country)
	if found:
		return found
	may_be = same_named(person, known, country)
	if may_be:
		frappe.throw(
			_("{0} may be the contact {1}. Choose it, or type more of the name.").format(
				bold(person.name), bold(", ".join(may_be[:5]))
			),
			title=_("Is It the Same Person?"),
		)
	return contacts.make(*parties[0], person, doc.party_name)

"""People as ERPNext's Contacts: every way to reach them arrives at their party, once per person."""

from dataclasses import dataclass

import frappe

from crm_pipeline.core import matching
from crm_pipeline.core.person_names import first_and_last
from crm_pipeline.erp import identity

# Frappe composes the name of a Contact of person and party; both may be as long as a name can be.
MAX_NAME = 140
# Left for a number that distinguishes two of one name.
ROOM = 6
# What a row of a deal's contacts says of a person, in the order of Person.
ROW = ("contact_name", "designation", "email_id", "phone", "mobile_no")


@dataclass(frozen=True)
class Person:
	"""How somebody is reached. `name` is empty where only an address or a number is known."""

	name: str = ""
	designation: str = ""
	email: str = ""
	phone: str = ""
	mobile: str = ""
	role: str = ""

	@property
	def is_known(self) -> bool:
		return bool(self.name or self.email or self.phone or self.mobile)


def people_of(doc) -> list[Person]:
	"""Everybody on a prospect or lead: the one of the entry form first, then the rows of its contacts."""
	name = doc.get("contact_name")
	if not name and doc.get("prospect_kind") == matching.PERSON:
		name = doc.get("prospect_name")
	entry = Person(*(_clean(v) for v in (name, doc.designation, doc.email_id, doc.phone, doc.mobile_no)))
	rows = [Person(*(_clean(row.get(f)) for f in (*ROW, "role"))) for row in doc.get("contacts") or []]
	return [person for person in (entry, *rows) if person.is_known]


def _clean(text: str | None) -> str:
	return (text or "").strip()


def is_one(one: Person, other: Person, country: str) -> bool:
	"""Whether two entries of one party are the same person: one name, or where one has none, one address or number."""
	if one.name and other.name:
		# Chinese names are written with a blank and without.
		return matching.search_name(one.name, person=True) == matching.search_name(other.name, person=True)
	same_mail = one.email and matching.normal_email(one.email) == matching.normal_email(other.email)
	return bool(same_mail or _numbers(one, country) & _numbers(other, country))


def _numbers(person: Person, country: str) -> set[str]:
	return {matching.normal_phone(p, country) for p in (person.phone, person.mobile)} - {""}


# ---- rows of a deal


def add_to_deal(deal, people: list[Person], label: str, party: tuple[str, str] | None = None) -> None:
	"""Rows in memory for those who are not on the deal yet, and what was missing of those who are.

	`label` stands for somebody without a name, such as the party's own; where these people are Contacts of a `party`
	(doctype, name) already, their rows are linked to them.
	"""
	country = identity.country_code(None, deal.get("company"))
	for person in people:
		for row in deal.contacts:
			if is_one(_person_of(row), person, country):
				break
		else:
			row = deal.append("contacts", {})
		wanted = {
			"contact_name": person.name or label,
			"designation": person.designation,
			"email_id": person.email,
			"phone": person.phone,
			"mobile_no": person.mobile,
			"role": person.role,
		}
		row.update({field: value for field, value in wanted.items() if value and not row.get(field)})
		_keep_other_reach(row, person, country)
		if party and not row.contact:
			row.contact = _find(*party, person, country)


def once_each(deal) -> None:
	"""Rows in memory of one person become one: the first of them, with what it lacks. Another role is a row of its own."""
	country = identity.country_code(None, deal.get("company"))
	kept: list = []
	for row in list(deal.contacts):
		person = _person_of(row)
		twin = next((one for one in kept if _is_twin(one, row) and is_one(_person_of(one), person, country)), None)
		if not twin:
			kept.append(row)
			continue
		lacking = ("contact", "influence", "role", *ROW)
		twin.update({field: row.get(field) for field in lacking if row.get(field) and not twin.get(field)})
		_keep_other_reach(twin, person, country)
		deal.remove(row)


def _person_of(row) -> Person:
	return Person(*(_clean(row.get(field)) for field in ROW))


def _is_twin(one, other) -> bool:
	"""Neither another Contact nor another role of the two."""
	return all(not (one.get(f) and other.get(f)) or one.get(f) == other.get(f) for f in ("contact", "role"))


def _keep_other_reach(row, person: Person, country: str) -> None:
	"""Another address or number of somebody who is there already goes to the row's notes: the row holds one of each."""
	had = {matching.normal_email(row.get("email_id"))} | _numbers(
		Person(phone=_clean(row.get("phone")), mobile=_clean(row.get("mobile_no"))), country
	)
	noted = _clean(row.get("notes"))
	for value, key in (
		(person.email, matching.normal_email(person.email)),
		(person.phone, matching.normal_phone(person.phone, country)),
		(person.mobile, matching.normal_phone(person.mobile, country)),
	):
		if (
			value
			and (key or value) not in had
			and value not in (row.get("phone"), row.get("mobile_no"))
			and value not in noted
		):
			noted = f"{noted}\n{value}".strip()
	row.notes = noted or row.get("notes")


# ---- Contacts of a party


def add_to_party(
	doctype: str, party: str, people: list[Person], label: str, country: str = "", preferred: bool = False
) -> str | None:
	"""Make sure that each person is a Contact of a Customer or Sales Prospect with all that is known of them.

	Who joins is not the preferred one, but with `preferred` the first. Answers the first one's Contact.
	"""
	first = None
	for person in people:
		contact = _find(doctype, party, person, country)
		if not contact and (contact := _of_nobody(person)):
			give_party(contact, doctype, party)
		if contact:
			_complete(frappe.get_doc("Contact", contact), person, country)
		else:
			contact = make(doctype, party, person, label, preferred and not first)
		first = first or contact
	return first


def _find(doctype: str, party: str, person: Person, country: str) -> str | None:
	"""The party's Contact of a person; None when there is none."""
	for name, people in people_behind(linked_to("Contact", doctype, party)).items():
		if any(is_one(known, person, country) for known in people):
			return name
	return None


def with_address(email: str | None) -> list[str]:
	"""Contacts that have an address; a mailbox may be of several."""
	key = matching.normal_email(email)[:140]
	if not key:
		return []
	found = {"parenttype": "Contact", "crm_match_email": key}
	return frappe.get_all("Contact Email", filters=found, pluck="parent", distinct=True, order_by="parent asc", limit=0)


def _of_nobody(person: Person) -> str | None:
	"""The Contact of this name and address that belongs to no party yet, as the framework makes one of a website's user."""
	names = with_address(person.email) if person.name else []
	people = people_behind(names) if names else {}
	called = [name for name, known in people.items() if is_one(known[0], person, "")]
	if len(called) != 1 or frappe.db.exists("Dynamic Link", {"parenttype": "Contact", "parent": called[0]}):
		return None
	return called[0] if frappe.has_permission("Contact", "write", doc=called[0]) else None


def linked_to(record: str, doctype: str, party: str) -> list[str]:
	"""Names of the Contacts or Addresses that are linked to a party."""
	return frappe.get_all(
		"Dynamic Link",
		filters={"parenttype": record, "link_doctype": doctype, "link_name": party},
		pluck="parent",
		distinct=True,
		order_by="parent asc",
		limit=0,
	)


def people_behind(names: list[str]) -> dict[str, list[Person]]:
	"""{Contact: itself by its name, then by each of its addresses and numbers}, in three queries however many there are."""
	contacts = frappe.get_all(
		"Contact",
		filters={"name": ("in", names or [""])},
		fields=["name", "first_name", "middle_name", "last_name"],
		order_by="name asc",
		limit=0,
	)
	mails, numbers = _rows_of("Contact Email", "email_id", names), _rows_of("Contact Phone", "phone", names)
	found = {}
	for row in contacts:
		name = " ".join(part for part in (row.first_name, row.middle_name, row.last_name) if part)
		found[row.name] = [
			Person(name),
			*(Person(name, email=_clean(mail)) for mail in mails.get(row.name, ())),
			*(Person(name, phone=_clean(number)) for number in numbers.get(row.name, ())),
		]
	return found


def _rows_of(table: str, field: str, contacts: list[str]) -> dict[str, list[str]]:
	"""{Contact: the values of its rows, in their order}."""
	found: dict[str, list[str]] = {}
	for row in frappe.get_all(
		table,
		filters={"parenttype": "Contact", "parent": ("in", contacts or [""])},
		fields=["parent", field],
		order_by="parent asc, idx asc",
		limit=0,
	):
		found.setdefault(row.parent, []).append(row[field])
	return found


def _complete(contact, person: Person, country: str) -> None:
	emails = {matching.normal_email(row.email_id) for row in contact.email_ids}
	numbers = {matching.normal_phone(row.phone, country) for row in contact.phone_nos}
	before = (len(contact.email_ids), len(contact.phone_nos), contact.designation, contact.first_name)
	if person.name and not contact.first_name:
		contact.first_name, contact.last_name = first_and_last(person.name)
	if person.email and matching.normal_email(person.email) not in emails:
		contact.append("email_ids", {"email_id": person.email, "is_primary": 0 if emails else 1})
	_add_numbers(contact, person, country, numbers)
	if person.designation and not contact.designation:
		contact.designation = person.designation
	if before != (len(contact.email_ids), len(contact.phone_nos), contact.designation, contact.first_name):
		contact.save()


def _add_numbers(contact, person: Person, country: str, there: set[str]) -> None:
	"""A Contact's first number is its phone and its mobile: ERPNext empties a Customer's mobile that no Contact has."""
	has_phone = any(row.is_primary_phone for row in contact.phone_nos)
	has_mobile = any(row.is_primary_mobile_no for row in contact.phone_nos)
	keys = [matching.normal_phone(number, country) or number for number in (person.phone, person.mobile)]
	only = not all(keys) or keys[0] == keys[1]
	for number, key, is_mobile in ((person.phone, keys[0], False), (person.mobile, keys[1], True)):
		if not number or key in there:
			continue
		there.add(key)
		row = contact.append("phone_nos", {"phone": number})
		row.is_primary_phone = int(not has_phone and (not is_mobile or only))
		row.is_primary_mobile_no = int(not has_mobile and (is_mobile or only))
		has_phone, has_mobile = has_phone or row.is_primary_phone, has_mobile or row.is_primary_mobile_no


def make(doctype: str, party: str, person: Person, label: str, preferred: bool = False) -> str:
	"""A new Contact of a party; answers its name."""
	full = (person.name or label)[: MAX_NAME - ROOM]
	# A firm stands in for somebody without a name; its commas are its own.
	first, last = first_and_last(full) if person.name else full.partition(" ")[::2]
	contact = frappe.new_doc("Contact")
	contact.update(
		{
			"first_name": first,
			"last_name": last,
			"designation": person.designation,
			"is_primary_contact": int(preferred),
		}
	)
	if person.email:
		contact.append("email_ids", {"email_id": person.email, "is_primary": 1})
	_add_numbers(contact, person, "", set())
	link = {"link_doctype": doctype, "link_name": party}
	if len(full) + 1 + len(party) <= MAX_NAME - ROOM:
		contact.append("links", link)
		return contact.insert().name
	# Named after the person alone: with the party its name would be too long.
	contact.insert()
	contact.append("links", link)
	return contact.save().name


def give_party(contact: str, doctype: str, party: str) -> None:
	"""Link a Contact to a party, as far as the user may change it; nothing where it is already."""
	doc = frappe.get_doc("Contact", contact)
	linked = any((link.link_doctype, link.link_name) == (doctype, party) for link in doc.links)
	if not linked and doc.has_permission("write"):
		doc.append("links", {"link_doctype": doctype, "link_name": party})
		doc.is_primary_contact = 0
		doc.save()


def join_existing(
	doctype: str, prospect: str, customer: str, preferred: bool, of: str = "Sales Prospect", party: str = "Customer"
) -> list[str]:
	"""Link the prospect's own Contacts (or Addresses) to a customer, or those `of` another document to a `party` of
	another type; answers their names."""
	parents = linked_to(doctype, of, prospect)
	for name in parents:
		doc = frappe.get_doc(doctype, name)
		if doc.has_link(party, customer) or not doc.has_permission("write"):
			continue
		doc.append("links", {"link_doctype": party, "link_name": customer})
		if not preferred:
			# The customer keeps the ones it prefers.
			for field in ("is_primary_contact", "is_primary_address", "is_shipping_address"):
				if doc.get(field):
					doc.set(field, 0)
		doc.save()
	return parents

"""The people of a document and the Contacts of its party: who is linked, who is asked about, and what a row says of them."""

from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline.core import matching
from crm_pipeline.erp import contacts
from crm_pipeline.erp.contacts import Person
from crm_pipeline.parties import deal_people
from crm_pipeline.parties.deal_people import Known
from tests.site.hosts import HOST
from tests.site.portable.test_small_parties import contact, linked
from tests.site.world import refused

INES = Known("C-1", (Person("Ines Marlow"), Person("Ines Marlow", email="ines@x.example")))
JOE = Known("C-2", (Person("Joe Quay"), Person("Joe Quay", phone="+1 555 010 2030")))
TWIN = Known("C-3", (Person("Joe Harbour"), Person("Joe Harbour", phone="+1 555 010 2030")))


@pytest.fixture
def deal(sale, world):
	"""A deal of a customer with two Contacts, Ines and Joe."""
	for one in (INES, JOE):
		first, last = one.people[0].name.split()
		mails, phones = ([p.email for p in one.people if p.email], [p.phone for p in one.people if p.phone])
		name = contact(
			first_name=first,
			last_name=last,
			full_name=one.people[0].name,
			designation="Head",
			mails=mails,
			phones=phones,
		)
		frappe.db.set_value("Contact", name, {"email_id": "".join(mails) or None, "phone": "".join(phones) or None})
		linked("Contact", name, "Customer", world.customer)
	found = sale.opportunity()
	found.names = {
		row.first_name: row.name
		for row in frappe.get_all("Contact", fields=["name", "first_name"], order_by="name asc", limit=0)
	}
	return found


# ---- who somebody is


@pytest.mark.parametrize(
	("person", "known", "surely", "may_be"),
	[
		(Person("Ines Marlow", email="INES@x.example"), [INES, JOE], "C-1", ["C-1"]),
		(Person("Ines Marlow"), [INES, JOE], None, ["C-1"]),
		(Person(phone="+1 555 010 2030"), [INES, JOE], "C-2", ["C-2"]),
		(Person(phone="+1 555 010 2030"), [JOE, TWIN], None, ["C-2", "C-3"]),
		(Person("Ines Marlow", phone="+1 555 010 2030"), [JOE], None, ["C-2"]),
		(Person("Kim Sand", email="kim@x.example"), [INES, JOE], None, []),
	],
)
def test_who_shares_an_address_is_surely_somebody_and_of_a_name_somebody_has_to_say(
	site, person, known, surely, may_be
):
	assert deal_people.surely(person, known, "US") == surely
	assert deal_people.same_named(person, known, "US") == may_be


def test_a_row_that_is_linked_says_what_the_contact_says_where_it_is_empty(deal):
	deal.append("contacts", {"contact_name": "Ines M.", "email_id": "ines@x.example", "role": "Buyer"})
	deal_people.link_rows(deal)
	row = deal.contacts[-1]
	assert (row.contact, row.contact_name, row.designation) == (deal.names["Ines"], "Ines M.", "Head")


def test_a_contact_of_nobody_that_is_chosen_becomes_the_party_s(deal, monkeypatch):
	given = []
	monkeypatch.setattr(contacts, "give_party", lambda *about: given.append(about))
	free = contact(first_name="Kim")
	deal.extend("contacts", [{"contact": free}, {"contact": deal.names["Joe"]}])
	deal_people.link_rows(deal)
	assert given == [(free, "Customer", deal.customer)]
	deal._doc_before_save = SimpleNamespace(get=lambda table: [frappe._dict(contact=free)])
	deal_people.link_rows(deal)
	assert len(given) == 1, "one that was there before is not given again"


# ---- what a Contact says now


def test_what_a_contact_says_now_is_said_where_its_old_word_stood(deal):
	own = {"parent": deal.name, "parenttype": deal.doctype, "parentfield": "contacts", "contact": deal.names["Joe"]}
	same, typed = (
		frappe.get_doc({"doctype": deal_people.TABLE, **own, "idx": n, "phone": phone, "contact_name": "Joe"})
		for n, phone in enumerate(("+1 555 010 2030", "+1 555 010 7777"), 1)
	)
	for row in (same, typed):
		row.db_insert()
	before = {"phone": "+1 555 010 2030", "full_name": "Joe Quay", "email_id": ""}
	doc = frappe._dict(phone="+1 555 010 8888", full_name="Joe Quay", email_id="joe@x.example")
	doc.get_doc_before_save = lambda: before
	changed = deal_people.changes_of(doc)
	assert changed == {"phone": ("+1 555 010 2030", "+1 555 010 8888"), "email_id": ("", "joe@x.example")}
	deal_people.follow_contact(deal.names["Joe"], changed)
	stored = lambda row: frappe.db.get_value(deal_people.TABLE, row.name, ["phone", "email_id", "match_phone"])  # noqa: E731
	assert stored(same) == ("+1 555 010 8888", None, matching.normal_phone("+1 555 010 8888", ""))
	assert stored(typed)[0] == "+1 555 010 7777"
	doc.get_doc_before_save = lambda: None
	assert deal_people.changes_of(doc) == {}


# ---- by hand


def test_who_is_there_without_a_role_gets_it_and_another_role_is_a_row_of_its_own(deal):
	add = lambda role: deal_people.add_person(deal.doctype, deal.name, role, deal.names["Ines"], Person())  # noqa: E731
	deal.append("contacts", {"contact": deal.names["Ines"], "contact_name": "Ines"})
	deal.save()
	roles = lambda: [(row.contact, row.role) for row in deal.reload().contacts]  # noqa: E731
	for role, expected in (("Buyer", ["Buyer"]), ("User", ["Buyer", "User"]), ("Buyer", ["Buyer", "User"])):
		add(role)
		assert roles() == [(deal.names["Ines"], one) for one in expected]
	with refused(frappe.MandatoryError):
		deal_people.add_person(deal.doctype, deal.name, "Payer", None, Person(email="kim@x.example"))
	with refused(match="Ines Marlow.* may be the contact"):
		deal_people.add_person(deal.doctype, deal.name, "Payer", None, Person("Ines Marlow"))
	deal_people.add_person(deal.doctype, deal.name, "Payer", None, Person("Joe", phone="+1 555 010 2030"))
	assert roles()[-1] == (deal.names["Joe"], "Payer")


def test_somebody_new_on_a_deal_is_the_customer_s_and_not_its_former_prospect_s(deal, monkeypatch):
	HOST.plain_records(monkeypatch, "Contact")
	deal.db_set("prospect", "An older prospect")
	made = deal_people._new_contact(deal, Person("Zoe Adair", email="zoe@x.example"))
	link = frappe.get_doc("Contact", made).links[0]
	assert (link.link_doctype, link.link_name) == ("Customer", deal.customer)


def test_a_role_is_given_to_the_person_that_was_named_and_to_no_other_without_one(deal):
	for name in ("Joe", "Ines"):
		deal.append("contacts", {"contact": deal.names[name], "contact_name": name})
	deal.save()
	deal_people.add_person(deal.doctype, deal.name, "Buyer", deal.names["Ines"], Person())
	roles = [(row.contact, row.role or None) for row in deal.reload().contacts]
	assert roles == [(deal.names["Joe"], None), (deal.names["Ines"], "Buyer")]


def test_people_who_are_no_contacts_become_some_and_of_the_others_somebody_says_who_they_are(deal, monkeypatch):
	made = []
	monkeypatch.setattr(contacts, "make", lambda *about: made.append(about[2].name) or deal.names["Joe"])
	for name in ("Ines Marlow", "Kim Sand"):
		deal.append("contacts", {"contact_name": name})
	deal.append("contacts", {"role": "Buyer"})
	deal.save()
	ines, kim, _nobody = deal.contacts
	unclear = deal_people.make_contacts(deal.doctype, deal.name, {})
	assert [(row["row"], row["name"]) for row in unclear] == [(ines.name, "Ines Marlow")] and made == ["Kim Sand"]
	assert [(one["name"], one["title"]) for one in unclear[0]["contacts"]] == [(deal.names["Ines"], "Ines Marlow")]
	assert [row.contact for row in deal.reload().contacts] == [None, deal.names["Joe"], None]
	with refused(match="is not one of the contacts"):
		deal_people.make_contacts(deal.doctype, deal.name, {ines.name: deal.names["Joe"]})
	assert deal_people.make_contacts(deal.doctype, deal.name, {ines.name: deal.names["Ines"]}) == []
	assert deal.reload().contacts[0].contact == deal.names["Ines"] and made == ["Kim Sand"]


def test_another_person_of_the_same_name_is_a_contact_of_their_own(deal, monkeypatch):
	monkeypatch.setattr(contacts, "make", lambda *about: deal.names["Joe"])
	deal.append("contacts", {"contact_name": "Ines Marlow"})
	deal.save()
	assert deal_people.make_contacts(deal.doctype, deal.name, {deal.contacts[0].name: ""}) == []
	assert deal.reload().contacts[0].contact == deal.names["Joe"]


def test_somebody_on_a_document_of_nobody_can_be_no_contact(sale):
	with refused(match="has no customer or prospect"):
		deal_people._need_parties(frappe.get_doc({"doctype": "Sales Opportunity", "title": "X", "name": "OPP-1"}))


def test_everybody_on_a_prospect_s_deals_is_a_contact_of_its_customer(deal, world, monkeypatch):
	given, added = [], []
	monkeypatch.setattr(contacts, "give_party", lambda *about: given.append(about))
	monkeypatch.setattr(contacts, "add_to_party", lambda *about: added.append(about[2][0].name) or deal.names["Ines"])
	for values in (
		{"contact": deal.names["Joe"]}, {"contact_name": "Kim", "phone": "+1 555 010 9"}, {"contact_name": "No Reach"},
	):  # fmt: skip
		deal.append("contacts", values)
	deal.save()
	frappe.db.set_value(deal.doctype, deal.name, "prospect", "PROSPECT-1")
	deal_people.follow_verification("PROSPECT-1", world.customer)
	assert (given, added) == ([(deal.names["Joe"], "Customer", world.customer)], ["Kim"])
	assert [row.contact for row in deal.reload().contacts] == [deal.names["Joe"], deal.names["Ines"], None]


@pytest.mark.parametrize(
	"reach", [{"email_id": "kim@quay.example"}, {"phone": "+1 555 010 9"}, {"mobile_no": "+1 555 010 8"}]
)
def test_whoever_can_be_reached_in_one_way_becomes_a_contact_of_the_customer(deal, world, monkeypatch, reach):
	added = []
	monkeypatch.setattr(contacts, "add_to_party", lambda *about: added.append(about) or deal.names["Ines"])
	deal.append("contacts", {"contact_name": "Kim", **reach})
	deal.append("contacts", {"contact_name": "Bare", "designation": "Buyer", "role": "Buyer"})
	deal.save()
	frappe.db.set_value(deal.doctype, deal.name, "prospect", "PROSPECT-1")
	deal_people.follow_verification("PROSPECT-2", world.customer)
	assert added == [], "another prospect's people stay"
	deal_people.follow_verification("PROSPECT-1", world.customer)
	[(doctype, name, [person], label, _country)] = added
	assert (doctype, name, person.name) == ("Customer", world.customer, "Kim")
	assert label == frappe.db.get_value("Customer", world.customer, "customer_name")
	assert [person.email, person.phone, person.mobile] == [
		reach.get(field, "") for field in ("email_id", "phone", "mobile_no")
	]
	assert [one.contact for one in deal.reload().contacts] == [deal.names["Ines"], None]

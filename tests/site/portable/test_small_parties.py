"""Small rules of parties and of what ERPNext knows: keys, people, addresses, costs, prices, and what other apps hear of."""

from datetime import date
from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.chain import carry, extensions, finding, graph, guard, locks, sources
from crm_pipeline.core import costing, matching
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.matching import Identity
from crm_pipeline.erp import (
	contacts,
	customers,
	form_values,
	holidays,
	identity,
	item_costs,
	native_totals,
	payment_schedule,
	prices,
	project,
	same_named,
	usable,
)
from crm_pipeline.erp.contacts import Person
from crm_pipeline.orders import native_order
from crm_pipeline.overrides import customer as on_customer
from crm_pipeline.overrides import personal_data_deletion_request as on_request
from crm_pipeline.parties import duplicates, party, people
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.hosts import HOST
from tests.site.portable.test_small_agreements import requested
from tests.site.world import refused

REP, OTHER, MANAGER, STRANGER = (USERS[who][0] for who in ("rep", "other_rep", "manager", "stranger"))
DEAL, PROSPECT = "Sales Opportunity", "Sales Prospect"


# ---- people


@pytest.mark.parametrize(
	("one", "other", "same"),
	[
		(Person("Ines Marlow"), Person("Marlow, Ines"), True),
		(Person("Ines Marlow", email="a@x.example"), Person("Ada Byron", email="a@x.example"), False),
		(Person("Ines Marlow", email="a@x.example"), Person(email="A@X.example"), True),
		(Person(phone="+49 30 1234567"), Person("Ines", mobile="030 1234567"), True),
		(Person(phone="+49 30 1234567"), Person("Ines", mobile="030 7654321"), False),
		(Person("Ines"), Person(email="a@x.example"), False),
		(Person(), Person(), False),
	],
)
def test_two_entries_are_one_person_by_name_else_by_address_or_number(one, other, same):
	assert contacts.is_one(one, other, "DE") is same and contacts.is_one(other, one, "DE") is same


@pytest.mark.parametrize(
	("doc", "expected"),
	[
		({"contact_name": " Ines ", "email_id": "a@x.example"}, [Person("Ines", email="a@x.example")]),
		({"prospect_name": "Ada Byron", "prospect_kind": "Person"}, [Person("Ada Byron")]),
		({"prospect_name": "Byron Ltd", "prospect_kind": "Organisation"}, []),
		({"prospect_name": "Ada", "prospect_kind": "Person", "contact_name": "Ines"}, [Person("Ines")]),
		({"designation": "Head"}, []),
		({"mobile_no": "1"}, [Person(mobile="1")]),
		(
			{"phone": "1", "contacts": [frappe._dict(contact_name="Bo", role="Decider"), frappe._dict(role="Decider")]},
			[Person(phone="1"), Person("Bo", role="Decider")],
		),
	],
)
def test_everybody_who_can_be_named_or_reached_is_somebody(doc, expected):
	assert contacts.people_of(frappe._dict(doc)) == expected


def test_who_is_on_a_deal_already_gets_what_was_missing_and_another_reach_in_the_notes(sale):
	deal = sale.opportunity(contacts=[{"contact_name": "Ines Marlow", "email_id": "ines@x.example"}])
	added = [
		Person("Ines Marlow", designation="Head", email="home@x.example", phone="+1 555 010 2030", role="Decider"),
		Person(email="INES@x.example", mobile="+1 555 010 9999"),
		Person(phone="+1 555 010 4444"),
	]
	for _twice in range(2):
		contacts.add_to_deal(deal, added, "Northwind")
	assert [row.contact_name for row in deal.contacts] == ["Ines Marlow", "Northwind"]
	ines, nameless = deal.contacts
	assert (ines.email_id, ines.designation, ines.phone, ines.role) == ("ines@x.example", "Head", "+1 555 010 2030", "Decider")  # fmt: skip
	assert (ines.notes, ines.mobile_no) == ("home@x.example", "+1 555 010 9999")
	assert (nameless.phone, nameless.notes) == ("+1 555 010 4444", None)


def contact(**values):
	"""A Contact as it is stored."""
	mails, phones = values.pop("mails", ()), values.pop("phones", ())
	name = rows.row("Contact", docstatus=0, **values)
	for n, mail in enumerate(mails, 1):
		rows.row("Contact Email", parent=name, parenttype="Contact", parentfield="email_ids", idx=n, email_id=mail, docstatus=0, **identity.email_keys(mail))  # fmt: skip
	for n, phone in enumerate(phones, 1):
		rows.row("Contact Phone", parent=name, parenttype="Contact", parentfield="phone_nos", idx=n, phone=phone, docstatus=0, **identity.phone_keys(phone, "US"))  # fmt: skip
	return name


def test_a_contact_has_first_and_last_name_whatever_the_order_in_which_they_were_typed(world, monkeypatch):
	HOST.plain_records(monkeypatch, "Contact", "Customer")

	def names(made: str) -> tuple:
		return frappe.db.get_value("Contact", made, ["first_name", "last_name"])

	of = ("Customer", world.customer)
	assert names(contacts.make(*of, Person("Müller, Dr. Hans"), "Northwind")) == ("Dr. Hans", "Müller")
	assert names(contacts.make(*of, Person(email="a@x.example"), "Huber, Lang")) == ("Huber,", "Lang")
	nameless = contact(mails=["eva@x.example"])
	linked("Contact", nameless, *of)
	assert contacts.add_to_party(*of, [Person("Roth, Eva", email="eva@x.example")], "Northwind") == nameless
	assert names(nameless) == ("Eva", "Roth")


def test_a_contact_of_nobody_becomes_that_of_the_party_instead_of_a_second_one(world, monkeypatch):
	HOST.plain_records(monkeypatch, "Contact", "Customer")
	of, address = ("Customer", world.customer), f"ines@{world.tag}.example"
	ines = Person("Ines Marlow", email=address, mobile="+1 555 010 2030")

	def made(**values):
		person = {"doctype": "Contact", "email_ids": [{"email_id": address, "is_primary": 1}], **values}
		return frappe.get_doc(person).insert().name

	bo = made(first_name="Bo", last_name="Berg")
	registered = made(first_name="Ines", last_name="Marlow")
	assert contacts.add_to_party(*of, [ines], "Northwind") == registered
	found = frappe.get_doc("Contact", registered)
	assert [(link.link_doctype, link.link_name) for link in found.links] == [of]
	assert [row.phone for row in found.phone_nos] == ["+1 555 010 2030"]
	assert frappe.get_doc("Contact", bo).links == []
	southwind = ("Customer", frappe.get_doc({"doctype": "Customer", "customer_name": f"S {world.tag}"}).insert().name)
	assert contacts.add_to_party(*southwind, [ines], "Southwind") != registered, "it has a party by now"
	assert contacts.add_to_party(*southwind, [Person(email=address)], "Southwind") != bo, "nobody says who it is"


def test_a_person_whose_data_were_deleted_is_no_party_of_that_name(sale, world, as_user):
	address, anonymous = f"hanna@{world.tag}.example", f"deleted-{world.tag}@site.example"
	as_user("rep")
	private = sale.lead(prospect_name="Hanna Loesch", prospect_kind="Person", email_id=address)
	waiting = sale.lead(
		prospect_name="Hanna Loesch", prospect_kind="Person", email_id=f"h2@{world.tag}.example", phone=None
	)
	firm = sale.lead(prospect_name=f"Works {world.tag}", email_id=f"info@works-{world.tag}.example", phone=None)
	assert private.prospect and firm.prospect and not (waiting.prospect or waiting.customer)
	for lead in (private, waiting, firm):
		lead.db_set("email_id", anonymous)
		if lead.prospect:
			frappe.db.set_value(PROSPECT, lead.prospect, "email_id", anonymous)
	names = lambda: [  # noqa: E731
		(
			doc.prospect_name,
			doc.party_name,
			doc.prospect and frappe.db.get_value(PROSPECT, doc.prospect, "prospect_name"),
		)
		for doc in (private.reload(), waiting.reload(), firm.reload())
	]
	before = names()
	on_request.on_change(SimpleNamespace(status="Pending Approval", name=anonymous))
	assert names() == before
	on_request.on_change(SimpleNamespace(status="Deleted", name=anonymous))
	gone = "[REDACTED]"
	assert names() == [(gone, gone, gone), (gone, gone, None), before[2]]
	assert frappe.db.get_value(PROSPECT, private.prospect, "match_name") == ""


def linked(record: str, name: str, doctype: str, of: str) -> str:
	return rows.row("Dynamic Link", parent=name, parenttype=record, parentfield="links", link_doctype=doctype, link_name=of, docstatus=0)  # fmt: skip


def test_a_contact_is_the_person_under_each_of_its_addresses_and_numbers(world):
	ines = contact(first_name="Ines", last_name="Marlow", mails=["a@x.example"], phones=["1", "2"])
	other = contact(first_name="Joe")
	assert contacts.people_behind([ines, other]) == {
		ines: [
			Person("Ines Marlow"), Person("Ines Marlow", email="a@x.example"), Person("Ines Marlow", phone="1"),
			Person("Ines Marlow", phone="2"),
		],
		other: [Person("Joe")],
	}  # fmt: skip
	assert contacts.people_behind([]) == {}


@pytest.mark.parametrize(
	("there", "person", "numbers"),
	[
		([], Person(phone="1", mobile="2"), [("1", 1, 0), ("2", 0, 1)]),
		([], Person(phone="1"), [("1", 1, 1)]),
		([], Person(mobile="2"), [("2", 1, 1)]),
		([], Person(phone="1", mobile="1"), [("1", 1, 1)]),
		(["9"], Person(phone="1", mobile="2"), [("9", 1, 1), ("1", 0, 0), ("2", 0, 0)]),
		(["1"], Person(phone="1"), [("1", 1, 1)]),
	],
)
def test_the_first_number_of_a_contact_is_its_phone_and_its_mobile(world, there, person, numbers):
	doc = frappe.new_doc("Contact")
	for number in there:
		doc.append("phone_nos", {"phone": number, "is_primary_phone": 1, "is_primary_mobile_no": 1})
	contacts._add_numbers(doc, person, "", set(there))
	found = [(row.phone, row.is_primary_phone, row.is_primary_mobile_no) for row in doc.phone_nos]
	assert found == numbers


def test_contacts_and_addresses_of_a_party_are_its_own(world):
	own, other = contact(first_name="A"), contact(first_name="B")
	linked("Contact", own, "Customer", world.customer)
	linked("Contact", own, "Customer", world.customer)
	linked("Contact", other, PROSPECT, world.customer)
	linked("Address", other, "Customer", world.customer)
	linked("Contact", other, "Customer", "Another")
	assert contacts.linked_to("Contact", "Customer", world.customer) == [own]
	assert usable.belongs_to("Contact", own, world.customer) and not usable.belongs_to("Contact", other, world.customer)


# ---- customers


def test_the_contact_that_erpnext_shows_is_marked_before_others_join(world):
	def marked():
		return {name: frappe.db.get_value("Contact", name, "is_primary_contact") for name in names}

	def mark():
		return customers._mark_preferred("Contact", "is_primary_contact", world.customer, "customer_primary_contact")

	names = []
	mark()
	names = [contact(first_name=n, creation=f"2026-01-0{n}") for n in (2, 1, 3)]
	for name in names:
		linked("Contact", name, "Customer", world.customer)
		frappe.db.set_value("Contact", name, "is_primary_contact", 0)
	mark()
	assert marked() == {names[0]: 0, names[1]: 1, names[2]: 0}, "the oldest"
	frappe.db.set_value("Customer", world.customer, "customer_primary_contact", names[2])
	mark()
	assert marked()[names[2]] == 0, "one is marked already"
	frappe.db.set_value("Contact", names[1], "is_primary_contact", 0)
	mark()
	assert marked() == {names[0]: 0, names[1]: 0, names[2]: 1}
	frappe.db.set_value("Contact", names[2], "is_primary_contact", 0)
	frappe.db.set_value("Customer", world.customer, "customer_primary_contact", "Another")
	mark()
	assert marked()[names[1]] == 1


@pytest.mark.parametrize(
	("stored", "same"),
	[
		({"address_line1": "Pier 4", "city": "Hamburg", "pincode": "20457"}, True),
		({"address_line1": "PIER, 4", "city": "hamburg", "pincode": ""}, True),
		({"address_line1": "Pier", "address_line2": "4", "city": None, "pincode": None}, True),
		({"address_line1": "Pier 4", "city": "Unknown", "pincode": "20457"}, True),
		({"address_line1": "Pier 5", "city": "Hamburg", "pincode": "20457"}, False),
		({"address_line1": "Pier 4", "city": "Bremen", "pincode": "20457"}, False),
		({"address_line1": "Pier 4", "city": "Hamburg", "pincode": "20458"}, False),
	],
)
def test_an_address_that_a_customer_has_is_not_stored_twice(world, stored, same):
	name = rows.row("Address", docstatus=0, **stored)
	prospect = frappe._dict(address_line1="Pier 4", address_line2=None, city="Hamburg", pincode="20457")
	assert customers._same_address(prospect, world.customer) is None
	linked("Address", name, "Customer", world.customer)
	assert customers._same_address(prospect, world.customer) == (name if same else None)
	assert customers._same_address(frappe._dict(address_line1=None), world.customer) is None


@pytest.mark.parametrize("field", ["customer_group", "territory"])
def test_a_group_that_has_groups_below_is_no_customer_s(site, field):
	doctype = {"customer_group": "Customer Group", "territory": "Territory"}[field]
	first = frappe.db.get_value(doctype, {"is_group": 0}, "name", order_by="lft asc")
	own = rows.row(doctype, is_group=0, lft=9001, rgt=9002, docstatus=0)
	frappe.db.set_single_value("Selling Settings", field, own)
	assert customers._selling(field) == own
	frappe.db.set_value(doctype, own, "is_group", 1)
	frappe.clear_document_cache(doctype, own)
	assert customers._selling(field) == first
	frappe.db.set_single_value("Selling Settings", field, None)
	assert customers._selling(field) == first


@pytest.mark.parametrize(
	("own", "group", "expected"), [("A", "B", "A"), (None, "B", "B"), (None, None, "site"), ("", "", "site")]
)
def test_prices_are_those_of_the_customer_its_group_or_the_site(world, own, group, expected):
	name = frappe.db.get_value("Customer", world.customer, "customer_group")
	frappe.db.set_value("Customer", world.customer, "default_price_list", own)
	frappe.db.set_value("Customer Group", name, "default_price_list", group)
	frappe.clear_document_cache("Customer", world.customer)
	frappe.clear_document_cache("Customer Group", name)
	frappe.db.set_single_value("Selling Settings", "selling_price_list", "site")
	assert (prices.default_price_list(world.customer), prices.default_price_list(None)) == (expected, "site")


def test_a_customer_s_keys_and_name_follow_what_is_saved(sale, world):
	doc = frappe.get_doc("Customer", world.customer)
	doc.update({"customer_name": "Weiß GmbH", "customer_type": "Company", "tax_id": "de-12 3"})
	on_customer.follow(doc, "validate")
	assert (doc.crm_match_name, doc.crm_match_tax_id) == (
		matching.search_name("Weiß GmbH"),
		matching.normal_tax_id("DE123"),
	)
	doc.update({"crm_parent_customer": doc.name})
	doc._doc_before_save = frappe._dict(crm_parent_customer=None, customer_name=doc.customer_name)
	with refused():
		on_customer.follow(doc, "validate")
	doc.crm_parent_customer = None
	deal = sale.opportunity()

	def shown():
		return frappe.db.get_value(DEAL, deal.name, "party_name")

	before = shown()
	on_customer.follow(doc, "on_update")
	assert shown() == before, "its name is the same"
	doc._doc_before_save = frappe._dict(customer_name="Old")
	on_customer.follow(doc, "on_update")
	assert shown() == "Weiß GmbH"


def test_a_customer_that_is_renamed_is_so_on_its_documents_and_in_the_ledger(sale, world):
	deal = sale.opportunity()
	event = rows.row("Pipeline Event", kind="Conversion", customer=world.customer, to_value="Customer Old", docstatus=0)
	other = rows.row(
		"Pipeline Event", kind="Conversion", customer=world.customer, to_value="Customer Others", docstatus=0
	)
	state = rows.row("Pipeline Event", kind="State", customer=world.customer, to_value="Customer Old", docstatus=0)
	frappe.db.set_value("Customer", world.customer, {"customer_name": "Quay", "crm_match_name": "stale"})
	doc = frappe.get_doc("Customer", world.customer)
	on_customer.follow(doc, "after_rename", "Old", world.customer, False)
	told = [frappe.db.get_value("Pipeline Event", name, "to_value") for name in (event, other, state)]
	assert told == [f"Customer {world.customer}", "Customer Others", "Customer Old"]
	assert frappe.db.get_value(DEAL, deal.name, "party_name") == "Quay"
	assert frappe.db.get_value("Customer", world.customer, "crm_match_name") == matching.search_name("Quay")


# ---- who may be who


def stored_customer(name: str, **values) -> str:
	doc = {"customer_name": name, "customer_type": "Company", **values}
	return rows.row("Customer", docstatus=0, **doc, **identity.customer_keys(doc))


def test_customers_that_could_be_a_party_are_found_by_name_tax_id_address_and_number(world):
	tag = world.tag
	by_name, by_tax, by_mail, by_domain, by_phone, nobody = (
		stored_customer(f"Quay {tag} GmbH"), stored_customer("B", tax_id=f"DE{tag}"), *(stored_customer(c) for c in "CDEF")
	)  # fmt: skip
	mail, colleague = f"ines@quay-{tag}.example", f"bo@quay-{tag}.example"
	for of, values in (
		(by_mail, {"mails": [mail]}), (by_domain, {"mails": [colleague]}), (by_phone, {"phones": ["+15550102030"]}),
		(nobody, {"mails": ["x@other.example"], "phones": ["+15550109999"]}),
	):  # fmt: skip
		linked("Contact", contact(first_name="A", **values), "Customer", of)
	linked("Contact", contact(first_name="P", mails=[mail]), PROSPECT, "PROS-1")
	asked = Identity(
		name="x", label=f"QUAY {tag}", tax_id=f"de-{tag}", emails=(mail,), phones=("555 010 2030",), country="US"
	)
	found = {one.name: one for one in identity.customers_like(asked)}
	assert set(found) == {by_name, by_tax, by_mail, by_domain, by_phone}
	assert found[by_mail].emails == (mail,) and found[by_phone].phones == ("+15550102030",)
	address = rows.row("Address", city="Hamburg", docstatus=0)
	linked("Address", address, "Customer", by_name)
	assert identity.customers_like(Identity(name="x", label=f"Quay {tag}"))[0].towns == ("Hamburg",)
	person = Identity(name="x", label="Nobody", kind=matching.PERSON, emails=(mail,), country="US")
	assert {one.name for one in identity.customers_like(person)} == {by_mail}, "a person's colleagues are others"
	assert identity.customers_like(Identity(name="x", label="")) == []


def test_prospects_that_could_be_a_party_are_unverified_others(world):
	tag = world.tag
	made = {}
	for key, values in {
		"name": {"prospect_name": f"Quay {tag}"}, "tax": {"tax_id": f"DE{tag}"}, "mail": {"email_id": f"a@quay-{tag}.example"},
		"domain": {"email_id": f"b@quay-{tag}.example"}, "phone": {"phone": "+15550102030"}, "mobile": {"mobile_no": "+15550102030"},
		"verified": {"prospect_name": f"Quay {tag}", "status": "Verified"}, "rejected": {"tax_id": f"DE{tag}", "status": "Rejected"},
		"none": {"prospect_name": "Other", "phone": "+15550109999"}, "contact": {},
	}.items():  # fmt: skip
		doc = {"prospect_name": "X", "status": "Unverified", "company": world.company, **values}
		made[key] = rows.row(PROSPECT, docstatus=0, **doc, **identity.prospect_keys(doc))
	linked("Contact", contact(first_name="A", phones=["+15550102030"]), PROSPECT, made["contact"])
	asked = Identity(
		name=made["name"], label=f"quay {tag}", tax_id=f"DE {tag}", emails=(f"a@quay-{tag}.example",), phones=("+15550102030",),
		country="US",
	)  # fmt: skip
	found = {one.name for one in identity.prospects_like(asked)}
	assert found == {made[key] for key in ("tax", "mail", "domain", "phone", "mobile", "contact")}
	assert made["name"] in {one.name for one in identity.prospects_like(Identity(name="x", label=f"Quay {tag}"))}


@pytest.mark.parametrize(
	("country", "company", "code"), [("Germany", True, "DE"), (None, True, "US"), (None, False, None)]
)
def test_a_number_is_read_in_the_country_of_the_party_its_company_or_the_site(world, country, company, code):
	site = identity.country_code(None)
	frappe.db.set_value("Company", world.company, "country", "United States")
	frappe.clear_document_cache("Company", world.company)
	assert identity.country_code(country, world.company if company else None) == (site if code is None else code)


def test_what_the_user_may_not_see_is_neither_linked_nor_told(sale, world, monkeypatch):
	known = [Identity(name="A", label="Quay"), Identity(name="B", label="Quay")]
	monkeypatch.setitem(party.CANDIDATES, "Customer", lambda asked: known)
	monkeypatch.setattr(party.frappe, "has_permission", lambda doctype, right, doc=None, **how: doc == "A")
	lead = frappe.get_doc({"doctype": "Sales Lead", "prospect_name": "Quay", "company": world.company})
	found, hidden = party.find(lead, "Customer")
	assert (found.names, hidden) == (("A",), ("B",))
	lead.flags.ignore_permissions = True
	found, hidden = party.find(lead, "Customer")
	assert (found.names, hidden) == (("A", "B"), ())


def test_managers_are_told_of_a_party_that_may_be_there_already(sale, world, as_user):
	prospect = frappe.get_doc({"doctype": PROSPECT, "prospect_name": "Quay", "company": world.company}).insert()

	def told():
		return set(
			frappe.get_all(
				"Notification Log", filters={"document_name": prospect.name}, pluck="for_user", order_by="for_user asc"
			)
		)

	assert MANAGER in duplicates.managers() and not {REP, STRANGER, "Administrator"} & set(duplicates.managers())
	about = {"reference_doctype": PROSPECT, "reference_name": prospect.name}
	others = [["Customer", world.customer]]
	duplicates.send(**{**about, "reference_name": "PROS-nowhere"}, others=others, by=REP)
	duplicates.send(**about, others=[["Customer", "gone"]], by=REP)
	assert told() == set()
	frappe.db.set_value("User", MANAGER, "enabled", 0)
	assert MANAGER not in duplicates.managers()


# ---- owners


@pytest.mark.parametrize(
	("user", "words"),
	[
		("rep", None),
		("nobody@crm-test.example", "is disabled or does not exist"),
		("disabled", "is disabled or does not exist"),
		("stranger", "has no right to read Sales Opportunity"),
		("guest", "has no right to read Sales Opportunity"),
	],
)
def test_a_deal_is_given_to_somebody_of_desk_who_may_read_it(site, user, words):
	if user == "disabled":
		frappe.db.set_value("User", REP, "enabled", 0)
	if user == "guest":
		frappe.db.set_value("User", REP, "user_type", "Website User")
	name = {"rep": REP, "disabled": REP, "guest": REP, "stranger": STRANGER}.get(user, user)
	if words:
		with refused(match=f"Sales Owner: user .*{name}.* {words}"):
			people.need_possible_owner(DEAL, name)
	else:
		people.need_possible_owner(DEAL, name)


def test_the_sales_person_is_the_owner_s_until_somebody_chooses_another(sale, world):
	place = rows.sales_people(world, North=MANAGER, Rep=REP, South=OTHER)
	doc = frappe.get_doc({"doctype": DEAL, "sales_owner": REP})
	people.follow_owner(doc)
	assert doc.sales_person == place["Rep"]
	doc.sales_person = place["South"]
	people.follow_owner(doc)
	assert doc.sales_person == place["South"], "chosen"
	doc._doc_before_save = frappe._dict(sales_owner=REP, sales_person=place["South"])
	doc.sales_owner = MANAGER
	people.follow_owner(doc)
	assert doc.sales_person == place["North"], "handed over"
	doc._doc_before_save = frappe._dict(sales_owner=MANAGER, sales_person=place["North"])
	doc.update({"sales_owner": REP, "sales_person": place["South"]})
	people.follow_owner(doc)
	assert doc.sales_person == place["South"], "chosen in the same save"
	doc._doc_before_save = frappe._dict(sales_owner=REP, sales_person=place["South"])
	doc.sales_owner = "finance@crm-test.example"
	people.follow_owner(doc)
	assert doc.sales_person is None, "the new owner has no place"
	doc._doc_before_save = frappe._dict(sales_owner=REP, sales_person=None)
	doc.update({"sales_owner": STRANGER})
	with refused(match="has no right to read"):
		people.follow_owner(doc)


def test_of_several_places_of_a_user_the_enabled_one_lowest_in_the_tree_counts(world):
	def row(name, **values):
		return rows.row("Sales Person", name=f"{name} {world.tag}", crm_user=REP, docstatus=0, **values)

	frappe.db.set_value("Sales Person", {"crm_user": REP}, "crm_user", None)
	assert people.person_of(REP) is None and people.person_of(None) is None
	row("Group", is_group=1, enabled=1, lft=9001, rgt=9010)
	assert people.person_of(REP) == f"Group {world.tag}"
	row("Later", is_group=0, enabled=1, lft=9006, rgt=9007)
	row("First", is_group=0, enabled=1, lft=9004, rgt=9005)
	row("Off", is_group=0, enabled=0, lft=9002, rgt=9003)
	assert people.person_of(REP) == f"First {world.tag}"
	assert people.nodes_of(REP) == [f"{name} {world.tag}" for name in ("Group", "Off", "First", "Later")]
	assert [r.name for r in people.below(f"Group {world.tag}")][:1] == [f"Group {world.tag}"]
	assert people.below("Nowhere") == []


def test_a_manager_who_stands_beside_the_team_leads_the_group_above(world):
	place = rows.sales_people(world, North=MANAGER, Rep=REP, South=OTHER)
	top = rows.row("Sales Person", name=f"Top {world.tag}", is_group=1, lft=9000, rgt=9010, docstatus=0)
	node = place["North"]
	frappe.db.set_value("Sales Person", node, {"is_group": 0, "parent_sales_person": top})
	assert people._top_of(node) == top
	seen = people.part_of_tree(MANAGER)
	assert set(seen.persons) == {top, *place.values()} and seen.users == tuple(sorted((MANAGER, REP, OTHER)))
	frappe.db.set_value("Sales Person", node, "is_group", 1)
	assert people._top_of(node) == node
	assert people.part_of_tree(MANAGER).persons == (node, place["Rep"])
	frappe.db.set_value("Sales Person", node, {"is_group": 0, "parent_sales_person": None})
	assert people._top_of(node) == node


# ---- sources of another sale


@pytest.mark.parametrize(
	("own", "other", "fine"),
	[("same", "same", True), ("same", None, True), (None, "same", True), ("same", "Another", False)],
)
@pytest.mark.parametrize("field", ["customer", "company"])
def test_what_came_from_a_document_is_about_the_same_customer_and_company_as_far_as_both_say(
	sale, field, own, other, fine
):
	source = sale.opportunity()
	contract = frappe.get_doc({"doctype": "Sales Contract", "customer": source.customer, "company": source.company})
	contract.set(field, source.get(field) if own else None)
	frappe.db.set_value(DEAL, source.name, field, source.get(field) if other == "same" else other)
	ref = Ref(DEAL, source.name)
	if fine:
		sources._refuse_other_sale(contract, ref)
	else:
		with refused(
			match=f"{field.title()} of Sales Opportunity {source.name} is .*Another.*, not .*{contract.get(field)}"
		):
			sources._refuse_other_sale(contract, ref)


@pytest.mark.parametrize(("to", "fine"), [("Customer", False), ("Lead", True), (None, True)])
def test_a_quotation_to_somebody_else_is_about_no_customer(sale, world, to, fine):
	deal = sale.opportunity()
	offer = frappe.get_doc(
		"Quotation", rows.row("Quotation", quotation_to=to, party_name="Another", company=deal.company)
	)
	if fine:
		sources._refuse_other_sale(offer, Ref(DEAL, deal.name))
	else:
		with refused(match="Customer of Sales Opportunity"):
			sources._refuse_other_sale(offer, Ref(DEAL, deal.name))


def test_a_source_is_looked_at_again_when_something_of_the_sale_changes_or_is_submitted(sale):
	source = sale.opportunity()
	contract = sale.contract(submit=False, source_type=DEAL, source_name=source.name)
	frappe.db.set_value(DEAL, source.name, "customer", "Another")
	ref = Ref(DEAL, source.name)
	contract.load_doc_before_save()
	sources._refuse_other_sale(contract, ref)
	for change in ({"docstatus": 1}, {"company": "Third"}):
		changed = frappe.get_doc("Sales Contract", contract.name)
		changed.load_doc_before_save()
		changed.update(change)
		with refused():
			sources._refuse_other_sale(changed, ref)
	contract.load_doc_before_save()
	with refused(match="is .*Another"):
		sources._refuse_other_sale(
			frappe.get_doc({"doctype": "Sales Contract", "customer": contract.customer, "company": contract.company}),
			ref,
		)


@pytest.mark.parametrize("field", ["customer", "company"])
@pytest.mark.parametrize("docstatus", [0, 1, 2])
def test_a_deal_keeps_customer_and_company_while_something_signed_came_from_it(sale, field, docstatus):
	deal = sale.opportunity()
	contract = sale.contract(submit=False, source_type=DEAL, source_name=deal.name)
	frappe.db.set_value("Sales Contract", contract.name, "docstatus", docstatus)
	deal.load_doc_before_save()
	sources.refuse_leaving(deal)
	own = deal.get(field)
	deal.set(field, "Another")
	if docstatus == 1:
		with refused(match=f"of Sales Contract {contract.name}, which was made from this, is .*{own}"):
			sources.refuse_leaving(deal)
	else:
		sources.refuse_leaving(deal)
	deal.set(field, None)
	sources.refuse_leaving(deal)


# ---- what other apps hear of

HEARD: list[dict] = []


def break_down(**told):
	raise ValueError("another app")


@pytest.fixture
def listener(monkeypatch):
	"""Functions of another app that registered for our hooks, by their paths."""
	HEARD.clear()
	functions = {
		"another_app.first": lambda **told: HEARD.append(told),
		"another_app.second": lambda **told: HEARD.append(told),
	}
	hooks, attributes = frappe.get_hooks, frappe.get_attr

	def get_hooks(hook=None, *args, **how):
		return list(functions) if str(hook).startswith("crm_pipeline_") else hooks(hook, *args, **how)

	monkeypatch.setattr(frappe, "get_hooks", get_hooks)
	monkeypatch.setattr(frappe, "get_attr", lambda path: functions.get(path) or attributes(path))
	return functions


def test_every_app_that_asked_for_it_is_told(sale, listener, world):
	extensions.run("crm_pipeline_anything", about="x")
	assert HEARD == [{"about": "x"}] * 2
	HEARD.clear()
	deal = sale.opportunity()
	assert [told["doc"].name for told in HEARD if "doc" in told] == [deal.name] * 2
	HEARD.clear()
	contract = carry.next_document(deal, "Sales Contract")
	assert [(told["source"].name, told["target"]) for told in HEARD] == [(deal.name, contract)] * 2
	assert graph.source_of(contract) == Ref(DEAL, deal.name)


def test_what_another_app_breaks_stops_our_own_step_and_no_order_of_erpnext_s(site, listener):
	listener["another_app.first"] = break_down
	with pytest.raises(ValueError, match="another app"):
		extensions.run("crm_pipeline_anything", about="x")
	assert HEARD == []
	locks._state().guest = True
	try:
		extensions.run("crm_pipeline_anything", about="x")
	finally:
		locks._state().guest = False
	assert HEARD == [{"about": "x"}]
	gone = Exception(1213, "Deadlock")

	def fail():
		raise gone

	locks._state().guest = True
	try:
		with pytest.raises(Exception) as raised:
			guard.attempt("x", fail)
	finally:
		locks._state().guest = False
	assert raised.value is gone, "nothing smaller than the transaction can be repeated"


# ---- an order that ERPNext completes


class Complete(Exception):
	"""An order holds all that is ours."""


@pytest.mark.parametrize("quoted", [False, True])
def test_an_order_is_filled_as_one_that_was_mapped_only_where_it_was(sale, world, monkeypatch, quoted):
	request = requested(sale)
	filled = []

	def fill(order, mapped=False):
		filled.append((order, mapped))
		raise Complete

	monkeypatch.setattr(form_values, "fill", fill)
	monkeypatch.setattr(native_order, "_quotation_behind", lambda request: "QTN-1" if quoted else None)
	monkeypatch.setattr(native_order, "_from_quotation", lambda request, quotation: native_order._from_request(request))
	with pytest.raises(Complete):
		native_order.make(request)
	((order, mapped),) = filled
	assert mapped is quoted
	assert (order.crm_request_key, graph.source_of(order)) == (request.name, Ref(request.doctype, request.name))
	assert [(row.item_code, row.qty, row.crm_request_item) for row in order.items] == [
		(row.item_code, row.qty, row.name) for row in request.items
	]
	assert not order.flags.ignore_permissions


# ---- costs, holidays, prices, totals


def test_an_hour_costs_what_the_activity_says_for_nobody_in_particular(site):
	types = {name: rows.row("Activity Type", name=f"{name} type", costing_rate=rate, docstatus=0) for name, rate in (("Plan", 50), ("Build", 0), ("Talk", 70))}  # fmt: skip

	def cost(name, rate, employee=None):
		return rows.row("Activity Cost", activity_type=types[name], costing_rate=rate, employee=employee, docstatus=0)

	cost("Plan", 99, employee="HR-1")
	talk = cost("Talk", 80)
	cost("Build", 0)
	found = item_costs.hourly_costs(types.values())
	assert {name: (one.rate, one.basis) for name, one in found.items()} == {
		types["Plan"]: (50, types["Plan"]), types["Talk"]: (80, talk),
	}  # fmt: skip
	assert item_costs.hourly_costs([]) == {}


def test_what_lies_in_stock_costs_its_average_else_the_last_rate_else_the_item_s_own(world):
	place = [rows.row("Warehouse", name=f"{n} {world.tag}", company=world.company, docstatus=0) for n in "AB"]
	foreign = rows.row("Warehouse", company="Another", docstatus=0)

	def cost():
		return item_costs.costs_of([world.pump], world.company)[world.pump].get(costing.VALUATION)

	own = frappe.db.get_value("Item", world.pump, "valuation_rate")
	assert (cost().rate, cost().basis) == (own, world.pump)

	def bin_(warehouse, qty, value, rate, day):
		return rows.row(
			"Bin",
			item_code=world.pump,
			warehouse=warehouse,
			actual_qty=qty,
			stock_value=value,
			valuation_rate=rate,
			modified=f"2026-01-0{day}",
			docstatus=0,
		)

	bin_(foreign, 5, 5000, 1000, 1)
	bin_(place[0], 0, 0, 61, 3)
	bin_(place[1], 0, 0, 62, 2)
	assert (cost().rate, cost().basis) == (61, place[0]), "the last one"
	frappe.db.set_value("Bin", {"warehouse": place[0], "item_code": world.pump}, {"actual_qty": 2, "stock_value": 100})
	frappe.db.set_value("Bin", {"warehouse": place[1], "item_code": world.pump}, {"actual_qty": 3, "stock_value": 300})
	assert (cost().rate, cost().basis) == (80, f"{place[0]}, {place[1]}")
	frappe.db.set_value("Bin", {"warehouse": place[1], "item_code": world.pump}, "stock_value", -1)
	assert cost().rate == 50


@pytest.mark.parametrize(
	"wrong",
	[
		{},
		{"is_default": 0},
		{"is_active": 0},
		{"docstatus": 0},
		{"company": "Another"},
		{"quantity": 0},
		{"base_total_cost": 0},
	],
)
def test_a_bill_of_materials_says_what_an_item_costs_where_it_is_the_one_in_use(world, wrong):
	bom = rows.row("BOM", **{"item": world.pump, "is_default": 1, "is_active": 1, "company": world.company, "base_total_cost": 90, "quantity": 3, **wrong})  # fmt: skip
	found = item_costs.costs_of([world.pump], world.company)[world.pump].get(costing.BOM)
	assert (found and (found.rate, found.basis)) == (None if wrong else (30, bom))


def test_working_days_are_those_of_the_company_s_list(world):
	assert holidays.calendar_of(None) is None
	name = rows.row("Holiday List", from_date="2026-01-01", to_date="2026-12-31", docstatus=0)
	frappe.db.set_value("Company", world.company, "default_holiday_list", name)
	frappe.clear_document_cache("Company", world.company)
	assert holidays.calendar_of(world.company) is None
	with refused(match="has no default holiday list with days in it"):
		holidays.required_of_company(world.company)
	common = {"parent": name, "parenttype": "Holiday List", "parentfield": "holidays", "docstatus": 0}
	rows.row("Holiday", holiday_date="2026-01-03", weekly_off=1, **common)
	rows.row("Holiday", holiday_date="2026-05-01", weekly_off=0, **common)
	rows.row("Holiday", holiday_date="2026-07-01", weekly_off=0, **{**common, "parent": "Another"})
	found = holidays.required_of_company(world.company)

	def between(first, last):
		return found.days_between(date.fromisoformat(first), date.fromisoformat(last))

	assert between("2026-01-01", "2026-01-04") == 2, "Saturday the 3rd is off"
	assert between("2026-04-30", "2026-05-02") == 1
	assert between("2026-06-30", "2026-07-02") == 2, "that is another list"
	assert between("2027-01-01", "2027-01-04") == 2, "a year later Saturdays are off as well"
	frappe.db.set_value("Company", world.company, "default_holiday_list", None)
	frappe.clear_document_cache("Company", world.company)


def test_one_s_own_currency_is_worth_one(world):
	assert api.get_exchange_rate(world.currency, world.company) == 1


@pytest.mark.parametrize(
	("values", "rate", "discount"),
	[
		({"rate": 0, "price_list_rate": 50}, 0, 100),
		({"rate": 40, "price_list_rate": 50, "discount_percentage": 20}, 40, 20),
		({"rate": 0, "price_list_rate": 0, "discount_percentage": 0}, 0, 0),
	],
)
def test_a_row_that_costs_nothing_of_a_list_price_is_a_full_discount(sale, values, rate, discount):
	row = sale.opportunity().items[0]
	row.update({"discount_percentage": 0, **values})
	copied = same_named.copy_row(row, "Sales Order Item")
	assert (copied["item_code"], copied["qty"], copied["rate"], copied["discount_percentage"]) == (row.item_code, row.qty, rate, discount)  # fmt: skip


@pytest.mark.parametrize(
	("own", "other", "travels"),
	[
		({"fieldtype": "Data"}, {"fieldtype": "Data"}, True),
		({"fieldtype": "Data"}, {"fieldtype": "Int"}, False),
		({"fieldtype": "Data"}, None, False),
		({"fieldtype": "Data", "no_copy": 1}, {"fieldtype": "Data"}, False),
		({"fieldtype": "Data"}, {"fieldtype": "Data", "no_copy": 1}, False),
	],
)
def test_an_admin_s_own_field_travels_where_both_sides_have_it(own, other, travels):
	def field(values):
		return frappe._dict(fieldname="site_code", **{"no_copy": 0, **values})

	source = frappe._dict(site_code="S-7", meta=SimpleNamespace(get_custom_fields=lambda: [field(own)]))
	meta = SimpleNamespace(get_field=lambda name: field(other) if other and name == "site_code" else None)
	assert same_named.same_named(source, meta) == ({"site_code": "S-7"} if travels else {})
	for there, after in ((None, "S-7"), ("", "S-7"), (0, "S-7"), ("Own", "Own")):
		target = SimpleNamespace(meta=meta, values={"site_code": there})
		target.get, target.set = target.values.get, target.values.__setitem__
		same_named.carry_same_named(source, target)
		assert target.values["site_code"] == (after if travels else there)


@pytest.mark.parametrize(
	("values", "worked_out"),
	[
		({}, False),
		({"apply_discount_on": "Grand Total"}, False),
		({"apply_discount_on": "Grand Total", "discount_amount": 5}, True),
		({"apply_discount_on": "Grand Total", "additional_discount_percentage": 5}, True),
		({"apply_discount_on": "Net Total", "discount_amount": 5}, False),
		({"items": []}, False),
	],
)
def test_erpnext_works_out_what_depends_on_tax(sale, monkeypatch, values, worked_out):
	contract = sale.contract(submit=False)
	contract.update({"discount_amount": 0, "additional_discount_percentage": 0, **values})
	order = SimpleNamespace(total=1.0, discount_amount=2.0, net_total=3.0, base_total=4.0, base_net_total=5.0, items=[], run_method=lambda name: None, get=lambda name: [])  # fmt: skip
	monkeypatch.setattr(native_totals, "_unsaved_order", lambda *args: order)
	found = native_totals.totals_of(contract)
	assert (found and (found.total, found.discount, found.net, found.base_total, found.base_net)) == ((1, 2, 3, 4, 5) if worked_out else None)  # fmt: skip


@pytest.mark.parametrize(("names", "behind"), [(("A",), True), (("A", "A"), True), (("A", "B"), False), (("A", None), True), ((None,), False), (("gone",), False)])  # fmt: skip
def test_taxes_are_those_of_the_one_quotation_behind_the_rows(world, names, behind):
	made = {key: rows.row("Quotation", company=world.company) for key in "AB"}
	doc = SimpleNamespace(items=[frappe._dict(quotation=made.get(name, name)) for name in names])
	found = native_totals._quotation_behind(doc)
	assert (found and found.name) == (made["A"] if behind else None)


def test_a_template_counts_where_it_is_the_company_s_and_in_use(sale, world):
	template = rows.row("Sales Taxes and Charges Template", company=world.company, disabled=0, docstatus=0)
	common = {
		"parent": template,
		"parenttype": "Sales Taxes and Charges Template",
		"parentfield": "taxes",
		"docstatus": 0,
	}
	line = rows.row("Sales Taxes and Charges", included_in_print_rate=1, idx=1, **common)
	doc = frappe._dict(company=world.company)

	def asked(**values):
		return native_totals._company_includes_tax(frappe._dict(doc, **values))

	plain = rows.row("Sales Taxes and Charges Template", company=world.company, disabled=0, docstatus=0)
	assert asked() and asked(taxes_and_charges=template) and not asked(taxes_and_charges=plain)
	assert not native_totals._company_includes_tax(frappe._dict(company="Another"))
	frappe.db.set_value("Sales Taxes and Charges", line, "included_in_print_rate", 0)
	frappe.clear_document_cache("Sales Taxes and Charges Template", template)
	assert not asked(taxes_and_charges=template)


# ---- links that time has passed


@pytest.mark.parametrize(
	("field", "record", "words"),
	[
		("selling_price_list", {"enabled": 0}, "is disabled"),
		("taxes_and_charges", {"disabled": 1}, "is disabled"),
		("taxes_and_charges", {"company": "Another"}, "belongs to Company Another"),
		("set_warehouse", {"is_group": 1}, "is a group of warehouses"),
		("set_warehouse", {"company": "Another"}, "belongs to Company Another"),
		("set_warehouse", {}, None),
		("selling_price_list", {"enabled": 1}, None),
		("contact_person", {}, "does not belong to Customer"),
		("customer_address", {}, "does not belong to Customer"),
		("contact_person", {"linked": 1}, None),
		("tax_category", None, "does not exist any more"),
	],
)
def test_a_link_that_can_not_be_used_any_more_is_left_out_and_told(sale, world, field, record, words):
	request = requested(sale)
	doctype = usable.LINKS[field]
	name = "Gone"
	if record is not None:
		owned = {"company": world.company} if doctype in ("Warehouse", "Sales Taxes and Charges Template") else {}
		values = {k: v for k, v in record.items() if k != "linked"}
		name = rows.row(doctype, docstatus=0, **{**owned, **values})
		if record.get("linked"):
			linked(doctype, name, "Customer", world.customer)
	request.set(field, name)
	frappe.clear_messages()
	usable.leave_out_unusable(request)
	told = str(frappe.local.message_log)
	assert request.get(field) == (None if words else name)
	assert (f"{words}" in told and "It was left out" in told) if words else "left out" not in told


@pytest.mark.parametrize(
	("change", "unsold"),
	[
		({"disabled": 1}, True),
		({"has_variants": 1}, True),
		({"is_sales_item": 0}, True),
		({"end_of_life": "2020-01-01"}, True),
		({}, False),
		({"end_of_life": "2099-01-01"}, False),
	],
)
def test_a_quotation_with_something_that_is_not_sold_any_more(world, change, unsold):
	offer = rows.row("Quotation", company=world.company)
	common = {"parent": offer, "parenttype": "Quotation", "parentfield": "items"}
	line = rows.row("Quotation Item", item_code=world.service, idx=1, **common)
	frappe.db.set_value("Item", world.service, {"is_sales_item": 1, **change})
	assert usable.any_unsold(offer, leave_out=set()) is unsold
	assert usable.any_unsold(offer, leave_out={line}) is False and usable.any_unsold("Other", set()) is False


def test_dates_of_a_schedule_are_told_in_order_and_a_discount_ends_with_its_part(sale):
	row = frappe._dict(discount_date="2026-01-10")
	dates = payment_schedule.Dates
	after = dates(date(2026, 2, 1), date(2026, 1, 25))
	assert payment_schedule._discount_date(frappe._dict(discount_date=None), dates(), after, date(2026, 3, 1)) is None
	assert payment_schedule._discount_date(row, dates(None, date(2026, 1, 10)), after, date(2026, 3, 1)) == date(
		2026, 1, 25
	)
	assert payment_schedule._discount_date(row, dates(None, date(2026, 1, 9)), after, date(2026, 3, 1)) == date(
		2026, 1, 10
	)
	assert payment_schedule._discount_date(row, dates(), after, date(2026, 1, 5)) == date(2026, 1, 5)


# ---- who rings


def test_a_number_or_an_address_finds_people_parties_and_what_is_open_with_them(sale, world):
	deal = sale.opportunity()
	lost = sale.opportunity()
	frappe.db.set_value(DEAL, lost.name, "status", "Lost")
	mail = f"ines@quay-{world.tag}.example"
	person = contact(first_name="Ines", full_name="Ines Marlow", mails=[mail], phones=["+15550107788"])
	linked("Contact", person, "Customer", world.customer)
	for text in (mail, mail[:12], "555 010 7788", "+1 (555) 010-7788"):
		found = {(row["doctype"], row["name"]) for row in api.find_person(text)}
		assert {("Customer", world.customer), ("Contact", person), (DEAL, deal.name)} <= found, text
		assert (DEAL, lost.name) not in found
	assert api.find_person("Ines Marlow") == finding.who_is("  ") == []
	assert [row["doctype"] for row in api.find_person(mail)][0] == "Customer"


@pytest.mark.parametrize(("text", "key"), [("555 010 2030", "+15550102030"), ("a1", ""), ("ines@x.example", "")])
def test_a_text_is_a_number_when_there_are_no_letters_in_it(world, text, key):
	found = finding.phone_key(text)
	assert bool(found) is bool(key) and (not key or found.endswith("5550102030"))


def test_an_address_finds_its_mailbox_however_it_is_typed(world):
	known = frappe.get_doc({"doctype": PROSPECT, "prospect_name": f"Quay {world.tag}", "company": world.company})
	known.email_id = f"ines+offer@müller{world.tag}.example"
	known.insert()
	person = contact(first_name="Ines", full_name="Ines", mails=[f"i.nes.{world.tag}@gmail.com"])
	frappe.db.set_value("Contact Email", {"parent": person}, identity.email_keys(f"i.nes.{world.tag}@gmail.com"))
	found = lambda text: {row["name"] for row in api.find_person(text)}  # noqa: E731
	domain = f"müller{world.tag}.example"
	for text in (f"ines@{domain}", f"INES+x@{domain}", f"ines+offer@xn--mller{world.tag}"[:14]):
		assert known.name in found(text), text
	assert person in found(f"ines{world.tag}@googlemail.com") and person in found(f"i.nes.{world.tag}@gm")
	assert not found(f"eve@{domain}") - {known.name}


def test_what_a_text_does_not_say_is_not_searched(site):
	assert finding._contacts("Ines", "") == set() and finding._contacts("@", "") == set()
	assert finding._reach("Sales Lead", "Ines", "") == [] and finding._named(PROSPECT, []) == set()
	assert finding._reach("Sales Lead", "a@x", "") == [["Sales Lead", "email_id", "like", "a@x%"]]
	assert finding._reach("Sales Lead", "a@x", "49") == [
		["Sales Lead", "match_phone", "like", "49%"], ["Sales Lead", "match_mobile", "like", "49%"],
	]  # fmt: skip
	assert finding._about(DEAL, set(), set()) == []
	assert finding._about(DEAL, {"B", "A"}, {"P"}) == [
		[DEAL, "customer", "in", ["A", "B"]],
		[DEAL, "prospect", "in", ["P"]],
	]
	assert finding._some(set()) == [""] and len(finding._some({str(n) for n in range(200)})) == finding.AT_MOST


# ---- what is made in ERPNext, as it is handed over


@pytest.fixture
def handed_over(monkeypatch):
	return watch(monkeypatch)


def watch(monkeypatch) -> list[tuple]:
	"""Documents that would be inserted or saved in ERPNext, in order: [(what is done, its DocType, the document then)]."""
	done = []

	def kept(doc, how):
		doc.name = doc.get("name") or f"{doc.doctype} {len(done) + 1}"
		done.append((how, doc.doctype, frappe._dict(doc.as_dict())))
		return doc

	def watched(make):
		def made(*args, **kwargs):
			doc = make(*args, **kwargs)
			if args[0] in ("Contact", "Address", "Customer", "Project", "Task"):
				doc.insert = lambda *a, **how: kept(doc, "insert")
				doc.save = lambda *a, **how: kept(doc, "save")
			return doc

		return made

	for name in ("new_doc", "get_doc"):
		monkeypatch.setattr(frappe, name, watched(getattr(frappe, name)))
	return done


@pytest.mark.parametrize(
	("name", "party", "steps"),
	[
		("Ines Marlow", "Northwind", ["insert"]),
		("x" * 100, "y" * 33, ["insert"]),
		("x" * 100, "y" * 34, ["insert", "save"]),
		("x" * 140, "Northwind", ["insert", "save"]),
	],
)
def test_a_contact_s_name_fits_with_or_without_that_of_its_party(handed_over, name, party, steps):
	person = Person(name, "Head", "ines@x.example", "1", "2")
	contacts.make("Customer", party, person, "Northwind", preferred=True)
	assert [how for how, *_rest in handed_over] == steps
	first, last = handed_over[0][2], handed_over[-1][2]
	assert len(f"{first.first_name} {first.last_name or ''}".strip()) <= contacts.MAX_NAME - contacts.ROOM
	assert (first.designation, first.is_primary_contact) == ("Head", 1)
	assert [(row.email_id, row.is_primary) for row in first.email_ids] == [("ines@x.example", 1)]
	assert [row.phone for row in first.phone_nos] == ["1", "2"]
	assert bool(first.links) is (steps == ["insert"])
	assert [(row.link_doctype, row.link_name) for row in last.links] == [("Customer", party)]
	contacts.make("Customer", "Northwind", Person(phone="1"), "Quay Works", preferred=False)
	nameless = handed_over[-1][2]
	assert (nameless.first_name, nameless.last_name, nameless.is_primary_contact) == ("Quay", "Works", 0)
	assert not nameless.email_ids


@pytest.mark.parametrize(
	("person", "saved"),
	[
		(Person("Ines Marlow"), False),
		(Person("Ines Marlow", email="INES@x.example", phone="+1 555 010 2030"), False),
		(Person(email="other@x.example"), True),
		(Person(phone="+1 555 010 9999"), True),
		(Person(designation="Head"), True),
	],
)
def test_what_is_known_of_a_contact_already_is_not_stored_again(world, handed_over, person, saved):
	doc = frappe.get_doc("Contact", contact(first_name="Ines", mails=["ines@x.example"], phones=["+15550102030"]))
	contacts._complete(doc, person, "US")
	assert bool(handed_over) is saved
	assert doc.first_name == "Ines"
	if person.email.startswith("other"):
		assert [(row.email_id, row.is_primary) for row in doc.email_ids][-1] == ("other@x.example", 0)
	nameless = frappe.get_doc("Contact", contact())
	contacts._complete(nameless, Person("Ada Byron King", email="a@x.example"), "US")
	assert (nameless.first_name, nameless.last_name, nameless.email_ids[0].is_primary) == ("Ada", "Byron King", 1)


@pytest.mark.parametrize("preferred", [True, False])
def test_what_joins_a_customer_is_preferred_only_where_the_customer_is_new(world, handed_over, monkeypatch, preferred):
	marks = ("is_primary_contact", "is_primary_address", "is_shipping_address")
	for record, own in (("Contact", marks[:1]), ("Address", marks[1:])):
		name, there = (rows.row(record, docstatus=0, **dict.fromkeys(own, 1)) for _n in range(2))
		for one in (name, there):
			linked(record, one, PROSPECT, "PROS-1")
		linked(record, there, "Customer", "Northwind")
		make = frappe.get_doc

		def get_doc(*args, make=make, there=there, **kwargs):
			doc = make(*args, **kwargs)
			doc.has_link = lambda doctype, name: doc.name == there
			doc.has_permission = lambda right: True
			return doc

		monkeypatch.setattr(frappe, "get_doc", get_doc)
		handed_over.clear()
		assert set(contacts.join_existing(record, "PROS-1", "Northwind", preferred)) == {name, there}
		((_how, _doctype, saved),) = handed_over
		assert saved.name == name and [saved.get(mark) for mark in own] == [int(preferred)] * len(own)
		assert ("Customer", "Northwind") in [(row.link_doctype, row.link_name) for row in saved.links]
		monkeypatch.setattr(frappe, "get_doc", make)


@pytest.mark.parametrize("preferred", [True, False])
def test_a_prospect_s_address_is_handed_over_with_what_is_known(world, handed_over, preferred):
	given = {"prospect_name": "Q" * 140, "address_line1": "Pier 4", "company": world.company}
	assert customers._make_address(frappe._dict(given, address_line1=None), "Northwind", preferred) is None
	customers._make_address(frappe._dict(given, city="Hamburg", state="HH", country="Germany", pincode="20457"), "Northwind", preferred)  # fmt: skip
	customers._make_address(frappe._dict(given, state="HH"), "Northwind", preferred)
	customers._make_address(frappe._dict(given), "Northwind", preferred)
	first, second, third = (doc for _how, _doctype, doc in handed_over)
	assert (len(first.address_title), first.address_type) == (customers.MAX_ADDRESS_TITLE, "Billing" if preferred else "Office")  # fmt: skip
	assert (first.city, first.country, first.pincode, first.is_primary_address) == (
		"Hamburg",
		"Germany",
		"20457",
		int(preferred),
	)
	own = frappe.db.get_value("Company", world.company, "country")
	assert (second.city, second.country, third.city) == ("HH", own, "Unknown")
	assert [(row.link_doctype, row.link_name) for row in first.links] == [("Customer", "Northwind")]


def test_a_customer_is_what_its_prospect_said(world, handed_over):
	def leaf(doctype):
		return frappe.db.get_value(doctype, {"is_group": 0}, "name", order_by="lft asc")

	settings = frappe._dict(default_customer_group="Group", default_territory="Land")
	doc = frappe.get_doc({"doctype": PROSPECT, "prospect_name": "Quay", "prospect_kind": "Person", "tax_id": "1", "website": "w", "industry": "I"})  # fmt: skip
	customers.make(doc, settings)
	doc.update({"prospect_kind": "Organisation", "customer_group": "Own", "territory": "Here"})
	customers.make(doc, settings)
	frappe.db.set_single_value("Selling Settings", {"customer_group": None, "territory": None})
	customers.make(frappe.get_doc({"doctype": PROSPECT, "prospect_name": "Quay"}), frappe._dict())
	made = [doc for _how, _doctype, doc in handed_over]
	assert [(one.customer_type, one.customer_group, one.territory) for one in made] == [
		("Individual", "Group", "Land"), ("Company", "Own", "Here"), ("Company", leaf("Customer Group"), leaf("Territory")),
	]  # fmt: skip
	assert (made[0].customer_name, made[0].tax_id, made[0].website, made[0].industry) == ("Quay", "1", "w", "I")


def test_a_project_in_erpnext_has_the_team_and_a_task_for_each_open_milestone(sale, world, monkeypatch):
	doc = frappe.get_doc(
		{
			"doctype": "Sales Project", "title": "Harbour", "project_type": "Sales", "customer": world.customer,
			"company": world.company, "start_date": "2026-01-01", "end_date": "2026-02-01", "members": [{"user": REP, "function": "Lead"}],
			"milestones": [
				{"milestone": "Plan", "due_date": "2026-01-10", "notes": "n", "status": "Open"},
				{"milestone": "Past", "due_date": "2026-01-02", "status": "Done"},
				{"milestone": "There", "due_date": "2026-01-12", "status": "Open"},
			],
		}
	).insert()  # fmt: skip
	doc.milestones[2].task = "TASK-1"
	handed_over = watch(monkeypatch)
	project.make(doc)
	(_how, _doctype, made), (_how, _doctype, task) = handed_over
	assert (made.project_name, made.company, made.customer) == ("Harbour", world.company, world.customer)
	assert (str(made.expected_start_date), str(made.expected_end_date)) == ("2026-01-01", "2026-02-01")
	assert [(row.user, row.welcome_email_sent) for row in made.users] == [(REP, 1)]
	assert (task.subject, task.project, str(task.exp_end_date), task.description) == (
		"Plan",
		made.name,
		"2026-01-10",
		"n",
	)
	assert task.is_milestone == 1
	rows.row("Project", project_name="Harbour", docstatus=0)
	assert project._free_name(doc) == f"Harbour ({doc.name})"


def test_a_name_with_a_blank_or_without_is_one_person_and_others_are_not():
	assert contacts.is_one(Person("陈 玉兰"), Person("陈玉兰"), "CN")
	assert contacts.is_one(Person("Dr. Mona Multi"), Person("Multi, Mona"), "DE")
	assert not contacts.is_one(Person("陈玉兰"), Person("陈玉"), "CN")


def test_people_that_a_lead_names_twice_stand_once_on_its_deal(world):
	rows = [
		{"contact_name": "Eva Roth", "email_id": "eva@rows.example"},
		{"email_id": "eva+2@rows.example", "phone": "+44 20 7946 0111", "role": "Buyer"},
		{"contact_name": "Max", "phone": "+44 20 7946 0222", "role": "User"},
		{"phone": "020 7946 0222", "designation": "Head"},
		{"contact_name": "Max", "role": "Payer"},
		{"contact_name": "EVA ROTH", "email_id": "roth@rows.example"},
	]
	deal = frappe.get_doc({"doctype": DEAL, "company": world.company, "contacts": rows})
	for _twice in range(2):
		contacts.once_each(deal)
	found = deal.contacts
	assert [(row.contact_name, row.role) for row in found] == [("Eva Roth", "Buyer"), ("Max", "User"), ("Max", "Payer")]
	assert (found[0].email_id, found[0].phone) == ("eva@rows.example", "+44 20 7946 0111")
	assert "roth@rows.example" in found[0].notes and found[1].designation == "Head"

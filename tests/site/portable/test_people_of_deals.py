# ruff: noqa: F811
"""The people of a deal are real Contacts: linked by address or number, made from the deal, kept in step."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.erp import contacts
from crm_pipeline.erp.contacts import Person
from crm_pipeline.parties import deal_people
from crm_pipeline.patches.v0_4 import link_contacts
from tests.site.hosts import HOST
from tests.site.portable.test_board import deal, line  # noqa: F401
from tests.site.world import refused

MARLOW = Person("Ines Marlow", email="ines@harbour.example", phone="+49 30 901820")


def contact_of(customer: str, person: Person) -> str:
	return contacts.make("Customer", customer, person, "Harbour")


def linked(doc) -> list[str | None]:
	doc.reload()
	return [row.contact or None for row in doc.contacts]


@pytest.mark.parametrize(
	("row", "found"),
	[
		({"contact_name": "Ines Marlow", "email_id": "INES@harbour.example "}, True),
		({"contact_name": "I. Marlow", "phone": "0049-30-901820"}, True),
		({"email_id": "ines@harbour.example"}, True),
		({"contact_name": "Ines Marlow"}, False),
		({"contact_name": "Ines Marlow", "email_id": "ines.marlow@other.example"}, False),
		# A mailbox or a switchboard is of many.
		({"contact_name": "Tom Blake", "email_id": "ines@harbour.example"}, False),
	],
)
def test_a_row_is_linked_to_whom_it_surely_is(sale, world, row, found):
	contact = contact_of(world.customer, MARLOW)
	made = sale.opportunity(contacts=[row])
	assert linked(made) == [contact if found else None]
	if found:
		assert made.contacts[0].email_id.strip().lower() == MARLOW.email and made.contacts[0].phone


def test_of_two_who_share_a_number_nobody_is_chosen(sale, world):
	for name in ("Ines Marlow", "Ines Blake"):
		contact_of(world.customer, Person(name, phone="+49 30 901820"))
	assert linked(sale.opportunity(contacts=[{"contact_name": "Ines", "phone": "+49 30 901820"}])) == [None]


def test_a_name_that_is_no_contact_becomes_one(sale, world, as_user):
	as_user("rep")
	made = sale.opportunity(contacts=[{"contact_name": "Ines Marlow", "phone": "+49 30 901820", "role": "Buyer"}])
	assert linked(made) == [None]
	assert api.make_contacts(made.doctype, made.name) == []
	contact = linked(made)[0]
	assert contacts.linked_to("Contact", "Customer", made.customer).count(contact) == 1
	assert frappe.db.get_value("Contact", contact, ["first_name", "last_name"]) == ("Ines", "Marlow")
	assert api.make_contacts(made.doctype, made.name) == [] and linked(made) == [contact]


def test_of_a_name_that_a_contact_has_somebody_says_who_it_is(sale, world):
	known = contact_of(world.customer, Person("Ines Marlow", email="ines@harbour.example"))
	rows = [{"contact_name": "Ines Marlow", "phone": "+49 30 1"}, {"contact_name": "Tom Blake", "phone": "+49 30 2"}]
	made = sale.opportunity(contacts=rows)
	unclear = api.make_contacts(made.doctype, made.name)
	assert [(row["name"], [c["name"] for c in row["contacts"]]) for row in unclear] == [("Ines Marlow", [known])]
	ines, tom = linked(made)
	assert not ines and tom
	with refused(match="not one of the contacts"):
		api.make_contacts(made.doctype, made.name, {unclear[0]["row"]: tom})
	api.make_contacts(made.doctype, made.name, {unclear[0]["row"]: known})
	assert linked(made) == [known, tom]


def test_another_of_the_same_name_is_a_contact_of_their_own(sale, world):
	known = contact_of(world.customer, Person("Ines Marlow", email="ines@harbour.example"))
	made = sale.opportunity(contacts=[{"contact_name": "Ines Marlow", "phone": "+49 30 1"}])
	row = api.make_contacts(made.doctype, made.name)[0]["row"]
	api.make_contacts(made.doctype, made.name, {row: ""})
	assert linked(made) not in ([None], [known])


def test_who_wrote_a_lead_is_the_contact_of_its_deal(sale, as_user):
	as_user("rep")
	lead = sale.lead(
		prospect_name="Wharf Cafe", contact_name="Lena Ode", email_id="lena@wharf.example", phone="+49 30 77"
	)
	api.qualify_lead(lead.name)
	made = frappe.get_doc("Sales Opportunity", api.convert_lead(lead.name, assessment="Hot")["name"])
	contact = linked(made)[0]
	assert contacts.linked_to("Contact", "Customer", made.customer) == [contact]


def test_everybody_on_a_prospect_s_deals_is_a_contact_of_the_customer(sale, as_user):
	as_user("Administrator")
	frappe.db.set_single_value("CRM Pipeline Settings", "verify_on_conversion", 0)
	as_user("rep")
	lead = sale.lead(prospect_name="Wharf Cafe", contact_name="Lena Ode", email_id="lena@wharf.example")
	api.qualify_lead(lead.name)
	made = frappe.get_doc("Sales Opportunity", api.convert_lead(lead.name, assessment="Hot")["name"])
	lena = linked(made)[0]
	assert contacts.linked_to("Contact", "Sales Prospect", made.prospect) == [lena]
	made.append("contacts", {"contact_name": "Oda Berg", "phone": "+49 30 88"})
	made.save()
	customer = api.verify_prospect(made.prospect)["name"]
	assert sorted(linked(made)) == sorted(contacts.linked_to("Contact", "Customer", customer))
	assert linked(made)[0] == lena and linked(made)[1]


def test_a_new_number_of_a_contact_is_that_of_the_deal(sale, world):
	contact = contact_of(world.customer, Person("Ines Marlow", email="ines@harbour.example", mobile="+49 171 5"))
	made = sale.opportunity(contacts=[{"contact": contact}, {"contact": contact, "email_id": "private@home.example"}])
	doc = frappe.get_doc("Contact", contact)
	doc.email_ids[0].email_id = "ines.marlow@harbour.example"
	doc.save()
	made.reload()
	assert [row.email_id for row in made.contacts] == ["ines.marlow@harbour.example", "private@home.example"]


def test_a_contact_of_nobody_that_is_chosen_is_the_customer_s(sale, world):
	doc = frappe.get_doc({"doctype": "Contact", "first_name": "Loose", "last_name": "End"}).insert()
	sale.opportunity(contacts=[{"contact": doc.name}])
	assert doc.name in contacts.linked_to("Contact", "Customer", world.customer)


def test_rows_of_earlier_versions_are_linked_where_it_is_clear(sale, world):
	contact = contact_of(world.customer, MARLOW)
	rows = [
		{"contact_name": "I Marlow", "email_id": MARLOW.email},
		{"contact_name": "Ines Marlow"},
		{"contact_name": "Tom", "phone": "5"},
	]
	made = sale.opportunity(contacts=rows)
	for row in made.contacts:
		frappe.db.set_value("Sales Deal Contact", row.name, "contact", None)
	link_contacts.execute()
	assert linked(made) == [contact, None, None]
	link_contacts.execute()
	assert linked(made) == [contact, None, None]


# ---- what a gate asks is done from the move's dialog


@pytest.fixture
def gated(line, as_user):
	"""The first stage asks for an activity, a decision maker and a submitted contract."""
	as_user("Administrator")
	stage = frappe.get_doc("Pipeline Stage", f"{line}-first")
	stage.append("gates", {"kind": "Recent Activity", "days": 7})
	stage.append("gates", {"kind": "Contact With Role", "contact_role": "Decision Maker"})
	stage.append("gates", {"kind": "Document Exists", "document_type": "Sales Contract", "submitted": 1})
	stage.save()
	as_user("rep")
	return stage


def asked(made, line) -> list[dict]:
	return api.get_asked_of_move(made.doctype, made.name, f"{line}-second")["others"]


def test_the_dialog_knows_what_to_do_about_each_gate(gated, line, deal):
	made = deal()
	steps = [(step["kind"], step.get("subject")) for step in asked(made, line)]
	assert steps == [("activity", None), ("role", "Decision Maker"), ("document", "Sales Contract")]
	assert all(step["text"] for step in asked(made, line))


def test_each_step_that_is_done_is_asked_no_more(gated, line, deal):
	made = deal()
	values = {"subject": "Call", "status": "Done", "result": "Reached", "reference_doctype": made.doctype}
	frappe.get_doc({"doctype": "Sales Activity", "reference_name": made.name, **values}).insert()
	assert [step["kind"] for step in asked(made, line)] == ["role", "document"]
	api.add_deal_contact(made.doctype, made.name, "Decision Maker", contact_name="Ines Marlow", phone="+49 30 1")
	assert [step["kind"] for step in asked(made, line)] == ["document"]
	made.reload()
	row = made.contacts[-1]
	assert (row.contact_name, row.role, bool(row.contact)) == ("Ines Marlow", "Decision Maker", True)


def test_a_role_is_given_to_who_is_there_and_a_second_one_is_a_second_row(sale, world, as_user):
	as_user("rep")
	contact = contact_of(world.customer, MARLOW)
	made = sale.opportunity(contacts=[{"contact": contact}])
	for role in ("Buyer", "Buyer", "Decision Maker"):
		api.add_deal_contact(made.doctype, made.name, role, contact=contact)
	made.reload()
	assert [(row.contact, row.role) for row in made.contacts] == [(contact, "Buyer"), (contact, "Decision Maker")]


def test_a_name_that_a_contact_has_is_asked_about_and_nobody_has_no_role(sale, world, as_user):
	as_user("rep")
	contact_of(world.customer, MARLOW)
	made = sale.opportunity()
	with refused(match="may be the contact"):
		api.add_deal_contact(made.doctype, made.name, "Buyer", contact_name="Ines Marlow")
	with refused(match="Choose a contact"):
		api.add_deal_contact(made.doctype, made.name, "Buyer", phone="+49 30 1")
	as_user("stranger")
	with refused(frappe.PermissionError):
		api.add_deal_contact(made.doctype, made.name, "Buyer", contact_name="Who")
	with refused(frappe.PermissionError):
		api.make_contacts(made.doctype, made.name)


def test_a_contact_that_the_user_may_not_see_is_neither_linked_nor_named(sale, world, as_user):
	hidden = contact_of(world.customer, MARLOW)
	for name in ("Tom Blake", "Ana Reis"):
		allowed = {"user": as_user("rep"), "allow": "Contact", "apply_to_all_doctypes": 1}
		as_user("Administrator")
		other = contact_of(world.customer, Person(name, email=f"{name[:3]}@harbour.example"))
		frappe.get_doc({"doctype": "User Permission", **allowed, "for_value": other}).insert()
	as_user("rep")
	deal = sale.opportunity(contacts=[{"contact_name": "Ines Marlow", "email_id": MARLOW.email}])
	assert linked(deal) == [None]
	with refused(frappe.PermissionError):
		# Neither is the hidden one named, nor may this user make another one.
		api.add_deal_contact(deal.doctype, deal.name, "Decider", contact_name="Ines Marlow")
	assert hidden not in linked(deal)


def test_a_contact_is_saved_whatever_happens_to_our_rows(sale, world, monkeypatch):
	contact = frappe.get_doc("Contact", contact_of(world.customer, MARLOW))
	deal = sale.opportunity(contacts=[{"contact": contact.name, "email_id": MARLOW.email}])

	def broken(*_given):
		raise ValueError("ours")

	monkeypatch.setattr(deal_people, "follow_contact", broken)
	contact.designation = "Head of Buying"
	contact.save()
	monkeypatch.undo()
	assert frappe.db.get_value("Contact", contact.name, "designation") == "Head of Buying"
	contact.reload()
	contact.email_ids[0].email_id = "ines.marlow@harbour.example"
	contact.save()
	deal.reload()
	assert deal.contacts[0].email_id == "ines.marlow@harbour.example"


def test_a_customer_with_many_contacts_is_asked_no_more_often(sale, world, monkeypatch):
	def statements() -> int:
		asked, run = [], frappe.db.sql
		monkeypatch.setattr(
			frappe.db, "sql", lambda query, *args, **named: asked.append(query) or run(query, *args, **named)
		)
		deal_people.known_of([("Customer", world.customer)])
		monkeypatch.undo()
		return len(asked)

	contact_of(world.customer, Person("Ana 0", phone="+49 30 55500"))
	statements()
	few = statements()
	for n in range(1, 9):
		contact_of(world.customer, Person(f"Ana {n}", phone=f"+49 30 5550{n}"))
	assert statements() == few
	assert len(deal_people.known_of([("Customer", world.customer)])) == 9


@pytest.mark.parametrize(
	("field", "value"), [("email_id", "tom@harbour.example"), ("phone", "+49 30 901821"), (None, None)]
)
def test_a_new_person_of_a_deal_is_a_contact_that_is_reached_by_what_was_typed(
	sale, world, as_user, monkeypatch, field, value
):
	HOST.plain_records(monkeypatch, "Contact")
	as_user("rep")
	made = sale.opportunity()
	api.add_deal_contact(
		made.doctype, made.name, "Buyer", contact_name="Tom Blake", **({field: value} if field else {})
	)
	[contact] = linked(made)
	doc = frappe.get_doc("Contact", contact)
	assert (doc.first_name, doc.last_name) == ("Tom", "Blake")
	assert [(link.link_doctype, link.link_name) for link in doc.links] == [("Customer", world.customer)]
	assert [row.email_id for row in doc.email_ids] == ([value] if field == "email_id" else [])
	assert [row.phone for row in doc.phone_nos] == ([value] if field == "phone" else [])
	[row] = made.contacts
	assert (row.contact_name, row.role) == ("Tom Blake", "Buyer")
	assert (row.email_id or None, row.phone or None) == tuple(
		value if field == name else None for name in ("email_id", "phone")
	)


def test_who_is_known_by_address_or_number_gets_the_role_and_is_made_no_second_time(sale, world, as_user, monkeypatch):
	HOST.plain_records(monkeypatch, "Contact")
	as_user("rep")
	made = sale.opportunity()
	reach = {"email_id": "tom@harbour.example", "phone": "+49 30 901821"}
	api.add_deal_contact(made.doctype, made.name, "Buyer", contact_name="Tom Blake", **reach)
	[contact] = linked(made)
	for role, (field, value) in zip(("User", "Payer"), reach.items(), strict=True):
		api.add_deal_contact(made.doctype, made.name, role, contact_name="Tom Blake", **{field: value})
	assert linked(made) == [contact] * 3 and [row.role for row in made.contacts] == ["Buyer", "User", "Payer"]

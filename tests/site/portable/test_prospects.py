"""A prospect is found or made once, verified once, and every document of it follows."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.core import matching
from crm_pipeline.leads import qualification
from crm_pipeline.parties import verification
from crm_pipeline.parties.verification import AmbiguousPartyError
from tests.site.rows import row
from tests.site.world import customer, refused


def prospect(world, **values):
	return frappe.get_doc(
		{
			"doctype": "Sales Prospect",
			"prospect_name": f"Quay Partners {world.tag}",
			"company": world.company,
			"contact_name": "Ada Quay",
			"email_id": f"ada@quay-{world.tag}.example",
			"phone": "+44 20 5550 1234",
			"address_line1": "1 Dock Road",
			"city": "London",
			"country": "United Kingdom",
			**values,
		}
	).insert()


def test_a_bought_name_verified_by_a_call_becomes_a_customer_then_gets_a_lead(world, sale, as_user):
	user = as_user("rep")
	bought = prospect(world, channel="Bought List")
	assert bought.status == "Unverified"
	made = api.verify_prospect(bought.name, method="Call", note="Spoke to Ada")
	bought.reload()
	assert (bought.status, bought.verified_by, bought.verification_method) == ("Verified", user, "Call")
	name = made["name"]
	assert frappe.db.get_value("Customer", name, "customer_name") == bought.prospect_name
	contact = frappe.db.get_value("Customer", name, "customer_primary_contact")
	assert frappe.db.get_value("Contact", contact, "email_id") == bought.email_id
	address = frappe.db.get_value("Customer", name, "customer_primary_address")
	assert frappe.db.get_value("Address", address, "city") == "London"

	lead = sale.lead(prospect=bought.name, prospect_name=None)
	assert lead.customer == name


def test_verifying_twice_gives_the_same_customer(world, as_user):
	as_user("rep")
	name = prospect(world).name
	first = api.verify_prospect(name)
	assert api.verify_prospect(name) == first
	assert frappe.db.count("Customer", {"customer_name": ("like", f"%{world.tag}%")}) == 2  # Northwind and this one


def test_every_document_of_the_prospect_points_at_the_customer_afterwards(world, sale, as_user):
	as_user("rep")
	party = prospect(world)
	frappe.db.set_single_value("CRM Pipeline Settings", "verify_on_conversion", 0)
	lead = sale.lead(prospect=party.name, prospect_name=None)
	deal = api.convert_lead(lead.name, assessment="Warm")
	opportunity = frappe.get_doc("Sales Opportunity", deal["name"])
	assert not opportunity.customer and opportunity.party_name == party.prospect_name
	name = api.verify_prospect(party.name)["name"]
	for doctype, document in (("Sales Lead", lead.name), ("Sales Opportunity", opportunity.name)):
		assert frappe.db.get_value(doctype, document, "customer") == name
	events = frappe.get_all(
		"Pipeline Event", filters={"prospect": party.name}, pluck="customer", order_by="creation asc"
	)
	assert set(events) == {name}


def test_an_existing_customer_is_recognised_by_tax_id_before_its_name(world, as_user):
	known = customer(f"Quay Partners Holding {world.tag}", tax_id=f"GB-{world.tag}")
	customer(f"Quay Partners {world.tag}", tax_id="other")
	as_user("rep")
	party = prospect(world, tax_id=f"gb {world.tag}")
	assert api.verify_prospect(party.name)["name"] == known


def test_several_candidates_ask_a_person(world, as_user):
	first = customer(f"Quay Partners Ltd {world.tag}")
	second = customer(f"QUAY-Partners {world.tag}")
	as_user("rep")
	party = prospect(world, email_id=None, phone=None)
	with pytest.raises(AmbiguousPartyError):
		api.verify_prospect(party.name)
	found = api.find_customers(party.name)
	assert {row["name"] for row in found["customers"]} == {first, second}
	assert (found["rule"], found["sure"]) == (matching.NAME, False), "the dialog says by what they were found"
	assert api.verify_prospect(party.name, customer=second)["name"] == second


def test_none_of_the_candidates_makes_a_new_customer(world, as_user):
	customer(f"Quay Partners Ltd {world.tag}")
	as_user("rep")
	party = prospect(world)
	made = api.verify_prospect(party.name, create_new=1)["name"]
	assert frappe.db.get_value("Customer", made, "customer_name") == party.prospect_name


def test_a_shared_mail_domain_under_another_name_is_a_question(world, as_user):
	as_user("rep")
	first = prospect(world)
	name = api.verify_prospect(first.name)["name"]
	colleague = prospect(world, prospect_name="Another label", email_id=f"bob@quay-{world.tag}.example", phone=None)
	with pytest.raises(AmbiguousPartyError):
		api.verify_prospect(colleague.name)
	assert api.verify_prospect(colleague.name, customer=name)["name"] == name


def test_a_person_is_not_the_organisation_of_their_mail_domain(world, as_user):
	as_user("rep")
	name = api.verify_prospect(prospect(world).name)["name"]
	person = prospect(
		world,
		prospect_kind="Person",
		prospect_name=f"Bob Quay {world.tag}",
		email_id=f"bob2@quay-{world.tag}.example",
		phone=None,
	)
	assert api.verify_prospect(person.name)["name"] != name


def test_contacts_linked_to_the_prospect_come_along(world, as_user):
	as_user("rep")
	party = prospect(world)
	contact = frappe.get_doc(
		{
			"doctype": "Contact",
			"first_name": "Second",
			"links": [{"link_doctype": "Sales Prospect", "link_name": party.name}],
		}
	).insert()
	name = api.verify_prospect(party.name)["name"]
	assert frappe.get_doc("Contact", contact.name).has_link("Customer", name)


def test_a_rejected_prospect_needs_a_reason_and_is_not_verified(world, as_user):
	as_user("rep")
	party = prospect(world)
	with pytest.raises(frappe.MandatoryError):
		api.reject_prospect(party.name, "")
	api.reject_prospect(party.name, "Wrong Data")
	with pytest.raises(frappe.ValidationError, match="rejected"):
		api.verify_prospect(party.name)
	api.reopen_prospect(party.name)
	assert api.verify_prospect(party.name)["name"]


def test_nobody_types_a_name_twice(world, sale, as_user):
	"""The second message of the same organisation lands on the prospect that is already there."""
	as_user("rep")
	first = sale.lead()
	second = sale.lead(title="More pumps", contact_name="Somebody else", email_id=f"x@harbour-{world.tag}.example")
	assert second.prospect == first.prospect
	assert frappe.db.count("Sales Prospect", {"prospect_name": first.prospect_name}) == 1


def test_a_wrong_mail_address_is_named(world, as_user):
	as_user("rep")
	with pytest.raises(frappe.ValidationError):
		prospect(world, email_id="not an address")


def test_of_two_prospects_that_are_one_the_kept_one_takes_what_it_lacks(world):
	kept = prospect(world, phone=None, address_line1=None)
	gone = prospect(
		world, prospect_name=f"Quai {world.tag}", email_id=f"bo@quai-{world.tag}.example", phone="+44 20 5550 9999", city="York",
		address_line1="9 High Street",
	)  # fmt: skip
	verification.take_over(kept, gone.name)
	kept.reload()
	assert (kept.prospect_name, kept.city, kept.phone) == (f"Quay Partners {world.tag}", "London", "+44 20 5550 9999")
	assert (kept.email_id, kept.address_line1) == (f"ada@quay-{world.tag}.example", "9 High Street")


def test_who_says_that_a_lead_is_about_a_new_customer_is_not_asked_which_one(world, as_user, monkeypatch):
	twins, made = (
		[world.customer, f"Twin {world.tag}"],
		row("Customer", customer_name=f"Gantry {world.tag}", docstatus=0),
	)
	several = matching.Match("Company Name", tuple(twins), False)
	monkeypatch.setattr(verification.party, "find", lambda doc, doctype: (several, ()))
	monkeypatch.setattr(verification.customers, "make", lambda prospect, settings: made)
	monkeypatch.setattr(verification.customers, "carry_reach", lambda *of: None)
	monkeypatch.setattr(verification, "_carry_papers", lambda *of: None)
	party = frappe.get_doc(
		{"doctype": "Sales Prospect", "prospect_name": f"Gantry {world.tag}", "prospect_kind": "Organisation"}
	).insert()
	lead = frappe._dict(prospect=party.name, assessment_note="Spoke to Ada")
	verify = lambda on: frappe.db.set_single_value("CRM Pipeline Settings", "verify_on_conversion", on)  # noqa: E731
	verify(1)
	with refused(AmbiguousPartyError):
		qualification._verify_party(lead, None, False)
	verify(0)
	qualification._verify_party(lead, None, True)
	assert not lead.customer, "it is verified later"
	verify(1)
	qualification._verify_party(lead, None, True)
	assert lead.customer == made and made not in twins
	stored = frappe.db.get_value("Sales Prospect", party.name, ["status", "customer", "verification_note"])
	assert tuple(stored) == ("Verified", made, "Spoke to Ada")
	of_customer = frappe._dict(prospect=party.name, customer=twins[0])
	qualification._verify_party(of_customer, twins[1], False)
	assert of_customer.customer == twins[0]

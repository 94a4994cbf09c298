# ruff: noqa: F811
"""Who writes from an address that nobody has noted, and what a link field finds by the people of a party."""

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime

from crm_pipeline.chain import finding
from tests.site import rows
from tests.site.portable.test_who_rings import known, meant, offered, told  # noqa: F401

PROSPECT = "Sales Prospect"


@pytest.fixture
def house(world):
	"""house(domain, party): somebody at a party has an address of this domain."""

	def make(domain: str, doctype: str, name: str, parenttype: str = "Contact") -> str:
		contact = rows.row("Contact", full_name="Somebody", docstatus=0)
		link = {"link_doctype": doctype, "link_name": name, "docstatus": 0}
		rows.row("Dynamic Link", parent=contact, parenttype="Contact", **link)
		found = {"crm_match_domain": domain, "crm_match_email": f"one@{domain}", "email_id": f"one@{domain}"}
		rows.row("Contact Email", parent=contact, parenttype=parenttype, docstatus=0, **found)
		return contact

	return make


def prospect(world, name: str, **values) -> str:
	fixed = {
		"name": f"{name} {world.tag}",
		"prospect_name": f"{name} {world.tag}",
		"status": "Unverified",
		"docstatus": 0,
	}
	return rows.row(PROSPECT, **{**fixed, **values})


def test_who_writes_from_a_house_is_known_by_its_domain_where_the_address_tells_nobody(world, house):
	domain = f"mills-{world.tag}.example"
	house(domain, "Customer", world.customer)
	by_people, by_itself = prospect(world, "People"), prospect(world, "Itself", match_domain=domain)
	house(domain, PROSPECT, by_people)
	prospect(world, "Sub", match_domain=f"east.{domain}")
	prospect(world, "Verified", match_domain=domain, status="Verified")
	house(f"x{domain}", PROSPECT, prospect(world, "Other"))
	house(domain, PROSPECT, prospect(world, "Alien"), parenttype="Lead")
	deals = [
		rows.bare_deal(world, key, doctype, title=key, customer=None, prospect=by_itself, **values)
		for key, doctype, values in (
			("Open", "Sales Opportunity", {}),
			("Won", "Sales Opportunity", {"status": "Won"}),
			("Building", "Sales Project", {}),
			("Lost", "Sales Project", {"status": "Lost"}),
		)
	]
	found = told(f"new.one@{domain}")
	assert set(found) == {
		("Customer", world.customer), (PROSPECT, by_people), (PROSPECT, by_itself),
		("Sales Opportunity", deals[0]), ("Sales Project", deals[2]),
	}  # fmt: skip
	assert [doctype for doctype, _name in found][0] == "Customer" and len(found) == len(set(found))


def test_whose_address_is_known_is_not_looked_for_by_the_domain(world, house):
	domain = f"mills-{world.tag}.example"
	house(domain, "Customer", world.customer)
	neighbour = prospect(world, "Neighbour", match_domain=domain)
	assert (PROSPECT, neighbour) not in told(f"one@{domain}")
	assert (PROSPECT, neighbour) in told(f"two@{domain}")


def test_a_provider_that_many_share_says_nothing_of_anybody(world, house):
	house("gmail.com", "Customer", world.customer)
	mark = frappe.generate_hash(length=10)
	assert told(f"{mark}@gmail.com") == [] and finding._by_domain("") == (set(), set())


# ---- parties


@pytest.mark.parametrize("text", ["  grey   {tag} ", "GREY {tag}", "grey {tag} mi"])
def test_a_party_is_meant_however_its_name_is_typed(world, text):
	names = [f"Grey {world.tag} Mill", f"Old Grey {world.tag} Mill"]
	first, last = (
		prospect(world, f"P{n}", prospect_name=name, modified=add_to_date(now_datetime(), minutes=n))
		for n, name in enumerate(names)
	)
	assert meant(text.format(tag=world.tag)) == [(PROSPECT, first), (PROSPECT, last)]


# ---- link fields


def deal(world, key: str, minutes: int, **values) -> str:
	values = {"title": f"{key} {world.tag}", "modified": add_to_date(now_datetime(), minutes=minutes), **values}
	return rows.bare_deal(world, key, **values)


def test_a_link_field_offers_what_was_changed_last_first_but_what_begins_like_it_before_all(world):
	old = deal(world, "Old", -50, title=f"{world.tag} old", creation=now_datetime())
	late = deal(world, "Late", -10, title=f"Late {world.tag}", creation=add_to_date(now_datetime(), days=-8))
	last = deal(world, "Last", -5, title=f"Last {world.tag}", creation=add_to_date(now_datetime(), days=-9))
	assert offered("Sales Opportunity", world.tag) == [old, last, late]
	assert offered("Sales Opportunity", world.tag.upper()) == [old, last, late]


def test_a_link_field_finds_a_document_by_its_number(world):
	one = deal(world, f"N{world.tag}", -1, title="Something else")
	assert offered("Sales Opportunity", f"n{world.tag}") == [one]


@pytest.mark.parametrize("text", ["+1 555 010 2030", "ines@{tag}.example"])
def test_a_contract_is_found_by_the_people_of_its_customer_and_by_no_prospect(known, sale, world, text):
	contract = rows.row("Sales Contract", title="Pumps", customer=world.customer, docstatus=0, company=world.company)
	rows.row("Sales Contract", title="Pumps", customer="Another", docstatus=0, company=world.company)
	assert offered("Sales Contract", text.format(tag=world.tag)) == [contract]


@pytest.mark.parametrize("text", ["+1 555 888 0001", "bob@quay-{tag}.example"])
def test_a_prospect_s_number_finds_its_deals_and_no_contract(known, sale, world, text):
	text = text.format(tag=world.tag)
	rows.row("Sales Contract", title="Pumps", customer=world.customer, docstatus=0, company=world.company)
	assert offered("Sales Contract", text) == [] and offered("Sales Opportunity", text) == [known.of_prospect]


def test_a_contact_of_a_prospect_finds_its_deals(known, world, house):
	house(f"dock-{world.tag}.example", PROSPECT, known.prospect)
	assert offered("Sales Opportunity", f"one@dock-{world.tag}.example") == [known.of_prospect]
	assert offered("Sales Opportunity", f"one@dock-{world.tag}.exampl") == [known.of_prospect], "half of it is enough"


def test_a_prospect_is_found_by_its_own_number_and_that_of_its_customer(known, world):
	made = prospect(world, "Grown", customer=world.customer)
	assert offered(PROSPECT, "+1 555 888 0001") == [known.prospect]
	assert offered(PROSPECT, "+1 555 010 2030") == [made]

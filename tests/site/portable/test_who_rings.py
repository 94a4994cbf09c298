"""Whom a number or an address belongs to, and what a link field finds by the people on a document."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.chain import finding
from tests.site import rows


@pytest.fixture
def known(sale, world):
	"""A customer with a contact, an open and a lost deal, a lead and a prospect with numbers of their own."""
	contact = rows.row(
		"Contact", name=f"Ines {world.tag}", full_name="Ines Marlow", company_name="Northwind", docstatus=0
	)
	link = {"parent": contact, "parenttype": "Contact", "link_doctype": "Customer", "link_name": world.customer}
	rows.row("Dynamic Link", docstatus=0, **link)
	rows.row(
		"Contact Phone",
		parent=contact,
		parenttype="Contact",
		phone="1",
		crm_match_phone=finding.phone_key("+1 555 010 2030"),
		docstatus=0,
	)
	rows.row(
		"Contact Email",
		parent=contact,
		parenttype="Contact",
		email_id="x",
		crm_match_email=f"ines@{world.tag}.example",
		docstatus=0,
	)
	deal, lost = sale.opportunity(title="Pumps for the quay"), sale.opportunity(title="Old pumps")
	frappe.db.set_value(lost.doctype, lost.name, "status", "Lost")
	project = frappe.get_doc(
		{"doctype": "Sales Project", "title": "Harbour", "customer": world.customer, "company": world.company}
	).insert()
	lead = sale.lead(
		title="Six pumps",
		customer=world.customer,
		prospect_name=None,
		phone="+1 555 777 0001",
		mobile_no="+1 555 777 0002",
	)
	done = sale.lead(title="Seven pumps", customer=world.customer, prospect_name=None, phone="+1 555 777 0003")
	frappe.db.set_value("Sales Lead", done.name, "status", "Converted")
	prospect = frappe.get_doc(
		{"doctype": "Sales Prospect", "prospect_name": f"Quay {world.tag}", "company": world.company, "phone": "+1 555 888 0001",
		"email_id": f"bob@quay-{world.tag}.example"}
	).insert()  # fmt: skip
	of_prospect = sale.opportunity(title="For the quay", customer=None, prospect=prospect.name)
	return frappe._dict(
		contact=contact,
		deal=deal.name,
		project=project.name,
		lead=lead.name,
		prospect=prospect.name,
		of_prospect=of_prospect.name,
	)


def told(text) -> list[tuple]:
	return [(row["doctype"], row["name"]) for row in finding.who_is(text)]


def test_a_number_says_who_rings_and_what_is_open_with_them(known, world):
	assert told("+1 (555) 010-2030") == [
		("Customer", world.customer),
		("Contact", known.contact),
		("Sales Opportunity", known.deal),
		("Sales Project", known.project),
	]
	assert told(f"INES@{world.tag}.example") == told("+1 555 010 2030")
	first = finding.who_is("+1 555 010 2030")[1]
	assert (first["title"], first["detail"]) == ("Ines Marlow", "Northwind")


@pytest.mark.parametrize("text", ["+1 555 777 0001", "+1 555 777 0002"])
def test_a_lead_is_known_by_both_of_its_numbers(known, text):
	assert told(text) == [("Sales Lead", known.lead)]


def test_a_lead_that_is_converted_does_not_ring(known):
	assert told("+1 555 777 0003") == []


def test_a_prospect_rings_with_what_is_open_until_it_is_verified(known, world):
	for text in ("+1 555 888 0001", f"bob@quay-{world.tag}.example"):
		assert told(text) == [("Sales Prospect", known.prospect), ("Sales Opportunity", known.of_prospect)]
	frappe.db.set_value("Sales Prospect", known.prospect, "status", "Verified")
	assert told("+1 555 888 0001") == [("Sales Opportunity", known.of_prospect)]


@pytest.mark.parametrize("text", ["", "Ines", "12", "no number 15550102030", "nobody@nowhere.example"])
def test_what_tells_nobody_finds_nobody(known, text):
	assert told(text) == []


# ---- whom somebody means


def meant(text) -> list[tuple]:
	return [(row["doctype"], row["name"]) for row in finding.parties(text)]


@pytest.mark.parametrize("text", ["+1 (555) 010-2030", "INES@{tag}.example", " ines@{tag}  "])
def test_a_customer_is_meant_by_the_number_and_the_address_of_its_people(known, world, text):
	assert meant(text.format(tag=world.tag)) == [("Customer", world.customer)]


def test_a_prospect_is_meant_by_its_own_number_and_address_until_it_is_verified(known, world):
	texts = ("+1 555 888 0001", f"bob@quay-{world.tag}.example", f"quay {world.tag}", known.prospect)
	for text in texts:
		assert meant(text) == [("Sales Prospect", known.prospect)], text
	frappe.db.set_value("Sales Prospect", known.prospect, "status", "Verified")
	assert [meant(text) for text in texts] == [[]] * 4


def test_parties_are_meant_by_their_names_those_that_begin_like_it_first(known, world):
	frappe.db.set_value("Customer", world.customer, "customer_name", f"Old {world.tag} Quay")
	quay = frappe.db.get_value("Sales Prospect", known.prospect, "prospect_name")
	assert meant(world.tag) == [("Customer", world.customer), ("Sales Prospect", known.prospect)]
	frappe.db.set_value("Sales Prospect", known.prospect, "prospect_name", f"{world.tag} {quay}")
	assert meant(world.tag) == [("Sales Prospect", known.prospect), ("Customer", world.customer)]
	frappe.db.set_value("Customer", world.customer, "disabled", 1)
	assert meant(world.tag) == [("Sales Prospect", known.prospect)]
	assert meant("") == meant("   ") == []


# ---- link fields


def offered(doctype, text, **how) -> list[str]:
	rows = finding.documents(doctype, text, how.get("start", 0), how.get("limit", 20), how.get("filters"), True)
	return [row.name for row in rows]


def test_a_link_field_finds_a_deal_by_its_title_its_people_and_the_number_of_its_party(known, sale, world):
	met = sale.opportunity(
		title="Filters",
		contacts=[{"contact_name": "Xaver Quint", "email_id": "xq@filters.example", "phone": "+1 555 999 1111"}],
	).name
	of_customer = [known.deal, met]
	assert offered("Sales Opportunity", "for the quay") == [known.of_prospect, known.deal], (
		"what begins like it comes first"
	)
	for text in ("Xaver", "xq@filters", "+1 555 999 1111"):
		assert offered("Sales Opportunity", text) == [met]
	assert set(of_customer) <= set(offered("Sales Opportunity", "+1 555 010 2030"))
	assert known.of_prospect not in offered("Sales Opportunity", "+1 555 010 2030")
	assert offered("Sales Opportunity", "+1 555 888 0001") == [known.of_prospect]
	assert offered("Sales Lead", "+1 555 777 0002") == [known.lead]
	assert offered("Sales Opportunity", "nothing like it") == []


def test_a_link_field_pages_and_keeps_to_its_filters(known):
	everything = offered("Sales Opportunity", "", limit=100)
	assert offered("Sales Opportunity", "", start=1, limit=2) == everything[1:3]
	assert len(offered("Sales Opportunity", "", limit=0)) <= 10
	assert offered("Sales Opportunity", "pumps", filters={"name": known.deal}) == [known.deal]
	as_tuples = api.search_documents("Sales Opportunity", "Pumps for the quay", "name", 0, 5, {"name": known.deal})
	assert as_tuples[0][0] == known.deal

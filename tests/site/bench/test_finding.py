"""People and documents are found by what one knows of them: the search bar and every link field."""

import frappe
import pytest
from frappe.desk.search import search_link
from frappe.utils.global_search import search as global_search
from frappe.utils.global_search import sync_global_search

from crm_pipeline import api, install
from tests.site.world import refused

OURS = ("Sales Prospect", "Sales Lead", "Sales Opportunity", "Sales Project", "Sales Contract", "Sales Order Request")


@pytest.fixture
def listed():
	frappe.db.delete("Global Search DocType", {"document_type": ("in", OURS)})
	frappe.cache.hdel("global_search", "search_priorities")
	install.add_to_global_search()
	yield [row.document_type for row in frappe.get_doc("Global Search Settings").allowed_in_global_search]
	frappe.cache.hdel("global_search", "search_priorities")


def test_our_documents_are_searched_before_those_that_leave(listed):
	assert all(listed.index(doctype) < listed.index("Lead") for doctype in OURS)
	assert listed[0] == "Customer"
	install.add_to_global_search()
	again = [row.document_type for row in frappe.get_doc("Global Search Settings").allowed_in_global_search]
	assert again == listed


def _forget_what_is_gone():
	"""The index is no part of a transaction: it keeps what tests before this one have undone, and Frappe 16 breaks on it."""
	for (doctype,) in frappe.db.sql("SELECT DISTINCT doctype FROM `__global_search`"):
		table = frappe.qb.DocType(doctype)
		kept = frappe.qb.Table("__global_search")
		there = frappe.qb.from_(table).select(table.name)
		frappe.qb.from_(kept).delete().where(kept.doctype == doctype).where(kept.name.notin(there)).run()


@pytest.mark.parametrize("fields", ["prospect_name", "contact_name", "email_id", "name"])
def test_the_search_bar_finds_a_lead_by(listed, sale, world, as_user, fields):
	as_user("rep")
	lead = sale.lead(prospect_name=f"Zanzibar{world.tag} Works", contact_name=f"Quirin{world.tag}", items=[])
	sync_global_search()
	_forget_what_is_gone()
	found = [row.name for row in global_search(lead.get(fields)) if row.doctype == "Sales Lead"]
	assert lead.name in found


# ---- numbers in any writing, addresses, names


WRITINGS = ("+1 415 555 0177", "(415) 555-0177", "415.555.0177", "0014155550177", "415 5550")


@pytest.fixture
def caller(world, sale, as_user):
	"""A lead with a number, its prospect, a deal of that prospect, and a deal with somebody among its contacts."""
	as_user("rep")
	lead = sale.lead(
		prospect_name=f"Rung {world.tag}", contact_name=f"Caller {world.tag}", phone="+1 415-555-0177", items=[]
	)
	row = {"contact_name": f"Buyer {world.tag}", "email_id": f"buyer@{world.tag}.example", "phone": "+1 628 555 0199"}
	deal = sale.opportunity(prospect=lead.prospect, customer=None, items=[], contacts=[row])
	return frappe._dict(lead=lead, deal=deal)


@pytest.mark.parametrize("text", WRITINGS)
def test_a_number_in_any_writing_says_who_rings(caller, text):
	found = {(row["doctype"], row["name"]) for row in api.find_person(text)}
	assert {
		("Sales Lead", caller.lead.name),
		("Sales Prospect", caller.lead.prospect),
		("Sales Opportunity", caller.deal.name),
	} <= found


@pytest.mark.parametrize("text", ["12", "Harbour", "+1 415 555 9999", "nobody@nowhere.example"])
def test_what_is_nobodys_number_finds_nobody(caller, text):
	names = {row["name"] for row in api.find_person(text)}
	assert not names & {caller.lead.name, caller.deal.name}


def test_who_may_not_see_a_deal_is_not_told_of_it(caller, as_user):
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 1)
	frappe.clear_document_cache("CRM Pipeline Settings", "CRM Pipeline Settings")
	as_user("other_rep")
	names = {row["name"] for row in api.find_person("+1 415 555 0177")}
	assert not names & {caller.lead.name, caller.lead.prospect, caller.deal.name}


def link(doctype: str, text: str, **filters) -> list[str]:
	return [row["value"] for row in search_link(doctype, text, filters=filters or None, page_length=50)]


@pytest.mark.parametrize("text", [*WRITINGS, "{lead}", "Caller {tag}", "rung {tag}"])
def test_a_link_field_finds_a_lead_by(caller, world, text):
	assert caller.lead.name in link("Sales Lead", text.format(tag=world.tag, lead=caller.lead.name))


@pytest.mark.parametrize("text", [*WRITINGS, "628 555 0199", "Buyer {tag}", "buyer@{tag}", "Rung {tag}", "{deal}"])
def test_a_link_field_finds_a_deal_by(caller, world, text):
	text = text.format(tag=world.tag, deal=caller.deal.name)
	assert caller.deal.name in link("Sales Opportunity", text)
	assert caller.deal.name in link("Sales Opportunity", text, status="Open")
	assert caller.deal.name not in link("Sales Opportunity", text, status="Lost")


def test_an_empty_link_field_offers_documents_and_an_unknown_word_none(caller):
	assert caller.lead.name in link("Sales Lead", "")
	assert link("Sales Lead", "no such thing at all") == []


def test_a_link_field_offers_nothing_to_who_may_not_read_leads(caller, as_user):
	as_user("store")
	assert link("Sales Lead", "Caller") == []
	with refused(frappe.PermissionError):
		api.find_person("+1 415 555 0177")


def test_a_lead_is_found_by_its_own_numbers_too(caller, sale):
	second = sale.lead(prospect=caller.lead.prospect, phone="+1 212 555 0161", mobile_no="+1 917 555 0162", items=[])
	for text in ("212-555-0161", "(917) 555 0162"):
		assert ("Sales Lead", second.name) in {(row["doctype"], row["name"]) for row in api.find_person(text)}
		assert second.name in link("Sales Lead", text)


def test_who_may_choose_users_finds_those_who_work_here_and_no_customers(site, as_user):
	guest = frappe.get_doc(
		{"doctype": "User", "email": "portal@crm-test.example", "first_name": "Portal", "send_welcome_email": 0}
	).insert(ignore_permissions=True)
	assert guest.user_type == "Website User"
	as_user("rep")
	rep, search = frappe.session.user, {"query": "crm_pipeline.api.search_users", "page_length": 500}
	found = [row["value"] for row in search_link("User", "", **search)]
	by_name = [row["value"] for row in search_link("User", rep[:4], **search)]
	assert rep in found and rep in by_name and guest.name not in found and "Guest" not in found

"""People and documents are found by what one knows of them: the search bar and every link field."""

import frappe
import pytest
from frappe.utils.global_search import search as global_search
from frappe.utils.global_search import sync_global_search

from crm_pipeline import install

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


@pytest.mark.parametrize("fields", ["prospect_name", "contact_name", "email_id", "name"])
def test_the_search_bar_finds_a_lead_by(listed, sale, world, as_user, fields):
	as_user("rep")
	lead = sale.lead(prospect_name=f"Zanzibar{world.tag} Works", contact_name=f"Quirin{world.tag}", items=[])
	sync_global_search()
	found = [row.name for row in global_search(lead.get(fields)) if row.doctype == "Sales Lead"]
	assert lead.name in found

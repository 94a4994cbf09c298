"""Fields that an admin made mandatory on ERPNext's documents, with Customize Form."""

import frappe
import pytest

from crm_pipeline import api
from tests.site.portable.test_mandatory_fields import filled_in, said
from tests.site.world import refused


@pytest.fixture
def require(rolled_back):
	"""require(doctype, field): the field is mandatory."""
	changed = set()

	def make(doctype: str, fieldname: str) -> None:
		setter = {"doctype_or_field": "DocField", "doc_type": doctype, "field_name": fieldname}
		setter |= {"property": "reqd", "property_type": "Check", "value": "1"}
		frappe.get_doc({"doctype": "Property Setter", **setter}).insert(ignore_permissions=True)
		changed.add(doctype)
		frappe.clear_cache(doctype=doctype)

	yield make
	frappe.db.rollback()
	for doctype in changed:
		frappe.clear_cache(doctype=doctype)


def test_an_accepted_request_leaves_an_order_that_lacks_something_to_the_order_desk(sale, as_user, require):
	as_user("rep")
	request = sale.request(sale.contract())
	frappe.set_user("Administrator")
	require("Sales Order", "incoterm")
	as_user("desk")
	frappe.clear_messages()
	order = sale.accept(request)
	assert order.docstatus == 0 and "still needs: Incoterm" in str(frappe.local.message_log)
	with refused(frappe.MandatoryError):
		order.submit()
	order.reload()
	order.incoterm = frappe.get_all("Incoterm", pluck="name", order_by="name asc", limit=1)[0]
	order.named_place = "Lisbon"
	order.submit()
	assert frappe.db.get_value(request.doctype, request.name, "status") == "Accepted"


def test_a_quotation_is_made_and_says_what_it_lacks(sale, as_user, require):
	require("Quotation", "incoterm")
	as_user("rep")
	deal = sale.opportunity()
	made = api.make_quotation(deal.doctype, deal.name)
	assert frappe.db.get_value("Quotation", made["name"], "docstatus") == 0
	assert "still needs: Incoterm" in str(frappe.local.message_log)


def test_a_prospect_of_whom_too_little_is_known_says_what_its_customer_needs(sale, as_user, require):
	require("Customer", "website")
	as_user("rep")
	lead = sale.lead()
	with refused(frappe.MandatoryError, match="Website has to be filled in there"):
		api.verify_prospect(lead.prospect, method="Call")
	frappe.db.set_value("Sales Prospect", lead.prospect, "website", "https://harbour.example")
	assert api.verify_prospect(lead.prospect, method="Call")


def test_a_lead_becomes_a_deal_that_says_what_it_lacks(sale, as_user, require):
	as_user("rep")
	lead = sale.lead()
	frappe.set_user("Administrator")
	require("Sales Opportunity", "lessons")
	as_user("rep")
	frappe.clear_messages()
	made = api.convert_lead(lead.name, assessment="Hot")
	assert "still needs" in said() and "Lessons" in said()
	filled_in(made, "lessons", "None yet")


def test_a_deal_becomes_contract_and_request_that_say_what_they_lack(sale, as_user, require):
	require("Sales Contract", "po_no")
	require("Sales Order Request", "instructions")
	as_user("rep")
	deal = sale.opportunity()
	contract = filled_in(api.make_contract(deal.doctype, deal.name), "po_no", "PO-7")
	contract.submit()
	request = filled_in(api.make_order_request(contract.doctype, contract.name), "instructions", "By lorry")
	assert request.po_no == "PO-7"

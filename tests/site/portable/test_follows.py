"""What tells what happened is written by the app: a form, the API or an import can send what it likes."""

import frappe
from frappe.client import set_value

from crm_pipeline import api
from tests.site.world import refused

SENT_AMOUNTS = {"ordered_amount": 999, "delivered_amount": 999, "billed_amount": 999, "paid_amount": 999}


def stored(doc, *fields):
	return frappe.db.get_value(doc.doctype, doc.name, fields)


def test_a_terminated_contract_stays_terminated(sale, as_user):
	as_user("manager")
	contract = sale.contract()
	api.terminate_contract(contract.name, "Bankrupt")
	as_user("rep")
	set_value(contract.doctype, contract.name, {"status": "Active", "terminated_on": None, **SENT_AMOUNTS})
	assert stored(contract, "status", "termination_reason", "ordered_amount") == ("Terminated", "Bankrupt", 0)
	with refused(match="Terminated"):
		sale.request(contract)


def test_a_signed_contract_is_cancelled_by_cancelling(sale, as_user):
	as_user("rep")
	contract = sale.contract()
	set_value(contract.doctype, contract.name, {"status": "Cancelled"})
	assert stored(contract, "status", "docstatus") == ("Active", 1)


def test_an_order_request_is_accepted_by_the_order_desk_alone(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	request = sale.request(deal)
	sent = {"status": "Accepted", "accepted_by": "Administrator", "accepted_on": "2026-01-01 10:00:00"}
	set_value(request.doctype, request.name, sent)
	assert stored(request, "status", "accepted_by") == ("Requested", None)
	# Whatever is settled next finds no accepted request.
	as_user("manager")
	sale.contract(source_type="Sales Opportunity", source_name=deal.name).cancel()
	assert frappe.db.get_value("Sales Opportunity", deal.name, "status") == "Open"


def test_a_new_contract_and_request_tell_nothing_that_did_not_happen(sale, world, as_user):
	as_user("rep")
	contract = sale.contract(submit=False, status="Active", termination_reason="None", **SENT_AMOUNTS)
	assert stored(contract, "status", "termination_reason", "paid_amount") == ("Draft", None, 0)


def test_a_prospect_is_verified_by_verifying(sale, world, as_user):
	as_user("rep")
	lead = sale.lead()
	prospect = frappe.get_doc("Sales Prospect", lead.prospect)
	set_value(prospect.doctype, prospect.name, {"status": "Verified", "customer": world.customer})
	assert stored(prospect, "status", "customer") == ("Unverified", None)
	api.verify_prospect(prospect.name, method="Call")
	assert stored(prospect, "status", "verified_by") == ("Verified", frappe.session.user)
	made = stored(prospect, "customer")
	set_value(prospect.doctype, prospect.name, {"status": "Unverified", "customer": None})
	assert stored(prospect, "status", "customer") == ("Verified", made)


def test_a_lead_joins_a_deal_by_conversion(sale, as_user):
	as_user("rep")
	lead, deal = sale.lead(), sale.opportunity()
	set_value(lead.doctype, lead.name, {"joined_opportunity": deal.name, "converted_on": "2026-01-01 10:00:00"})
	assert stored(lead, "joined_opportunity", "converted_on") == (None, None)

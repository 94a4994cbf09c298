"""The whole sale, told as the people who do it see it."""

import frappe

from crm_pipeline import api
from tests.site.world import history


def test_a_message_from_a_stranger_becomes_a_paid_order(sale, world, as_user):
	as_user("rep")
	lead = sale.lead()
	assert lead.status == "New"
	assert frappe.db.get_value("Sales Prospect", lead.prospect, "prospect_name") == lead.prospect_name

	api.qualify_lead(lead.name)
	api.contact_lead(lead.name, follow_up_date=frappe.utils.nowdate(), follow_up_plan="Visit the harbour")
	deal = api.convert_lead(lead.name, assessment="Hot", assessment_note="Budget is there")
	opportunity = frappe.get_doc(deal["doctype"], deal["name"])
	prospect = frappe.get_doc("Sales Prospect", lead.prospect)
	assert prospect.status == "Verified" and prospect.verified_by == frappe.session.user
	assert opportunity.customer == prospect.customer
	assert opportunity.amount == 480
	assert [row.contact_name for row in opportunity.contacts] == ["Ines Marlow"]

	quotation = frappe.get_doc("Quotation", api.make_quotation("Sales Opportunity", opportunity.name)["name"])
	assert (quotation.crm_source_type, quotation.crm_source_name) == ("Sales Opportunity", opportunity.name)
	quotation.submit()

	contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", quotation.name)["name"])
	contract.po_no, contract.po_date = "HW-77", frappe.utils.nowdate()
	contract.save()
	contract.submit()
	opportunity.reload()
	assert opportunity.status == "Won"

	request = sale.request(contract)
	as_user("desk")
	order = sale.accept(request)
	assert order.docstatus == 1
	assert order.net_total == 480 and order.po_no == "HW-77"
	assert frappe.db.get_value("Quotation", quotation.name, "status") == "Ordered"

	as_user("Administrator")
	sale.deliver(order)
	invoice = sale.bill(order)
	sale.pay(invoice)
	sale.sync_outcome()
	for document in (request, contract, opportunity):
		assert sale.amounts(document) == (480, 480, 480, 480)
	assert frappe.db.get_value("Sales Order Request", request.name, "status") == "Completed"
	assert frappe.db.get_value("Sales Contract", contract.name, "status") == "Fulfilled"

	as_user("rep")
	ribbon = api.get_ribbon("Sales Lead", lead.name)
	states = {step["label"]: step["state"] for step in ribbon["steps"]}
	assert states == dict.fromkeys(
		("Lead", "Opportunity", "Quotation", "Contract", "Request", "Order", "Delivered", "Billed", "Paid"), "done"
	)

	assert history("Sales Lead", lead.name) == [
		("Created", None, "New"),
		("State", "New", "Qualified"),
		("State", "Qualified", "Contacted"),
		("State", "Contacted", "Converted"),
		("Conversion", None, f"Sales Opportunity {opportunity.name}"),
	]
	assert history("Sales Prospect", prospect.name) == [
		("Created", None, "Unverified"),
		("State", "Unverified", "Verified"),
		("Conversion", prospect.prospect_name, f"Customer {prospect.customer}"),
	]
	assert history("Sales Opportunity", opportunity.name) == [
		("Created", None, "Qualification"),
		("Quotation", None, "Draft"),
		("Quotation", "Draft", "Open"),
		("Stage", "Qualification", "Won"),
		("Quotation", "Open", "Ordered"),
	]
	assert history("Sales Contract", contract.name) == [
		("Created", None, "Draft"),
		("State", "Draft", "Active"),
		("State", "Active", "Fulfilled"),
	]
	assert history("Sales Order Request", request.name) == [
		("Created", None, "Draft"),
		("State", "Draft", "Requested"),
		("Hand-off", "Draft", "Requested"),
		("Hand-off", "Requested", "Accepted"),
		("State", "Accepted", "Completed"),
	]

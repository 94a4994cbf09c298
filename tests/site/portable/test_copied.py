"""The *Duplicate* of the form's menu, and Auto Repeat: a copy is a new document, not what the other one came to."""

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api


def duplicate(doc):
	copy = frappe.copy_doc(frappe.get_doc(doc.doctype, doc.name), ignore_no_copy=False)
	# In tests the framework leaves these.
	for each in (copy, *copy.get_all_children()):
		each.docstatus = 0
	return copy


def test_a_copied_request_of_a_contract_asks_for_more_of_it(sale, as_user):
	as_user("rep")
	contract = sale.contract()
	request = sale.request(contract, {contract.items[0].name: 1})
	copy = duplicate(request).insert()
	copy.submit()
	assert (copy.contract, copy.source_name) == (contract.name, contract.name)
	assert [row.contract_item for row in copy.items] == [row.contract_item for row in request.items]


def test_a_copied_contract_is_signed_by_nobody_and_begins_today(sale, as_user):
	as_user("rep")
	long_ago = add_days(nowdate(), -200)
	signed = {"signed_on": long_ago, "signed_by_customer": "Ines Marlow", "customer_signature": "data:,x"}
	contract = sale.contract(contract_date=long_ago, start_date=long_ago, end_date=add_days(long_ago, 90), **signed)
	copy = duplicate(contract).insert()
	assert [copy.get(field) for field in (*signed, "end_date")] == [None] * 4
	assert (getdate(copy.contract_date), getdate(copy.start_date)) == (getdate(), getdate())
	deal = sale.opportunity()
	copy.update({"source_type": deal.doctype, "source_name": deal.name})
	copy.submit()
	assert frappe.db.get_value(deal.doctype, deal.name, "closed_on") == getdate()


@pytest.mark.parametrize("doctype", ["Sales Opportunity", "Sales Project"])
def test_a_deal_of_last_year_is_copied_and_has_no_day_yet(sale, as_user, doctype):
	as_user("rep")
	last_year = add_days(nowdate(), -365)
	dates = {"opened_on": last_year, "expected_close": add_days(last_year, 30), "next_step_date": last_year}
	kind = {"project_type": "Sales"} if doctype == "Sales Project" else {}
	deal = sale.opportunity(doctype=doctype, next_step="Send the data sheet", **dates, **kind)
	copy = duplicate(deal).insert()
	assert (copy.expected_close, copy.next_step, copy.next_step_date) == (None, None, None)
	assert getdate(copy.opened_on) == getdate()


def test_a_deal_that_becomes_a_project_keeps_its_day_and_its_next_step(sale, as_user):
	as_user("rep")
	soon = add_days(nowdate(), 3)
	deal = sale.opportunity(next_step="Send the data sheet", next_step_date=soon)
	made = api.opportunity_to_project(deal.name)
	project = frappe.get_doc(made["doctype"], made["name"])
	assert (project.next_step, str(project.next_step_date)) == ("Send the data sheet", soon)
	assert str(project.expected_close) == str(deal.expected_close)


def test_a_day_that_a_contract_agreed_for_a_row_goes_to_its_request(sale, as_user):
	as_user("rep")
	day = add_days(nowdate(), 40)
	contract = sale.contract(items=[{**row, "delivery_date": day} for row in sale.rows()])
	assert {str(row.delivery_date) for row in sale.request(contract, submit=False).items} == {day}


def test_what_was_done_last_year_is_planned_when_it_is_copied(sale, as_user):
	as_user("rep")
	result = {"status": "Done", "result": "Reached", "next_step": "Send the data sheet"}
	activity = frappe.get_doc(
		{"doctype": "Sales Activity", "subject": "Call", "customer": sale.world.customer, "way": "Phone", **result}
	).insert()
	copy = duplicate(activity).insert()
	assert (copy.status, copy.result or "", copy.next_step) == ("Planned", "", None)


def test_a_campaign_that_is_over_is_planned_anew(sale, world, as_user):
	as_user("manager")
	values = {"title": "Fair", "campaign_type": "Exhibition", "status": "Completed", "budget": 500, "cost": 700}
	campaign = frappe.get_doc({"doctype": "Sales Campaign", "company": world.company, **values}).insert()
	copy = duplicate(campaign).insert()
	assert (copy.status, copy.budget, copy.cost or 0) == ("Planned", 500, 0)

"""A source is no free text: it is readable to whoever names it, and about the same sale."""

import frappe
import pytest

from crm_pipeline import api
from tests.site.portable.test_visibility import deals, team  # noqa: F401
from tests.site.world import customer, refused


@pytest.mark.parametrize("doctype", ["Sales Contract", "Sales Project"])
def test_a_deal_out_of_sight_is_nobodys_source(deals, sale, world, as_user, doctype):  # noqa: F811
	_pipeline, made = deals
	as_user("rep")
	values = {"title": "Not mine", "customer": world.customer, "company": world.company, "items": sale.rows()}
	source = {"source_type": "Sales Opportunity", "source_name": made["other_rep"]}
	with refused(frappe.PermissionError):
		frappe.get_doc({"doctype": doctype, **values, **source}).insert()
	assert frappe.db.get_value("Sales Opportunity", made["other_rep"], "status") == "Open"


def test_who_lost_sight_of_the_source_still_saves_what_came_of_it(deals, sale, as_user):  # noqa: F811
	_pipeline, made = deals
	as_user("rep")
	contract = sale.contract(source_type="Sales Opportunity", source_name=made["rep"], submit=False)
	frappe.db.set_value(
		"Sales Opportunity", made["rep"], {"sales_owner": None, "sales_person": None, "owner": "Administrator"}
	)
	contract.reload()
	contract.title = "Another title"
	contract.save()
	assert frappe.db.get_value("Sales Contract", contract.name, "title") == "Another title"


def test_a_contract_with_one_customer_wins_no_deal_with_another(sale, world, as_user):
	as_user("manager")
	deal = sale.opportunity()
	other = customer(f"Southwind {world.tag}")
	with refused(match="Customer of Sales Opportunity"):
		sale.contract(customer=other, source_type="Sales Opportunity", source_name=deal.name)
	contract = sale.contract(source_type="Sales Opportunity", source_name=deal.name, submit=False)
	contract.customer = other
	with refused(match="Customer of Sales Opportunity"):
		contract.save()
	assert frappe.db.get_value("Sales Opportunity", deal.name, "status") == "Open"


def test_a_lead_may_become_a_deal_with_another_customer(sale, world, as_user):
	as_user("manager")
	lead = sale.lead()
	deal = frappe.get_doc("Sales Opportunity", api.convert_lead(lead.name, assessment="Hot")["name"])
	deal.update({"prospect": None, "customer": customer(f"Parent of {world.tag}")})
	deal.save()
	assert deal.source_name == lead.name


def test_a_request_is_of_one_contract_and_comes_from_it(sale, as_user):
	as_user("manager")
	contract, deal = sale.contract(), sale.opportunity()
	made = api.make_order_request("Sales Opportunity", deal.name)
	request = frappe.get_doc(made["doctype"], made["name"])
	request.contract = contract.name
	with refused(match="comes from that contract"):
		request.save()


def test_a_deal_keeps_its_customer_while_something_that_is_signed_came_of_it(sale, world, as_user):
	as_user("manager")
	deal = sale.opportunity()
	contract = sale.contract(source_type=deal.doctype, source_name=deal.name, submit=False)
	other = customer(f"Southwind {world.tag}")
	deal.reload()
	deal.customer = other
	deal.save()
	with refused(match="Customer of Sales Opportunity"):
		contract.submit()
	deal.reload()
	deal.customer = world.customer
	deal.save()
	contract.reload()
	contract.submit()
	deal.reload()
	deal.customer = other
	with refused(match=f"{contract.name}, which was made from this, is .*{world.customer}"):
		deal.save()
	contract.cancel()
	deal.reload()
	deal.customer = other
	deal.save()
	assert frappe.db.get_value(deal.doctype, deal.name, "customer") == other

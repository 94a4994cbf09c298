"""Sales team and project of a Sales Order: ERPNext's own, where it takes them."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.deals import conversions
from tests.site.world import customer


def person(world, name: str) -> str:
	values = {"sales_person_name": f"{name} {world.tag}", "parent_sales_person": "Sales Team", "enabled": 1}
	return frappe.get_doc({"doctype": "Sales Person", **values}).insert().name


@pytest.mark.parametrize(
	("left", "expected"),
	(("B", {"A": 60, "C": 40}), ("AB", {"C": 100}), ("ABC", {}), ("", {"A": 30, "B": 50, "C": 20})),
)
def test_who_left_is_left_out_of_the_sales_team_and_the_others_share_it(sale, world, left, expected):
	people = {key: person(world, key) for key in "ABC"}
	buyer = frappe.get_doc("Customer", world.customer)
	for key, share in (("A", 30), ("B", 50), ("C", 20)):
		buyer.append("sales_team", {"sales_person": people[key], "allocated_percentage": share})
	buyer.save()
	contract = sale.contract()
	for key in left:
		frappe.db.set_value("Sales Person", people[key], "enabled", 0)
		frappe.clear_document_cache("Sales Person", people[key])
	frappe.clear_messages()
	order = sale.order(contract)
	assert {row.sales_person: row.allocated_percentage for row in order.sales_team} == {
		people[key]: share for key, share in expected.items()
	}
	told = " ".join(str(message) for message in frappe.get_message_log())
	assert [people[key] in told for key in "ABC"] == [key in left for key in "ABC"]


def project_of(sale):
	deal = sale.opportunity()
	project = conversions.opportunity_to_project(deal.name)
	return frappe.get_doc("Sales Project", project.name), api.make_erp_project(project.name)["name"]


def test_the_order_of_a_sales_project_belongs_to_its_erpnext_project(sale):
	project, native = project_of(sale)
	order = frappe.get_doc("Sales Order", api.order_now("Sales Project", project.name)["name"])
	assert order.project == native


def test_a_project_that_went_to_another_customer_is_left_out(sale, world):
	project, native = project_of(sale)
	frappe.db.set_value("Project", native, "customer", customer(f"Southwind {world.tag}"))
	order = frappe.get_doc("Sales Order", api.order_now("Sales Project", project.name)["name"])
	assert not order.project

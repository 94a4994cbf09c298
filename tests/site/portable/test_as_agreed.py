"""What was agreed is what the Sales Order says, field by field; ERPNext's own defaults fill only what is open."""

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from tests.site.world import refused


@pytest.fixture
def agreed(sale, world):
	"""A signed contract in which everything is otherwise than ERPNext would have it."""
	return sale.contract(
		items=[
			{"item_code": world.pump, "qty": 2, "uom": "Box", "rate": 900},
			{"item_code": world.filter, "qty": 4, "price_list_rate": 12.5, "discount_percentage": 20},
			{"item_code": world.service, "qty": 1, "price_list_rate": 80, "discount_percentage": 100},
		],
		apply_discount_on="Net Total",
		additional_discount_percentage=10,
		terms="Free of charge within 5 days",
		po_no="PO-9",
		po_date=nowdate(),
		payment_schedule=[
			{
				"due_date": add_days(nowdate(), days), "invoice_portion": portion, "description": words,
				"discount_type": "Percentage",
			}
			for days, portion, words in ((10, 30, "On order"), (40, 70, "After delivery"))
		],
	)  # fmt: skip


def test_an_order_says_what_the_contract_says(sale, world, agreed):
	for item in (world.pump, world.filter, world.service):
		frappe.db.set_value("Item Price", {"item_code": item}, "price_list_rate", 500)
	request = sale.request(agreed, submit=False)
	request.items[0].update({"delivery_date": add_days(nowdate(), 3), "warehouse": world.warehouse})
	request.items[1].delivery_date = add_days(nowdate(), 20)
	# Nobody changes on the way what was agreed.
	request.items[0].update({"rate": 1, "price_list_rate": 1, "conversion_factor": 2, "uom": "Nos"})
	request.update({"additional_discount_percentage": 90, "apply_discount_on": "Grand Total"})
	request.save()
	request.submit()
	order = sale.accept(request)
	assert [(r.item_code, r.qty, r.uom, r.stock_qty, r.rate, r.amount) for r in order.items] == [
		(world.pump, 2, "Box", 20, 900, 1800),
		(world.filter, 4, "Nos", 4, 10, 40),
		(world.service, 1, "Nos", 1, 0, 0),
	]
	assert [getdate(row.delivery_date) for row in order.items][:2] == [
		getdate(add_days(nowdate(), 3)),
		getdate(add_days(nowdate(), 20)),
	]
	assert (order.docstatus, order.net_total, order.po_no) == (1, 1656, "PO-9")
	assert (order.apply_discount_on, order.additional_discount_percentage) == ("Net Total", 10)
	assert "Free of charge" in order.terms
	assert [(row.description, getdate(row.due_date), row.invoice_portion) for row in order.payment_schedule] == [
		("On order", getdate(add_days(nowdate(), 10)), 30),
		("After delivery", getdate(add_days(nowdate(), 40)), 70),
	]


def test_a_row_that_is_not_in_the_contract_is_refused(sale, world, agreed):
	request = sale.request(agreed, submit=False)
	request.append("items", {"item_code": world.pump, "qty": 1, "rate": 1, "contract_item": "somewhere else"})
	with refused(match="Row 4"):
		request.save()


def test_where_the_setting_says_so_the_desk_submits_the_order_by_hand(sale):
	frappe.db.set_single_value("CRM Pipeline Settings", "submit_sales_order", 0)
	request = sale.request(sale.contract())
	order = sale.accept(request)
	request.reload()
	assert (order.docstatus, request.status) == (0, "Accepted")


def test_an_order_of_a_quotation_says_what_was_quoted(sale, world):
	gift = {"item_code": world.filter, "qty": 1, "price_list_rate": 12.5, "rate": 0, "discount_percentage": 100}
	alternative = {"item_code": world.service, "qty": 4, "rate": 70, "is_alternative": 1}
	quotation = sale.quotation(
		items=[*sale.rows((world.pump, 4, 90)), {**gift, "is_free_item": 1}, alternative],
		ignore_pricing_rule=1,
		apply_discount_on="Net Total",
		discount_amount=36,
	)
	first = sale.order(quotation, {quotation.items[0].name: 1})
	assert [(row.item_code, row.qty, row.rate) for row in first.items] == [(world.pump, 1, 90), (world.filter, 1, 0)]
	assert (first.discount_amount, first.net_total) == (9, 81)
	assert {row.prevdoc_docname for row in first.items} == {quotation.name}
	second = sale.order(quotation)
	assert [(row.item_code, row.qty, row.rate) for row in second.items] == [(world.pump, 3, 90)]
	assert second.net_total == 243


def test_a_request_asks_for_what_is_left_in_the_units_of_the_contract(sale, world, agreed):
	boxes = agreed.items[0].name
	first = sale.order(agreed, {boxes: 1})
	assert [(row.item_code, row.qty, row.uom, row.stock_qty) for row in first.items] == [(world.pump, 1, "Box", 10)]
	request = sale.request(agreed, submit=False)
	assert [(row.item_code, row.qty, row.uom) for row in request.items] == [
		(world.pump, 1, "Box"),
		(world.filter, 4, "Nos"),
		(world.service, 1, "Nos"),
	]


def test_a_contract_of_a_quotation_knows_the_deal_behind_it(sale, world, as_user):
	as_user("rep")
	deal = sale.opportunity(contacts=[{"contact_name": "Ines Marlow", "role": "Decision Maker"}])
	quotation = sale.quotation(crm_source_type=deal.doctype, crm_source_name=deal.name)
	as_user("manager")
	contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", quotation.name)["name"])
	assert (contract.title, contract.sales_owner, contract.sales_person) == (
		deal.title,
		deal.sales_owner,
		deal.sales_person,
	)
	assert [(row.contact_name, row.role) for row in contract.contacts] == [("Ines Marlow", "Decision Maker")]
	assert {row.quotation for row in contract.items} == {quotation.name}
	of_nobody = sale.quotation()
	made = frappe.get_doc("Sales Contract", api.make_contract("Quotation", of_nobody.name)["name"])
	assert made.sales_owner == frappe.session.user
	assert (made.title, made.customer, made.customer_name) == (
		of_nobody.customer_name,
		world.customer,
		of_nobody.customer_name,
	)

"""What was agreed is what the Sales Order says; ERPNext's defaults fill only what is open."""

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api


def _figures(order) -> list[tuple]:
	return [(row.item_code, row.qty, row.rate, row.amount) for row in order.items]


def test_a_row_discount_is_kept_with_its_list_price(sale, world):
	row = {"item_code": world.pump, "qty": 3, "price_list_rate": 100, "discount_percentage": 12.5}
	order = sale.order(sale.contract(items=[row]))
	line = order.items[0]
	assert (line.price_list_rate, line.discount_percentage, line.rate, line.amount) == (
		100,
		12.5,
		87.5,
		262.5,
	)


def test_a_rate_above_the_list_price_is_kept(sale, world):
	row = {"item_code": world.pump, "qty": 2, "price_list_rate": 100, "rate": 130}
	order = sale.order(sale.contract(items=[row]))
	assert _figures(order) == [(world.pump, 2, 130, 260)]


def test_a_price_that_changed_since_does_not_change_the_order(sale, world):
	contract = sale.contract(items=sale.rows((world.pump, 2, 90)))
	frappe.db.set_value("Item Price", {"item_code": world.pump}, "price_list_rate", 500)
	assert _figures(sale.order(contract)) == [(world.pump, 2, 90, 180)]


def test_a_row_given_away_stays_free_though_the_item_has_a_list_price(sale, world):
	gift = {"item_code": world.filter, "qty": 1, "price_list_rate": 12.5, "discount_percentage": 100}
	order = sale.order(sale.contract(items=[*sale.rows((world.pump, 1, 100)), gift]))
	assert _figures(order) == [(world.pump, 1, 100, 100), (world.filter, 1, 0, 0)]


def test_a_free_row_without_list_price_stays_free_in_the_order(sale, world):
	contract = sale.contract(items=sale.rows((world.pump, 1, 100), (world.filter, 2, 1)), submit=False)
	contract.items[1].update({"rate": 0, "price_list_rate": 0, "discount_percentage": 0})
	contract.save()
	contract.submit()
	assert contract.amount == 100
	assert _figures(sale.order(contract)) == [(world.pump, 1, 100, 100), (world.filter, 2, 0, 0)]


def test_a_box_of_ten_is_ordered_as_a_box(sale, world):
	row = {"item_code": world.pump, "qty": 2, "uom": "Box", "rate": 950}
	order = sale.order(sale.contract(items=[row]))
	line = order.items[0]
	assert (line.uom, line.conversion_factor, line.stock_qty, line.amount) == ("Box", 10, 20, 1900)


def test_parts_of_a_contract_share_its_discount_amount_to_the_last_cent(sale, world):
	contract = sale.contract(items=sale.rows((world.pump, 3, 100)), discount_amount=100)
	row = contract.items[0].name
	orders = [sale.order(contract, {row: 1}) for _ in range(3)]
	assert [order.discount_amount for order in orders] == [33.33, 33.33, 33.34]
	assert sum(order.net_total for order in orders) == pytest.approx(contract.amount)


def test_a_surcharge_that_was_agreed_is_on_the_orders(sale, world):
	"""A discount below zero, such as one that rounds an amount up."""
	contract = sale.contract(items=sale.rows((world.pump, 3, 33.33)), discount_amount=-0.01)
	row = contract.items[0].name
	parts = [sale.order(contract, {row: qty}) for qty in (2, 1)]
	assert sum(order.net_total for order in parts) == pytest.approx(contract.amount) == 100


def test_parts_of_a_quotation_share_its_discount_amount(sale, world):
	quotation = sale.quotation(items=sale.rows((world.pump, 4, 100)), discount_amount=40, apply_discount_on="Net Total")
	order = sale.order(quotation, {quotation.items[0].name: 1})
	assert (order.discount_amount, order.net_total) == (10, 90)


def test_a_payment_terms_template_is_unfolded_by_erpnext(sale, world):
	term = frappe.get_doc(
		{
			"doctype": "Payment Term",
			"payment_term_name": f"Net 20 {world.tag}",
			"invoice_portion": 100,
			"due_date_based_on": "Day(s) after invoice date",
			"credit_days": 20,
		}
	).insert()
	template = frappe.get_doc(
		{
			"doctype": "Payment Terms Template",
			"template_name": f"Net 20 {world.tag}",
			"terms": [
				{
					"payment_term": term.name,
					"invoice_portion": 100,
					"due_date_based_on": "Day(s) after invoice date",
					"credit_days": 20,
				}
			],
		}
	).insert()
	order = sale.order(sale.contract(payment_terms_template=template.name))
	assert [getdate(row.due_date) for row in order.payment_schedule] == [getdate(add_days(nowdate(), 20))]


def test_terms_text_is_as_agreed(sale, world):
	order = sale.order(sale.contract(terms="Free of charge within 5 days"))
	assert "Free of charge" in order.terms


def test_the_customers_sales_team_is_on_the_order(sale, world):
	person = frappe.get_doc(
		{"doctype": "Sales Person", "sales_person_name": f"Ada {world.tag}", "is_group": 0}
	).insert()
	customer = frappe.get_doc("Customer", world.customer)
	customer.append("sales_team", {"sales_person": person.name, "allocated_percentage": 100})
	customer.save()
	order = sale.order(sale.contract())
	assert [row.sales_person for row in order.sales_team] == [person.name]


def test_the_sales_person_of_the_contract_is_on_the_order_when_the_customer_has_none(sale, world):
	person = frappe.get_doc({"doctype": "Sales Person", "sales_person_name": f"Bo {world.tag}", "is_group": 0}).insert()
	order = sale.order(sale.contract(sales_person=person.name))
	assert [(row.sales_person, row.allocated_percentage) for row in order.sales_team] == [(person.name, 100)]


def test_delivery_dates_and_warehouses_of_rows_are_kept(sale, world):
	contract = sale.contract()
	request = sale.request(contract, submit=False)
	request.items[0].update({"delivery_date": add_days(nowdate(), 3), "warehouse": world.warehouse})
	request.items[1].delivery_date = add_days(nowdate(), 20)
	request.save()
	request.submit()
	order = sale.accept(request)
	assert [getdate(row.delivery_date) for row in order.items] == [
		getdate(add_days(nowdate(), 3)),
		getdate(add_days(nowdate(), 20)),
	]
	assert getdate(order.delivery_date) in {getdate(row.delivery_date) for row in order.items}


# ---- currencies


def test_the_agreed_exchange_rate_is_used(sale, world):
	foreign = "EUR" if world.currency != "EUR" else "USD"
	price_list = frappe.get_doc(
		{
			"doctype": "Price List",
			"price_list_name": f"Foreign {world.tag}",
			"currency": foreign,
			"selling": 1,
			"enabled": 1,
		}
	).insert()
	contract = sale.contract(currency=foreign, conversion_rate=80.5, selling_price_list=price_list.name)
	assert contract.base_amount == 480 * 80.5
	order = sale.order(contract)
	assert (order.currency, order.conversion_rate, order.plc_conversion_rate) == (foreign, 80.5, 80.5)
	assert (order.net_total, order.base_net_total) == (480, 480 * 80.5)


# ---- from a quotation, by ERPNext's own mapper


def test_a_part_order_makes_the_quotation_partially_ordered_and_the_rest_ordered(sale, world):
	quotation = sale.quotation()
	first = sale.order(quotation, {quotation.items[0].name: 1})
	quotation.reload()
	assert quotation.status == "Partially Ordered"
	assert first.items[0].prevdoc_docname == quotation.name
	second = sale.order(quotation)
	quotation.reload()
	assert quotation.status == "Ordered"
	assert [row.qty for row in second.items] == [3, 1]


def test_alternatives_of_a_quotation_are_not_ordered(sale, world):
	rows = sale.rows((world.pump, 2, 100), (world.filter, 2, 12))
	rows[1]["is_alternative"] = 1
	order = sale.order(sale.quotation(items=rows))
	assert _figures(order) == [(world.pump, 2, 100, 200)]


def test_a_free_item_of_the_quotation_goes_with_the_first_order_only(sale, world):
	quotation = sale.quotation(submit=False, items=sale.rows((world.pump, 2, 100)))
	quotation.append(
		"items",
		{
			"item_code": world.filter,
			"qty": 1,
			"rate": 0,
			"is_free_item": 1,
			"discount_percentage": 100,
			"price_list_rate": 12.5,
		},
	)
	quotation.ignore_pricing_rule = 1
	quotation.save()
	quotation.submit()
	first = sale.order(quotation, {quotation.items[0].name: 1})
	second = sale.order(quotation)
	assert [(row.item_code, row.qty, row.is_free_item) for row in first.items] == [
		(world.pump, 1, 0),
		(world.filter, 1, 1),
	]
	assert [(row.item_code, row.qty) for row in second.items] == [(world.pump, 1)]
	assert first.net_total + second.net_total == 200


def test_a_contract_changes_what_its_quotation_said(sale, world):
	quotation = sale.quotation()
	contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", quotation.name)["name"])
	contract.items[0].rate = 90
	contract.save()
	contract.submit()
	order = sale.order(contract)
	assert _figures(order)[0] == (world.pump, 4, 90, 360)
	quotation.reload()
	assert quotation.status == "Ordered"


def test_a_contract_for_more_than_its_quotation_is_ordered_in_full(sale, world):
	quotation = sale.quotation()
	contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", quotation.name)["name"])
	contract.items[0].qty = 9
	contract.save()
	contract.submit()
	row = contract.items[0].name
	assert [row.qty for row in sale.order(contract, {row: 4}).items] == [4]
	assert [row.qty for row in sale.order(contract).items] == [5, 1]


# ---- draft mode


@pytest.fixture
def draft_mode(site):
	frappe.db.set_single_value("CRM Pipeline Settings", "submit_sales_order", 0)


def test_in_draft_mode_the_desk_submits_the_order_by_hand(sale, draft_mode):
	request = sale.request(sale.contract())
	order = sale.accept(request)
	assert order.docstatus == 0
	request.reload()
	assert request.status == "Accepted"
	order.submit()
	sale.sync_outcome()
	assert sale.amounts(request)[0] == 480


def test_a_draft_order_raised_above_the_contract_cannot_be_submitted(sale, world, draft_mode):
	order = sale.accept(sale.request(sale.contract()))
	order.items[0].qty = 5
	order.payment_schedule = []
	order.save()
	with pytest.raises(frappe.ValidationError, match=r"Row 1.*1 more than what remains"):
		order.submit()


def test_a_draft_order_holds_what_it_promises(sale, world, draft_mode):
	contract = sale.contract()
	order = sale.accept(sale.request(contract))
	assert set(api.get_remaining(contract.name).values()) == {0}
	order.items[0].qty = 3
	order.payment_schedule = []
	order.save()
	assert api.get_remaining(contract.name)[contract.items[0].name] == 1

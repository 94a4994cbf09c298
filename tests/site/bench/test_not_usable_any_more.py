"""What was quoted or agreed can't be used any more when the next step is taken: a clear sentence, and a way on."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from tests.site.bench import form_world
from tests.site.portable.test_not_usable_any_more import MAKERS, _closed_warehouse, deal_with, form_world_address


def said() -> str:
	return " ".join(
		str(message.get("message")) for message in frappe.get_message_log() if isinstance(message, dict)
	) + " ".join(str(message) for message in frappe.local.message_log)


def test_the_other_rows_can_still_be_ordered(sale, world):
	for step in ("quotation", "contract"):
		source = deal_with(sale, world, step)
		frappe.db.set_value("Item", world.service, "disabled", 1)
		frappe.clear_document_cache("Item", world.service)
		order = sale.accept(sale.request(source, {source.items[0].name: 4}))
		assert [row.item_code for row in order.items] == [world.pump]
		frappe.db.set_value("Item", world.service, "disabled", 0)
		frappe.clear_document_cache("Item", world.service)


# ---- what can be left out: prices and discounts stay, ERPNext's default takes its place


@pytest.mark.parametrize("maker", ["contract", "request", "order"])
def test_a_tax_template_that_was_disabled_is_left_out_and_the_taxes_stay_as_quoted(sale, world, maker):
	template = form_world.tax_template(world, "Old", 16)
	quotation = sale.quotation(taxes_and_charges=template)
	frappe.db.set_value("Sales Taxes and Charges Template", template, "disabled", 1)
	frappe.clear_messages()
	made = MAKERS[maker](quotation)
	assert template in said() and "is disabled" in said()
	if maker == "order":
		order = frappe.get_doc("Sales Order", made["name"])
		assert ([row.rate for row in order.taxes], order.docstatus) == ([16], 1)


def test_a_contract_whose_tax_template_was_disabled_is_ordered_with_the_one_of_today(sale, world):
	old, new = form_world.tax_template(world, "Old", 16), form_world.tax_template(world, "New", 19, is_default=1)
	contract = sale.contract(taxes_and_charges=old)
	frappe.db.set_value("Sales Taxes and Charges Template", old, "disabled", 1)
	order = sale.order(contract)
	assert (order.taxes_and_charges, [row.rate for row in order.taxes]) == (new, [19])


@pytest.mark.parametrize("maker", ["request", "order"])
def test_a_warehouse_that_was_closed_is_left_out(sale, world, maker):
	shed = _closed_warehouse(world)
	quotation = sale.quotation(items=[{**row, "warehouse": shed} for row in sale.rows()])
	frappe.db.set_value("Warehouse", shed, "disabled", 1)
	frappe.clear_document_cache("Warehouse", shed)
	frappe.clear_messages()
	made = MAKERS[maker](quotation)
	assert shed in said()
	doc = (
		frappe.get_doc(made["doctype"], made["name"])
		if "doctype" in made
		else frappe.get_doc("Sales Order", made["name"])
	)
	assert shed not in {row.warehouse for row in doc.items}


@pytest.mark.parametrize("maker", ["contract", "request", "order"])
def test_a_payment_terms_template_that_was_deleted_leaves_its_dates(sale, world, maker):
	template = form_world.terms_template(world, "Parts", 10, 40)
	quotation = sale.quotation(payment_terms_template=template)
	frappe.db.delete("Payment Terms Template", {"name": template})
	frappe.clear_document_cache("Payment Terms Template", template)
	made = MAKERS[maker](quotation)
	doc = frappe.get_doc(
		{"contract": "Sales Contract", "request": "Sales Order Request", "order": "Sales Order"}[maker], made["name"]
	)
	assert [str(row.due_date) for row in doc.payment_schedule] == [add_days(nowdate(), 10), add_days(nowdate(), 40)]
	assert not doc.payment_terms_template


@pytest.mark.parametrize("maker", ["contract", "request", "order"])
def test_an_address_that_went_to_another_customer_is_left_out(sale, world, maker):
	depot = form_world_address(world)
	quotation = sale.quotation(shipping_address_name=depot)
	other = frappe.get_doc("Customer", world.customer).name
	frappe.db.set_value("Dynamic Link", {"parent": depot, "link_name": other}, "link_name", "Somebody Else")
	frappe.clear_messages()
	made = MAKERS[maker](quotation)
	doctype = {"contract": "Sales Contract", "request": "Sales Order Request", "order": "Sales Order"}[maker]
	assert not frappe.db.get_value(doctype, made["name"], "shipping_address_name")
	assert depot in said()


# ---- delivery dates, payment schedules


def test_a_delivery_date_that_has_passed_is_left_out_and_told(sale, world):
	rows = [{**row, "delivery_date": add_days(nowdate(), -4)} for row in sale.rows()]
	contract = sale.contract(items=rows)
	frappe.clear_messages()
	order = frappe.get_doc("Sales Order", MAKERS["order"](contract)["name"])
	assert "Row 1: " in said() and "has passed" in said()
	assert {str(row.delivery_date) >= nowdate() for row in order.items} == {True}


def test_a_schedule_written_by_hand_is_on_contract_request_and_order(sale, world):
	rows = [
		{
			"due_date": add_days(nowdate(), 5),
			"invoice_portion": 25,
			"description": "Deposit",
			"mode_of_payment": "Cash",
		},
		{"due_date": add_days(nowdate(), 50), "invoice_portion": 75, "description": "Rest"},
	]
	quotation = sale.quotation(payment_schedule=rows)
	wanted = [(row["description"], row["due_date"], row["invoice_portion"]) for row in rows]

	def schedule(doc):
		return [(row.description, str(row.due_date), row.invoice_portion) for row in doc.payment_schedule]

	contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", quotation.name)["name"])
	assert schedule(contract) == wanted
	contract.submit()
	request = sale.request(contract)
	assert schedule(request) == wanted
	order = sale.accept(request)
	assert schedule(order) == wanted
	assert order.payment_schedule[0].mode_of_payment == "Cash"
	straight = sale.quotation(payment_schedule=rows)
	assert schedule(sale.request(straight)) == wanted


def test_a_fixed_payment_date_that_has_passed_is_told(sale, world):
	rows = [
		{"due_date": add_days(nowdate(), -3), "invoice_portion": 25},
		{"due_date": add_days(nowdate(), 50), "invoice_portion": 75},
	]
	quotation = sale.quotation(
		transaction_date=add_days(nowdate(), -10), valid_till=add_days(nowdate(), 9), payment_schedule=rows
	)
	frappe.clear_messages()
	contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", quotation.name)["name"])
	assert "Payment Schedule, Row 1" in said() and "has passed" in said()
	assert [str(row.due_date) for row in contract.payment_schedule] == [nowdate(), add_days(nowdate(), 50)]


def test_terms_count_from_the_day_of_the_order(sale, world):
	template = form_world.terms_template(world, "Parts", 10, 40)
	quotation = sale.quotation(
		transaction_date=add_days(nowdate(), -60), valid_till=add_days(nowdate(), 9), payment_terms_template=template
	)
	order = frappe.get_doc("Sales Order", MAKERS["order"](quotation)["name"])
	assert order.payment_terms_template == template
	assert [str(row.due_date) for row in order.payment_schedule] == [add_days(nowdate(), 10), add_days(nowdate(), 40)]


def test_the_day_of_a_cash_discount_counts_from_the_new_document_too(sale, world):
	term = frappe.get_doc(
		{
			"doctype": "Payment Term",
			"payment_term_name": f"Skonto {world.tag}",
			"due_date_based_on": "Day(s) after invoice date",
			"credit_days": 30,
			"discount_validity_based_on": "Day(s) after invoice date",
			"discount_validity": 8,
			"discount": 2,
		}
	).insert()
	begin = add_days(nowdate(), -20)
	row = {
		"payment_term": term.name,
		"due_date": add_days(begin, 30),
		"discount_date": add_days(begin, 8),
		"discount": 2,
	}
	rest = {"due_date": add_days(nowdate(), 90), "discount_date": add_days(nowdate(), 70), "discount": 1}
	quotation = sale.quotation(
		transaction_date=begin,
		valid_till=add_days(nowdate(), 9),
		payment_schedule=[{**row, "invoice_portion": 60}, {**rest, "invoice_portion": 40}],
	)
	order = frappe.get_doc("Sales Order", MAKERS["order"](quotation)["name"])
	assert [(str(r.due_date), str(r.discount_date), r.discount) for r in order.payment_schedule] == [
		(add_days(nowdate(), 30), add_days(nowdate(), 8), 2),
		(add_days(nowdate(), 90), add_days(nowdate(), 70), 1),
	]


def test_a_quotation_at_once_stays_at_once_though_the_customer_has_terms_by_now(sale, world):
	quotation = sale.quotation()
	frappe.db.set_value("Customer", world.customer, "payment_terms", form_world.terms_template(world, "Net", 30))
	frappe.clear_document_cache("Customer", world.customer)
	order = frappe.get_doc("Sales Order", MAKERS["order"](quotation)["name"])
	assert [str(row.due_date) for row in order.payment_schedule] == [nowdate()]

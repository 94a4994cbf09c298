# ruff: noqa: F811
"""What was agreed is what the Sales Order says; ERPNext's defaults fill only what is open."""

import frappe
import pytest
from frappe.utils import add_days, flt, getdate, nowdate

from crm_pipeline import api
from tests.site.bench import form_world
from tests.site.portable.test_hand_off_agreed import _figures, draft_mode  # noqa: F401


def _template(world, name: str, rate: float, **values) -> str:
	account = frappe.db.get_value("Account", {"company": world.company, "account_type": "Tax", "is_group": 0}, "name")
	if not account:
		parent = frappe.db.get_value(
			"Account", {"company": world.company, "account_name": "Duties and Taxes", "is_group": 1}, "name"
		)
		account = (
			frappe.get_doc(
				{
					"doctype": "Account",
					"account_name": f"VAT {world.tag}",
					"parent_account": parent,
					"account_type": "Tax",
					"company": world.company,
				}
			)
			.insert()
			.name
		)
	return (
		frappe.get_doc(
			{
				"doctype": "Sales Taxes and Charges Template",
				"title": f"{name} {world.tag}",
				"company": world.company,
				"taxes": [
					{
						"charge_type": "On Net Total",
						"account_head": account,
						"description": name,
						"rate": rate,
					}
				],
				**values,
			}
		)
		.insert()
		.name
	)


# ---- prices and discounts


@pytest.mark.parametrize(
	("qty", "rate", "amount"),
	[
		(3, 33.33, 99.99),
		(7, 0.01, 0.07),
		(1.5, 19.99, 29.98),
		(3, 1.005, 3.0),
		(0.5, 0.25, 0.12),
		(2.3333, 7, 16.33),
	],
)
@pytest.mark.parametrize("method", ["Banker's Rounding", "Banker's Rounding (legacy)", "Commercial Rounding"])
def test_an_odd_rate_gives_the_same_amount_in_contract_request_and_order(sale, world, method, qty, rate, amount):
	frappe.db.set_single_value("System Settings", "rounding_method", method)
	frappe.clear_document_cache("System Settings", "System Settings")
	frappe.db.set_value("UOM", "Nos", "must_be_whole_number", 0)
	contract = sale.contract(items=sale.rows((world.pump, qty, rate)))
	request = sale.request(contract)
	order = sale.accept(request)
	assert contract.amount == request.amount == order.net_total
	assert contract.items[0].amount == request.items[0].amount == order.items[0].amount
	assert contract.items[0].rate == order.items[0].rate
	assert order.net_total == pytest.approx(amount, abs=0.031)


def test_a_pricing_rule_made_later_does_not_touch_agreed_prices(sale, world):
	contract = sale.contract(items=sale.rows((world.pump, 4, 100)))
	frappe.get_doc(
		{
			"doctype": "Pricing Rule",
			"title": f"Spring {world.tag}",
			"apply_on": "Item Code",
			"items": [{"item_code": world.pump}],
			"selling": 1,
			"company": world.company,
			"currency": world.currency,
			"rate_or_discount": "Discount Percentage",
			"discount_percentage": 50,
			"valid_from": nowdate(),
		}
	).insert()
	assert _figures(sale.order(contract)) == [(world.pump, 4, 100, 400)]


@pytest.mark.parametrize("apply_on", ["Net Total", "Grand Total"])
@pytest.mark.parametrize(
	"discount",
	[{"additional_discount_percentage": 10}, {"discount_amount": 50}],
	ids=["percentage", "amount"],
)
def test_an_additional_discount_is_kept(sale, world, apply_on, discount):
	contract = sale.contract(
		items=sale.rows((world.pump, 5, 100)),
		apply_discount_on=apply_on,
		taxes_and_charges=_template(world, "VAT", 20),
		**discount,
	)
	order = sale.order(contract)
	assert order.apply_discount_on == apply_on
	if apply_on == "Net Total":
		assert (order.discount_amount, order.net_total, order.grand_total) == (50, 450, 540)
	else:
		off = 60 if "additional_discount_percentage" in discount else 50
		assert (order.discount_amount, order.grand_total) == (off, 600 - off)


@pytest.fixture
def freight(sale, world):
	"""A quotation of four pumps (100) and a service (80) with 50 for freight and 2 % for insurance of it."""
	account = form_world.tax_account(world, "Freight")
	fixed = {"charge_type": "Actual", "account_head": account, "description": "Freight", "tax_amount": 50}
	of_it = {
		"charge_type": "On Previous Row Amount",
		"row_id": "1",
		"account_head": account,
		"description": "Insurance",
	}
	return sale.quotation(taxes=[fixed, {**of_it, "rate": 2}])


def charged(order) -> list[float]:
	return [row.tax_amount for row in order.taxes]


def test_a_fixed_charge_of_a_quotation_is_borne_once_by_its_orders(sale, freight):
	first = sale.order(freight, {freight.items[0].name: 1})
	assert charged(first) == [10.42, 0.21]
	sale.cancel(sale.native_order(freight, qty=1))
	rest = frappe.get_doc("Sales Order", api.order_now("Quotation", freight.name)["name"])
	assert charged(rest) == [39.58, 0.79]
	assert first.grand_total + rest.grand_total == pytest.approx(freight.grand_total) == 531


def test_an_order_that_was_closed_before_anything_came_of_it_bears_no_charge(sale, freight):
	sale.set_order_status(sale.order(freight), "Closed")
	again = sale.order(freight)
	assert charged(again) == [50, 1]
	sale.deliver(again, 1)
	sale.set_order_status(again, "Closed")
	assert charged(sale.order(freight)) == [0, 0]


def test_a_fixed_charge_goes_by_what_the_contract_took_of_the_quotation(sale, freight):
	contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", freight.name)["name"])
	contract.items[0].qty = 2
	contract.remove(contract.items[1])
	contract.submit()
	first = sale.order(contract, {contract.items[0].name: 1})
	rest = frappe.get_doc("Sales Order", api.order_now(contract.doctype, contract.name)["name"])
	assert [charged(first)[0], charged(rest)[0]] == [25, 25]


def test_an_order_of_erpnext_s_own_bears_what_its_maker_says_and_ours_the_rest(sale, freight):
	own = sale.native_order(freight, qty=1, submit=False)
	own.items = own.items[:1]
	own.taxes[0].tax_amount = 30
	own.submit()
	rest = frappe.get_doc("Sales Order", api.order_now("Quotation", freight.name)["name"])
	assert charged(rest)[0] == 20


# ---- terms


def test_payment_schedule_and_purchase_order_are_those_of_the_contract(sale, world):
	contract = sale.contract(
		po_no="PO-9",
		po_date=nowdate(),
		payment_schedule=[
			{"due_date": add_days(nowdate(), 10), "invoice_portion": 30, "description": "On order"},
			{"due_date": add_days(nowdate(), 40), "invoice_portion": 70, "description": "After delivery"},
		],
	)
	order = sale.order(contract)
	assert (order.po_no, getdate(order.po_date)) == ("PO-9", getdate())
	assert [
		(row.description, getdate(row.due_date), row.invoice_portion, row.payment_amount)
		for row in order.payment_schedule
	] == [
		("On order", getdate(add_days(nowdate(), 10)), 30, flt(order.grand_total * 0.3, 2)),
		("After delivery", getdate(add_days(nowdate(), 40)), 70, flt(order.grand_total * 0.7, 2)),
	]


def test_a_payment_that_fell_due_before_acceptance_is_due_on_the_day_of_the_order(sale, world):
	contract = sale.contract(
		payment_schedule=[
			{"due_date": add_days(nowdate(), -3), "invoice_portion": 50, "description": "On signing"},
			{"due_date": add_days(nowdate(), 30), "invoice_portion": 50, "description": "Rest"},
		]
	)
	order = sale.order(contract)
	assert [getdate(row.due_date) for row in order.payment_schedule] == [
		getdate(),
		getdate(add_days(nowdate(), 30)),
	]


def test_tax_template_and_category_are_as_agreed(sale, world):
	template = _template(world, "Agreed VAT", 7)
	category = frappe.get_doc({"doctype": "Tax Category", "title": f"Export {world.tag}"}).insert().name
	order = sale.order(sale.contract(taxes_and_charges=template, tax_category=category))
	assert (order.taxes_and_charges, order.tax_category) == (template, category)
	assert [row.rate for row in order.taxes] == [7]
	assert order.grand_total == flt(480 * 1.07, 2)


# ---- what is open


def test_taxes_nobody_agreed_come_from_the_customers_tax_category(sale, world):
	category = frappe.get_doc({"doctype": "Tax Category", "title": f"Domestic {world.tag}"}).insert().name
	template = _template(world, "Domestic VAT", 19, tax_category=category)
	frappe.get_doc(
		{
			"doctype": "Tax Rule",
			"tax_type": "Sales",
			"tax_category": category,
			"sales_tax_template": template,
			"company": world.company,
		}
	).insert()
	frappe.db.set_value("Customer", world.customer, "tax_category", category)
	order = sale.order(sale.contract())
	assert order.taxes_and_charges == template
	assert order.grand_total == flt(480 * 1.19, 2)


def test_warehouse_cost_centre_and_delivery_date_are_filled(sale, world):
	order = sale.order(sale.contract())
	pump = order.items[0]
	assert pump.warehouse == world.warehouse
	assert frappe.db.get_value("Cost Center", frappe.get_cached_value("Company", world.company, "cost_center"), "name")
	days = frappe.db.get_single_value("CRM Pipeline Settings", "default_delivery_days")
	assert {getdate(row.delivery_date) for row in order.items} == {getdate(add_days(nowdate(), days))}


@pytest.mark.parametrize("way", ["deal", "quotation", "deal, asked for"])
def test_the_terms_that_an_order_gets_are_said_when_it_is_agreed(sale, world, way):
	text = "<p>Paid by {{ customer }}</p>"
	terms = frappe.get_doc({"doctype": "Terms and Conditions", "title": f"T {world.tag}", "selling": 1, "terms": text})
	frappe.db.set_value("Company", world.company, "default_selling_terms", terms.insert().name)
	frappe.clear_document_cache("Company", world.company)
	source = sale.quotation() if way == "quotation" else sale.opportunity()
	make = api.make_order_request if way == "deal, asked for" else api.make_contract
	agreed = frappe.get_doc(*make(source.doctype, source.name).values())
	assert (agreed.tc_name, agreed.terms) == (terms.name, f"<p>Paid by {world.customer}</p>")
	agreed.terms = "<p>As we said</p>"
	agreed.submit()
	order = sale.accept(agreed) if way == "deal, asked for" else sale.order(agreed)
	assert (order.tc_name, order.terms) == (terms.name, "<p>As we said</p>")


def test_taxes_of_the_quotation_go_to_the_order(sale, world):
	quotation = sale.quotation(submit=False, taxes_and_charges=_template(world, "Offer VAT", 10))
	quotation.append_taxes_from_master()
	quotation.taxes[0].rate = 9
	quotation.save()
	quotation.submit()
	order = sale.order(quotation)
	assert [row.rate for row in order.taxes] == [9]
	assert order.grand_total == quotation.grand_total


def test_deleting_the_draft_order_puts_the_request_back_to_requested(sale, draft_mode):
	request = sale.request(sale.contract())
	order = sale.accept(request)
	order.delete()
	request.reload()
	assert (request.status, request.accepted_by) == ("Requested", None)
	again = sale.accept(request)
	assert again.docstatus == 0
	assert frappe.db.count("Sales Order", {"crm_source_name": request.name}) == 1

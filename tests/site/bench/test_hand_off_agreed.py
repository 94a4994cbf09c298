"""What was agreed is what the Sales Order says; ERPNext's defaults fill only what is open."""

import frappe
import pytest
from frappe.utils import add_days, flt, getdate, nowdate

from crm_pipeline import api
from tests.site.bench import form_world


def _figures(order) -> list[tuple]:
	return [(row.item_code, row.qty, row.rate, row.amount) for row in order.items]


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


def test_a_box_of_ten_is_ordered_as_a_box(sale, world):
	row = {"item_code": world.pump, "qty": 2, "uom": "Box", "rate": 950}
	order = sale.order(sale.contract(items=[row]))
	line = order.items[0]
	assert (line.uom, line.conversion_factor, line.stock_qty, line.amount) == ("Box", 10, 20, 1900)


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


def test_tax_template_and_category_are_as_agreed(sale, world):
	template = _template(world, "Agreed VAT", 7)
	category = frappe.get_doc({"doctype": "Tax Category", "title": f"Export {world.tag}"}).insert().name
	order = sale.order(sale.contract(taxes_and_charges=template, tax_category=category))
	assert (order.taxes_and_charges, order.tax_category) == (template, category)
	assert [row.rate for row in order.taxes] == [7]
	assert order.grand_total == flt(480 * 1.07, 2)


def test_terms_text_is_as_agreed(sale, world):
	order = sale.order(sale.contract(terms="Free of charge within 5 days"))
	assert "Free of charge" in order.terms


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


def test_taxes_of_the_quotation_go_to_the_order(sale, world):
	quotation = sale.quotation(submit=False, taxes_and_charges=_template(world, "Offer VAT", 10))
	quotation.append_taxes_from_master()
	quotation.taxes[0].rate = 9
	quotation.save()
	quotation.submit()
	order = sale.order(quotation)
	assert [row.rate for row in order.taxes] == [9]
	assert order.grand_total == quotation.grand_total


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


def test_deleting_the_draft_order_puts_the_request_back_to_requested(sale, draft_mode):
	request = sale.request(sale.contract())
	order = sale.accept(request)
	order.delete()
	request.reload()
	assert (request.status, request.accepted_by) == ("Requested", None)
	again = sale.accept(request)
	assert again.docstatus == 0
	assert frappe.db.count("Sales Order", {"crm_source_name": request.name}) == 1


def test_a_draft_order_raised_above_the_contract_cannot_be_submitted(sale, world, draft_mode):
	order = sale.accept(sale.request(sale.contract()))
	order.items[0].qty = 5
	order.payment_schedule = []
	order.save()
	with pytest.raises(frappe.ValidationError, match=r"Row 1.*1\.0 more than what remains"):
		order.submit()


def test_a_draft_order_holds_what_it_promises(sale, world, draft_mode):
	contract = sale.contract()
	order = sale.accept(sale.request(contract))
	assert set(api.get_remaining(contract.name).values()) == {0}
	order.items[0].qty = 3
	order.payment_schedule = []
	order.save()
	assert api.get_remaining(contract.name)[contract.items[0].name] == 1

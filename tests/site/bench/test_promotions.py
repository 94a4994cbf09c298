"""An order that the app makes has what ERPNext's pricing rules give to one that is typed into its form."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api

FREE = {"price_or_product_discount": "Product", "free_qty": 1}


def rule(world, **values):
	common = {"doctype": "Pricing Rule", "title": f"Rule {world.tag}", "selling": 1, "currency": world.currency}
	items = [] if values.get("apply_on") == "Transaction" else [{"item_code": world.pump}]
	return frappe.get_doc(
		{**common, "company": world.company, "apply_on": "Item Code", "items": items, **values}
	).insert()


def rows(world, quantities):
	return [{"item_code": world.pump, "qty": qty} for qty in quantities]


def typed(world, quantities):
	"""The order as somebody types it into ERPNext's form."""
	order = {"doctype": "Sales Order", "customer": world.customer, "company": world.company}
	return frappe.get_doc({**order, "delivery_date": add_days(nowdate(), 7), "items": rows(world, quantities)}).insert()


def ordered_now(sale, source):
	return frappe.get_doc("Sales Order", api.order_now(source.doctype, source.name)["name"])


WAYS = {"order now": ordered_now, "request": lambda sale, source: sale.order(source)}


def content(order):
	return [(row.item_code, row.qty, row.rate, row.is_free_item, row.uom) for row in order.items], order.net_total


RULES = {
	"another item is free": lambda world: {**FREE, "free_item": world.filter, "min_qty": 3},
	"one more of the same": lambda world: {**FREE, "same_item": 1, "min_qty": 2},
	"one free for each three": lambda world: {
		**FREE,
		"same_item": 1,
		"is_recursive": 1,
		"recurse_for": 3,
		"round_free_qty": 1,
	},
	"at a price of its own": lambda world: {**FREE, "free_item": world.filter, "free_item_rate": 2},
	"too few for it": lambda world: {**FREE, "free_item": world.filter, "min_qty": 50},
	"less for all rows together": lambda world: {"mixed_conditions": 1, "min_qty": 6, "discount_percentage": 10},
	"less for the whole": lambda world: {"apply_on": "Transaction", "min_amt": 100, "discount_percentage": 5},
	"a gift for the whole": lambda world: {
		**FREE,
		"apply_on": "Transaction",
		"min_amt": 100,
		"free_item": world.filter,
	},
	"of yesterday": lambda world: {
		**FREE,
		"free_item": world.filter,
		"valid_from": add_days(nowdate(), -9),
		"valid_upto": add_days(nowdate(), -1),
	},
}


# On two rows of an item what the form gives for each three depends on which was entered first.
CASES = [(given, rows) for given in RULES for rows in ((4,), (3, 5)) if rows == (4,) or "each three" not in given]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("given", "quantities"), CASES)
def test_an_order_of_a_deal_has_what_the_form_gives(sale, world, given, way, quantities):
	rule(world, **RULES[given](world))
	wanted = content(typed(world, quantities))
	order = WAYS[way](sale, sale.opportunity(items=rows(world, quantities)))
	assert content(order) == wanted
	assert order.docstatus == 1


def test_a_gift_is_delivered_and_billed_and_counts_for_nothing(sale, world):
	rule(world, **RULES["another item is free"](world))
	deal = sale.opportunity(items=rows(world, (4,)))
	order = ordered_now(sale, deal)
	note, invoice = sale.deliver(order), sale.bill(order)
	sale.sync_outcome()
	assert (
		[row.item_code for row in note.items] == [row.item_code for row in invoice.items] == [world.pump, world.filter]
	)
	assert sale.amounts(deal)[:3] == (400, 400, 400)
	assert frappe.db.get_value("Sales Order Request", order.crm_request_key, "status") == "Completed"


def test_what_was_agreed_by_quotation_or_contract_is_not_given_twice_nor_more(sale, world):
	rule(world, **RULES["another item is free"](world))
	quotation = sale.quotation(items=rows(world, (4,)))
	gifts = [row.item_code for row in ordered_now(sale, quotation).items if row.is_free_item]
	assert gifts == [world.filter]
	contract = sale.contract(items=rows(world, (4,)))
	assert [row.item_code for row in ordered_now(sale, contract).items] == [world.pump]


def test_a_discount_that_was_agreed_for_the_whole_stays(sale, world):
	rule(world, **RULES["less for the whole"](world))
	request = sale.request(sale.opportunity(items=rows(world, (4,))), submit=False)
	request.additional_discount_percentage = 2
	request.save()
	request.submit()
	assert sale.accept(request).net_total == 392


# ---- coupons


def quoted_by_coupon(sale, world):
	"""Four pumps for 90 instead of 100 each, by a coupon for one use: the quotation and the coupon."""
	less = rule(world, coupon_code_based=1, rate_or_discount="Discount Percentage", discount_percentage=10)
	name = f"Coupon {world.tag}"
	coupon = {"doctype": "Coupon Code", "coupon_name": name, "coupon_code": name.upper(), "maximum_use": 1}
	coupon = frappe.get_doc({**coupon, "coupon_type": "Promotional", "pricing_rule": less.name}).insert()
	return sale.quotation(coupon_code=coupon.name, items=rows(world, (4,))), coupon


@pytest.mark.parametrize("way", ["quotation", "contract"])
def test_a_coupon_is_used_once_by_the_orders_of_one_quotation(sale, world, way):
	quotation, coupon = quoted_by_coupon(sale, world)
	source = quotation
	if way == "contract":
		source = frappe.get_doc(*api.make_contract("Quotation", quotation.name).values())
		source.submit()
	first = sale.order(source, {source.items[0].name: 1})
	second = sale.order(source)
	assert [order.net_total for order in (first, second)] == [90, 270]
	assert (first.coupon_code, second.coupon_code) == (coupon.name, None)
	assert coupon.reload().used == 1
	sale.cancel(second)
	assert coupon.reload().used == 1
	sale.cancel(first)
	assert coupon.reload().used == 0


def test_the_price_of_a_coupon_that_ran_out_since_it_was_quoted_stays(sale, world):
	quotation, coupon = quoted_by_coupon(sale, world)
	coupon.db_set("valid_upto", add_days(nowdate(), -1))
	quotation.db_set("transaction_date", add_days(nowdate(), -1))
	frappe.clear_messages()
	order = sale.order(quotation)
	assert (order.net_total, order.coupon_code) == (360, None)
	assert any("has run out since it was quoted" in str(said) for said in frappe.local.message_log)


@pytest.mark.parametrize("why", ["used up", "not valid when it was quoted"])
def test_a_coupon_that_was_not_good_for_a_quotation_stops_its_order(sale, world, why):
	quotation, coupon = quoted_by_coupon(sale, world)
	values = {"used": 1} if why == "used up" else {"valid_upto": add_days(nowdate(), -1)}
	coupon.db_set(values)
	with pytest.raises(frappe.ValidationError, match="coupon code"):
		sale.order(quotation)


# ---- units that are sold as a whole


@pytest.mark.parametrize("make", ["contract", "request"])
def test_half_a_pump_is_refused_before_anybody_agrees_on_it(sale, world, make):
	deal = sale.opportunity(items=[{"item_code": world.pump, "qty": 1.5, "rate": 5}])
	maker = {"contract": api.make_contract, "request": api.make_order_request}[make]
	with pytest.raises(frappe.ValidationError, match="Row 1: .*Quantity.* 1.5 of unit .*Nos.* is not a whole number"):
		maker(deal.doctype, deal.name)
	with pytest.raises(frappe.ValidationError, match="Row 2: .*is not a whole number"):
		sale.contract(items=[*rows(world, (1,)), *rows(world, (0.25,))], submit=False)

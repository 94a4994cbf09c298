"""Prices follow price list, customer and day as they do on ERPNext's Quotation; nothing is sold for nothing in silence."""

import frappe
import pytest
from frappe.utils import add_days, flt, nowdate

from crm_pipeline import api
from tests.site.world import customer, refused


@pytest.fixture
def dealers(world):
	"""A price list of half the usual prices, which knows the pump alone."""
	name = f"Dealers {world.tag}"
	frappe.get_doc(
		{"doctype": "Price List", "price_list_name": name, "currency": world.currency, "selling": 1, "enabled": 1}
	).insert()
	price(world.pump, name, 50)
	return name


def price(item, price_list, rate, **more):
	values = {
		"doctype": "Item Price",
		"item_code": item,
		"price_list": price_list,
		"price_list_rate": rate,
		"uom": "Nos",
	}
	return frappe.get_doc({**values, **more}).insert()


@pytest.fixture
def deal(world, sale, as_user, dealers):
	as_user("rep")
	return sale.opportunity(
		items=[
			{"item_code": world.pump, "qty": 2},
			{"item_code": world.pump, "qty": 1, "discount_percentage": 10},
			{"item_code": world.filter, "qty": 1},
		]
	)


def rates(doc) -> list[float]:
	return [flt(row.rate, 2) for row in doc.items]


def test_another_price_list_reprices_all_rows_that_it_knows_and_keeps_discounts(deal, dealers):
	assert rates(deal) == [100, 90, 12.5] and deal.amount == 302.5
	deal.selling_price_list = dealers
	deal.save()
	assert rates(deal) == [50, 45, 12.5] and deal.amount == 157.5
	assert [row.price_list_rate for row in deal.items] == [50, 50, 12.5]
	assert [flt(row.discount_percentage) for row in deal.items] == [0, 10, 0]


def test_a_price_that_is_sent_along_with_the_list_stands(deal, dealers):
	deal.selling_price_list = dealers
	deal.items[0].rate = 77
	deal.save()
	assert rates(deal) == [77, 45, 12.5]


def test_a_price_that_somebody_made_is_no_list_s_to_change(world, sale, as_user, dealers):
	as_user("rep")
	own = sale.opportunity(items=[{"item_code": world.service, "qty": 1, "rate": 33, "price_list_rate": 0}])
	frappe.db.set_value("Sales Deal Item", own.items[0].name, "price_list_rate", 0)
	own.reload()
	own.selling_price_list = dealers
	own.save()
	assert rates(own) == [33]


def test_another_customer_has_other_prices_and_a_verified_prospect_the_same(deal, world, as_user):
	as_user("Administrator")
	other = customer(f"Southwind {world.tag}")
	price(world.pump, world.price_list, 88, customer=other)
	as_user("rep")
	deal.customer = other
	deal.save()
	assert rates(deal) == [88, 79.2, 12.5]


def test_the_discount_of_a_rule_goes_with_the_customer_that_it_is_for(deal, world, sale, as_user):
	as_user("Administrator")
	other = customer(f"Eastwind {world.tag}")
	frappe.get_doc(
		{
			"doctype": "Pricing Rule",
			"title": f"Twenty {world.tag}",
			"apply_on": "Item Code",
			"items": [{"item_code": world.pump}],
			"selling": 1,
			"applicable_for": "Customer",
			"customer": other,
			"rate_or_discount": "Discount Percentage",
			"discount_percentage": 20,
			"company": world.company,
			"currency": world.currency,
		}
	).insert()
	as_user("rep")
	theirs = sale.opportunity(customer=other, items=[{"item_code": world.pump, "qty": 1}])
	assert rates(theirs) == [80]
	theirs.customer = world.customer
	theirs.save()
	assert rates(theirs) == [100] and not flt(theirs.items[0].discount_percentage)


def test_the_day_of_a_contract_decides_which_price_holds(deal, world, as_user):
	as_user("Administrator")
	later = add_days(nowdate(), 20)
	frappe.db.set_value(
		"Item Price", {"item_code": world.pump, "price_list": world.price_list}, "valid_upto", add_days(later, -1)
	)
	price(world.pump, world.price_list, 120, valid_from=later)
	as_user("rep")
	made = api.make_contract(deal.doctype, deal.name)
	contract = frappe.get_doc(made["doctype"], made["name"])
	assert rates(contract) == [100, 90, 12.5]
	contract.contract_date = later
	contract.end_date = None
	contract.save()
	assert rates(contract) == [120, 108, 12.5]


def test_a_row_that_no_list_knows_is_named(world, sale, as_user):
	as_user("Administrator")
	frappe.db.delete("Item Price", {"item_code": world.service})
	as_user("rep")
	frappe.clear_messages()
	sale.opportunity(items=[{"item_code": world.pump, "qty": 1}, {"item_code": world.service, "qty": 1}])
	assert [text for text in told() if "Row 2" in text and "no price" in text]
	frappe.clear_messages()
	sale.opportunity(items=[{"item_code": world.pump, "qty": 1, "discount_percentage": 100}])
	assert not [text for text in told() if "no price" in text]


def told() -> list[str]:
	return [frappe.parse_json(row).message if isinstance(row, str) else row.message for row in frappe.local.message_log]


def test_margin_is_told_to_who_may_read_estimates(deal, world, as_user):
	found = api.get_margin(deal.doctype, deal.name)
	assert found["selling"] == 302.5 and found["currency"] == world.currency
	assert flt(found["margin"], 2) == flt(302.5 - found["cost"], 2) and found["cost"] > 0
	assert found["without"] == []
	as_user("stranger")
	with refused(frappe.PermissionError):
		api.get_margin(deal.doctype, deal.name)

"""What a row costs when the API, an import or a script sends only part of it: as on the form, from the price list."""

import frappe
import pytest

from tests.site.bench.test_currency import foreign  # noqa: F401


def only(doc):
	return doc.items[0]


def request(sale, items, **values):
	return frappe.get_doc(
		{
			"doctype": "Sales Order Request",
			"customer": sale.world.customer,
			"company": sale.world.company,
			"items": items,
			**values,
		}
	).insert()


MAKE = {
	"lead": lambda sale, items: sale.lead(items=items),
	"opportunity": lambda sale, items: sale.opportunity(items=items),
	"contract": lambda sale, items: sale.contract(submit=False, items=items),
	"request": request,
}


@pytest.mark.parametrize("make", MAKE)
@pytest.mark.parametrize("qty, discount, rate", [(2, 10, 11.25), (3, 33, 8.38), (1, 100, 0)])
def test_an_item_and_a_discount_cost_the_list_price_less_discount(sale, world, make, qty, discount, rate):
	row = {"item_code": world.filter, "qty": qty, "discount_percentage": discount}
	doc = MAKE[make](sale, [row])
	assert (only(doc).price_list_rate, only(doc).rate, only(doc).discount_percentage) == pytest.approx(
		(12.5, rate, discount), abs=0.04
	)
	assert doc.amount == pytest.approx(qty * only(doc).rate)


def test_a_discount_in_a_box_with_a_typed_factor(sale, world):
	row = {"item_code": world.pump, "qty": 1, "discount_percentage": 10, "uom": "Box", "conversion_factor": 1.5}
	deal = sale.opportunity(items=[row])
	assert (only(deal).conversion_factor, only(deal).price_list_rate, only(deal).rate) == (1.5, 150, 135)


def test_another_item_brings_its_own_price_and_another_unit_its_factor(sale, world):
	deal = sale.opportunity(items=[{"item_code": world.pump, "qty": 2}])
	assert deal.amount == 200
	only(deal).item_code = world.filter
	deal.save()
	assert (only(deal).rate, deal.amount) == (12.5, 25)
	only(deal).uom = "Box"
	deal.save()
	assert (only(deal).conversion_factor, only(deal).stock_qty, only(deal).rate) == (10, 20, 125)


def test_what_a_quotation_gives_away_is_given_away_in_its_contract(sale, world):
	quotation = sale.quotation(items=[{"item_code": world.pump, "qty": 1, "rate": 100}])
	frappe.db.set_value("Quotation Item", quotation.items[0].name, {"rate": 0, "price_list_rate": 0, "amount": 0})
	from crm_pipeline import api

	contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", quotation.name)["name"])
	assert (only(contract).rate, contract.amount) == (0, 0)


@pytest.mark.parametrize("make", MAKE)
def test_list_prices_are_those_of_the_new_currency(sale, world, foreign, make):  # noqa: F811
	known, _unknown = foreign
	doc = MAKE[make](sale, [{"item_code": world.pump, "qty": 2, "discount_percentage": 10}])
	doc.currency = known
	doc.save()
	assert (only(doc).price_list_rate, only(doc).rate, doc.amount, doc.base_amount) == (50, 45, 90, 180)
	native = frappe.new_doc("Quotation")
	native.update({"quotation_to": "Customer", "party_name": world.customer, "company": world.company})
	native.update({"currency": known, "conversion_rate": 2})
	native.append("items", {"item_code": world.pump, "qty": 2, "discount_percentage": 10})
	native.insert()
	assert (only(native).price_list_rate, native.net_total) == (50, 90)


def test_a_price_list_of_the_new_currency_gives_its_own_price(sale, world, foreign):  # noqa: F811
	known, _unknown = foreign
	price_list = frappe.get_doc(
		{
			"doctype": "Price List",
			"price_list_name": f"Abroad {world.tag}",
			"currency": known,
			"selling": 1,
			"enabled": 1,
		}
	).insert()
	frappe.get_doc(
		{"doctype": "Item Price", "item_code": world.pump, "price_list": price_list.name, "price_list_rate": 61}
	).insert()
	deal = sale.opportunity(items=[{"item_code": world.pump, "qty": 1}])
	deal.update({"currency": known, "selling_price_list": price_list.name})
	deal.save()
	assert (only(deal).rate, deal.base_amount) == (61, 122)

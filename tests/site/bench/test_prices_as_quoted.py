"""A row of a deal costs what it costs on ERPNext's quotation, for every way in which ERPNext finds a price."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from tests.site.bench.test_promotions import rule


def price(world, rate, **values):
	common = {"doctype": "Item Price", "item_code": world.pump, "price_list": world.price_list, "uom": "Nos"}
	return frappe.get_doc({**common, "price_list_rate": rate, **values}).insert()


def box_price(world):
	frappe.get_doc("Item", world.pump)
	return price(world, 950, uom="Box")


FOUND_BY = {
	"customer": lambda world: price(world, 77, customer=world.customer),
	"days": lambda world: price(world, 66, valid_from=add_days(nowdate(), -1), valid_upto=add_days(nowdate(), 1)),
	"days that are over": lambda world: price(
		world, 66, valid_from=add_days(nowdate(), -9), valid_upto=add_days(nowdate(), -1)
	),
	"unit": box_price,
	"percent from ten": lambda world: rule(world, min_qty=10, discount_percentage=10),
	"amount off": lambda world: rule(world, rate_or_discount="Discount Amount", discount_amount=7),
	"rate of a rule": lambda world: rule(world, rate_or_discount="Rate", rate=55, min_qty=10),
	"margin": lambda world: rule(world, margin_type="Percentage", margin_rate_or_amount=20),
	"customer's group": lambda world: rule(
		world,
		applicable_for="Customer Group",
		customer_group=frappe.db.get_value("Customer", world.customer, "customer_group"),
		discount_percentage=12,
	),
}


def quoted(world, row):
	quotation = {"doctype": "Quotation", "quotation_to": "Customer", "party_name": world.customer}
	return frappe.get_doc({**quotation, "company": world.company, "items": [row]}).insert().items[0]


@pytest.mark.parametrize("way", FOUND_BY)
@pytest.mark.parametrize("qty, uom", [(2, "Nos"), (12, "Nos"), (2, "Box")])
def test_a_row_costs_what_it_costs_on_a_quotation(sale, world, way, qty, uom):
	FOUND_BY[way](world)
	row = {"item_code": world.pump, "qty": qty, "uom": uom}
	wanted = quoted(world, row)
	for make in (sale.opportunity, sale.contract):
		found = make(items=[dict(row)]).items[0]
		assert (found.rate, found.amount) == pytest.approx((wanted.rate, wanted.amount)), make.__name__


@pytest.mark.parametrize("way", FOUND_BY)
@pytest.mark.parametrize("before, after", [(2, 12), (12, 2)])
def test_another_quantity_has_another_price_as_on_the_form(sale, world, way, before, after):
	FOUND_BY[way](world)
	deal = sale.opportunity(items=[{"item_code": world.pump, "qty": before}])
	deal.items[0].qty = after
	deal.save()
	assert deal.items[0].rate == pytest.approx(quoted(world, {"item_code": world.pump, "qty": after}).rate)


def test_a_price_that_somebody_typed_stays_whatever_the_quantity(sale, world):
	rule(world, min_qty=10, discount_percentage=10)
	deal = sale.opportunity(items=[{"item_code": world.pump, "qty": 2, "rate": 91}])
	deal.items[0].qty = 12
	deal.save()
	assert deal.items[0].rate == 91

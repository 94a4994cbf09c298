"""An item row that the API, an import or a script changes ends as it would on the form."""

import frappe
import pytest
from frappe.client import set_value

from tests.site.world import refused


def only(doc):
	return doc.items[0]


def test_removing_the_last_row_takes_its_amount_along(sale):
	deal = sale.opportunity()
	assert deal.amount == 480
	deal.items = []
	deal.save()
	assert (deal.amount, deal.base_amount) == (0, 0)


def test_an_amount_that_is_entered_instead_of_the_rows_stands(sale):
	deal = sale.opportunity()
	deal.update({"items": [], "amount": 750})
	deal.save()
	assert deal.amount == 750
	# And it stays at the next save, which removes nothing.
	deal.reload()
	deal.save()
	assert deal.amount == 750


def test_a_lead_forgets_the_amount_of_its_last_row_too(sale):
	lead = sale.lead()
	lead.items = []
	lead.save()
	assert lead.amount == 0


@pytest.mark.parametrize("make", ["opportunity", "contract"])
@pytest.mark.parametrize("factor", [1.5, 2.5, 0.5])
def test_a_typed_conversion_factor_stands(sale, world, make, factor):
	row = {"item_code": world.pump, "qty": 2, "rate": 10, "uom": "Box", "conversion_factor": factor}
	doc = getattr(sale, make)(items=[row])
	assert (only(doc).conversion_factor, only(doc).stock_qty) == (factor, 2 * factor)


def test_a_discount_alone_comes_off_the_list_price(sale, world):
	row = {"item_code": world.pump, "qty": 2, "price_list_rate": 50, "rate": 50}
	deal = sale.opportunity(items=[row])
	only(deal).discount_percentage = 12
	deal.save()
	assert (only(deal).rate, deal.amount) == (44, 88)
	# What was sent together with it stands.
	only(deal).update({"rate": 30, "discount_percentage": 12})
	deal.save()
	assert (only(deal).rate, only(deal).discount_percentage) == (30, 40)


@pytest.mark.parametrize("make", ["opportunity", "contract"])
def test_prices_that_are_on_no_list_keep_their_worth_in_another_currency(sale, world, make):
	other = "EUR" if world.currency != "EUR" else "CHF"
	doc = getattr(sale, make)(**({"submit": False} if make == "contract" else {}))
	doc.update({"currency": other, "conversion_rate": 1.6})
	doc.save()
	assert [row.rate for row in doc.items] == [62.5, 50]
	assert (doc.amount, doc.base_amount) == (300, 480)
	# Numbers that come with the currency are in it.
	doc.update({"currency": world.currency, "conversion_rate": 1})
	for row in doc.items:
		row.rate = 10
	doc.save()
	assert doc.amount == 50


def test_an_amount_by_hand_is_what_was_typed_in_any_currency(sale, world):
	other = "EUR" if world.currency != "EUR" else "CHF"
	deal = sale.opportunity(items=[], amount=100)
	set_value(deal.doctype, deal.name, {"currency": other, "conversion_rate": 2})
	assert frappe.db.get_value(deal.doctype, deal.name, ["amount", "base_amount"]) == (100, 200)


def test_a_discount_amount_keeps_its_worth_in_another_currency(sale, world):
	other = "EUR" if world.currency != "EUR" else "CHF"
	contract = sale.contract(submit=False, discount_amount=80)
	contract.update({"currency": other, "conversion_rate": 2})
	contract.save()
	assert (contract.total, contract.discount_amount, contract.base_amount) == (240, 40, 400)


def test_a_request_is_in_the_currency_of_its_contract(sale, world):
	other = "EUR" if world.currency != "EUR" else "CHF"
	contract = sale.contract(currency=other, conversion_rate=2)
	request = sale.request(contract, submit=False)
	request.update({"currency": world.currency, "conversion_rate": 1})
	request.save()
	assert (request.currency, request.conversion_rate, request.base_amount) == (other, 2, 960)


def test_another_item_of_the_contract_may_be_chosen_in_its_request(sale, world):
	contract = sale.contract()
	request = sale.request(contract, {contract.items[0].name: 1}, submit=False)
	only(request).update({"item_code": world.service, "qty": 1})
	request.save()
	assert (only(request).item_code, only(request).rate, only(request).contract_item) == (
		world.service,
		80,
		contract.items[1].origin_item,
	)
	only(request).item_code = world.filter
	with refused():
		request.save()

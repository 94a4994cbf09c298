"""A contract or request of a quotation to which somebody has added a row: taxes, freight and terms stay those quoted."""

import frappe

from crm_pipeline import api
from tests.site.bench.test_hand_off_agreed import charged, freight  # noqa: F401


def extra(world) -> dict:
	return {"item_code": world.filter, "qty": 1, "rate": 10}


def test_a_row_added_to_the_contract_of_a_quotation_leaves_its_freight(sale, world, freight):  # noqa: F811
	contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", freight.name)["name"])
	contract.append("items", extra(world))
	contract.save()
	assert contract.print_figures()["grand_total"] == 541
	contract.submit()
	order = sale.order(contract)
	assert (order.net_total, order.grand_total, charged(order)) == (490, 541, [50, 1])
	assert [bool(row.quotation_item) for row in order.items] == [True, True, False]
	assert frappe.db.get_value("Quotation", freight.name, "status") == "Ordered"


def test_a_row_added_to_a_request_of_a_quotation_leaves_its_freight(sale, world, freight):  # noqa: F811
	request = sale.request(freight, submit=False)
	request.append("items", extra(world))
	request.save()
	request.submit()
	order = sale.accept(request)
	assert (order.net_total, order.grand_total) == (490, 541)


def test_the_added_row_bears_no_freight_of_its_own(sale, world, freight):  # noqa: F811
	contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", freight.name)["name"])
	contract.append("items", {**extra(world), "rate": 4800})
	contract.save()
	contract.submit()
	pumps, service, added = (row.name for row in contract.items)
	assert charged(sale.order(contract, {pumps: 2, added: 1})) == [20.83, 0.42]
	assert charged(sale.order(contract, {pumps: 2, service: 1})) == [29.17, 0.58]


def test_an_added_row_by_itself_is_ordered_with_the_taxes_of_the_contract(sale, world, freight):  # noqa: F811
	contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", freight.name)["name"])
	contract.append("items", extra(world))
	contract.save()
	contract.submit()
	assert charged(sale.order(contract, {contract.items[2].name: 1})) == []
	assert charged(sale.order(contract)) == [50, 1]


def test_a_row_of_another_item_than_quoted_is_ordered_beside_the_quoted_ones(sale, world, freight):  # noqa: F811
	contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", freight.name)["name"])
	contract.items[0].update({"item_code": world.filter, "rate": 70})
	contract.save()
	contract.submit()
	order = sale.order(contract)
	assert [row.quotation_item for row in order.items] == [None, freight.items[1].name]
	assert (order.net_total, order.grand_total) == (360, 411)
	assert not any(api.get_remaining(contract.name).values())


def test_freight_keeps_its_worth_in_a_contract_of_another_currency(sale, freight):  # noqa: F811
	frappe.db.set_value("Currency", "EUR", "enabled", 1)
	contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", freight.name)["name"])
	contract.update({"currency": "EUR", "conversion_rate": 0.5})
	contract.save()
	assert contract.amount == 960 and contract.print_figures()["grand_total"] == 1062
	contract.submit()
	pumps = contract.items[0].name
	parts = [sale.order(contract, {pumps: 2}), sale.order(contract)]
	assert sum(order.grand_total for order in parts) == 1062
	assert sum(order.base_grand_total for order in parts) == freight.base_grand_total == 531

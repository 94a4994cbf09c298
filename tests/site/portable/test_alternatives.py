"""Alternative items of a quotation: they can be chosen, count once, and take their quoted price along."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.orders.hand_off import HandOffError, RemainingError
from tests.site.world import refused


@pytest.fixture
def quotation(sale, world):
	"""Four pumps at 90, or eight filters at 11 in their place, and an installation."""
	rows = [
		{"item_code": world.pump, "qty": 4, "rate": 90},
		{"item_code": world.filter, "qty": 8, "rate": 11, "is_alternative": 1},
		{"item_code": world.service, "qty": 1, "rate": 80},
	]
	return sale.quotation(items=rows)


def contract_of(quotation, submit=True):
	contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", quotation.name)["name"])
	if submit:
		contract.submit()
	return contract


@pytest.fixture
def with_filters(quotation, world):
	"""The contract of the quotation, with the alternative chosen by changing the row's item."""
	contract = contract_of(quotation, submit=False)
	contract.items[0].update({"item_code": world.filter, "qty": 8})
	contract.save()
	contract.submit()
	return contract


def choose(quotation, *rows):
	"""The order that ERPNext's own dialog makes with these rows chosen."""
	from erpnext.selling.doctype.quotation.quotation import make_sales_order

	frappe.flags.args = frappe._dict(selected_items=[{"name": row.name} for row in rows])
	order = make_sales_order(quotation.name)
	frappe.flags.pop("args")
	order.delivery_date = frappe.utils.add_days(frappe.utils.nowdate(), 7)
	order.insert()
	order.submit()
	return order


def left(contract) -> list[float]:
	return [api.get_remaining(contract.name)[row.name] for row in contract.items]


def test_a_chosen_alternative_goes_to_its_own_row_of_the_quotation_at_the_quoted_price(with_filters, quotation):
	row = with_filters.items[0]
	assert (row.quotation, row.quotation_item, row.rate) == (quotation.name, quotation.items[1].name, 11)
	assert with_filters.amount == 8 * 11 + 80


def test_it_is_accepted_and_counts_once(with_filters, quotation, sale, world):
	order = sale.order(with_filters)
	assert [(row.item_code, row.qty, row.rate) for row in order.items] == [
		(world.filter, 8, 11),
		(world.service, 1, 80),
	]
	assert [row.quotation_item for row in order.items] == [quotation.items[1].name, quotation.items[2].name]
	assert left(with_filters) == [0, 0]
	quotation.reload()
	assert quotation.status == "Ordered"
	with refused(RemainingError):
		sale.request(with_filters)


def test_an_order_that_erpnext_made_of_the_alternative_counts(with_filters, quotation, sale):
	choose(quotation, quotation.items[1])
	assert left(with_filters) == [0, 0]
	with refused(RemainingError):
		sale.request(with_filters)


def test_a_contract_is_not_sold_twice_by_way_of_the_alternative(quotation, sale):
	contract = contract_of(quotation)
	sale.order(contract)
	with refused(match="more than what remains of Contract"):
		choose(quotation, quotation.items[1])


def test_a_quotation_is_not_sold_twice_by_way_of_the_alternative(quotation, sale, world):
	choose(quotation, quotation.items[1])
	with refused(RemainingError):
		sale.request(quotation)


def test_a_part_of_the_alternative_leaves_as_much_of_the_other(quotation, sale, world):
	part = sale.request(quotation, submit=False)
	part.items[0].update({"item_code": world.filter, "qty": 2})
	part.save()
	assert (part.items[0].quotation_item, part.items[0].rate) == (quotation.items[1].name, 11)
	order = sale.accept(part.submit() or part)
	assert [(row.item_code, row.qty) for row in order.items] == [(world.filter, 2), (world.service, 1)]
	rest = sale.request(quotation, submit=False)
	assert [(row.item_code, row.qty) for row in rest.items] == [(world.pump, 3)]
	rest.append("items", {**rest.items[0].as_dict(no_default_fields=True), "item_code": world.filter, "qty": 1})
	rest.save()
	with refused(RemainingError, match="Row 2"):
		rest.submit()


def test_an_item_that_was_not_quoted_loses_its_links(quotation, sale, world):
	contract = contract_of(quotation, submit=False)
	other = frappe.copy_doc(frappe.get_doc("Item", world.pump))
	other.item_code = f"Sluice {world.tag}"
	other.insert()
	contract.items[0].update({"item_code": other.name, "rate": 70})
	contract.save()
	assert (contract.items[0].quotation, contract.items[0].quotation_item, contract.items[0].rate) == (None, None, 70)
	contract.submit()
	assert left(contract) == [4, 1]


def test_a_price_that_was_typed_for_the_alternative_stands(quotation, world):
	contract = contract_of(quotation, submit=False)
	contract.items[0].update({"item_code": world.filter, "qty": 8, "rate": 10.4})
	contract.save()
	assert (contract.items[0].rate, contract.items[0].quotation_item) == (10.4, quotation.items[1].name)


def test_orders_of_the_earlier_version_do_not_count_against_another_item(sale, world):
	contract = sale.contract()
	sale.order(contract, {contract.items[0].name: 3})
	sale.cancel(contract)
	amended = sale.amend(contract, submit=False)
	amended.items[0].update({"item_code": world.filter, "qty": 5, "rate": 12})
	amended.save()
	amended.submit()
	assert left(amended) == [5, 1]
	# Chosen again in a later version, what was ordered of it counts again.
	sale.cancel(amended)
	again = sale.amend(amended, submit=False)
	again.items[0].update({"item_code": world.pump, "qty": 4, "rate": 100})
	again.save()
	again.submit()
	assert left(again) == [1, 1]


def test_a_row_that_no_contract_has_is_refused_in_its_request(with_filters, sale, world):
	request = sale.request(with_filters, submit=False)
	request.items[0].item_code = world.pump
	with refused(HandOffError, match="is not in Contract"):
		request.save()

"""Never more than what remains: whatever way an order is made, changed, closed, cancelled or delivered."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from crm_pipeline.orders.hand_off import HandOffError, RemainingError
from tests.site.world import refused


@pytest.fixture
def contract(sale, world):
	"""Four pumps and an installation."""
	return sale.contract()


def left(contract) -> list[float]:
	"""What remains per row of a contract, in its order."""
	contract.reload()
	remaining = api.get_remaining(contract.name)
	return [remaining[row.name] for row in contract.items]


def row(contract, index=0) -> str:
	return contract.items[index].name


# ---- requests


def test_parts_are_taken_off_until_nothing_is_left(sale, contract):
	assert left(contract) == [4, 1]
	sale.order(contract, {row(contract): 1})
	assert left(contract) == [3, 1]
	sale.order(contract)
	assert left(contract) == [0, 0]
	with refused(RemainingError, match="Nothing remains"):
		sale.request(contract)


def test_a_waiting_request_holds_its_quantity(sale, contract):
	sale.request(contract, {row(contract): 3})
	assert left(contract) == [1, 1]
	with refused(RemainingError, match=r"Row 1: Quantity of .*2 Nos asked, 1 left"):
		sale.request(contract, {row(contract): 2})


def test_two_drafts_for_everything_but_only_one_can_be_submitted(sale, contract):
	first = sale.request(contract, {row(contract): 4}, submit=False)
	second = sale.request(contract, {row(contract): 4}, submit=False)
	first.submit()
	with refused(RemainingError):
		second.submit()


def test_two_rows_of_one_request_count_together(sale, contract):
	request = sale.request(contract, {row(contract): 4}, submit=False)
	request.append("items", {"item_code": request.items[0].item_code, "qty": 1})
	request.save()
	with refused(RemainingError, match="Row 2"):
		request.submit()


def test_a_cancelled_or_returned_request_frees_its_quantity(sale, contract):
	request = sale.request(contract)
	assert left(contract) == [0, 0]
	api.return_request(request.name, "Wrong delivery address")
	assert left(contract) == [4, 1]
	sale.cancel(sale.request(contract))
	assert left(contract) == [4, 1]


def test_a_box_of_ten_counts_as_ten(sale, world):
	contract = sale.contract(items=[{"item_code": world.pump, "qty": 2, "uom": "Box", "rate": 900}])
	assert left(contract) == [20]
	sale.order(contract, {row(contract): 1})
	assert left(contract) == [10]
	with refused(RemainingError, match=r"2 Box asked, 1 left"):
		sale.request(contract, {row(contract): 2})


def test_an_item_that_is_not_in_the_contract_is_refused_with_its_row(sale, world, contract):
	request = sale.request(contract, submit=False)
	request.append("items", {"item_code": world.filter, "qty": 1})
	with refused(HandOffError, match="Row 3.*is not in Contract"):
		request.save()


def test_prices_of_a_request_are_those_of_its_contract(sale, contract):
	request = sale.request(contract, submit=False)
	request.items[0].rate = 1
	request.discount_amount = 100
	request.save()
	assert request.items[0].rate == 100
	assert request.amount == 480


def test_the_same_item_in_two_rows_of_a_contract_is_counted_row_by_row(sale, world):
	contract = sale.contract(items=sale.rows((world.pump, 2, 100), (world.pump, 3, 90)))
	order = sale.order(contract, {row(contract, 1): 3})
	assert [r.rate for r in order.items] == [90]
	assert left(contract) == [2, 0]


# ---- quotations


def test_two_requests_share_one_quotation(sale):
	quotation = sale.quotation()
	sale.request(quotation, {quotation.items[0].name: 3})
	with refused(RemainingError, match=r"2 Nos asked, 1 left"):
		sale.request(quotation, {quotation.items[0].name: 2})


def test_an_order_made_by_erpnext_uses_the_quotation_up(sale):
	quotation = sale.quotation()
	sale.native_order(quotation)
	with refused(RemainingError, match="Nothing remains"):
		sale.request(quotation)


# ---- amended contracts


def test_an_amended_contract_counts_the_orders_of_the_version_before(sale, contract):
	sale.order(contract, {row(contract): 3})
	sale.cancel(contract)
	bigger = sale.amend(contract, submit=False)
	bigger.items[0].qty = 6
	bigger.save()
	bigger.submit()
	assert left(bigger) == [3, 1]
	with refused(RemainingError):
		sale.request(bigger, {row(bigger): 4})
	sale.order(bigger)
	assert left(bigger) == [0, 0]


def test_a_contract_amended_below_what_was_ordered_has_nothing_left(sale, contract):
	order = sale.order(contract, {row(contract): 3})
	sale.cancel(contract)
	smaller = sale.amend(contract, submit=False)
	smaller.items[0].qty = 2
	smaller.save()
	smaller.submit()
	assert left(smaller) == [0, 1]
	# The order stands, may be lowered step by step and edited, but not raised.
	item = order.items[0].item_code
	sale.update_items(order, {item: {"rate": 95}})
	sale.update_items(order, {item: {"delivery_date": add_days(nowdate(), 30)}})
	with refused(match="more than what remains"):
		sale.update_items(order, {item: {"qty": 4}})


def test_a_second_amendment_still_counts_the_first_versions_orders(sale, contract):
	sale.order(contract, {row(contract): 1})
	sale.cancel(contract)
	second = sale.amend(contract)
	sale.order(second, {row(second): 1})
	sale.cancel(second)
	third = sale.amend(second)
	assert left(third) == [2, 1]


# ---- Update Items


def test_update_items_above_what_remains_is_refused_with_row_and_item(sale, world, contract):
	order = sale.order(contract)
	with refused(match=rf"Row 1: Quantity of .*{world.pump}.* is 1 more"):
		sale.update_items(order, {world.pump: {"qty": 5}})


def test_update_items_may_take_what_is_left(sale, world, contract):
	order = sale.order(contract, {row(contract): 2})
	sale.update_items(order, {world.pump: {"qty": 4}})
	assert left(contract) == [0, 1]


def test_lowering_by_update_items_frees_quantity(sale, world, contract):
	order = sale.order(contract)
	sale.update_items(order, {world.pump: {"qty": 1}})
	assert left(contract) == [3, 0]
	assert [r.qty for r in sale.order(contract).items] == [3]


def test_a_row_added_by_update_items_counts(sale, world, contract):
	order = sale.order(contract, {row(contract): 2})
	sale.update_items(order, added=[{"item_code": world.pump, "qty": 1, "rate": 100}])
	assert left(contract) == [1, 1]
	with refused(match="Row 3: .*more than what remains"):
		sale.update_items(order, added=[{"item_code": world.pump, "qty": 2, "rate": 100}])


def test_a_row_of_another_item_may_be_added_by_update_items(sale, world, contract):
	order = sale.order(contract)
	sale.update_items(order, added=[{"item_code": world.filter, "qty": 5, "rate": 12}])
	assert left(contract) == [0, 0]


def test_update_items_into_boxes_counts_in_stock_units(sale, world):
	contract = sale.contract(items=sale.rows((world.pump, 20, 100)))
	order = sale.order(contract, {row(contract): 5})
	sale.update_items(order, {world.pump: {"qty": 2, "uom": "Box", "conversion_factor": 10, "rate": 1000}})
	assert left(contract) == [0]
	with refused(match="more than what remains"):
		sale.update_items(order, {world.pump: {"qty": 3, "uom": "Box", "conversion_factor": 10, "rate": 1000}})


def test_a_closed_order_frees_what_was_not_delivered(sale, world, contract):
	order = sale.order(contract)
	sale.deliver(order, qty=1)
	sale.set_order_status(order, "Closed")
	assert left(contract) == [3, 1]


def test_a_closed_order_can_be_reopened_while_its_quantity_is_still_free(sale, contract):
	order = sale.order(contract)
	sale.set_order_status(order, "Closed")
	sale.set_order_status(order, "Draft")
	assert order.status == "To Deliver and Bill"
	assert left(contract) == [0, 0]


def test_reopening_a_closed_order_is_refused_when_others_took_its_quantity(sale, contract):
	order = sale.order(contract)
	sale.set_order_status(order, "Closed")
	sale.order(contract, {row(contract): 3})
	with refused(match=r"3 more than what remains"):
		sale.set_order_status(order, "Draft")


def test_an_order_on_hold_keeps_its_quantity(sale, contract):
	order = sale.order(contract)
	sale.set_order_status(order, "On Hold")
	assert left(contract) == [0, 0]
	sale.set_order_status(order, "Draft")
	assert left(contract) == [0, 0]


def test_a_cancelled_order_gives_its_quantity_back_to_the_waiting_request(sale, contract):
	request = sale.request(contract)
	sale.cancel(sale.accept(request))
	assert left(contract) == [0, 0]
	sale.cancel(request)
	assert left(contract) == [4, 1]


# ---- orders made past our request


def test_an_order_from_the_contracts_quotation_counts(sale, world):
	quotation = sale.quotation()
	contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", quotation.name)["name"])
	contract.submit()
	sale.native_order(quotation, qty=3)
	assert left(contract) == [1, 0]


def test_an_order_from_the_contracts_quotation_above_what_remains_is_refused(sale, world):
	quotation = sale.quotation()
	contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", quotation.name)["name"])
	contract.submit()
	request = sale.request(contract, {row(contract): 3})
	with refused(match=r"Row 1: .*3 more than what remains"):
		sale.native_order(quotation)
	assert sale.accept(request).docstatus == 1


def test_an_order_typed_in_by_hand_with_the_contract_as_its_source_counts(sale, world, contract):
	order = _by_hand(world, contract, qty=3)
	order.submit()
	assert left(contract) == [1, 1]
	with refused(match="more than what remains"):
		_by_hand(world, contract, qty=2).submit()


def test_no_order_typed_in_by_hand_takes_the_place_of_an_acceptance(sale, world, contract):
	request = sale.request(contract, {row(contract): 2})
	with refused(match="made by accepting the request"):
		_by_hand(world, request, qty=2)
	assert left(contract) == [2, 1]
	assert api.accept_request(request.name)["name"]
	request.reload()
	assert request.status == "Accepted"


def test_an_order_for_a_terminated_contract_is_refused(sale, world, contract):
	api.terminate_contract(contract.name, "Customer stopped the project")
	with refused(HandOffError, match="Terminated"):
		_by_hand(world, contract, qty=1).submit()


def test_an_order_by_hand_can_still_be_changed_after_the_contract_was_amended(sale, world, contract):
	order = _by_hand(world, contract, qty=2)
	order.submit()
	sale.cancel(contract)
	amended = sale.amend(contract)
	sale.update_items(order, {world.pump: {"qty": 3}})
	assert left(amended) == [1, 1]


def _by_hand(world, source, qty):
	return frappe.get_doc(
		{
			"doctype": "Sales Order",
			"customer": world.customer,
			"company": world.company,
			"delivery_date": add_days(nowdate(), 5),
			"crm_source_type": source.doctype,
			"crm_source_name": source.name,
			"items": [{"item_code": world.pump, "qty": qty, "rate": 100}],
		}
	).insert()


def test_ordering_from_a_deal_that_has_a_contract_orders_from_the_contract(sale, world):
	opportunity = sale.opportunity()
	contract = frappe.get_doc("Sales Contract", api.make_contract("Sales Opportunity", opportunity.name)["name"])
	contract.submit()
	first = api.order_now("Sales Opportunity", opportunity.name)["name"]
	assert frappe.db.get_value("Sales Order Request", {"contract": contract.name}, "status") == "Accepted"
	assert left(contract) == [0, 0]
	with refused(RemainingError):
		api.order_now("Sales Opportunity", opportunity.name)
	assert frappe.db.get_value("Sales Order", first, "docstatus") == 1

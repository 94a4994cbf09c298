# ruff: noqa: F811
"""Never more than what remains: whatever way an order is made, changed, closed, cancelled or delivered."""

import frappe

from crm_pipeline import api
from crm_pipeline.orders.hand_off import RemainingError
from tests.site.bench import form_world
from tests.site.portable.test_hand_off_remaining import contract, left, row  # noqa: F401
from tests.site.world import refused


def test_the_amended_contract_takes_over_requests_orders_and_amounts(sale, contract):
	request = sale.request(contract, {row(contract): 3})
	order = sale.accept(request)
	sale.cancel(contract)
	amended = sale.amend(contract)
	sale.sync_outcome()
	assert sale.amounts(amended)[0] == 300
	request.reload()
	assert request.contract == amended.name
	request.po_no = "LATER"
	request.save()
	sale.deliver(order)
	sale.bill(order)
	sale.order(amended)
	sale.sync_outcome()
	assert sale.amounts(amended) == (480, 300, 300, 0)
	steps = {(d["doctype"], d["name"]) for d in api.get_chain("Sales Order", order.name)}
	assert ("Sales Contract", amended.name) in steps


def test_a_row_removed_by_update_items_is_free_again(sale, world, contract):
	order = sale.order(contract)
	order.reload()
	from erpnext.controllers.accounts_controller import update_child_qty_rate

	pump = order.items[0]
	rows = [
		{
			"docname": pump.name,
			"item_code": pump.item_code,
			"qty": 4,
			"rate": 100,
			"uom": "Nos",
			"conversion_factor": 1,
			"delivery_date": str(pump.delivery_date),
		}
	]
	update_child_qty_rate("Sales Order", frappe.as_json(rows), order.name)
	assert left(contract) == [0, 1]


# ---- delivery, closing, cancelling


def test_what_is_delivered_beyond_an_order_counts(sale, world, contract):
	frappe.db.set_single_value("Stock Settings", "over_delivery_receipt_allowance", 100)
	order = sale.order(contract, {row(contract): 2})
	sale.deliver(order, qty=3)
	assert left(contract) == [1, 1]


# ---- a deal with a contract


def test_one_click_on_a_deal_that_is_ordered_says_that_nothing_remains(sale):
	deal = sale.opportunity()
	sale.order(deal, {deal.items[0].name: 1})
	last = api.order_now(deal.doctype, deal.name)["name"]
	frappe.clear_messages()
	assert api.order_now(deal.doctype, deal.name)["name"] == last
	assert f"Nothing remains to be ordered of Sales Opportunity <strong>{deal.name}" in str(frappe.message_log)


def test_a_service_that_was_billed_of_a_closed_order_is_not_ordered_again(sale, contract):
	order = sale.order(contract)
	invoice = sale.bill(order)
	sale.deliver(order, qty=3)
	sale.credit(invoice, 1)
	sale.set_order_status(order, "Closed")
	assert left(contract) == [1, 0]
	rest = sale.order(contract)
	assert [(item.item_code, item.qty) for item in rest.items] == [(sale.world.pump, 1)]
	sale.deliver(rest)
	sale.bill(rest)
	sale.sync_outcome()
	contract.reload()
	assert contract.status == "Fulfilled"


def test_what_a_closed_order_left_of_a_quotation_is_ordered_again(sale, world):
	quotation = sale.quotation(items=sale.rows((world.pump, 4, 100), (world.service, 2, 80)))
	first = sale.order(quotation)
	sale.deliver(first, 3)
	sale.set_order_status(first, "Closed")
	rest = sale.order(quotation)
	assert [(row.item_code, row.qty, row.rate) for row in rest.items] == [(world.pump, 1, 100), (world.service, 2, 80)]
	sale.set_order_status(rest, "Closed")
	again = frappe.get_doc("Sales Order", api.order_now("Quotation", quotation.name)["name"])
	assert again.net_total == rest.net_total
	with refused(RemainingError, match="Nothing remains"):
		sale.request(quotation)


def test_what_is_ordered_again_of_a_quotation_is_taxed_as_it_was_quoted(sale, world):
	account = form_world.tax_account(world, "Reduced")
	template = {"doctype": "Item Tax Template", "title": f"Reduced {world.tag}", "company": world.company}
	template = frappe.get_doc({**template, "taxes": [{"tax_type": account, "tax_rate": 7}]}).insert()
	row = {**sale.rows((world.pump, 4, 100))[0], "item_tax_template": template.name}
	quotation = sale.quotation(items=[row])
	sale.set_order_status(sale.order(quotation), "Closed")
	assert [row.item_tax_template for row in sale.order(quotation).items] == [template.name]

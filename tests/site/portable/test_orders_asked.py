"""What is asked before an order: the day that nobody named, and the rows that nobody priced; and one bell for a batch."""

import frappe
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.orders import acceptance, hand_off, native_order
from tests.site import rows
from tests.site.world import refused


def test_order_now_says_the_day_before_and_takes_another(sale, world):
	deal = sale.opportunity()
	assumed = api.get_assumed_delivery_date(deal.doctype, deal.name)
	assert assumed == str(native_order.usual_delivery_date(world.company))
	day = add_days(nowdate(), 40)
	order = frappe.get_doc("Sales Order", api.order_now(deal.doctype, deal.name, day)["name"])
	assert {row.delivery_date for row in order.items} == {getdate(day)}


def test_order_now_says_what_it_will_order_and_not_what_was_agreed_in_all(sale):
	asked = lambda doc: api.get_amount_to_order(doc.doctype, doc.name)["amount"]  # noqa: E731
	contract = sale.contract(additional_discount_percentage=10, apply_discount_on="Net Total")
	assert api.get_amount_to_order(contract.doctype, contract.name) == {"amount": 432, "currency": contract.currency}
	request = sale.request(contract, {contract.items[0].name: 1})
	assert asked(contract) == 90, "a request that waits is ordered as it is"
	request.db_set("status", "Accepted")
	assert asked(contract) == 342
	deal = sale.opportunity()
	assert asked(deal) == 480
	signed = sale.contract(source_type=deal.doctype, source_name=deal.name, items=sale.rows()[:1])
	assert asked(deal) == asked(signed) == 400


def test_what_a_quotation_comes_to_is_said_without_its_tax(world, monkeypatch):
	sums = {"net_total": 100, "grand_total": 119, "total": 110}
	name = rows.row("Quotation", customer_name="Harbour", currency=world.currency, company=world.company, **sums)
	monkeypatch.setattr(hand_off, "share_left", lambda doc: 0.5)
	assert acceptance.amount_to_order("Quotation", name) == {"amount": 50, "currency": world.currency}


def test_order_now_refuses_a_day_that_has_passed(sale):
	deal = sale.opportunity()
	with refused(match="has passed"):
		api.order_now(deal.doctype, deal.name, add_days(nowdate(), -1))


def test_no_day_is_asked_where_each_row_has_one(sale):
	deal = sale.opportunity()
	request = sale.request(deal, submit=False)
	request.delivery_date = add_days(nowdate(), 12)
	request.save()
	assert api.get_assumed_delivery_date(deal.doctype, deal.name) is None
	order = frappe.get_doc("Sales Order", api.order_now(deal.doctype, deal.name)["name"])
	assert {row.delivery_date for row in order.items} == {getdate(add_days(nowdate(), 12))}


def test_a_free_row_takes_no_price_of_a_list(sale, world):
	priced = sale.opportunity().items[0].item_code
	deal = sale.opportunity(items=[{"item_code": priced, "qty": 2, "is_free": 1}])
	assert (deal.items[0].rate, deal.items[0].amount) == (0, 0)

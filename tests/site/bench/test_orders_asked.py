"""What is asked before an order: the day that nobody named, and the rows that nobody priced; and one bell for a batch."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from crm_pipeline.chain import pending
from crm_pipeline.coaching import move_notices
from crm_pipeline.orders.hand_off import RemainingError
from tests.site.world import item, refused

OPPORTUNITY = "Sales Opportunity"


def said() -> str:
	return " ".join(str(m) for m in frappe.local.message_log)


def test_a_row_without_a_price_is_told_until_it_is_ticked_as_free(sale, world):
	unknown = item(world, "Sample", 0, 0)
	frappe.db.delete("Item Price", {"item_code": unknown})
	frappe.local.message_log = []
	deal = sale.opportunity(items=[{"item_code": unknown, "qty": 1}])
	assert "has no price" in said()
	frappe.local.message_log = []
	deal.items[0].is_free = 1
	deal.save()
	assert "has no price" not in said()
	request = frappe.get_doc("Sales Order Request", api.make_order_request(deal.doctype, deal.name)["name"])
	contract = frappe.get_doc("Sales Contract", api.make_contract(deal.doctype, deal.name)["name"])
	assert [doc.items[0].is_free for doc in (contract, request)] == [1, 1]
	assert "has no price" not in said()
	deal.items[0].rate = 5
	deal.save()
	assert deal.items[0].is_free == 0 and deal.amount == 5


@pytest.mark.parametrize(("many", "text"), [(1, "gave you"), (3, "and 2 more")])
def test_a_batch_that_is_given_over_rings_once(sale, as_user, monkeypatch, many, text):
	as_user("manager")
	deals = [sale.opportunity() for _number in range(many)]
	rung = []
	monkeypatch.setattr(move_notices, "enqueue_create_notification", lambda users, notice: rung.append((users, notice)))
	noted = []
	monkeypatch.setattr(pending, "note", lambda doctype, name, what, **args: noted.append((what, args)))
	owner = "rep2@crm-test.example"
	api.reassign_deals(OPPORTUNITY, [deal.name for deal in deals], owner)
	moves = [args for what, args in noted if what == pending.MOVE]
	assert len(moves) == 1 and moves[0]["together"] == many
	move_notices.send(**moves[0])
	assert [users for users, _notice in rung] == [[owner]] and text in rung[0][1]["subject"]


def test_an_order_that_erpnext_fills_from_two_deals_sells_nothing_twice(sale, world):
	from erpnext.selling.doctype.quotation.quotation import make_sales_order

	deals = [sale.opportunity(items=sale.rows(row)) for row in ((world.pump, 4, 100), (world.service, 1, 80))]
	first, second = (
		frappe.get_doc("Quotation", api.make_quotation(deal.doctype, deal.name)["name"]).submit() for deal in deals
	)
	order = make_sales_order(second.name, target_doc=make_sales_order(first.name))
	order.delivery_date = add_days(nowdate(), 7)
	frappe.clear_messages()
	order.insert()
	assert f"Rows of Quotation <strong>{second.name}</strong> are a sale of" in said() and deals[1].name in said()
	frappe.clear_messages()
	order.submit()
	assert "Rows of" not in said()
	sale.sync_outcome()
	assert [sale.amounts(deal)[0] for deal in deals] == [480, 0]
	for deal in deals:
		with refused(RemainingError, match="Nothing remains"):
			sale.request(deal)

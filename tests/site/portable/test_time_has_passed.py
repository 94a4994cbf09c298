"""What was entered some time ago and goes along to a document of today: due dates, and links that can't be used any more."""

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline.core.chain import Ref
from crm_pipeline.deals import outcome
from crm_pipeline.erp import payment_schedule, usable
from tests.site import rows


def on(days: int):
	return getdate(add_days(nowdate(), days))


# ---- due dates


def row(days, portion, words="", **values) -> dict:
	return {"due_date": add_days(nowdate(), days), "invoice_portion": portion, "description": words, **values}


def carried(schedule, written=-20) -> list[tuple]:
	"""(due date, portion, words, discount date) of what a request of today gets of a schedule written some days ago."""
	source = frappe.new_doc("Sales Contract")
	source.contract_date = source.transaction_date = add_days(nowdate(), written)
	for values in schedule:
		source.append("payment_schedule", values).idx = len(source.payment_schedule)
	target = frappe.new_doc("Sales Order Request")
	target.append("payment_schedule", row(1, 100, "of somebody else"))
	frappe.clear_messages()
	payment_schedule.carry(source, target, nowdate())
	return [
		(getdate(r.due_date), r.invoice_portion, r.description, r.discount_date and getdate(r.discount_date))
		for r in target.payment_schedule
	]


def told() -> int:
	return len(frappe.local.message_log)


def test_dates_written_by_hand_stay_while_they_are_to_come():
	found = carried([row(40, 70, "Rest"), row(10, 30, "On order", discount_date=add_days(nowdate(), 5))])
	assert found == [(on(10), 30, "On order", on(5)), (on(40), 70, "Rest", None)]
	assert told() == 0


def test_what_fell_due_meanwhile_is_due_at_once_and_that_is_told():
	found = carried(
		[row(-3, 30, "First", discount_date=add_days(nowdate(), -8)), row(-2, 30, "Second"), row(0, 40, "Third")]
	)
	assert [line[:3] for line in found] == [(on(0), 30, "First"), (on(1), 30, "Second"), (on(2), 40, "Third")]
	assert found[0][3] == on(-8)
	assert told() == 2


def test_a_discount_does_not_outlive_its_due_date():
	assert carried([row(10, 50, discount_date=add_days(nowdate(), 30)), row(20, 50)])[0][3] == on(10)


def test_what_was_due_on_the_day_of_the_document_is_due_on_the_day_of_the_next_one():
	assert [line[0] for line in carried([row(-20, 50), row(30, 50)])] == [on(0), on(30)]
	assert told() == 0


def test_no_schedule_is_none():
	assert carried([]) == []


# ---- links


@pytest.mark.parametrize(
	("doctype", "field", "values", "reason"),
	[
		("Warehouse", "set_warehouse", {"disabled": 1}, "is disabled"),
		("Warehouse", "set_warehouse", {"is_group": 1}, "is a group"),
		("Warehouse", "set_warehouse", {"company": "Another"}, "belongs to Company Another"),
		("Price List", "selling_price_list", {"enabled": 0}, "is disabled"),
		("Address", "customer_address", {}, "does not belong to Customer"),
		("Contact", "contact_person", {}, "does not belong to Customer"),
		(None, "selling_price_list", {}, "does not exist any more"),
	],
)
def test_a_link_that_can_not_be_used_any_more_is_left_out_and_named(world, doctype, field, values, reason):
	good = {
		"Warehouse": {"company": world.company, "disabled": 0, "is_group": 0},
		"Price List": {"enabled": 1, "currency": world.currency},
	}
	name = rows.row(doctype, **{"docstatus": 0, **good.get(doctype, {}), **values}) if doctype else "Gone"
	request = frappe.new_doc("Sales Order Request")
	request.update({"company": world.company, "customer": world.customer, field: name})
	frappe.clear_messages()
	usable.leave_out_unusable(request)
	assert not request.get(field)
	assert reason in str(frappe.local.message_log) and name in str(frappe.local.message_log)


def test_links_that_can_be_used_stay(world):
	address = rows.row("Address", docstatus=0)
	link = {"parenttype": "Address", "link_doctype": "Customer", "docstatus": 0}
	rows.row("Dynamic Link", parent=address, link_name=world.customer, **link)
	request = frappe.new_doc("Sales Order Request")
	kept = {"set_warehouse": world.warehouse, "selling_price_list": world.price_list, "customer_address": address}
	request.update({"company": world.company, "customer": world.customer, **kept})
	request.append("items", {"item_code": world.pump, "qty": 1, "warehouse": world.warehouse})
	frappe.clear_messages()
	usable.leave_out_unusable(request)
	assert {field: request.get(field) for field in kept} == kept and request.items[0].warehouse == world.warehouse
	assert told() == 0


# ---- orders of days to come


def test_an_order_dated_ahead_wins_its_deal_once(sale, world):
	deal = sale.opportunity()
	ref = Ref(deal.doctype, deal.name)
	rows.order(
		world,
		100,
		transaction_date=on(40),
		customer=world.customer,
		crm_source_type=deal.doctype,
		crm_source_name=deal.name,
	)
	assert outcome.mend(ref)
	entered = add_days(nowdate(), -5)
	frappe.db.set_value(deal.doctype, deal.name, {"closed_on": entered, "opened_on": add_days(nowdate(), -9)})
	assert not outcome.mend(ref)
	assert getdate(frappe.db.get_value(deal.doctype, deal.name, "closed_on")) == getdate(entered)

"""A deal is won and reopened by its documents."""

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from tests.site.world import refused


@pytest.fixture
def deal(sale):
	return sale.opportunity()


def status(deal) -> str:
	return frappe.db.get_value(deal.doctype, deal.name, "status")


def moves(deal) -> list[tuple]:
	label = lambda stage: stage and frappe.db.get_value("Pipeline Stage", stage, "label")  # noqa: E731
	return [
		(label(event["from_value"]), label(event["to_value"]))
		for event in api.get_history(deal.doctype, deal.name)
		if event["kind"] == "Stage"
	]


def contract_of(deal):
	return frappe.get_doc("Sales Contract", api.make_contract(deal.doctype, deal.name)["name"])


def test_the_contract_wins_on_submission_and_reopens_on_cancellation(sale, deal):
	contract = contract_of(deal)
	assert status(deal) == "Open"
	contract.submit()
	deal.reload()
	assert (deal.status, deal.probability, deal.won_by) == ("Won", 100, f"Sales Contract {contract.name}")
	assert deal.closed_on
	sale.cancel(contract)
	deal.reload()
	assert (deal.status, deal.probability, deal.won_by, deal.closed_on) == ("Open", 10, None, None)
	assert moves(deal) == [("Qualification", "Won"), ("Won", "Qualification")]


def test_a_lost_deal_that_its_contract_wins_forgets_why_it_was_lost(sale, deal):
	contract = contract_of(deal)
	api.lose_deal(deal.doctype, deal.name, reason="Price", detail="Too dear")
	contract.submit()
	deal.reload()
	assert (deal.status, deal.lost_reason, deal.lost_detail) == ("Won", None, None)
	sale.cancel(contract)
	deal.reload()
	deal.stage = frappe.db.get_value("Pipeline Stage", {"pipeline": deal.pipeline, "stage_type": "Lost"}, "name")
	with refused(frappe.MandatoryError, match="why"):
		deal.save()


def test_an_amended_contract_wins_again(sale, deal):
	contract = contract_of(deal)
	contract.submit()
	sale.cancel(contract)
	sale.amend(contract)
	assert status(deal) == "Won"
	assert len(moves(deal)) == 3


def test_without_a_contract_acceptance_wins_and_cancelling_the_order_reopens(sale, deal):
	request = sale.request(deal)
	assert status(deal) == "Open"
	order = sale.accept(request)
	assert status(deal) == "Won"
	sale.cancel(order)
	assert status(deal) == "Open"
	sale.accept(request)
	assert status(deal) == "Won"


def test_with_a_contract_cancelling_the_order_does_not_reopen(sale, deal):
	contract = contract_of(deal)
	contract.submit()
	order = sale.order(contract)
	sale.cancel(order)
	assert status(deal) == "Won"
	assert len(moves(deal)) == 1


def test_an_order_made_by_erpnext_from_the_quotation_wins_and_its_cancellation_reopens(sale, deal):
	quotation = frappe.get_doc("Quotation", api.make_quotation(deal.doctype, deal.name)["name"])
	quotation.submit()
	order = sale.native_order(quotation)
	deal.reload()
	assert (deal.status, deal.won_by) == ("Won", f"Sales Order {order.name}")
	sale.cancel(order)
	assert status(deal) == "Open"


def test_a_terminated_contract_leaves_the_deal_won(sale, deal):
	contract = contract_of(deal)
	contract.submit()
	api.terminate_contract(contract.name, "Customer went out of business")
	assert status(deal) == "Won"


def test_one_of_two_orders_cancelled_keeps_the_deal_won(sale, deal):
	first = sale.order(deal, {deal.items[0].name: 1})
	second = sale.order(deal)
	sale.cancel(first)
	assert status(deal) == "Won"
	sale.cancel(second)
	assert status(deal) == "Open"


def test_a_deal_won_through_its_project_wins_both(sale, deal):
	project = api.opportunity_to_project(deal.name)
	contract = frappe.get_doc("Sales Contract", api.make_contract("Sales Project", project["name"])["name"])
	contract.submit()
	assert status(deal) == "Won"
	assert frappe.db.get_value("Sales Project", project["name"], "status") == "Won"
	sale.cancel(contract)
	assert status(deal) == "Open"
	assert frappe.db.get_value("Sales Project", project["name"], "status") == "Open"


def test_a_deal_is_won_on_the_day_its_contract_was_signed(sale, deal):
	frappe.db.set_value(deal.doctype, deal.name, "opened_on", add_days(nowdate(), -60))
	signed = getdate(add_days(nowdate(), -40))
	contract = contract_of(deal)
	contract.signed_on = signed
	contract.submit()
	assert frappe.db.get_value(deal.doctype, deal.name, "closed_on") == signed
	# A typo that is put right does not move the win to another month.
	sale.amend(sale.cancel(contract), title="Pumps, spelled right")
	assert frappe.db.get_value(deal.doctype, deal.name, "closed_on") == signed


def test_a_contract_without_a_day_was_signed_when_it_was_submitted(sale, deal):
	contract = contract_of(deal)
	contract.signed_on = None
	contract.submit()
	assert frappe.db.get_value(contract.doctype, contract.name, "signed_on") == getdate()
	assert frappe.db.get_value(deal.doctype, deal.name, "closed_on") == getdate()


@pytest.mark.parametrize("days", [-100, 100])
def test_a_deal_is_won_neither_before_it_was_opened_nor_in_the_future(sale, deal, days):
	contract = contract_of(deal)
	contract.signed_on = add_days(nowdate(), days)
	contract.submit()
	assert frappe.db.get_value(deal.doctype, deal.name, "closed_on") == getdate()

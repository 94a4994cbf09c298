"""A deal is won and reopened by its documents."""

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.core.chain import Ref
from crm_pipeline.deals import outcome
from crm_pipeline.orders import roll_up
from tests.site import rows
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
	assert (deal.status, deal.outcome, deal.probability) == ("Won", "Won", 100)
	assert (deal.won_by_type, deal.won_by) == ("Sales Contract", contract.name)
	assert deal.closed_on
	sale.cancel(contract)
	deal.reload()
	assert (deal.status, deal.probability, deal.won_by, deal.closed_on) == ("Open", 10, None, None)
	assert moves(deal) == [("Qualification", "Won"), ("Won", "Qualification")]


@pytest.mark.parametrize("label", ["Proposal", "Lost"])
def test_what_a_contract_won_only_its_cancellation_opens_again(sale, deal, label):
	stages = frappe.get_all(
		"Pipeline Stage", filters={"pipeline": deal.pipeline}, fields=["name", "label"], order_by="name asc"
	)
	named = {row.label: row.name for row in stages}
	rows.row("Sales Contract", name="CON-7", docstatus=1, status="Active", company=deal.company)
	won = {"status": "Won", "stage": named["Won"], "won_by_type": "Sales Contract", "won_by": "CON-7"}
	frappe.db.set_value(deal.doctype, deal.name, won)
	with refused(match="was won by Sales Contract CON-7. Cancel that document"):
		api.move_stage(deal.doctype, deal.name, named[label])
	assert status(deal) == "Won"


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
	assert (deal.status, deal.won_by_type, deal.won_by) == ("Won", "Sales Order", order.name)
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


def test_a_deal_is_not_won_before_it_was_opened(sale, deal):
	contract = contract_of(deal)
	contract.signed_on = add_days(nowdate(), -100)
	contract.submit()
	assert frappe.db.get_value(deal.doctype, deal.name, "closed_on") == getdate()


# ---- who won it, when and how much follow every later change


def win(deal) -> tuple:
	"""(state, the document that won, its day)"""
	found = frappe.db.get_value(deal.doctype, deal.name, ["status", "won_by_type", "won_by", "closed_on"])
	return found[0], Ref(*found[1:3]) if found[2] else None, found[3]


def signed(sale, deal, on, rate=100, **values):
	"""A contract of a deal, signed on that day, of four pumps at `rate`."""
	rows = sale.rows((sale.world.pump, 4, rate))
	return sale.contract(
		source_type=deal.doctype, source_name=deal.name, signed_on=on, company=deal.company, items=rows, **values
	)


@pytest.fixture
def old_deal(deal):
	deal.db_set("opened_on", add_days(nowdate(), -90))
	return deal


def said(doc, on) -> tuple:
	return ("Won", Ref(doc.doctype, doc.name), getdate(on))


def test_the_contract_that_is_left_wins_when_the_first_is_cancelled(sale, old_deal):
	days = [add_days(nowdate(), -n) for n in (40, 12)]
	first, second = signed(sale, old_deal, days[0]), signed(sale, old_deal, days[1], rate=225)
	assert win(old_deal) == said(first, days[0])
	sale.cancel(first)
	assert win(old_deal) == said(second, days[1])
	assert len(moves(old_deal)) == 1
	sale.cancel(second)
	assert win(old_deal) == ("Open", None, None)


def test_of_two_contracts_the_one_that_was_signed_first_wins(sale, old_deal):
	later = signed(sale, old_deal, add_days(nowdate(), -5))
	assert win(old_deal) == said(later, later.signed_on)
	first = signed(sale, old_deal, add_days(nowdate(), -20))
	assert win(old_deal) == said(first, first.signed_on)


def test_a_day_of_signing_that_is_put_right_moves_the_win(sale, old_deal):
	contract = signed(sale, old_deal, add_days(nowdate(), -10))
	contract.signed_on = add_days(nowdate(), -35)
	contract.save()
	assert win(old_deal) == said(contract, add_days(nowdate(), -35))
	contract.signed_on = None
	contract.save()
	assert win(old_deal) == said(contract, add_days(nowdate(), -35))


def test_nothing_is_signed_in_the_future(sale, old_deal):
	with refused(match="Signed On .* in the future"):
		signed(sale, old_deal, add_days(nowdate(), 9))
	contract = signed(sale, old_deal, nowdate())
	contract.signed_on = add_days(nowdate(), 9)
	with refused(match="Signed On .* in the future"):
		contract.save()


def test_a_contract_signed_after_an_order_was_made_wins_instead_of_it(sale, old_deal):
	order = sale.order(old_deal, {old_deal.items[0].name: 1})
	assert win(old_deal)[1] == Ref("Sales Order Request", order.crm_source_name)
	contract = signed(sale, old_deal, add_days(nowdate(), -3))
	assert win(old_deal) == said(contract, contract.signed_on)
	sale.cancel(contract)
	assert win(old_deal)[1] == Ref("Sales Order Request", order.crm_source_name)


def test_a_deal_won_by_hand_stays_won_by_hand(sale, old_deal):
	frappe.db.set_value("Sales Pipeline", old_deal.pipeline, "allow_win_by_hand", 1)
	api.win_deal(old_deal.doctype, old_deal.name)
	contract = signed(sale, old_deal, add_days(nowdate(), -3))
	assert win(old_deal) == ("Won", None, getdate())
	sale.cancel(contract)
	assert win(old_deal) == ("Won", None, getdate())


def test_the_nightly_job_mends_who_won_and_when(sale, old_deal):
	contract = signed(sale, old_deal, add_days(nowdate(), -3))
	for wrong in ({"won_by": "CON-0"}, {"won_by_type": "Sales Order"}, {"closed_on": nowdate()}, {"closed_on": None}):
		frappe.db.set_value(old_deal.doctype, old_deal.name, wrong)
		assert outcome.mend(Ref(old_deal.doctype, old_deal.name))
		assert win(old_deal) == said(contract, contract.signed_on)
	assert not outcome.mend(Ref(old_deal.doctype, old_deal.name))
	# Past all events, as a restored table would have it.
	frappe.db.set_value("Sales Contract", contract.name, "docstatus", 2)
	assert Ref(old_deal.doctype, old_deal.name) in roll_up._to_reconcile()
	assert outcome.mend(Ref(old_deal.doctype, old_deal.name))
	assert win(old_deal)[:2] == ("Open", None)

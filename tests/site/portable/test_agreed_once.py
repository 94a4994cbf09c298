"""What was ordered of a deal is not agreed again by its contract, and nothing is ordered beside a contract that waits."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from crm_pipeline.erp import form_values
from crm_pipeline.orders import agreement, hand_off, open_quantities
from crm_pipeline.orders.hand_off import HandOffError
from tests.site import rows
from tests.site.world import refused


@pytest.fixture(autouse=True)
def nothing_else_is_filled_in(monkeypatch):
	"""What ERPNext knows of a customer is another story."""
	monkeypatch.setattr(form_values, "fill_agreement", lambda doc: None)


def contract_of(deal):
	return frappe.get_doc("Sales Contract", api.make_contract(deal.doctype, deal.name)["name"])


def said() -> str:
	return str(frappe.local.message_log or "")


def test_a_contract_has_what_was_not_requested_of_its_deal_before(sale, world):
	deal = sale.opportunity(
		items=[
			{"item_code": world.pump, "qty": 4, "rate": 100},
			{"item_code": world.filter, "qty": 2, "rate": 110, "uom": "Box", "conversion_factor": 10},
			{"item_code": world.service, "qty": 1, "rate": 80},
		]
	)
	sale.request(deal, {deal.items[0].name: 3, deal.items[2].name: 1})
	frappe.clear_messages()
	contract = contract_of(deal)
	assert [(row.idx, row.item_code, row.qty, row.rate) for row in contract.items] == [
		(1, world.pump, 1, 100),
		(2, world.filter, 2, 110),
	]
	assert contract.amount == 320
	assert "Row 1: 3 Nos" in said() and "Row 3: 1 Nos" in said() and "Row 2" not in said()


def test_a_deal_that_nobody_ordered_of_is_agreed_as_a_whole_and_without_a_word(sale):
	deal = sale.opportunity()
	frappe.clear_messages()
	assert contract_of(deal).amount == 480 and "left out" not in said()


def test_a_request_that_came_back_is_agreed_again(sale):
	deal = sale.opportunity()
	sale.cancel(sale.request(deal))
	assert contract_of(deal).amount == 480


def test_nothing_is_agreed_of_a_deal_that_is_requested_as_a_whole(sale):
	deal = sale.opportunity()
	sale.request(deal)
	with refused(match="All of .* is requested or ordered already"):
		contract_of(deal)
	deal.reload()
	deal.append("items", {"item_code": deal.items[0].item_code, "qty": 2, "rate": 90})
	deal.save()
	assert [(row.qty, row.rate) for row in contract_of(deal).items] == [(2, 90)]


@pytest.mark.parametrize("way", ("order_now", "make_order_request"))
def test_nothing_is_ordered_beside_a_contract_that_is_not_submitted(sale, as_user, way):
	deal = sale.opportunity()
	contract = contract_of(deal)
	as_user("desk")
	with refused(HandOffError, match=f"Contract .*{contract.name}.* is a draft"):
		getattr(api, way)(deal.doctype, deal.name)
	as_user("Administrator")
	contract.delete()
	assert sale.request(deal, submit=False).amount == 480


def test_a_contract_that_is_submitted_is_what_is_ordered(sale):
	deal = sale.opportunity()
	contract = contract_of(deal)
	contract.submit()
	assert sale.request(deal, submit=False).contract == contract.name


def test_of_rows_of_one_item_the_one_at_its_price_is_what_was_ordered(sale, world):
	deal = sale.opportunity(items=sale.rows((world.pump, 4, 100), (world.pump, 2, 90), (world.pump, 3, 80)))
	sale.request(deal, {deal.items[1].name: 2, deal.items[0].name: 1})
	rest = sale.request(deal, submit=False)
	assert [(row.qty, row.rate) for row in rest.items] == [(3, 100), (3, 80)]
	rest.items[1].rate = 70
	rest.save()
	rest.submit()
	deal.reload()
	deal.append("items", {"item_code": world.pump, "qty": 5, "rate": 60})
	deal.save()
	assert [(row.qty, row.rate) for row in contract_of(deal).items] == [(5, 60)]


# ---- the quotation of a deal


def offer(world, deal, net: float, **values) -> str:
	fixed = {"crm_source_type": deal.doctype, "crm_source_name": deal.name, "company": world.company, "status": "Open"}
	fixed |= {"currency": world.currency, "net_total": net, "base_net_total": net, "transaction_date": nowdate()}
	return rows.row("Quotation", **{**fixed, **values})


def test_a_deal_is_not_ordered_unseen_at_another_amount_than_was_quoted(sale, world, as_user):
	deal = sale.opportunity()
	agreement.refuse_past_quotation(deal)
	older = offer(world, deal, 480, transaction_date=add_days(nowdate(), -1))
	agreement.refuse_past_quotation(deal)
	name = offer(world, deal, 432, valid_till=nowdate())
	with refused(agreement.DisagreementError, match=f"{name}.*432.*480"):
		agreement.refuse_past_quotation(deal)
	for values in (
		{"status": "Lost"}, {"status": "Ordered"}, {"status": "Expired"}, {"docstatus": 2}, {"docstatus": 0},
		{"valid_till": add_days(nowdate(), -1)}, {"company": "another"}, {"net_total": 480.004},
	):  # fmt: skip
		before = frappe.db.get_value("Quotation", name, list(values), as_dict=True)
		frappe.db.set_value("Quotation", name, values)
		agreement.refuse_past_quotation(deal)
		frappe.db.set_value("Quotation", name, before)
	frappe.db.set_value("Quotation", older, "net_total", 1)
	as_user("desk")
	with refused(agreement.DisagreementError, match=name):
		api.order_now(deal.doctype, deal.name)
	with refused(agreement.DisagreementError, match=name):
		agreement.refuse_past_quotation(deal)


@pytest.mark.parametrize(("base", "ok"), ((480, True), (470, False)))
def test_an_offer_in_another_currency_is_compared_in_that_of_the_company(sale, world, base, ok):
	deal = sale.opportunity()
	offer(world, deal, 600, currency="XTS", base_net_total=base)
	if ok:
		agreement.refuse_past_quotation(deal)
		return
	with refused(agreement.DisagreementError, match="470"):
		agreement.refuse_past_quotation(deal)


def test_a_quotation_is_not_ordered_beside_its_contract_that_waits_to_be_signed(sale, world):
	offered, other = (
		rows.row(
			"Quotation", company=world.company, quotation_to="Customer", party_name=world.customer, status="Open",
			name=f"{key} {world.tag}",
		)
		for key in ("Offered", "Other")
	)  # fmt: skip
	draft = sale.contract(submit=False)
	draft.db_set({"source_type": "Quotation", "source_name": offered})
	with refused(HandOffError, match=f"Contract .*{draft.name}.* of Quotation .*{offered}.* is a draft"):
		hand_off.refuse_beside_draft("Quotation", offered)
	hand_off.refuse_beside_draft("Quotation", other)
	draft.db_set("docstatus", 2)
	hand_off.refuse_beside_draft("Quotation", offered)


def test_pieces_that_were_ordered_are_taken_off_the_box_that_costs_as_much_of_a_deal(sale, world):
	pieces = {"item_code": world.pump, "qty": 10, "rate": 90}
	box = {"item_code": world.pump, "qty": 2, "rate": 1000, "uom": "Box", "conversion_factor": 10}
	deal = sale.opportunity(items=[pieces, box])
	first, second = (row.name for row in deal.items)
	assert open_quantities.of_deal(deal) == {first: 10, second: 20}
	about = {"crm_source_type": deal.doctype, "crm_source_name": deal.name}
	rows.order(world, 1200, qty=12, rate=100, **about)
	assert open_quantities.of_deal(deal) == {first: 10, second: 8}
	rows.order(world, 900, qty=1, rate=900, conversion_factor=10, **about)
	assert open_quantities.of_deal(deal) == {first: 0, second: 8}, "and a box of what was offered in pieces"
	rows.order(world, 240, qty=3, rate=80, **about)
	assert open_quantities.of_deal(deal) == {first: 0, second: 5}, "at another price what is left"

"""Small rules of who agreed on what: other offers, quotations that say nothing, prospects that are two customers, days."""

from datetime import timedelta

import frappe
import pytest
from frappe.utils import add_days, getdate, now_datetime, nowdate

from crm_pipeline import user_day
from crm_pipeline.chain import locks
from crm_pipeline.core.chain import Ref
from crm_pipeline.deals import conversions, outcome, reassigning, stage_moves
from crm_pipeline.erp import prices
from crm_pipeline.orders import agreement, hand_off, native_order, request_rows
from crm_pipeline.overrides import catch_up
from crm_pipeline.overrides import sales_order as on_order
from crm_pipeline.parties import party, verification
from tests.site import rows
from tests.site.world import refused


def requested(sale, deal=None, submit=False, **values):
	"""A request as the API makes one, with nothing that ERPNext's forms would fill in."""
	deal = deal or sale.opportunity()
	request = frappe.get_doc(
		{
			"doctype": "Sales Order Request",
			"customer": deal.customer,
			"company": deal.company,
			"source_type": deal.doctype,
			"source_name": deal.name,
			"items": [{"item_code": row.item_code, "qty": row.qty, "rate": row.rate} for row in deal.items],
			**values,
		}
	).insert()
	if submit:
		request.submit()
	return request


# ---- a request that is there already


@pytest.mark.parametrize(
	("change", "same"),
	[
		({}, True),
		({"qty": 3, "stock_qty": 3}, True),
		({"qty": 5, "stock_qty": 5}, False),
		({"rate": 99}, False),
		({"item_code": "Another"}, False),
	],
)
def test_a_request_is_ordered_unseen_only_where_it_asks_for_what_was_offered(sale, world, change, same):
	deal = sale.opportunity(items=sale.rows((world.pump, 4, 100), (world.service, 1, 80)))
	request = requested(sale, deal)
	request.items[0].update(change)
	if same:
		agreement.refuse_other_offer(request, deal)
	else:
		with refused(agreement.DisagreementError, match=f"{request.name}.* asks for something else"):
			agreement.refuse_other_offer(request, deal)


@pytest.mark.parametrize("field", ["customer", "company"])
def test_a_request_of_another_party_or_company_is_not_ordered_unseen(sale, field):
	deal = sale.opportunity()
	request = requested(sale, deal)
	request.set(field, "Another")
	with refused(agreement.DisagreementError):
		agreement.refuse_other_offer(request, deal)


@pytest.mark.parametrize(
	("docstatus", "answers", "amends", "found"),
	[
		(1, True, False, "order"),
		(0, True, False, "order"),
		(0, False, False, None),
		(0, False, True, "error"),
		(1, False, False, "error"),
	],
)
def test_an_order_is_a_request_s_own_where_it_says_the_same(
	sale, world, monkeypatch, docstatus, answers, amends, found
):
	request = requested(sale, submit=True)
	order = rows.order(
		world,
		480,
		docstatus=docstatus,
		crm_request_key=request.name,
		crm_source_type=request.doctype,
		crm_source_name=request.name,
	)
	monkeypatch.setattr(native_order, "answers", lambda *args: answers)
	monkeypatch.setattr(native_order, "amends_order_of", lambda *args: amends)
	if found == "error":
		with refused(agreement.DisagreementError, match=f"{order}.* answers for order request"):
			agreement.order_of(request)
	else:
		assert agreement.order_of(request) == (order if found else None)
	kept = frappe.db.get_value("Sales Order", order, "crm_request_key")
	assert kept == (request.name if found else None), "a draft that somebody only typed in is taken off the request"


@pytest.mark.parametrize(
	("quotation", "item", "kept"),
	[
		({}, {}, True),
		({"docstatus": 0}, {}, False),
		({"quotation_to": "Lead"}, {}, False),
		({"party_name": "Another"}, {}, False),
		({"company": "Another"}, {}, False),
		({}, {"item_code": "Another"}, False),
	],
)
def test_a_row_names_a_quotation_of_its_own_customer_and_item_only(sale, world, quotation, item, kept):
	offer = {
		"quotation_to": "Customer",
		"party_name": world.customer,
		"company": world.company,
		"docstatus": 1,
		**quotation,
	}
	name = rows.row("Quotation", **offer)
	line = rows.row(
		"Quotation Item", parent=name, parenttype="Quotation", **{"item_code": world.pump, "qty": 4, **item}
	)
	contract = sale.contract(submit=False)
	contract.items[0].quotation_item = line
	agreement.keep_quotation_rows(contract)
	assert [row.quotation_item for row in contract.items] == [line if kept else None, None]
	assert contract.items[0].quotation == (name if kept else None)


# ---- dates


def test_dates_that_have_passed_are_left_out_and_told_with_their_row(sale):
	request = requested(sale)
	request.delivery_date = nowdate()
	request.items[0].delivery_date = add_days(nowdate(), -1)
	request.items[1].delivery_date = add_days(nowdate(), 1)
	hand_off._leave_out_passed_dates(request)
	assert [row.delivery_date for row in (request, *request.items)] == [nowdate(), None, add_days(nowdate(), 1)]
	assert any("Row 1:" in str(message) and "has passed" in str(message) for message in frappe.local.message_log)
	request.delivery_date = add_days(nowdate(), -1)
	hand_off._leave_out_passed_dates(request)
	assert request.delivery_date is None


@pytest.mark.parametrize("ahead", [-1, 0, 1])
def test_a_deal_is_closed_on_the_user_s_day_and_never_before_it_was_opened(sale, monkeypatch, ahead):
	deal = sale.opportunity()
	today = now_datetime().date()
	monkeypatch.setattr(stage_moves, "user_today", lambda: today + timedelta(days=ahead))
	assert stage_moves.closing_day(deal) == today + timedelta(days=max(ahead, 0))
	assert user_day.latest_today() >= today


# ---- prices


@pytest.mark.parametrize("missing", ["company", "currency"])
def test_without_company_and_currency_nothing_has_a_price(world, missing):
	doc = frappe._dict(
		{"company": world.company, "currency": world.currency, "selling_price_list": world.price_list, missing: None}
	)
	assert prices.list_price(doc, frappe._dict(item_code=world.pump, qty=1)) == {}


def test_without_a_price_list_nothing_has_a_price(world):
	frappe.db.set_single_value("Selling Settings", "selling_price_list", None)
	doc = frappe._dict(company=world.company, currency=world.currency)
	assert prices.list_price(doc, frappe._dict(item_code=world.pump, qty=1)) == {}


# ---- parties


def prospect(world, name, **values):
	doc = frappe.get_doc({"doctype": "Sales Prospect", "prospect_name": name, "company": world.company}).insert()
	for field, value in values.items():
		frappe.db.set_value(doc.doctype, doc.name, field, value)
	doc.reload()
	return doc


def test_two_prospects_that_are_two_customers_are_not_merged(world):
	other = rows.row("Customer", name=f"Southwind {world.tag}", customer_name="Southwind", docstatus=0)
	one, two, nobody = (
		prospect(world, "One", customer=world.customer),
		prospect(world, "Two", customer=other),
		prospect(world, "Three"),
	)
	with refused(match="Merge the customers first"):
		verification.check_merge(one, two.name)
	for gone, kept in ((one, nobody), (nobody, one)):
		verification.check_merge(gone, kept.name)
	two.customer = world.customer
	verification.check_merge(two, one.name)


@pytest.mark.parametrize(
	("values", "word"),
	[({"customer": None, "prospect": None}, "has no Customer"), ({"customer": "disabled"}, "disabled")],
)
def test_a_native_document_needs_a_customer_that_is_in_use(sale, world, values, word):
	deal = sale.opportunity()
	if values["customer"]:
		frappe.db.set_value("Customer", world.customer, "disabled", 1)
	else:
		deal.update(values)
	with refused(match=word):
		conversions.need_customer(deal)


def test_a_lead_takes_the_party_of_nobody_it_only_resembles(sale, world):
	lead = sale.lead(customer=world.customer, prospect_name=None)
	other = frappe._dict(customer="Another", prospect=None)
	assert party.is_same(lead, frappe._dict(customer=world.customer)) and not party.is_same(lead, other)
	assert not party.is_same(frappe._dict(), frappe._dict())
	assert party.is_same(frappe._dict(prospect="P"), frappe._dict(prospect="P", customer="C"))


# ---- what is caught up


def test_an_order_above_its_contract_that_could_not_be_checked_is_told_on_the_contract(sale, world):
	contract = sale.contract(items=sale.rows((world.pump, 1, 100)))
	about = {"crm_source_type": contract.doctype, "crm_source_name": contract.name}
	enough = frappe.get_doc("Sales Order", rows.order(world, 100, **about))
	comments = lambda: frappe.get_all(  # noqa: E731
		"Comment",
		filters={"reference_name": contract.name, "comment_type": "Comment"},
		pluck="content",
		order_by="creation asc",
	)
	catch_up._contract(enough)
	assert comments() == []
	more = frappe.get_doc("Sales Order", rows.order(world, 200, qty=2.0, **about))
	catch_up._contract(more)
	assert len(comments()) == 1 and more.name in comments()[0] and "2" in comments()[0]


@pytest.mark.parametrize("docstatus", [0, 2])
def test_only_a_submitted_order_is_held_against_its_contract(sale, world, docstatus):
	contract = sale.contract(items=sale.rows((world.pump, 1, 100)))
	about = {"crm_source_type": contract.doctype, "crm_source_name": contract.name}
	catch_up._contract(frappe.get_doc("Sales Order", rows.order(world, 900, qty=9.0, docstatus=docstatus, **about)))
	assert not frappe.db.exists("Comment", {"reference_name": contract.name, "comment_type": "Comment"})


def test_a_document_is_caught_up_with_all_of_ours_above_it_locked(sale):
	deal = sale.opportunity()
	contract = sale.contract(source_type=deal.doctype, source_name=deal.name)
	found = catch_up._rows_above(Ref(contract.doctype, contract.name))
	assert set(found) == {(deal.doctype, deal.name), (contract.doctype, contract.name)}
	assert all(doctype in locks.ORDER for doctype, _name in found)


def test_what_follows_a_quotation_s_loss_and_a_lost_order_is_made_up_for(sale, world):
	deal = sale.opportunity()
	contract = sale.contract(source_type=deal.doctype, source_name=deal.name)
	frappe.db.set_value(deal.doctype, deal.name, {"status": "Open", "won_by": None})
	catch_up.document(contract.doctype, contract.name, "Amounts")
	assert frappe.db.get_value(deal.doctype, deal.name, "status") == "Open", "amounts alone win nothing"
	catch_up.document(contract.doctype, contract.name, "Sale")
	assert frappe.db.get_value(deal.doctype, deal.name, "status") == "Won"


def test_the_name_of_an_order_that_is_gone_is_in_the_history_of_its_request(sale, world):
	request = requested(sale, submit=True)
	frappe.db.set_value(request.doctype, request.name, {"status": "Accepted", "accepted_by": "Administrator"})
	request.reload()
	about = {"crm_source_type": request.doctype, "crm_source_name": request.name}
	order = frappe.get_doc("Sales Order", rows.order(world, 480, docstatus=2, **about))
	on_order._follow_order(request, order)
	assert frappe.db.get_value(request.doctype, request.name, ["status", "accepted_by"]) == ("Requested", None)
	(event,) = frappe.get_all(
		"Pipeline Event",
		filters={"reference_name": request.name, "kind": "Hand-off", "to_value": "Requested", "from_value": "Accepted"},
		fields=["note", "at"],
		order_by="creation desc",
	)
	assert event.note == order.name and getdate(event.at) == getdate()


# ---- warehouses


@pytest.mark.parametrize(
	("values", "fine"),
	[({}, True), ({"disabled": 1}, False), ({"is_group": 1}, False), ({"company": "Another"}, False)],
)
@pytest.mark.parametrize("place", ["request", "row"])
def test_a_request_names_warehouses_of_its_company_that_can_deliver(sale, world, values, fine, place):
	request = requested(sale)
	name = rows.row("Warehouse", **{"company": world.company, "is_group": 0, "disabled": 0, "docstatus": 0, **values})
	if place == "request":
		request.set_warehouse = name
	else:
		request.items[1].warehouse = name
	if fine:
		request_rows.check_warehouses(request)
		return
	with refused(match=f"Row 2: .*{name}" if place == "row" else name):
		request_rows.check_warehouses(request)


# ---- whose day it is that counts


@pytest.mark.parametrize(("docstatus", "day"), [(1, "2026-03-04"), (0, None), (2, None)])
def test_a_win_by_acceptance_is_as_old_as_its_submitted_order(sale, world, docstatus, day):
	request = requested(sale, submit=True)
	about = {"crm_source_type": request.doctype, "crm_source_name": request.name, "crm_request_key": request.name}
	rows.order(world, 480, docstatus=docstatus, transaction_date="2026-03-04", **about)
	found = outcome._order_date(Ref(request.doctype, request.name))
	assert (found and str(found)) == day
	assert outcome._order_date(Ref("Sales Contract", "Any")) is None


def test_what_is_given_to_somebody_else_is_locked_together_first(sale, monkeypatch):
	locked = []
	monkeypatch.setattr(reassigning, "lock", lambda *found: locked.append(found))
	deals = [sale.opportunity().name for _n in range(2)]
	told = reassigning.reassign("Sales Opportunity", [*deals, "gone"], "rep@crm-test.example")
	assert locked[0] == tuple(("Sales Opportunity", name) for name in deals)
	assert told["done"] == 2 and [line["name"] for line in told["refused"]] == ["gone"]
	with refused(match="at most 500"):
		reassigning.reassign("Sales Opportunity", ["X"] * 501, "rep@crm-test.example")


def test_what_a_request_decides_about_is_held_with_it_once_it_is_submitted(sale):
	request = requested(sale)
	assert request.rows_to_lock() == [(request.doctype, request.name)]
	request.submit()
	held = request.rows_to_lock()
	assert {(request.doctype, request.name), (request.source_type, request.source_name)} <= set(held)


def test_orders_that_were_accepted_do_not_keep_a_contract_or_a_request_from_being_cancelled(sale):
	contract, request = sale.contract(), requested(sale, submit=True)
	for doc in (contract, request):
		doc.cancel()
		assert doc.docstatus == 2
	assert {"Sales Order Request", "Sales Order", "Pipeline Event"} <= set(contract.ignore_linked_doctypes)
	assert {"Sales Order", "Pipeline Event"} <= set(request.ignore_linked_doctypes)

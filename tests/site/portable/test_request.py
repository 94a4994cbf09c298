"""An order request between sales and the order desk."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from crm_pipeline.orders.hand_off import HandOffError, RemainingError
from tests.site.world import history, refused


def status(doc) -> str:
	return frappe.db.get_value(doc.doctype, doc.name, "status")


def orders_of(request) -> list[str]:
	return frappe.get_all(
		"Sales Order",
		filters={
			"crm_source_type": "Sales Order Request",
			"crm_source_name": request.name,
			"docstatus": ("<", 2),
		},
		pluck="name",
		order_by="creation asc",
	)


# ---- submitting


def test_a_request_says_who_asked_and_when(sale, as_user):
	rep = as_user("rep")
	request = sale.request(sale.contract())
	assert (request.status, request.requested_by) == ("Requested", rep)
	assert request.requested_on
	assert request.title and request.amount == 480


def test_asking_again_for_the_same_contract_shows_the_draft_that_is_there(sale):
	contract = sale.contract()
	first = sale.request(contract, submit=False)
	assert sale.request(contract, submit=False).name == first.name


def test_a_request_of_its_own_needs_no_source(sale, world, as_user):
	as_user("rep")
	request = frappe.get_doc(
		{
			"doctype": "Sales Order Request",
			"customer": world.customer,
			"company": world.company,
			"items": sale.rows(),
		}
	).insert()
	request.submit()
	as_user("desk")
	assert sale.accept(request).net_total == 480


# ---- accepting


def test_accepting_twice_gives_one_order(sale, as_user):
	request = sale.request(sale.contract())
	desk = as_user("desk")
	first, second = sale.accept(request), sale.accept(request)
	assert first.name == second.name
	assert orders_of(request) == [first.name]
	request.reload()
	assert (request.status, request.accepted_by) == ("Accepted", desk)


def test_a_draft_request_cannot_be_accepted(sale):
	request = sale.request(sale.contract(), submit=False)
	with refused(HandOffError, match="can't be accepted"):
		sale.accept(request)


def test_sales_without_the_order_desk_cannot_accept(sale, as_user):
	as_user("rep")
	request = sale.request(sale.contract())
	with refused(frappe.PermissionError):
		sale.accept(request)
	with refused(frappe.PermissionError):
		api.return_request(request.name, "Not mine to say")
	with refused(frappe.PermissionError):
		api.order_now("Sales Contract", request.contract)
	assert (status(request), orders_of(request)) == ("Requested", [])


@pytest.mark.parametrize("who", ["finance", "store", "stranger"])
def test_others_can_neither_submit_nor_accept(sale, as_user, who):
	request = sale.request(sale.contract(), submit=False)
	as_user(who)
	for attempt in (
		lambda: frappe.get_doc(request.doctype, request.name).submit(),
		lambda: api.accept_request(request.name),
		lambda: request_of_two_rows(sale).insert(),
	):
		with refused(frappe.PermissionError):
			attempt()


def test_who_may_not_create_sales_orders_cannot_accept(sale, as_user):
	request = sale.request(sale.contract())
	email = f"only-desk-{sale.world.tag}@crm-test.example"
	user = frappe.get_doc({"doctype": "User", "email": email, "first_name": "Only Desk", "send_welcome_email": 0})
	user.append("roles", {"role": "Order Desk"})
	user.insert(ignore_permissions=True)
	as_user(email)
	with refused(frappe.PermissionError):
		sale.accept(request)
	assert (status(request), orders_of(request)) == ("Requested", [])


# ---- returning


def test_a_returned_request_is_amended_and_accepted(sale, as_user):
	as_user("rep")
	contract = sale.contract()
	request = sale.request(contract)
	desk = as_user("desk")
	api.return_request(request.name, "  The purchase order is missing ")
	request.reload()
	assert (request.status, request.docstatus, request.returned_by) == ("Returned", 2, desk)
	assert request.return_reason == "The purchase order is missing"
	as_user("rep")
	amended = sale.amend(request, po_no="PO-4711")
	assert (amended.status, amended.return_reason, amended.accepted_by) == ("Requested", None, None)
	as_user("desk")
	order = sale.accept(amended)
	assert (order.po_no, order.net_total) == ("PO-4711", 480)
	assert history(request.doctype, request.name)[2:] == [
		("Hand-off", "Draft", "Requested"),
		("Hand-off", "Requested", "Returned"),
	]
	assert history(amended.doctype, amended.name)[2:] == [
		("Hand-off", "Draft", "Requested"),
		("Hand-off", "Requested", "Accepted"),
	]


def test_sales_takes_a_request_back(sale, as_user):
	as_user("rep")
	request = sale.request(sale.contract())
	as_user("desk")
	sale.cancel(request)
	assert status(request) == "Cancelled"
	assert history(request.doctype, request.name) == [
		("Created", None, "Draft"),
		("State", "Draft", "Requested"),
		("Hand-off", "Draft", "Requested"),
		("Hand-off", "Requested", "Cancelled"),
	]


def test_returning_needs_a_reason(sale):
	request = sale.request(sale.contract())
	with refused(frappe.MandatoryError):
		api.return_request(request.name, "   ")
	assert status(request) == "Requested"


def test_a_request_with_an_order_can_be_neither_returned_nor_cancelled(sale):
	request = sale.request(sale.contract())
	order = sale.accept(request)
	with refused(HandOffError, match=order.name):
		api.return_request(request.name, "Too late")
	with refused(HandOffError, match=order.name):
		sale.cancel(request)


# ---- the order is cancelled, amended


def test_after_its_order_was_cancelled_a_request_waits_again(sale):
	request = sale.request(sale.contract())
	order = sale.accept(request)
	sale.cancel(order)
	request.reload()
	assert (request.status, request.accepted_by, request.accepted_on) == ("Requested", None, None)
	again = sale.accept(request)
	assert again.name != order.name
	assert orders_of(request) == [again.name]
	assert history(request.doctype, request.name)[2:] == [
		("Hand-off", "Draft", "Requested"),
		("Hand-off", "Requested", "Accepted"),
		("Hand-off", "Accepted", "Requested"),
		("Hand-off", "Requested", "Accepted"),
	]


def test_an_amended_order_answers_for_the_same_request(sale):
	request = sale.request(sale.contract())
	order = sale.cancel(sale.accept(request))
	amended = sale.amend(order)
	assert status(request) == "Accepted"
	assert sale.accept(request).name == amended.name
	assert [row.crm_request_item for row in amended.items] == [row.name for row in request.items]


def test_amending_an_order_whose_request_has_a_new_order_is_refused(sale):
	request = sale.request(sale.contract())
	old = sale.cancel(sale.accept(request))
	new = sale.accept(request)
	with refused(match=new.name):
		sale.amend(old)


def test_a_copied_order_does_not_answer_for_the_request(sale):
	request = sale.request(sale.contract())
	order = sale.accept(request)
	copy = frappe.copy_doc(order, ignore_no_copy=False)
	assert not copy.get("crm_source_name") and not copy.get("crm_request_key")
	assert not any(row.get("crm_request_item") for row in copy.items)


# ---- one click


def test_from_opportunity_to_submitted_order_in_one_click(sale, as_user):
	as_user("desk")
	opportunity = sale.opportunity()
	order = frappe.get_doc("Sales Order", api.order_now("Sales Opportunity", opportunity.name)["name"])
	assert (order.docstatus, order.net_total) == (1, 480)
	opportunity.reload()
	assert (opportunity.status, opportunity.ordered_amount) == ("Won", 480)


@pytest.mark.parametrize("source", ["opportunity", "quotation", "contract"])
def test_clicking_twice_gives_one_order(sale, source):
	document = getattr(sale, source)()
	first = api.order_now(document.doctype, document.name)["name"]
	if source == "opportunity":
		assert api.order_now(document.doctype, document.name)["name"] == first
	else:
		with refused(RemainingError, match="Nothing remains"):
			api.order_now(document.doctype, document.name)
	assert frappe.db.count("Sales Order", {"customer": sale.world.customer, "docstatus": 1}) == 1


@pytest.mark.parametrize("finished", [False, True])
def test_one_click_orders_what_remains_of_a_deal(sale, finished):
	deal = sale.opportunity()
	part = sale.order(deal, {deal.items[0].name: 1})
	if finished:
		sale.deliver(part)
		sale.bill(part)
		sale.sync_outcome()
	order = frappe.get_doc("Sales Order", api.order_now(deal.doctype, deal.name)["name"])
	assert [(row.item_code, row.qty) for row in order.items] == [(sale.world.pump, 3), (sale.world.service, 1)]
	assert api.order_now(deal.doctype, deal.name)["name"] == order.name
	# What is cancelled can be ordered again.
	sale.cancel(order)
	sale.cancel(frappe.get_doc("Sales Order Request", order.crm_source_name))
	again = frappe.get_doc("Sales Order", api.order_now(deal.doctype, deal.name)["name"])
	assert [row.qty for row in again.items] == [3, 1]


def test_the_second_click_on_a_contract_orders_the_rest(sale):
	contract = sale.contract()
	sale.order(contract, {contract.items[0].name: 1})
	order = frappe.get_doc("Sales Order", api.order_now("Sales Contract", contract.name)["name"])
	assert [row.qty for row in order.items] == [3, 1]


def test_one_click_accepts_the_request_that_is_waiting(sale):
	contract = sale.contract()
	request = sale.request(contract)
	order = frappe.get_doc("Sales Order", api.order_now("Sales Contract", contract.name)["name"])
	assert order.crm_source_name == request.name


# ---- bad input


def request_of_two_rows(sale, **values):
	contract_rows = [{**sale.rows()[0], **values}]
	return frappe.get_doc(
		{
			"doctype": "Sales Order Request",
			"customer": sale.world.customer,
			"company": sale.world.company,
			"items": [sale.rows()[1], *contract_rows],
		}
	)


@pytest.mark.parametrize(
	("values", "words"),
	[
		({"item_code": None}, "Row 2: .*Item.* is missing"),
		({"item_code": "No Such Item"}, "Row #?2: .*Item.*No Such Item"),
		({"qty": 0}, "Row 2: .*Quantity.* must be more than zero"),
		({"qty": -1}, "Row 2: .*Quantity.* must be more than zero"),
		({"qty": 0.0004}, "Row 2: .*Quantity.* must be more than zero"),
		({"rate": -5}, "Row 2: .*Rate.* must not be negative"),
		({"discount_percentage": 120}, "Row 2: .*Discount.* must be between 0 and 100"),
		({"delivery_date": "2020-01-01"}, "Row 2: .*Delivery Date.* is before"),
	],
)
def test_a_bad_row_is_named_with_its_field(sale, values, words):
	with refused(match=words):
		request_of_two_rows(sale, **values).insert()
	assert not frappe.db.count("Sales Order Request", {"customer": sale.world.customer})


def test_a_disabled_item_is_named_when_the_request_is_made(sale, world):
	frappe.db.set_value("Item", world.pump, "disabled", 1)
	with refused(match=f"Row 2: .*{world.pump}.* is disabled"):
		request_of_two_rows(sale).insert()


def test_an_item_disabled_since_stops_acceptance_and_nothing_is_half_done(sale, world):
	request = sale.request(sale.contract())
	frappe.db.set_value("Item", world.pump, "disabled", 1)
	with refused(match=world.pump):
		sale.accept(request)
	assert (status(request), orders_of(request)) == ("Requested", [])


def test_a_disabled_customer_stops_request_and_acceptance(sale, world):
	contract = sale.contract()
	request = sale.request(contract, {contract.items[0].name: 1})
	frappe.db.set_value("Customer", world.customer, "disabled", 1)
	with refused(match="disabled"):
		sale.accept(request)
	with refused(match="disabled"):
		sale.request(contract)
	assert (status(request), orders_of(request)) == ("Requested", [])


def test_a_delivery_before_the_request_is_refused(sale):
	request = sale.request(sale.contract(), submit=False)
	request.delivery_date = add_days(nowdate(), -1)
	with refused(match="Delivery Date"):
		request.save()


def test_a_delivery_date_that_passed_while_waiting_is_named_on_acceptance(sale):
	request = sale.request(sale.contract())
	day = add_days(nowdate(), -1)
	frappe.db.set_value("Sales Order Request Item", request.items[0].name, "delivery_date", day)
	with refused(HandOffError, match="Row 1: .*Delivery Date"):
		sale.accept(request)
	assert (status(request), orders_of(request)) == ("Requested", [])

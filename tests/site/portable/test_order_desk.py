"""The hand-over: a queue, an acceptance that asks first, what came back, and no way past the order desk."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from crm_pipeline.crm_pipeline.report.order_desk_queue.order_desk_queue import execute as order_desk_queue
from crm_pipeline.erp import availability
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.world import refused

REP, MANAGER, DESK = (USERS[who][0] for who in ("rep", "manager", "desk"))
OPPORTUNITY, REQUEST = "Sales Opportunity", "Sales Order Request"


@pytest.fixture
def request_(sale, as_user):
	"""request_() is a deal's submitted request, asked for by the rep."""

	def make(**values):
		as_user("rep")
		deal = sale.opportunity(**values)
		doc = sale.request(deal)
		as_user("desk")
		return doc

	return make


def test_the_queue_is_of_those_who_may_read_requests(as_user, world):
	as_user("store")
	with refused(frappe.PermissionError):
		order_desk_queue({"company": world.company})


def test_a_day_that_has_passed_is_refused(request_):
	doc = request_()
	with refused(match="has passed"):
		api.accept_request(doc.name, add_days(nowdate(), -3))


def test_accepting_without_asking_says_what_was_assumed(request_):
	doc = request_()
	frappe.clear_messages()
	api.accept_request(doc.name)
	assert any("Nobody named a delivery date" in str(message) for message in frappe.local.message_log)


def test_what_other_orders_have_reserved_is_not_free(sale, world):
	"""And nothing of another company's, nor of another item."""
	own, more, foreign = (frappe.generate_hash(length=8) for _n in range(3))
	for name, company in ((own, world.company), (more, world.company), (foreign, "Another")):
		rows.row("Warehouse", docstatus=0, name=name, warehouse_name=name, company=company, lft=0, rgt=0)
	for item, place, actual, reserved in (
		(world.pump, own, 10, 4), (world.pump, more, 5, 0), (world.pump, foreign, 900, 0), (world.filter, own, 70, 1),
	):  # fmt: skip
		rows.row("Bin", docstatus=0, item_code=item, warehouse=place, actual_qty=actual, reserved_qty=reserved)
	found = availability.free_stock([(world.pump, own), (world.pump, more), (world.pump, None)], world.company)
	assert list(sorted(found.values())) == [5, 6, 11]


def test_only_the_order_desk_is_shown_the_acceptance(request_, as_user):
	doc = request_()
	as_user("rep")
	with refused(frappe.PermissionError):
		api.get_acceptance(doc.name)


# ---- what came back, on the forms


def test_request_deal_and_contract_say_why_it_came_back(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	made = api.make_contract(OPPORTUNITY, deal.name)
	contract = frappe.get_doc(made["doctype"], made["name"])
	contract.submit()
	doc = sale.request(contract)
	as_user("desk")
	api.return_request(doc.name, "The colour is missing")
	as_user("rep")
	for shown in (deal, contract, frappe.get_doc(REQUEST, doc.name)):
		shown = frappe.get_doc(shown.doctype, shown.name)
		shown.run_method("onload")
		(row,) = shown.get("__onload").returned
		assert (row["name"], row["return_reason"]) == (doc.name, "The colour is missing")
		assert row["who"] == frappe.utils.get_fullname(DESK)
	sale.amend(frappe.get_doc(REQUEST, doc.name))
	deal = frappe.get_doc(OPPORTUNITY, deal.name)
	deal.run_method("onload")
	assert deal.get("__onload").returned == []


# ---- past the desk


@pytest.fixture
def by_desk(sale):
	"""The quotation of a deal whose pipeline leaves orders to the order desk."""
	deal = sale.opportunity()
	frappe.db.set_value("Sales Pipeline", deal.pipeline, "orders_by_desk", 1)
	frappe.clear_document_cache("Sales Pipeline", deal.pipeline)
	quotation = frappe.get_doc("Quotation", api.make_quotation(OPPORTUNITY, deal.name)["name"])
	quotation.submit()
	return quotation


def test_nor_does_an_order_that_is_said_to_come_from_the_deal_afterwards(by_desk, sale, as_user):
	as_user("rep")
	other = sale.quotation()
	order = sale.native_order(other, submit=False)
	order.update({"crm_source_type": "Quotation", "crm_source_name": by_desk.name})
	with refused(frappe.PermissionError, match="order desk"):
		order.save()


def test_an_order_of_before_may_still_be_changed(by_desk, sale, as_user):
	as_user("desk")
	order = sale.native_order(by_desk, submit=False)
	as_user("rep")
	order = frappe.get_doc("Sales Order", order.name)
	order.po_no = "4711"
	order.save()
	assert order.po_no == "4711"


def test_a_request_is_the_way_then(by_desk, sale, as_user):
	as_user("rep")
	doc = sale.request(by_desk)
	as_user("desk")
	order = frappe.get_doc("Sales Order", api.accept_request(doc.name)["name"])
	assert order.docstatus == 1


def test_orders_beside_any_pipeline_are_nobodys_business(by_desk, sale, as_user):
	as_user("rep")
	assert sale.native_order(sale.quotation()).docstatus == 1


def test_a_native_order_leaves_out_no_step_that_the_pipeline_requires(sale, as_user):
	as_user("Administrator")
	deal = sale.opportunity()
	frappe.db.set_value("Sales Pipeline", deal.pipeline, "contract_step", "Required")
	frappe.clear_document_cache("Sales Pipeline", deal.pipeline)
	quotation = frappe.get_doc("Quotation", api.make_quotation(OPPORTUNITY, deal.name)["name"])
	quotation.submit()
	with refused(match="requires a"):
		sale.native_order(quotation)

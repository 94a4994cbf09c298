# ruff: noqa: F811
"""The hand-over: a queue, an acceptance that asks first, what came back, and no way past the order desk."""

import frappe
import pytest
from frappe.desk.doctype.notification_log import notification_log
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.chain import pending
from crm_pipeline.coaching import move_notices
from crm_pipeline.crm_pipeline.report.order_desk_queue.order_desk_queue import execute as order_desk_queue
from tests.site.bench.test_help_notices import do_at_once
from tests.site.conftest import USERS
from tests.site.portable.test_order_desk import DESK, MANAGER, OPPORTUNITY, REP, REQUEST, by_desk, request_  # noqa: F401
from tests.site.world import refused


def queue(company: str, **filters) -> dict[str, dict]:
	return {row["request"]: frappe._dict(row) for row in order_desk_queue({"company": company, **filters})[1]}


# ---- the queue


def test_the_queue_says_what_decides(request_, world):
	doc = request_()
	row = queue(world.company)[doc.name]
	assert (row.customer, row.value, row.waiting_days) == (world.customer, doc.base_amount, 0)
	assert row.sales_owner == frappe.utils.get_fullname(REP)
	api.accept_request(doc.name)
	assert doc.name not in queue(world.company)


def test_the_queue_knows_what_is_short_and_whose_credit_is_used_up(request_, sale, world, as_user):
	doc = request_(items=sale.rows((world.pump, 100000, 120)))
	row = queue(world.company)[doc.name]
	assert (row.short, row.stock) == (1, "1 row short")
	assert row.credit == "No limit"
	as_user("Administrator")
	customer = frappe.get_doc("Customer", world.customer)
	customer.append("credit_limits", {"company": world.company, "credit_limit": 1000})
	customer.flags.ignore_validate = True
	customer.save()
	as_user("desk")
	row = queue(world.company)[doc.name]
	assert row.credit_over == pytest.approx(doc.base_amount - 1000) and "over the limit" in row.credit


def test_what_came_back_is_listed_with_the_reason_until_it_is_sent_again(request_, sale, world, as_user):
	doc = request_()
	api.return_request(doc.name, "The colour is missing")
	assert doc.name not in queue(world.company)
	assert queue(world.company, status="Returned")[doc.name].return_reason == "The colour is missing"
	as_user("rep")
	sale.amend(frappe.get_doc(REQUEST, doc.name))
	assert doc.name not in queue(world.company, status="Returned")


# ---- accepting


def test_accepting_shows_the_order_first_and_stores_nothing(request_, world):
	doc = request_()
	before = frappe.db.count("Sales Order")
	shown = api.get_acceptance(doc.name)
	assert (shown["net"], shown["will_submit"]) == (doc.amount, True)
	assert [row["qty"] for row in shown["rows"]] == [row.qty for row in doc.items]
	assert frappe.db.count("Sales Order") == before and doc.reload().status == "Requested"
	order = frappe.get_doc("Sales Order", api.accept_request(doc.name)["name"])
	assert order.net_total == shown["net"]
	assert (order.rounded_total or order.grand_total) == shown["total"]


def test_a_day_that_nobody_named_is_shown_as_assumed_and_may_be_changed(request_):
	doc = request_()
	shown = api.get_acceptance(doc.name)
	assert shown["delivery_date"] and all(row["assumed"] for row in shown["rows"])
	day = add_days(nowdate(), 40)
	order = frappe.get_doc("Sales Order", api.accept_request(doc.name, day)["name"])
	assert {str(row.delivery_date) for row in order.items} == {day}


def test_a_day_that_sales_named_is_no_guess(request_, sale, world, as_user):
	named = add_days(nowdate(), 12)
	as_user("rep")
	doc = sale.request(sale.opportunity(), submit=False)
	doc.delivery_date = named
	doc.submit()
	as_user("desk")
	shown = api.get_acceptance(doc.name)
	assert shown["delivery_date"] is None and not any(row["assumed"] for row in shown["rows"])
	order = frappe.get_doc("Sales Order", api.accept_request(doc.name, add_days(nowdate(), 40))["name"])
	assert {str(row.delivery_date) for row in order.items} == {named}


def test_the_usual_day_is_no_holiday(request_, world, as_user):
	as_user("Administrator")
	days = frappe.db.get_single_value("CRM Pipeline Settings", "default_delivery_days") or 0
	usual = getdate(add_days(nowdate(), days))
	holidays = frappe.get_doc(
		{
			"doctype": "Holiday List",
			"holiday_list_name": f"Days Off {world.tag}",
			"from_date": add_days(usual, -10),
			"to_date": add_days(usual, 30),
			"holidays": [{"holiday_date": add_days(usual, n), "description": "Off"} for n in (0, 1)],
		}
	).insert()
	company = frappe.get_doc("Company", world.company)
	company.db_set("default_holiday_list", holidays.name)
	frappe.clear_document_cache("Company", world.company)
	doc = request_()
	assert api.get_acceptance(doc.name)["delivery_date"] == str(add_days(usual, 2))


def test_accepting_says_what_is_short(request_, sale, world):
	doc = request_(items=sale.rows((world.pump, 100000, 120)))
	(row,) = api.get_acceptance(doc.name)["rows"]
	assert row["short"] == pytest.approx(100000 - max(row["free"], 0))


def test_a_bundle_is_as_short_as_its_parts(request_, sale, world, as_user):
	as_user("Administrator")
	kit = frappe.get_doc(
		{
			"doctype": "Item",
			"item_code": f"Kit {world.tag}",
			"item_group": frappe.db.get_value("Item", world.pump, "item_group"),
			"stock_uom": "Nos",
			"is_stock_item": 0,
		}
	).insert()
	parts = [{"item_code": world.pump, "qty": 1000000}]
	frappe.get_doc({"doctype": "Product Bundle", "new_item_code": kit.name, "items": parts}).insert()
	doc = request_(items=sale.rows((kit.name, 2, 500)))
	assert queue(world.company)[doc.name].short == 1
	(row,) = api.get_acceptance(doc.name)["rows"]
	assert 0 < row["short"] <= 2


# ---- notices


def told(user: str, name: str) -> list[str]:
	"""Work off what is noted, and answer what a user is told about a document."""
	rows = frappe.get_all(pending.DOCTYPE, filters={"what": pending.MOVE}, pluck="document", order_by="creation asc")
	with pytest.MonkeyPatch.context() as patched:
		patched.setattr(notification_log, "send_notification_email", lambda notice: None)
		patched.setattr(frappe, "enqueue", do_at_once)
		for event in rows:
			pending.do("Pipeline Event", event)
	return frappe.get_all(
		"Notification Log",
		filters={"for_user": user, "document_name": name},
		pluck="subject",
		order_by="creation asc",
	)


def test_the_order_desk_hears_of_a_request_and_sales_of_the_answer(request_, as_user):
	doc = request_()
	assert any("asks the order desk" in subject for subject in told(DESK, doc.name))
	assert told(REP, doc.name) == []
	api.return_request(doc.name, "The <b>colour</b> is missing")
	(subject,) = told(REP, doc.name)
	assert "returned" in subject
	reason = frappe.db.get_value("Notification Log", {"for_user": REP, "document_name": doc.name}, "email_content")
	assert "The &lt;b&gt;colour" in reason or "The <b>colour" not in reason
	assert len(told(DESK, doc.name)) == 1


def test_sales_hears_that_a_request_was_accepted_and_the_manager_that_the_deal_is_won(request_, as_user):
	doc = request_()
	api.accept_request(doc.name)
	assert any("accepted" in subject for subject in told(REP, doc.name))
	assert any("won" in subject for subject in told(REP, doc.source_name))


def test_who_is_given_a_deal_is_told_and_who_takes_one_is_not(sale, as_user):
	as_user("manager")
	deal = sale.opportunity(sales_owner=REP)
	assert len(told(REP, deal.name)) == 1 and told(MANAGER, deal.name) == []
	deal.sales_owner = MANAGER
	deal.save()
	assert told(MANAGER, deal.name) == []
	deal.sales_owner = USERS["other_rep"][0]
	deal.save()
	assert len(told(USERS["other_rep"][0], deal.name)) == 1


def test_a_loss_is_told_with_its_reason(sale, as_user):
	as_user("rep")
	deal = sale.opportunity(sales_owner=REP)
	as_user("manager")
	reason = frappe.db.get_value("Sales Lost Reason", {}, "name", order_by="name asc")
	api.lose_deal(OPPORTUNITY, deal.name, reason)
	assert any("lost" in subject for subject in told(REP, deal.name))


@pytest.mark.parametrize("kind", move_notices.KINDS)
def test_each_notice_can_be_switched_off(kind):
	assert move_notices.wants(REP, kind)
	if not frappe.db.exists("Notification Settings", REP):
		frappe.get_doc({"doctype": "Notification Settings", "name": REP, "user": REP}).insert(set_name=REP)
	frappe.db.set_value("Notification Settings", REP, f"crm_notify_{kind}", 0)
	assert [other for other in move_notices.KINDS if not move_notices.wants(REP, other)] == [kind]


def test_who_switched_it_off_is_not_told(request_):
	doc = request_()
	if not frappe.db.exists("Notification Settings", REP):
		frappe.get_doc({"doctype": "Notification Settings", "name": REP, "user": REP}).insert(set_name=REP)
	frappe.db.set_value("Notification Settings", REP, "crm_notify_return", 0)
	api.return_request(doc.name, "The colour is missing")
	assert told(REP, doc.name) == []


def test_nobody_is_told_of_what_is_imported_and_no_mail_is_sent(sale, as_user):
	as_user("manager")
	mails = frappe.db.count("Email Queue")
	frappe.flags.in_import = True
	try:
		deal = sale.opportunity(sales_owner=REP)
	finally:
		frappe.flags.in_import = False
	assert told(REP, deal.name) == []
	sale.opportunity(sales_owner=REP)
	assert frappe.db.count("Email Queue") == mails


def test_native_buttons_make_no_order_where_the_pipeline_leaves_it_to_the_order_desk(by_desk, sale, as_user):
	as_user("rep")
	with refused(frappe.PermissionError, match="order desk"):
		sale.native_order(by_desk)
	by_desk.run_method("onload")
	assert by_desk.get("__onload").crm_by_desk
	as_user("desk")
	assert sale.native_order(by_desk).docstatus == 1

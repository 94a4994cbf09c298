"""From sales to the order desk, and back with a reason."""

from frappe.utils import add_days, nowdate

from tests.browser.records import make, now, work_off_jobs

REASON = "The delivery date has passed"


def test_the_order_desk_sees_what_the_order_would_be_and_then_accepts(desk, records):
	request = make(records, "rep", lambda sale: sale.request(sale.opportunity()))
	page = desk("desk")
	page.open_form("Sales Order Request", request)
	page.press("Accept")
	page.wait_for_text("assumed: ", ".modal.show .crm-table")
	for text in (records.customer, records.pump, "Net "):
		assert page.shows(text, ".modal.show"), text
	assert now("Sales Order Request", request, "status") == "Requested"
	page.click(".modal.show .btn-primary", "Accept and Submit Order")
	order = page.wait_for_form("Sales Order")
	page.wait_for(f".crm-ribbon a[href$='{request}']")
	assert now("Sales Order", order, "docstatus") == 1
	assert now("Sales Order Request", request, "status") == "Accepted"
	assert page.errors() == []


def test_what_came_back_is_told_with_its_reason_by_bell_and_banner_and_in_a_list(desk, records):
	deal = make(records, "rep", lambda sale: sale.opportunity())
	request = make(records, "rep", lambda sale: sale.request(_deal(deal)))
	page = desk("desk")
	page.open_form("Sales Order Request", request)
	page.press("Return to Sales")
	page.type_in("reason", REASON)
	page.answer_dialog()
	page.until(lambda: now("Sales Order Request", request, "status") == "Returned", "the request returned")
	work_off_jobs()
	notice = {"document_name": request, "for_user": records.users["rep"]}
	page.until(lambda: now("Notification Log", notice, "name"), "a notice")
	page = desk("rep")
	# Frappe 16 lets the browser keep the bell's list for a minute; a running site tells it of news.
	page.driver.execute_cdp_cmd("Network.enable", {})
	page.driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
	for doctype, name in (("Sales Order Request", request), ("Sales Opportunity", deal)):
		page.open_form(doctype, name)
		page.wait_for_text(REASON, ".crm-head-returned")
	page.until(lambda: told_by_bell(page, REASON), "the reason in the bell")
	page.driver.execute_cdp_cmd("Network.disable", {})
	page.open("my-sales")
	page.wait_for(".crm-workspace-numbers [data-key='returned']")
	assert page.errors() == []


def _deal(name: str):
	import frappe

	return frappe.get_doc("Sales Opportunity", name)


def told_by_bell(page, text: str) -> bool:
	"""Whether the bell's list says it; opened first where it is not."""
	bell = page.find(".dropdown-notifications button, .sidebar-notification a, .sidebar-notification")
	if bell and not page.find(".notifications-list"):
		bell.click()
	return page.shows(text, ".notifications-list")


def test_a_rep_sees_that_a_request_waits_and_may_not_accept_it(desk, records):
	page = desk("rep")
	page.open_form("Sales Order Request", records.request)
	page.wait_for_text("Waiting for the order desk")
	assert page.find(".page-head button", "Accept") is None
	assert page.errors() == []


def test_a_rep_asks_for_help_in_the_guide_of_a_deal(desk, records):
	deal = make(records, "rep", lambda sale: sale.opportunity(expected_close=add_days(nowdate(), 9)))
	page = desk("rep")
	page.open_form("Sales Opportunity", deal)
	page.click(".crm-fold-guide")
	page.press("Ask for Help", within=".crm-guide")
	page.choose("wanted", "Price")
	page.type_in("question", "May I give five per cent?")
	page.answer_dialog()
	page.wait_for(".crm-guide .crm-help-text", "May I give five per cent?")
	assert page.find(".crm-guide button", "Withdraw") and not page.find(".crm-guide button", "Answer")
	page.find(".crm-fold-guide").click()
	assert now("Sales Help Request", {"reference_name": deal}, "status") == "Open"
	assert page.errors() == []


def test_a_lead_shows_its_place_in_the_chain(desk, records):
	page = desk("rep")
	page.open_form("Sales Lead", records.lead)
	here = page.wait_for(".crm-ribbon .crm-step[aria-current='step']")
	assert here.get_attribute("data-step") == "Sales Lead"
	assert records.lead in here.text.replace("\n", " ")
	assert page.find(".crm-ribbon-source").text == "Created Directly"
	assert page.errors() == []

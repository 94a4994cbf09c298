"""The deal on one screen, and from the first message to the order in few clicks."""

import frappe
from frappe.utils import add_days, add_to_date, now_datetime, nowdate

from tests.browser.records import make, now

LAPTOP = (1366, 768)
FIRST_FIELD = 250  # pixels from above
MOST_CLICKS = 12
MOST_DOCUMENTS = 3

FIRST = """return [...document.querySelectorAll(".form-layout .frappe-control")]
	.find((field) => field.offsetParent && field.querySelector("label")).getBoundingClientRect().top;"""
IN_SIGHT = """const box = arguments[0].getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight;"""


def open_deal(desk, records, name=None):
	page = desk("rep")
	page.open_form("Sales Opportunity", name or records.deal)
	page.wait_for(".crm-stage-here")
	page.quiet()
	return page


def test_the_first_screen_shows_who_how_much_when_and_what_next(desk, records):
	page = desk("rep")
	with page.screen(*LAPTOP):
		page = open_deal(desk, records)
		assert page.run(FIRST) < FIRST_FIELD
		fields = [
			f".form-layout [data-fieldname='{name}']" for name in ("amount", "expected_close", "next_step", "customer")
		]
		for selector in (*fields, ".crm-stage-here", "a[href^='tel:']", "a[href^='mailto:']"):
			assert page.run(IN_SIGHT, page.wait_for(selector)), selector
		assert page.find(".form-layout [data-fieldname='prospect']") is None
		assert {"Won", "Lost"} <= {button.text.strip() for button in page.all(".page-head button")}
	assert page.errors() == []


def test_a_part_that_was_unfolded_stays_so(desk, records):
	page = open_deal(desk, records)
	fold = page.wait_for(".crm-fold-guide")
	assert fold.get_attribute("aria-expanded") == "false" and not page.find(".crm-guide")
	fold.click()
	page.wait_for(".crm-guide")
	page.quiet()
	page = open_deal(desk, records)
	assert page.wait_for(".crm-fold-guide").get_attribute("aria-expanded") == "true" and page.find(".crm-guide")
	page.find(".crm-fold-guide").click()
	page.quiet()


def test_one_timeline_has_what_happened_with_the_names_of_people(desk, records):
	deal = make(records, "rep", lambda sale: sale.opportunity())
	frappe.get_doc("Sales Opportunity", deal).add_comment("Comment", "They asked for a second offer")
	frappe.db.commit()
	page = open_deal(desk, records, deal)
	page.click(".form-tabs .nav-link", "Activities")
	assert len(page.all(".crm-timeline")) == 1
	page.click(".crm-timeline button", "Log Activity")
	page.type_in("subject", "Rang them up")
	page.answer_dialog()
	page.wait_for_text("Rang them up", ".crm-timeline")
	assert page.shows("They asked for a second offer", ".crm-timeline")
	assert not page.shows(records.users["rep"], ".crm-timeline")
	assert page.errors() == []


def test_a_deal_is_lost_by_a_plain_button_and_taken_back(desk, records):
	deal = make(records, "rep", lambda sale: sale.opportunity())
	page = open_deal(desk, records, deal)
	page.press("Lost")
	page.choose_link("reason", "Price")
	page.answer_dialog()
	undo = page.wait_for(".crm-undo")
	assert page.shows("Lost: Price", "#alert-container, .desk-alert")
	assert now("Sales Opportunity", deal, ["status", "lost_reason"]) == ("Lost", "Price")
	undo.click()
	page.until(lambda: now("Sales Opportunity", deal, "status") == "Open", "the deal open again")
	assert page.errors() == []


def test_a_stage_that_was_skipped_looks_other_than_one_that_was_passed(desk, records):
	deal = make(records, "rep", lambda sale: sale.opportunity(pipeline="Standard Sales"))
	page = open_deal(desk, records, deal)
	stages = page.all(".crm-stages button")
	assert len(stages) > 3
	stages[2].click()
	page.until(
		lambda: page.find(".crm-stage-skipped") and page.find(".crm-stage-passed"), "a skipped and a passed stage"
	)
	page.wait_for(".crm-undo")
	assert page.errors() == []


def test_somebody_says_why_a_deal_is_not_stalled_and_until_when(desk, records):
	deal = make(records, "rep", lambda sale: sale.opportunity())
	long_ago = add_to_date(now_datetime(), days=-300)
	old = {
		"expected_close": add_days(nowdate(), -90),
		"stage_entered_on": long_ago,
		"creation": long_ago,
		"opened_on": long_ago,
	}
	frappe.db.set_value("Sales Opportunity", deal, old, update_modified=False)
	frappe.db.set_value("Pipeline Event", {"reference_name": deal}, "at", long_ago)
	frappe.db.commit()
	page = open_deal(desk, records, deal)
	fold = page.wait_for(".crm-fold-health.crm-fold-orange")
	assert fold.text.startswith("Stalled: ")
	fold.click()
	page.press("Not Stalled …", within=".crm-health")
	page.type_in("reason", "They decide in spring")
	page.answer_dialog()
	page.until(lambda: not page.find(".crm-fold-orange.crm-fold-health"), "the alarm gone")
	assert now("Sales Opportunity", deal, "not_stalled_reason") == "They decide in spring"
	assert page.errors() == []


def test_from_the_enquiry_to_the_order_it_takes_few_clicks_and_three_documents(desk, records):
	"""As in a small shop, where one person holds both functions."""
	page = desk("desk")
	page.open("sales-lead")
	page.wait_for(".primary-action")
	page.quiet()
	page.count_clicks()
	page.press("Add Sales Lead")
	page.until(
		lambda: page.run("return document.activeElement.dataset.fieldname") == "title", "the cursor in the first field"
	)
	page.tab_through(
		f"Pumps {records.tag}", f"Small Works {records.tag}", "Ann Desk", f"ann@small-{records.tag}.example"
	)
	page.click(".modal.show button.btn-primary", "Save")
	page.wait_for_form("Sales Lead")
	page.press("Convert")
	page.choose("assessment", "Hot")
	page.answer_dialog()
	deal = page.wait_for_form("Sales Opportunity")
	page.click(".form-tabs .nav-link", "Items")
	add_item(page, records.pump)
	page.press("Save")
	page.until(lambda: now("Sales Opportunity", deal, "amount") == 100, "the amount of the row")
	page.quiet()
	page.pick("Create", "Order Now")
	page.wait_for_text("100.00", ".modal.show")
	page.click(".modal.show .btn-primary")
	order = page.wait_for_form("Sales Order")
	hand = page.clicks()
	assert now("Sales Order", order, ["docstatus", "net_total"]) == (1, 100)
	assert hand["clicks"] <= MOST_CLICKS, hand
	assert len(hand["documents"]) <= MOST_DOCUMENTS, hand
	assert page.errors() == []


def add_item(page, item: str) -> None:
	"""One more row, filled by what its field offers."""
	rows = page.run("return cur_frm.doc.items?.length || 0")
	page.click("[data-fieldname='items'] .grid-add-row")
	page.until(lambda: page.run("return cur_frm.doc.items?.length || 0") == rows + 1, "a new row")
	if page.run("return document.activeElement.dataset.fieldname") != "item_code":
		page.click(f"[data-fieldname='items'] .grid-row[data-idx='{rows + 1}'] [data-fieldname='item_code']")
	page.until(
		lambda: page.run("return document.activeElement.dataset.fieldname") == "item_code", "the cursor in the row"
	)
	page.driver.switch_to.active_element.send_keys(item)
	page.until(
		lambda: item in getattr(page.find(".awesomplete [role=option]"), "text", ""), "the item in the first place"
	)
	page.driver.switch_to.active_element.send_keys("\ue007\ue004")
	page.until(lambda: page.run("return cur_frm.doc.items.at(-1).item_name"), "the item chosen")
	page.quiet()

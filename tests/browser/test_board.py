"""The sales board as a Sales User works on it: by keyboard and by mouse."""

import frappe
import pytest
from frappe.utils import add_days, nowdate
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.browser.records import forget_settings, make, now

NEXT = "Standard Sales-needs_analysis"
LOST = "Standard Sales-lost"


@pytest.fixture
def deal(records):
	"""A committed opportunity of the rep, whose next step should have been done; `records` takes it away with the rest."""
	step = {"next_step": "Ring them", "next_step_date": add_days(nowdate(), -2)}
	return make(records, "rep", lambda sale: sale.opportunity(pipeline="Standard Sales", **step))


@pytest.fixture
def board(desk, records, deal):
	"""The board as it is the first time, searched for the deal, so that nothing else of the site is in the way."""
	forget_settings(records.users["rep"])
	frappe.db.commit()
	page = desk("rep")
	page.open("sales-board")
	page.wait_for(".crm-column")
	search_for(page, deal)
	return page


def search_for(page, deal):
	page.wait_for(".crm-board-top input[data-fieldname='search']").send_keys(deal + Keys.TAB)
	page.until(lambda: [each.get_attribute("data-name") for each in page.all(".crm-card")] == [deal], "the card alone")


def move_right(page, deal):
	page.run("arguments[0].focus()", card(page, deal))
	ActionChains(page.driver).key_down(Keys.CONTROL).send_keys(Keys.ARROW_RIGHT).key_up(Keys.CONTROL).perform()


def card(page, deal):
	return page.wait_for(f".crm-card[data-name='{deal}']")


def stage_shown(page, deal) -> str | None:
	found = page.find(f".crm-card[data-name='{deal}']")
	return found and page.run("return arguments[0].closest('.crm-column').dataset.stage", found)


def count(page, stage) -> str:
	return page.find(f".crm-column[data-stage='{stage}'] .crm-column-count").text


def test_a_card_is_moved_to_the_next_stage_by_keyboard(board, deal):
	page = board
	move_right(page, deal)
	page.until(lambda: stage_shown(page, deal) == NEXT and count(page, NEXT) == "1", "the card in the next column")
	assert now("Sales Opportunity", deal, "stage") == NEXT
	focused = page.run("return document.activeElement.dataset.name")
	assert focused == deal
	assert "moved to" in page.run("return document.querySelector('.crm-board-area [role=status]').textContent")
	assert page.errors() == []


def test_a_card_dragged_to_lost_asks_for_the_reason_and_stays_until_it_has_one(board, deal):
	page = board
	before = stage_shown(page, deal)
	target = page.wait_for(f".crm-column[data-stage='{LOST}'] .crm-cards")
	page.run("arguments[0].scrollIntoView({inline: 'nearest'})", target)
	handle = card(page, deal).find_element("css selector", ".crm-card-party")
	chain = ActionChains(page.driver, duration=300).click_and_hold(handle).move_by_offset(12, 12)
	chain.move_to_element(target).pause(0.3).release().perform()
	page.wait_for(".modal.show .btn-modal-primary")
	assert stage_shown(page, deal) == before and now("Sales Opportunity", deal, "status") == "Open"
	page.set_in_dialog("reason", "Price")
	page.answer_dialog()
	page.until(lambda: count(page, LOST) == "1", "the deal among the lost ones")
	assert now("Sales Opportunity", deal, "lost_reason") == "Price"
	assert page.errors() == []


def test_a_rep_begins_with_their_own_deals_and_comes_to_the_first_card_in_five_tabs(board, deal):
	page = board
	assert page.find("[data-whose='mine']").get_attribute("aria-pressed") == "true"
	page.run("document.querySelector('.crm-board-bar button').focus()")
	for _press in range(5):
		if page.run("return document.activeElement.classList.contains('crm-card')"):
			break
		ActionChains(page.driver).send_keys(Keys.TAB).perform()
	assert page.run("return document.activeElement.dataset.name") == deal


def test_a_move_is_undone_from_the_notice(board, deal):
	page = board
	before = now("Sales Opportunity", deal, "stage")
	move_right(page, deal)
	page.until(lambda: stage_shown(page, deal) == NEXT, "the card in the next column")
	page.click(".crm-undo")
	page.until(lambda: stage_shown(page, deal) == before, "the card where it was")
	assert now("Sales Opportunity", deal, "stage") == before
	assert page.errors() == []


def test_a_deal_is_entered_inside_a_column(board, records):
	page = board
	assert not page.find(f".crm-column[data-stage='{NEXT}'] .crm-card")
	page.click(f".crm-column[data-stage='{NEXT}'] .crm-column-add")
	for name, text in (("title", f"Entered {records.tag}"), ("crm_party", f"Entered Works {records.tag}")):
		page.wait_for(f".crm-adding input[data-fieldname='{name}']").send_keys(text)
	page.click(".crm-adding [type=submit]")
	page.until(lambda: page.find(f".crm-column[data-stage='{NEXT}'] .crm-card"), "the new card")
	frappe.db.rollback()
	made = frappe.get_all(
		"Sales Opportunity", filters={"title": f"Entered {records.tag}"}, pluck="stage", order_by="name"
	)
	assert made == [NEXT]
	assert page.errors() == []


def test_a_card_offers_what_is_done_next_and_an_overdue_step_is_red(board, deal):
	page = board
	found = [each.get_attribute("data-do") for each in card(page, deal).find_elements("css selector", "[data-do]")]
	assert found == ["call", "mail", "log", "plan", "won", "lost"]
	late = page.wait_for(".crm-card-next.crm-card-late")
	assert "overdue" in late.text
	red, green, blue = (int(part) for part in late.value_of_css_property("color").strip("rgba()").split(",")[:3])
	assert red > green + 60 and red > blue + 60
	ActionChains(page.driver).move_to_element(card(page, deal)).perform()
	page.click("[data-do='plan']")
	page.type_in("next_step", " again")
	page.set_in_dialog("next_step_date", add_days(nowdate(), 5))
	page.answer_dialog()
	page.until(lambda: not page.find(".crm-card-late"), "the step in time")
	assert now("Sales Opportunity", deal, "next_step") == "Ring them again"
	assert page.errors() == []


def test_what_a_gate_asks_for_is_filled_in_where_the_card_is_moved(board, records, deal):
	"""The stage's gates are a record like any other: one more is made here, and taken away again."""
	page = board
	gate = {
		"doctype": "Pipeline Stage Gate",
		"parenttype": "Pipeline Stage",
		"parentfield": "gates",
		"kind": "Field Filled",
	}
	stage = now("Sales Opportunity", deal, "stage")
	doc = frappe.get_doc({**gate, "parent": stage, "fieldname": "territory", "idx": 99})
	doc.db_insert()
	frappe.db.commit()
	frappe.clear_document_cache("Pipeline Stage", stage)
	try:
		move_right(page, deal)
		page.choose_link("territory", frappe.db.get_value("Territory", {"is_group": 0}, "name"))
		assert stage_shown(page, deal) == stage
		page.answer_dialog()
		page.until(lambda: stage_shown(page, deal) == NEXT, "the card in the next column")
	finally:
		frappe.db.delete("Pipeline Stage Gate", {"name": doc.name})
		frappe.db.commit()
		frappe.clear_document_cache("Pipeline Stage", stage)
	assert now("Sales Opportunity", deal, "territory")
	assert page.errors() == []


def test_the_board_uses_the_width_and_shows_everybodys_deals_one_click_away(board, deal):
	page = board
	assert (
		page.run("return document.querySelector('.crm-board').clientWidth / document.documentElement.clientWidth") > 0.8
	)
	page.click("[data-whose='all']")
	page.until(lambda: page.find("[data-whose='all']").get_attribute("aria-pressed") == "true", "all deals")
	page.click(".crm-sort")
	page.click("[data-sort='amount']")
	page.wait_for(".crm-sort", "Sort: Amount")
	assert page.errors() == []

"""The sales board as a Sales User works on it: by keyboard and by mouse."""

import frappe
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.browser.records import now
from tests.site.world import Sale

NEXT = "Standard Sales-needs_analysis"
LOST = "Standard Sales-lost"


@pytest.fixture
def deal(records):
	"""A committed opportunity of the rep; `records` takes it away with the rest."""
	frappe.db.rollback()
	frappe.set_user(records.users["rep"])
	name = Sale(records, frappe.set_user).opportunity(pipeline="Standard Sales").name
	frappe.set_user("Administrator")
	frappe.db.commit()
	return name


@pytest.fixture
def board(desk, deal):
	"""The board, searched for the deal, so that nothing else of the site is in the way."""
	page = desk("rep")
	page.open("sales-board")
	page.wait_for(".crm-column")
	search = page.wait_for(".crm-board-top input[data-fieldname='search']")
	search.send_keys(deal + Keys.TAB)
	page.until(lambda: len(page.driver.find_elements("css selector", ".crm-card")) == 1, "the card alone")
	return page


def card(page, deal):
	return page.wait_for(f".crm-card[data-name='{deal}']")


def stage_shown(page, deal) -> str | None:
	found = page.find(f".crm-card[data-name='{deal}']")
	return found and page.driver.execute_script("return arguments[0].closest('.crm-column').dataset.stage", found)


def count(page, stage) -> str:
	return page.find(f".crm-column[data-stage='{stage}'] .crm-column-count").text


def test_a_card_is_moved_to_the_next_stage_by_keyboard(board, deal):
	page = board
	element = card(page, deal)
	page.driver.execute_script("arguments[0].focus()", element)
	ActionChains(page.driver).key_down(Keys.CONTROL).send_keys(Keys.ARROW_RIGHT).key_up(Keys.CONTROL).perform()
	page.until(lambda: stage_shown(page, deal) == NEXT and count(page, NEXT) == "1", "the card in the next column")
	assert now("Sales Opportunity", deal, "stage") == NEXT
	focused = page.driver.execute_script("return document.activeElement.dataset.name")
	assert focused == deal
	assert "moved to" in page.driver.execute_script(
		"return document.querySelector('.crm-board-area [role=status]').textContent"
	)
	assert page.errors() == []


def test_a_card_dragged_to_lost_asks_for_the_reason_and_stays_until_it_has_one(board, deal):
	page = board
	before = stage_shown(page, deal)
	target = page.wait_for(f".crm-column[data-stage='{LOST}'] .crm-cards")
	page.driver.execute_script("arguments[0].scrollIntoView({inline: 'nearest'})", target)
	handle = card(page, deal).find_element("css selector", ".crm-card-party")
	chain = ActionChains(page.driver, duration=300).click_and_hold(handle).move_by_offset(12, 12)
	chain.move_to_element(target).pause(0.3).release().perform()
	page.wait_for(".modal.show .btn-modal-primary")
	assert stage_shown(page, deal) == before and now("Sales Opportunity", deal, "status") == "Open"
	page.driver.execute_async_script("cur_dialog.set_value('reason', 'Price').then(arguments[0])")
	page.answer_dialog()
	page.until(lambda: count(page, LOST) == "1", "the deal among the lost ones")
	assert now("Sales Opportunity", deal, "lost_reason") == "Price"
	assert page.errors() == []


def test_a_rep_begins_with_their_own_deals_and_comes_to_the_first_card_in_five_tabs(board, deal):
	page = board
	assert page.find("[data-whose='mine']").get_attribute("aria-pressed") == "true"
	page.driver.execute_script("document.querySelector('.crm-board-bar button').focus()")
	for _press in range(5):
		if page.driver.execute_script("return document.activeElement.classList.contains('crm-card')"):
			break
		ActionChains(page.driver).send_keys(Keys.TAB).perform()
	assert page.driver.execute_script("return document.activeElement.dataset.name") == deal


def test_a_move_is_undone_from_the_notice(board, deal):
	page = board
	before = now("Sales Opportunity", deal, "stage")
	page.driver.execute_script("arguments[0].focus()", card(page, deal))
	ActionChains(page.driver).key_down(Keys.CONTROL).send_keys(Keys.ARROW_RIGHT).key_up(Keys.CONTROL).perform()
	page.until(lambda: stage_shown(page, deal) == NEXT, "the card in the next column")
	page.wait_for(".crm-undo").click()
	page.until(lambda: stage_shown(page, deal) == before, "the card where it was")
	assert now("Sales Opportunity", deal, "stage") == before
	assert page.errors() == []


def test_a_deal_is_entered_inside_a_column(board, records):
	page = board
	page.wait_for(f".crm-column[data-stage='{NEXT}'] .crm-column-add").click()
	for name, text in (("title", f"Entered {records.tag}"), ("crm_party", f"Entered Works {records.tag}")):
		page.wait_for(f".crm-adding input[data-fieldname='{name}']").send_keys(text)
	page.wait_for(".crm-adding [type=submit]").click()
	page.until(lambda: page.find(f".crm-column[data-stage='{NEXT}'] .crm-card"), "the new card")
	frappe.db.rollback()
	made = frappe.get_all(
		"Sales Opportunity", filters={"title": f"Entered {records.tag}"}, pluck="stage", order_by="name"
	)
	assert made == [NEXT]
	assert page.errors() == []

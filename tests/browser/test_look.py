"""What our screens look like: readable in both themes, mirrored from right to left, and no burden for other pages."""

from pathlib import Path

import pytest

from tests.browser.records import now

CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
PAGES = {
	"sales-board": ".crm-card",
	"sales-funnel": ".crm-tile",
	"crm-forecast": ".crm-page",
	"sales-lead": ".list-row",
	"sales-opportunity": ".list-row",
}


def weak_texts(page) -> dict:
	found = {}
	for theme in ("light", "dark"):
		page.driver.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)
		found[theme] = page.driver.execute_script(CONTRAST)
	return {theme: weak for theme, weak in found.items() if weak}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_read_in_both_themes(desk, path):
	page = desk("rep")
	page.open(path)
	page.wait_for(PAGES[path])
	page.until(lambda: page.driver.execute_script("return !frappe.request.ajax_count"), "all answers")
	assert weak_texts(page) == {}


@pytest.mark.parametrize(
	("doctype", "which"),
	[("Sales Opportunity", "deal"), ("Sales Lead", "lead"), ("Sales Order Request", "request")],
)
def test_a_form_is_read_in_both_themes(desk, records, doctype, which):
	page = desk("rep")
	page.open_form(doctype, getattr(records, which))
	page.wait_for(".crm-step")
	assert weak_texts(page) == {}


OURS = """
return performance.getEntriesByType("resource").filter((each) => each.name.includes("/assets/crm_pipeline/dist/"))
	.map((each) => each.name.split("/").pop().split(".")[0]);
"""


def test_other_pages_of_desk_load_one_small_script_of_ours(desk):
	page = desk("rep")
	page.open("todo")
	page.until(lambda: page.driver.execute_script("return !!window.cur_list && !frappe.request.ajax_count"), "a list")
	assert page.driver.execute_script(OURS) == ["crm_pipeline"]


def test_a_form_that_is_opened_first_has_its_scripts(desk, records):
	"""What hangs on the first events of a form is made up for: its links offer what they should."""
	page = desk("rep")
	page.open_form("Sales Opportunity", records.deal)
	page.wait_for(".crm-step")
	pipeline = "return cur_frm.fields_dict.pipeline.get_query(cur_frm.doc).filters.applies_to"
	assert page.driver.execute_script(pipeline) == "Sales Opportunity"
	page.open("sales-lead/new")
	page.until(
		lambda: page.driver.execute_script("return window.cur_frm?.is_new() && cur_frm.doc.currency"),
		"the company's currency",
	)
	assert page.errors() == []


def test_the_ribbon_runs_from_right_to_left_where_the_page_does(desk, records):
	page = desk("rep")
	page.open_form("Sales Opportunity", records.deal)
	page.wait_for(".crm-step")
	first_then_last = """
		document.documentElement.dir = arguments[0];
		const steps = [...document.querySelectorAll(".crm-step")].map((step) => step.getBoundingClientRect());
		const row = steps.filter((step) => step.top === steps[0].top);
		return row[0].left < row[row.length - 1].left;
	"""
	assert page.driver.execute_script(first_then_last, "ltr") is True
	assert page.driver.execute_script(first_then_last, "rtl") is False


def test_a_deal_is_moved_by_keyboard_alone(desk, records):
	page = desk("rep")
	page.open("sales-board")
	page.wait_for(f".crm-card[data-name='{records.deal}']")
	page.driver.execute_script("document.querySelector(arguments[0]).focus()", f".crm-card[data-name='{records.deal}']")
	stage = now("Sales Opportunity", records.deal, "stage")
	outline = "return getComputedStyle(document.activeElement).outlineStyle"
	assert page.driver.execute_script(outline) == "solid", "the focus is seen"
	page.driver.switch_to.active_element.send_keys("m")
	page.wait_for(".modal.show select[data-fieldname='stage']")
	page.answer_dialog()
	page.until(lambda: now("Sales Opportunity", records.deal, "stage") != stage, "the next stage")
	assert page.errors() == []

"""Lists: what one looks for every day is one click away, and a row is read on a desk as on a phone."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from tests.browser.records import make, now

PRESETS = {
	"sales-opportunity": ["Mine", "Team", "Overdue", "Closing This Month", "Without Next Step"],
	"sales-lead": ["Mine", "Team", "Overdue", "Closing This Month", "Without Next Step"],
}
ENTRIES = "return [...document.querySelectorAll('.inner-group-button .dropdown-item')].map((e) => e.textContent.trim())"
FACTS = """
return Object.fromEntries([...document.querySelectorAll(".crm-row-facts")].map((line) => {
	const row = line.closest(".list-row-container").querySelector(".list-row-checkbox");
	return [row ? row.dataset.name : "header", line.textContent];
}));
"""
# Header texts, and whether the row reaches over the edge of the screen.
COLUMNS = """
return [...document.querySelectorAll(".list-row-head .list-row-col, .list-row-head .list-header-subject")]
	.filter((each) => each.offsetParent).map((each) => each.innerText.trim()).filter(Boolean);"""


def open_list(desk, path: str):
	page = desk("rep")
	page.open(path)
	page.wait_for(".list-row-container .list-row")
	page.quiet()
	return page


@pytest.mark.parametrize("path", PRESETS)
def test_a_list_has_presets(desk, records, path):
	page = open_list(desk, path)
	page.until(lambda: page.run(ENTRIES), "the presets")
	assert [label for label in page.run(ENTRIES) if label in PRESETS[path]] == PRESETS[path]
	assert page.errors() == []


def test_a_preset_shows_what_its_name_says(desk, records):
	late = make(records, "rep", lambda sale: sale.opportunity(title="Late one"))
	frappe.db.set_value(
		"Sales Opportunity", late, {"expected_close": add_days(nowdate(), -5), "opened_on": add_days(nowdate(), -9)}
	)
	frappe.db.commit()
	other = make(records, "rep", lambda sale: sale.opportunity())
	page = open_list(desk, "sales-opportunity")
	names = "return cur_list.data.map((row) => row.name)"
	page.pick("Show", "Overdue")
	page.until(lambda: late in page.run(names) and other not in page.run(names), "overdue deals alone")
	page.pick("Show", "Mine")
	page.until(lambda: {late, other} <= set(page.run(names)), "all of one's own")
	assert page.errors() == []


def test_on_a_wide_screen_a_row_has_customer_owner_amount_close_and_next_step(desk, records):
	step = {"next_step": "Send the offer", "next_step_date": add_days(nowdate(), 3)}
	deal = make(records, "rep", lambda sale: sale.opportunity(**step))
	page = desk("rep")
	with page.screen(1440):
		page = open_list(desk, "sales-opportunity")
		columns = page.run(COLUMNS)
		row = f".list-row:has([data-name='{deal}'])"
		page.wait_for_text(records.customer, row)
		for text in ("480.00", "Send the offer", "You"):
			assert page.shows(text, row), text
		assert {"Status", "Party", "Amount", "Expected Close", "Next Step", "Sales Owner"} <= set(columns)
		assert page.run("return document.documentElement.scrollWidth <= innerWidth")
	assert page.errors() == []


@pytest.mark.parametrize(
	("path", "doctype"), [("sales-lead", "Sales Lead"), ("sales-opportunity", "Sales Opportunity")]
)
def test_on_a_phone_each_row_has_a_line_with_the_same(desk, records, path, doctype):
	name = make(records, "rep", lambda sale: sale.lead() if path == "sales-lead" else sale.opportunity())
	page = desk("rep")
	with page.screen(390, 844):
		page.open(path)
		page.wait_for(".crm-row-facts")
		page.until(lambda: name in page.run(FACTS), "the line of the row")
		lines = page.run(FACTS)
		assert page.run("return document.documentElement.scrollWidth <= innerWidth")
	assert now(doctype, name, "party_name") in lines[name]
	assert "header" not in lines
	assert page.errors() == []

"""What our screens look like: readable in both themes, mirrored from right to left, and no burden for other pages."""

import functools
import re
from pathlib import Path

import frappe
import pytest
from babel.messages.pofile import read_po

from tests.browser.records import make, now

CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
PAGES = {
	"sales-board": ".crm-card",
	"crm-funnel": ".crm-tile",
	"crm-forecast": ".crm-page",
	"sales-lead": ".list-row",
	"sales-opportunity": ".list-row",
}


def weak_texts(page) -> dict:
	found = {}
	for theme in ("light", "dark"):
		page.run("document.documentElement.dataset.theme = arguments[0]", theme)
		found[theme] = page.run(CONTRAST)
	return {theme: weak for theme, weak in found.items() if weak}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_read_in_both_themes(desk, path):
	page = desk("rep")
	page.open(path)
	page.wait_for(PAGES[path])
	page.quiet()
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


RUNS = """
const [first, ...others] = [...document.querySelectorAll(arguments[0])].map((each) => each.getBoundingClientRect());
const row = [first, ...others.filter((box) => Math.abs(box.top - first.top) < 5)];
return Math.sign(row[row.length - 1].left - row[0].left);
"""


@pytest.mark.parametrize("who", ["rep", "arabic"])
def test_screens_run_the_way_that_the_readers_language_does(desk, records, who):
	page = desk(who)
	way = -1 if who == "arabic" else 1
	page.open_form("Sales Opportunity", records.deal)
	page.wait_for(".crm-step")
	page.wait_for(".crm-stages button")
	assert page.run(RUNS, ".crm-step") == way and page.run(RUNS, ".crm-stages button") == way
	page.open("sales-board")
	page.wait_for(".crm-column")
	assert page.run(RUNS, ".crm-column") == way
	assert page.run(RUNS, ".crm-column-head h4, .crm-column-head .crm-column-count") == way
	assert page.errors() == []


# English words in what a reader sees of us, but for what people have typed.
WORDS = r"""
const typed = arguments[0];
const places = ".crm-look, .crm-list .frappe-list, .form-layout, .page-actions, .modal.show, .page-form";
const theirs = "script, style, .hidden, .frappe-control input, .input-with-feedback, [data-owner], .awesomplete, .timeago, .tooltip-content, .form-footer, .form-sidebar, .layout-side-section";
const found = new Set();
for (const place of document.querySelectorAll(places)) {
	const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
	while (texts.nextNode()) {
		const { parentElement, textContent } = texts.currentNode;
		if (!parentElement.checkVisibility() || parentElement.closest(theirs)) continue;
		const text = typed.reduce((left, word) => left.replaceAll(word, ""), textContent.replace(/\S+@\S+/g, ""));
		if (/[A-Za-z]{4,}/.test(text)) found.add(textContent.trim());
	}
}
return [...found];
"""
CHINESE = {
	"sales-board": ".crm-card",
	"crm-funnel": ".crm-tile",
	"crm-forecast": ".crm-tile",
	"my-sales": ".crm-scope",
	"team-sales": ".crm-scope",
	"order-desk": ".crm-scope",
	"sales-opportunity": ".list-row",
	"sales-lead": ".list-row",
	"sales-order-request": ".list-row",
}


def typed_by_people(records) -> list[str]:
	"""Longest first, so that no part of one is left standing."""
	frappe.db.rollback()
	names = [
		*frappe.get_all("Sales Pipeline", pluck="name", order_by="name", limit=0),
		records.customer,
		records.company,
		records.pump,
		records.service,
		f"Harbour Works {records.tag}",
		"Ines Marlow",
	]
	texts = ["Four pumps", "Pumps for the harbour", "Send the offer", "Nos", "Ctrl", "Enter", "OPP-", "LEAD-", "SOR-"]
	typed = frappe.get_all("Sales Opportunity", fields=["title", "party_name", "next_step"], order_by="name", limit=0)
	typed += frappe.get_all("Sales Lead", fields=["title", "party_name", "contact_name"], order_by="name", limit=0)
	people = frappe.get_all("User", pluck="full_name", order_by="name", limit=0)
	found = {*names, *texts, *people, *(value for row in typed for value in row.values() if value)}
	return sorted(filter(None, found), key=len, reverse=True)


@functools.cache
def said_by_others() -> set[str]:
	"""What Frappe and ERPNext say; whether their Chinese is there is theirs to see to."""
	found = set()
	for app in ("frappe", "erpnext"):
		catalog = Path(frappe.get_app_path(app, "locale", "zh.po"))
		if catalog.exists():
			with catalog.open("rb") as file:
				found |= {bare(message.id) for message in read_po(file) if isinstance(message.id, str)}
	return found


def english_rests(page, records) -> list[str]:
	return [text for text in page.run(WORDS, typed_by_people(records)) if bare(text) not in said_by_others()]


def bare(text: str) -> str:
	"""A text without its places for values, and without the points between texts."""
	return re.sub(r"\{\d\}", "", text).strip(" ·")


@pytest.mark.parametrize("path", CHINESE)
def test_a_page_in_chinese_has_no_english_rests(desk, records, path):
	page = desk("chinese")
	page.open(path)
	if path == "sales-board":
		page.click("[data-whose='all']")
	page.wait_for(CHINESE[path])
	page.quiet()
	assert english_rests(page, records) == []


@pytest.mark.parametrize(
	("doctype", "which"),
	[("Sales Opportunity", "deal"), ("Sales Lead", "lead"), ("Sales Order Request", "request")],
)
def test_a_form_in_chinese_has_no_english_rests(desk, records, doctype, which):
	page = desk("chinese")
	page.open_form(doctype, getattr(records, which))
	page.wait_for(".crm-step")
	page.quiet()
	assert english_rests(page, records) == []


def test_a_deal_is_moved_by_keyboard_alone(desk, records):
	deal = make(records, "rep", lambda sale: sale.opportunity())
	page = desk("rep")
	page.open("sales-board")
	page.wait_for(f".crm-card[data-name='{deal}']")
	page.run("document.querySelector(arguments[0]).focus()", f".crm-card[data-name='{deal}']")
	stage = now("Sales Opportunity", deal, "stage")
	assert page.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid", "the focus is seen"
	page.driver.switch_to.active_element.send_keys("m")
	page.wait_for(".modal.show select[data-fieldname='stage']")
	page.answer_dialog()
	page.until(lambda: now("Sales Opportunity", deal, "stage") != stage, "the next stage")
	assert page.errors() == []

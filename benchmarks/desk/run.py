"""Clicks, calls and seconds of a day's steps in Desk, beside the same steps with ERPNext's own CRM on the same site.

    CRM_BASE_URL=http://mysite:8000 CRM_USER=... CRM_PASSWORD=... CRM_ITEM=... python -m benchmarks.desk.run [--erpnext]
    CRM_WORKSPACES=team-sales,crm-pipeline (of the user; my-sales when left out) and the same with --workspaces

Needs playwright and Chromium (CHROMIUM names another one), a site with the demo, a user with the roles Sales User and
Order Desk, and an item with a price. What it makes stays on the site: don't run it on one that is in use. A click is a
press of the mouse or an answer in a list; what is typed, and the Tab key, are none.
"""

import json
import os
import sys
import time
from dataclasses import dataclass, field
from statistics import median

from playwright.sync_api import sync_playwright

SHOWN = ".modal.show"
SAVE = "button.primary-action:has-text('Save')"
CONFIRM = f"{SHOWN} .btn-primary, {SHOWN} .btn-modal-primary"
PAUSE = 600  # milliseconds that a person takes to see what came


@dataclass
class Hand:
	"""A person at the mouse: every click is counted, and every call that the browser makes to the site."""

	page: object
	clicks: int = 0
	calls: int = 0
	documents: set = field(default_factory=set)
	began: float = field(default_factory=time.monotonic)

	def begin(self) -> None:
		self.clicks = self.calls = 0
		self.documents, self.began = set(), time.monotonic()

	def count_call(self, request) -> None:
		if "/api/" in request.url or request.method == "POST":
			self.calls += 1

	def click(self, selector: str) -> None:
		self.clicks += 1
		self.page.locator(selector).locator("visible=true").first.click()
		self.page.wait_for_timeout(PAUSE)

	def choose(self, fieldname: str, value: str) -> None:
		self.clicks += 1
		self.page.select_option(f"{SHOWN} select[data-fieldname={fieldname}]", value)

	def type(self, *texts: str) -> None:
		for text in texts:
			self.page.keyboard.type(text, delay=10)
			self.page.keyboard.press("Tab")
			self.page.wait_for_timeout(120)

	def form(self, doctype: str, new: bool = False) -> None:
		"""Wait for a form of this type; one more document that somebody has to do with."""
		self.page.wait_for_function(
			"""([doctype, is_new]) => window.cur_frm && cur_frm.doctype === doctype && Boolean(cur_frm.is_new()) === is_new
			&& frappe.get_route()[2] === cur_frm.docname""",
			arg=[doctype, new],
		)
		self.documents.add(doctype)
		self.page.wait_for_timeout(1500)

	def add_item(self, item: str) -> None:
		self.click("[data-fieldname=items] .grid-add-row")
		if self.page.evaluate("document.activeElement.dataset.fieldname") != "item_code":
			self.click("[data-fieldname=items] .grid-row[data-idx='1'] [data-fieldname=item_code]")
		self.page.keyboard.type(item, delay=15)
		self.page.wait_for_timeout(1800)
		self.page.keyboard.press("Enter")
		self.page.keyboard.press("Tab")
		self.page.wait_for_timeout(1500)

	def result(self) -> dict:
		seconds = round(time.monotonic() - self.began, 1)
		return {"clicks": self.clicks, "documents": len(self.documents), "calls": self.calls, "seconds": seconds}


def lead_to_order(hand: Hand, item: str) -> dict:
	"""From an enquiry to the submitted Sales Order."""
	page, tag = hand.page, str(time.time_ns())[-6:]
	page.goto(f"{BASE}/app/sales-lead")
	page.wait_for_selector(".list-row-container, .no-result")
	hand.begin()
	enter_lead(hand, tag)
	hand.click("button:has-text('Convert')")
	page.wait_for_selector(f"{SHOWN} select[data-fieldname=assessment]")
	hand.choose("assessment", "Hot")
	hand.click(CONFIRM)
	hand.form("Sales Opportunity")
	hand.click("a.nav-link:has-text('Items')")
	hand.add_item(item)
	hand.click(SAVE)
	hand.form("Sales Opportunity")
	hand.click("button:has-text('Create')")
	hand.click("a.dropdown-item:has-text('Order Now')")
	hand.click(CONFIRM)
	hand.form("Sales Order")
	return hand.result()


def enter_lead(hand: Hand, tag: str) -> None:
	hand.click("button.primary-action")
	hand.page.wait_for_selector(f"{SHOWN} input[data-fieldname=title]")
	hand.page.wait_for_timeout(PAUSE)
	hand.type(f"Three pumps {tag}", f"Benchmark {tag} Ltd", "Ann Desk", f"ann@b{tag}.example")
	hand.click(CONFIRM)
	hand.form("Sales Lead")


def new_lead(hand: Hand, _item: str) -> dict:
	hand.page.goto(f"{BASE}/app/sales-lead")
	hand.page.wait_for_selector(".list-row-container, .no-result")
	hand.begin()
	enter_lead(hand, str(time.time_ns())[-6:])
	return hand.result()


def deal_in_column(hand: Hand, _item: str) -> dict:
	"""A new deal inside a column of the board."""
	page, tag = hand.page, str(time.time_ns())[-6:]
	page.goto(f"{BASE}/app/sales-board")
	page.wait_for_selector(".crm-column-add")
	page.wait_for_timeout(2000)
	hand.begin()
	hand.click(".crm-column-add")
	hand.type(f"Board {tag}", f"Board {tag} Ltd")
	page.keyboard.type("1200")
	page.keyboard.press("Enter")
	page.wait_for_selector(f".crm-card a:has-text('Board {tag}')")
	return hand.result()


def move_and_undo(hand: Hand, _item: str) -> dict:
	"""Move a card by keyboard, and take it back."""
	page = hand.page
	page.goto(f"{BASE}/app/sales-board")
	page.wait_for_selector(".crm-card")
	page.wait_for_timeout(2500)
	hand.begin()
	page.focus(".crm-card[tabindex='0']")
	page.keyboard.press("Control+ArrowRight")
	page.wait_for_selector(".crm-undo")
	hand.click(".crm-undo")
	page.wait_for_timeout(PAUSE)
	return hand.result()


def tabs_to_first_card(hand: Hand, _item: str) -> dict:
	page = hand.page
	page.goto(f"{BASE}/app/sales-board")
	page.wait_for_selector(".crm-card")
	page.wait_for_timeout(2500)
	page.click(".title-text")
	tabs = 0
	while tabs < 60 and not page.evaluate("document.activeElement.classList.contains('crm-card')"):
		page.keyboard.press("Tab")
		tabs += 1
	return {"tabs": tabs}


def first_field(hand: Hand, _item: str) -> dict:
	"""Where the first field of an open deal begins, on a screen of 1366 x 768."""
	page = hand.page
	page.goto(f"{BASE}/app/sales-board")
	page.wait_for_selector(".crm-card a")
	page.locator(".crm-card a").first.click()
	hand.form("Sales Opportunity")
	page.wait_for_timeout(2500)
	top = page.evaluate(
		"""[...document.querySelectorAll('.form-layout .frappe-control')]
		.find((field) => field.offsetParent && field.querySelector('label')).getBoundingClientRect().top"""
	)
	return {"pixels": round(top)}


def workspaces(hand: Hand, _item: str) -> dict:
	"""Home and our workspaces in turn: milliseconds until something is there to read and until the last answer, and calls."""
	places = [("home", ".shortcut-widget-box .widget-title"), *((place, ".crm-scope") for place in WORKSPACES)]
	found = {place: [] for place, _shown in places}
	for turn in range(TURNS + 1):
		for place, shown in places:
			hand.page.goto("about:blank")
			hand.page.goto(f"{BASE}/app/{place}", wait_until="commit")
			hand.page.wait_for_function("(shown) => document.querySelector(shown)", arg=shown, polling=20)
			read_at = hand.page.evaluate("performance.now()")
			hand.page.wait_for_timeout(1500)
			if turn:  # the first one fills the caches
				found[place].append([read_at, *hand.page.evaluate(ANSWERS)])
	return {place: [round(median(part)) for part in zip(*rows, strict=True)] for place, rows in found.items()}


def erpnext_lead_to_order(hand: Hand, item: str) -> dict:
	"""The same from ERPNext's Lead over its Opportunity and a Quotation; delivery dates are typed."""
	page, tag = hand.page, str(time.time_ns())[-6:]
	page.goto(f"{BASE}/app/lead")
	page.wait_for_selector("button.primary-action")
	page.wait_for_timeout(1500)
	hand.begin()
	hand.click("button.primary-action")
	hand.form("Lead", new=True)
	for fieldname, text in (
		("first_name", "Ann"),
		("company_name", f"Benchmark {tag} Ltd"),
		("email_id", f"ann@e{tag}.example"),
	):
		page.locator(f"[data-fieldname='{fieldname}'] input").locator("visible=true").first.focus()
		hand.type(text)
	hand.click(SAVE)
	hand.form("Lead")
	hand.click("button:has-text('Create')")
	hand.click(".dropdown-menu a:text-is('Opportunity')")
	page.wait_for_timeout(1500)
	if page.locator(SHOWN).count():
		hand.click(CONFIRM)
	hand.form("Opportunity", new=True)
	hand.click(SAVE)
	hand.form("Opportunity")
	hand.click("button:has-text('Create')")
	hand.click(".dropdown-menu a:text-is('Quotation')")
	hand.form("Quotation", new=True)
	hand.add_item(item)
	hand.click(SAVE)
	hand.form("Quotation")
	submit(hand)
	hand.click("button:has-text('Create')")
	hand.click(".dropdown-menu a:text-is('Sales Order')")
	hand.form("Sales Order", new=True)
	page.evaluate("cur_frm.set_value('delivery_date', frappe.datetime.add_days(frappe.datetime.get_today(), 20))")
	page.wait_for_timeout(1500)
	hand.click(SAVE)
	hand.form("Sales Order")
	submit(hand)
	return hand.result()


def submit(hand: Hand) -> None:
	hand.click("button.primary-action:has-text('Submit')")
	hand.click(CONFIRM)
	hand.page.wait_for_function("cur_frm.doc.docstatus === 1")
	hand.page.wait_for_timeout(1500)


WORKSPACES = os.environ.get("CRM_WORKSPACES", "my-sales").split(",")
TURNS = 5
# When the last answer came, and how many there were.
ANSWERS = """() => {
	const answers = performance.getEntriesByType("resource").filter(({ initiatorType, name }) =>
		["xmlhttprequest", "fetch"].includes(initiatorType) && name.includes("/api/"));
	return [Math.max(...answers.map(({ responseEnd }) => responseEnd)), answers.length];
}"""

OURS = (workspaces, lead_to_order, new_lead, deal_in_column, move_and_undo, tabs_to_first_card, first_field)

BASE = os.environ.get("CRM_BASE_URL", "").rstrip("/")


def main() -> None:
	steps = (
		(workspaces,) if "--workspaces" in sys.argv else (erpnext_lead_to_order,) if "--erpnext" in sys.argv else OURS
	)
	with sync_playwright() as playwright:
		browser = playwright.chromium.launch(
			executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
			args=["--no-sandbox", *filter(None, [os.environ.get("CHROMIUM_ARGS")])],
		)
		page = browser.new_page(viewport={"width": 1366, "height": 768})
		page.set_default_timeout(40_000)
		page.goto(f"{BASE}/login")
		credentials = {"usr": os.environ["CRM_USER"], "pwd": os.environ["CRM_PASSWORD"]}
		page.evaluate(
			"""(who) => fetch('/api/method/login', {method: 'POST', headers: {'Content-Type': 'application/json'},
			body: JSON.stringify(who)})""",
			credentials,
		)
		hand = Hand(page)
		page.on("request", hand.count_call)
		for step in steps:
			print(json.dumps({"step": step.__name__, **step(hand, os.environ["CRM_ITEM"])}), flush=True)
		browser.close()


if __name__ == "__main__":
	main()

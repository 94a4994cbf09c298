"""Desk as a person uses it: log in, open a page, press a button, answer a dialog."""

import contextlib

from selenium.common.exceptions import (
	ElementClickInterceptedException,
	NoSuchElementException,
	StaleElementReferenceException,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

WAIT = 30  # seconds; a cold Desk builds its pages on first use
# What is drawn again just now is looked for again.
REDRAWN = (StaleElementReferenceException, NoSuchElementException, ElementClickInterceptedException)

LOG_IN = """
const [usr, pwd, done] = arguments;
fetch("/api/method/login", {
	method: "POST",
	headers: { "Content-Type": "application/json" },
	body: JSON.stringify({ usr, pwd }),
}).then((answer) => done(answer.status));
"""

# What the hand does from now on: presses of the mouse, answers in lists, and the kinds of documents that were opened.
WATCH_HAND = """
const hand = (window.crm_hand = { clicks: 0, documents: [] });
const count = ({ isTrusted, target }) => { if (isTrusted && !target.closest("select")) hand.clicks += 1; };
addEventListener("pointerdown", count, true);
addEventListener("change", ({ target }) => { if (target.tagName === "SELECT") hand.clicks += 1; }, true);
frappe.router.on("change", () => {
	const [view, doctype] = frappe.get_route();
	if (view === "Form" && !hand.documents.includes(doctype)) hand.documents.push(doctype);
});
"""

# Whether an element has come to where it stays.
AT_REST = """
const [element, done] = arguments;
const { x, y } = element.getBoundingClientRect();
const look = () => {
	const now = element.getBoundingClientRect();
	done(now.x === x && now.y === y);
};
requestAnimationFrame(() => requestAnimationFrame(look));
"""

# Addresses that the page has asked since it was loaded.
CALLS = """return performance.getEntriesByType("resource")
	.filter(({ initiatorType, name }) => ["xmlhttprequest", "fetch"].includes(initiatorType) && name.includes("/api/"))
	.map(({ name }) => new URL(name).pathname);"""


class Desk:
	def __init__(self, driver, base_url: str):
		self.driver = driver
		self.base_url = base_url

	def log_in(self, user: str, password: str) -> "Desk":
		"""Be this person, from an empty page on; who is logged in already stays so."""
		self.driver.get("about:blank")
		if getattr(self.driver, "crm_user", None) == user:
			return self
		# Forget the session before asking for the login page, or that page sends us to Desk again and its requests
		# arrive in the new session.
		self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
		self.driver.get(f"{self.base_url}/login")
		status = self.driver.execute_async_script(LOG_IN, user, password)
		assert status == 200, f"{user} could not log in: HTTP {status}"
		self.driver.crm_user = user
		return self

	# ---- pages

	def open(self, path: str) -> None:
		self.driver.get("about:blank")
		self.driver.get_log("browser")
		self.driver.get(f"{self.base_url}/app/{path}")

	def open_form(self, doctype: str, name: str) -> None:
		self.open(f"{doctype.lower().replace(' ', '-')}/{name}")
		self.until(lambda: self.form() == [doctype, name], f"form of {doctype} {name}")

	def form(self) -> list[str] | None:
		"""Type and name of the document whose form is shown, once its scripts have run."""
		return self.run(
			"""if (!window.cur_frm || window.cur_frm.is_new() || frappe.get_route()[0] !== "Form") return null;
			return frappe.get_route()[2] === cur_frm.docname ? [cur_frm.doctype, cur_frm.docname] : null;"""
		)

	def wait_for_form(self, doctype: str) -> str:
		"""The name of the document of this type that comes up."""
		self.until(lambda: (self.form() or [""])[0] == doctype, f"a form of {doctype}")
		self.quiet()
		return self.form()[1]

	def quiet(self) -> None:
		"""Until the page has its answers."""
		self.until(
			lambda: self.run("return Boolean(window.frappe?.request) && !frappe.request.ajax_count"), "all answers"
		)

	@contextlib.contextmanager
	def screen(self, width: int, height: int = 900):
		"""A screen of this size, until the block ends."""
		size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
		self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
		try:
			yield
		finally:
			self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

	# ---- looking

	def run(self, script: str, *arguments):
		return self.driver.execute_script(script, *arguments)

	def until(self, condition, what: str):
		wait = WebDriverWait(self.driver, WAIT, 0.1, ignored_exceptions=REDRAWN)
		return wait.until(lambda _driver: condition(), f"waited for {what}")

	def all(self, selector: str) -> list:
		return self.driver.find_elements(By.CSS_SELECTOR, selector)

	def find(self, selector: str, text: str | None = None):
		"""The first visible element, with exactly this text where one is given; None when there is none."""
		for element in self.all(selector):
			if element.is_displayed() and (text is None or element.text.strip() == text):
				return element
		return None

	def wait_for(self, selector: str, text: str | None = None):
		return self.until(lambda: self.find(selector, text), f"{selector} {text or ''}")

	def texts(self, selector: str) -> list[str]:
		"""What all elements say, those out of sight too."""
		script = "return [...document.querySelectorAll(arguments[0])].map((each) => each.textContent.trim())"
		return self.run(script, selector)

	def shows(self, text: str, selector: str = "body") -> bool:
		return text in "\n".join(element.text for element in self.all(selector))

	def wait_for_text(self, text: str, selector: str = "body") -> None:
		self.until(lambda: self.shows(text, selector), f"“{text}” in {selector}")

	def errors(self) -> list[str]:
		"""What the console complained about since the page was opened; a missing socket server is no fault of ours."""
		messages = [entry["message"] for entry in self.driver.get_log("browser")]
		return [message for message in messages if "socket.io" not in message]

	# ---- doing

	def click(self, selector: str, text: str | None = None) -> None:
		def click():
			found = self.find(selector, text)
			if not found or not self.driver.execute_async_script(AT_REST, found):
				return False
			found.click()
			return True

		self.until(click, f"{selector} {text or ''} to click")

	def press(self, label: str, within: str = ".page-head") -> None:
		self.click(f"{within} button", label)

	def pick(self, group: str, label: str) -> None:
		"""An entry of a menu in the head of a form."""
		self.press(group)
		self.click(
			".inner-group-button .dropdown-menu.show .dropdown-item, .inner-group-button.show .dropdown-item", label
		)

	def wait_for_dialog(self) -> None:
		"""Until the dialog that was asked for takes what is typed."""
		script = "return Boolean(window.cur_dialog && document.activeElement.closest('.modal.show'))"
		self.until(lambda: self.run(script), "a dialog with the cursor in it")

	def set_in_dialog(self, fieldname: str, value) -> None:
		"""Answer a field that is picked rather than typed, like a date."""
		self.wait_for_dialog()
		self.run("return cur_dialog.set_value(arguments[0], arguments[1])", fieldname, value)

	def type_in(self, fieldname: str, text: str, within: str = ".modal.show") -> None:
		if within == ".modal.show":
			self.wait_for_dialog()
		self.wait_for(f"{within} [data-fieldname='{fieldname}']:is(input, textarea)").send_keys(text)

	def tab_through(self, *texts: str) -> None:
		"""Type into one field after the other, from where the cursor is."""
		for text in texts:
			self.driver.switch_to.active_element.send_keys(text, Keys.TAB)

	def choose(self, fieldname: str, value: str) -> None:
		"""Answer a Select of the open dialog."""
		Select(self.wait_for(f".modal.show select[data-fieldname='{fieldname}']")).select_by_value(value)

	def choose_link(self, fieldname: str, value: str, within: str = ".modal.show") -> None:
		"""Answer a Link field by what it offers."""
		self.type_in(fieldname, value, within)
		self.click_offered(f"{within} .frappe-control[data-fieldname='{fieldname}'] .awesomplete [role=option]", value)

	def click_offered(self, selector: str, text: str) -> None:
		"""The first visible one of what is offered that has this text in it."""

		def click():
			found = [each for each in self.all(selector) if each.is_displayed() and text in each.text]
			if found:
				found[0].click()
			return bool(found)

		self.until(click, f"{text} offered")

	def answer_dialog(self) -> None:
		self.click(".modal.show .btn-modal-primary")

	# ---- counting

	def calls(self) -> list[str]:
		return self.run(CALLS)

	def count_clicks(self) -> None:
		self.run(WATCH_HAND)

	def clicks(self) -> dict:
		"""{"clicks", "documents"} of the hand since count_clicks(), on pages that were not loaded anew."""
		return self.run("return window.crm_hand")

"""Desk as a person uses it: log in, open a page, press a button, answer a dialog."""

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

WAIT = 40  # seconds; a cold Desk builds its pages on first use

LOG_IN = """
const [usr, pwd, done] = arguments;
fetch("/api/method/login", {
	method: "POST",
	headers: { "Content-Type": "application/json" },
	body: JSON.stringify({ usr, pwd }),
}).then((answer) => done(answer.status));
"""


class Desk:
	def __init__(self, driver, base_url: str):
		self.driver = driver
		self.base_url = base_url

	def log_in(self, user: str, password: str) -> "Desk":
		# Leave Desk and forget the session before asking for the login page, or that page sends us to Desk again
		# and its requests arrive in the new session.
		self.driver.get("about:blank")
		self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
		self.driver.get(f"{self.base_url}/login")
		status = self.driver.execute_async_script(LOG_IN, user, password)
		assert status == 200, f"{user} could not log in: HTTP {status}"
		return self

	def open(self, path: str) -> None:
		self.driver.get_log("browser")
		self.driver.get(f"{self.base_url}/app/{path}")

	def open_form(self, doctype: str, name: str) -> None:
		self.open(f"{doctype.lower().replace(' ', '-')}/{name}")
		self.until(lambda: self.form() == [doctype, name], f"form of {doctype} {name}")

	def form(self) -> list[str] | None:
		"""Type and name of the document whose form is shown, once its scripts have run."""
		return self.driver.execute_script(
			"""if (!window.cur_frm || window.cur_frm.is_new() || frappe.get_route()[0] !== "Form") return null;
			return frappe.get_route()[2] === cur_frm.docname ? [cur_frm.doctype, cur_frm.docname] : null;"""
		)

	def until(self, condition, what: str):
		return WebDriverWait(self.driver, WAIT).until(lambda _driver: condition(), f"waited for {what}")

	def find(self, selector: str, text: str | None = None):
		"""The first visible element, with exactly this text where one is given; None when there is none."""
		for element in self.driver.find_elements(By.CSS_SELECTOR, selector):
			if element.is_displayed() and (text is None or element.text.strip() == text):
				return element
		return None

	def wait_for(self, selector: str, text: str | None = None):
		return self.until(lambda: self.find(selector, text), f"{selector} {text or ''}")

	def press(self, label: str, within: str = ".page-head") -> None:
		self.wait_for(f"{within} button", label).click()

	def choose(self, fieldname: str, value: str) -> None:
		"""Answer a Select of the open dialog."""
		Select(self.wait_for(f".modal.show select[data-fieldname='{fieldname}']")).select_by_value(value)

	def answer_dialog(self) -> None:
		self.wait_for(".modal.show .btn-modal-primary").click()

	def errors(self) -> list[str]:
		"""What the console complained about since the page was opened; a missing socket server is no fault of ours."""
		messages = [entry["message"] for entry in self.driver.get_log("browser")]
		return [message for message in messages if "socket.io" not in message]

"""Desk in a headless Chromium, on a site whose web server is running.

CRM_SITE names the site and SITES_PATH the bench's folder of sites; CRM_BASE_URL (or CRM_URL) says where the
browser finds it, http://<site>:8000 when left out. Needs selenium, Chromium and its driver; without one of
them the tests are skipped and say which. What they commit is taken away again at the end.
"""

import os
import shutil
import socket
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

selenium = pytest.importorskip("selenium", reason="needs selenium: pip install selenium")
frappe = pytest.importorskip("frappe", reason="needs a bench; see `make bench-help`")
if not hasattr(frappe, "get_doc"):
	pytest.skip("needs the real framework; see `make bench-help`", allow_module_level=True)

from tests.browser.desk import Desk  # noqa: E402
from tests.browser.records import make_records, remove_records  # noqa: E402

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def base_url() -> str:
	for name in ("CRM_BASE_URL", "CRM_URL"):
		if os.environ.get(name):
			return os.environ[name].rstrip("/")
	return f"http://{os.environ['CRM_SITE']}:8000"


def resolver_rules(host: str) -> list[str]:
	"""A bench's site needs no name in the network."""
	try:
		socket.getaddrinfo(host, None)
	except OSError:
		return [f"--host-resolver-rules=MAP {host} 127.0.0.1"]
	return []


@pytest.fixture(scope="session")
def driver(base_url):
	from selenium import webdriver
	from selenium.common.exceptions import WebDriverException

	binary = next((path for path in map(shutil.which, CHROMIUM) if path), None)
	if not binary or not shutil.which("chromedriver"):
		pytest.skip("needs Chromium and chromedriver")
	options = webdriver.ChromeOptions()
	options.binary_location = binary
	for argument in (
		"--headless=new",
		"--no-sandbox",
		"--disable-gpu",
		"--disable-dev-shm-usage",
		"--window-size=1400,1000",
		*resolver_rules(urlsplit(base_url).hostname),
	):
		options.add_argument(argument)
	options.set_capability("goog:loggingPrefs", {"browser": "SEVERE"})
	browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
	browser.set_page_load_timeout(60)
	browser.set_script_timeout(60)
	try:
		browser.get(f"{base_url}/api/method/ping")
		answers = "pong" in browser.page_source
	except WebDriverException:
		answers = False
	if not answers:
		browser.quit()
		pytest.skip(f"no site answers at {base_url}: start the bench")
	yield browser
	browser.quit()


@pytest.fixture(scope="session")
def records(driver) -> SimpleNamespace:
	"""Users who can log in, a lead and a request that waits; committed, because the web server must see them."""
	os.chdir(os.environ["SITES_PATH"])
	frappe.init(site=os.environ["CRM_SITE"], sites_path=".")
	frappe.connect()
	made = make_records()
	yield made
	remove_records(made)
	frappe.destroy()


@pytest.fixture
def desk(driver, base_url, records):
	"""desk("rep") is Desk, open in the browser for that person."""

	def log_in(who: str) -> Desk:
		return Desk(driver, base_url).log_in(records.users[who], records.password)

	return log_in

"""A site for the tests, real or embedded (hosts.py): each test runs in one transaction that is rolled back."""

import pytest

from tests.site.hosts import HOST

HOST.prepare()

import frappe  # noqa: E402

collect_ignore = HOST.collect_ignore

USERS = {
	"rep": ("rep@crm-test.example", ("Sales User",)),
	"other_rep": ("rep2@crm-test.example", ("Sales User",)),
	"manager": ("manager@crm-test.example", ("Sales User", "Sales Manager")),
	"desk": ("desk@crm-test.example", ("Sales User", "Order Desk")),
	"finance": ("finance@crm-test.example", ("Accounts User", "Accounts Manager")),
	"store": ("store@crm-test.example", ("Stock User",)),
	"stranger": ("stranger@crm-test.example", ("Employee",)),
}


@pytest.fixture(scope="session")
def site():
	"""Connect once and make the users; they stay on the test site."""
	name = HOST.connect()
	frappe.flags.in_test = True
	frappe.flags.mute_emails = True
	frappe.set_user("Administrator")
	for email, roles in USERS.values():
		_make_user(email, roles)
	frappe.db.commit()
	if HOST.name != "bench":
		yield name
		return
	from tests.site import leftovers

	before = leftovers.look()
	yield name
	frappe.db.rollback()
	left = leftovers.look() - before
	frappe.destroy()
	assert not left, f"tests that commit have to take away what they made: {sorted(left)[:20]}"


def _make_user(email: str, roles: tuple[str, ...]) -> None:
	if frappe.db.exists("User", email):
		return
	user = frappe.get_doc(
		{"doctype": "User", "email": email, "first_name": email.split("@")[0], "send_welcome_email": 0}
	)
	user.extend("roles", [{"role": role} for role in roles])
	user.insert(ignore_permissions=True)


@pytest.fixture(autouse=True)
def rolled_back(site, request):
	"""Nothing of a test stays, whatever happened in it."""
	frappe.set_user("Administrator")
	frappe.clear_messages()
	HOST.begin(request.node.nodeid)
	try:
		yield
		HOST.end(failed=getattr(request.node, "failed", True))
	finally:
		frappe.set_user("Administrator")
		frappe.db.rollback()
		_forget_work()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
	outcome = yield
	if call.when == "call":
		item.failed = outcome.get_result().failed


def pytest_report_header():
	return HOST.describe()


def _forget_work():
	from crm_pipeline.chain import pending

	for name in ("crm_pipeline_orders", "crm_pipeline_seen", "crm_pipeline_noted"):
		setattr(frappe.local, name, set())
	frappe.local.crm_pipeline_told = False
	# Frappe 16 keeps it from test to test; a request has its own.
	frappe.local.dynamic_link_map = None
	pending._down_until[0] = 0.0
	forget_documents()


def forget_documents():
	"""Caches don't know of a rollback: drop what they hold of documents (schema and hooks stay, so it is quick)."""
	frappe.db.value_cache.clear()
	frappe.cache.delete_keys("document_cache::")
	frappe.cache.delete_keys("user_permissions")
	frappe.cache.delete_keys("roles")
	frappe.local.cache = {}


@pytest.fixture
def as_user(site):
	"""as_user("rep") makes the following lines that person's."""

	def switch(who: str) -> str:
		email = USERS[who][0] if who in USERS else who
		frappe.set_user(email)
		return email

	return switch


@pytest.fixture
def world(site):
	"""What a sale needs: company, items, a customer."""
	from tests.site.world import build, leave_out_default_taxes

	if HOST.name == "bench":
		# On the other host the recorded answers are those of a site without them.
		leave_out_default_taxes()
	return build()


@pytest.fixture
def sale(world, as_user):
	"""Steps of a sale as short calls; see tests/site/world.py."""
	from tests.site.world import Sale

	return Sale(world, as_user)


def pytest_collection_modifyitems(items):
	for item in items:
		if "tests/site" in str(item.path):
			item.add_marker(pytest.mark.site)

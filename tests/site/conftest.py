"""A site for the tests, real or embedded (hosts.py): each test runs in one transaction that is rolled back."""

import contextlib
from types import SimpleNamespace

import pytest

from tests.site import first_values, journal
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

# The world that stands throughout a run on a bench, where there is one.
standing: list[SimpleNamespace] = []
# The ground that the tests of the running file stand on, where it has one.
grounds: list[str] = []


@pytest.fixture(scope="session")
def site():
	"""Connect once and make the users; they stay on the test site."""
	name = HOST.connect()
	frappe.flags.in_test = True
	if "in_test" in vars(frappe):
		# What 16 asks.
		frappe.in_test = True
	frappe.flags.mute_emails = True
	frappe.set_user("Administrator")
	for email, roles in USERS.values():
		_make_user(email, roles)
	frappe.db.commit()
	HOST.keep()
	if HOST.name != "bench":
		yield name
		return
	from tests.site import leftovers

	before = leftovers.look()
	with _standing_world():
		yield name
	left = leftovers.look() - before
	frappe.destroy()
	assert not left, f"tests that commit have to take away what they made: {sorted(left)[:20]}"


@contextlib.contextmanager
def _standing_world():
	"""The world of most tests of this run is made once: making it takes a bench half the time of a short test."""
	from tests.site import world

	standing.append(world.make())
	frappe.db.commit()
	yield
	frappe.db.rollback()
	frappe.set_user("Administrator")
	world.remove(standing.pop())
	frappe.db.commit()


def _make_user(email: str, roles: tuple[str, ...]) -> None:
	"""A user with exactly these roles, whatever a run that was killed has left of them."""
	if frappe.db.exists("User", email):
		user = frappe.get_doc("User", email)
		if {row.role for row in user.roles} != set(roles):
			user.set("roles", [{"role": role} for role in roles])
			user.save(ignore_permissions=True)
		return
	user = frappe.get_doc(
		{"doctype": "User", "email": email, "first_name": email.split("@")[0], "send_welcome_email": 0}
	)
	user.extend("roles", [{"role": role} for role in roles])
	user.insert(ignore_permissions=True)


@pytest.fixture(scope="session", autouse=True)
def jobs_are_done_by_their_tests(site):
	"""A worker of the bench would do what a test has started and committed once more, beside the test, and lock its rows."""
	enqueue = frappe.enqueue

	def kept_back(method, *args, **kwargs):
		if not str(method).startswith("crm_pipeline."):
			return enqueue(method, *args, **kwargs)

	with pytest.MonkeyPatch.context() as patch:
		patch.setattr(frappe, "enqueue", kept_back)
		yield


@pytest.fixture(autouse=True)
def rolled_back(site, request):
	"""Nothing of a test stays, whatever happened in it."""
	HOST.log_in("Administrator")
	if grounds:
		frappe.db.savepoint(grounds[-1])
	frappe.clear_messages()
	HOST.begin(request.node.nodeid)
	try:
		yield
		HOST.end(failed=getattr(request.node, "failed", True))
	finally:
		HOST.log_in("Administrator")
		_roll_back()
		HOST.restore()
		_forget_work()


@pytest.fixture(autouse=True)
def in_the_journal(rolled_back, request, monkeypatch):
	"""Whatever else happens in a test is what its journal says, where it has one."""
	with journal.compared(request, monkeypatch) if HOST.keeps_journals else contextlib.nullcontext():
		yield


def _roll_back():
	if not grounds:
		frappe.db.rollback()
		return
	frappe.db.rollback(save_point=grounds[-1])
	# The rest of what a rollback does.
	frappe.db.before_commit.reset()
	frappe.db.after_commit.reset()
	frappe.db.after_rollback.run()


@pytest.fixture(scope="module")
def ground(site):
	"""A sale for fixtures of a whole file: what they make once stands for all of its tests, each of which is rolled
	back to it. None of them may commit. Only on a bench."""
	from tests.site.world import Sale, allow_negative_stock, leave_out_default_taxes

	HOST.log_in("Administrator")
	leave_out_default_taxes()
	allow_negative_stock()
	grounds.append("ground")
	yield Sale(SimpleNamespace(**vars(standing[0])), switch)
	grounds.pop()
	HOST.log_in("Administrator")
	frappe.db.rollback()
	# The rollbacks of the tests did not concern what the ground had changed.
	frappe.cache.delete_keys("document_cache::")
	_forget_work()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
	outcome = yield
	if call.when == "call":
		item.failed = outcome.get_result().failed


def pytest_addoption(parser):
	first_values.add_option(parser)
	journal.add_option(parser)


def pytest_report_header(config):
	told = HOST.describe()
	if config.getoption("first_values", False):
		told += "; portable tests that ask ERPNext nothing with their first values (make test has told all)"
	return told


def _forget_work():
	from crm_pipeline.chain import pending

	for name in ("crm_pipeline_orders", "crm_pipeline_seen", "crm_pipeline_noted"):
		setattr(frappe.local, name, set())
	frappe.local.crm_pipeline_told = False
	frappe.local.crm_pipeline_absences = None
	# Frappe 16 keeps it from test to test; a request has its own.
	frappe.local.dynamic_link_map = None
	pending._down_until[0] = 0.0
	forget_documents()


# Masters and settings. What was saved or set is dropped at the rollback by the framework itself.
STEADY = (
	"Accounts Settings",
	"Company",
	"Country",
	"CRM Pipeline Settings",
	"Currency",
	"Customer Group",
	"Item",
	"Item Group",
	"Price List",
	"Sales Pipeline",
	"Sales Taxes and Charges Template",
	"Selling Settings",
	"Stock Settings",
	"System Settings",
	"Territory",
	"UOM",
	"User",
	"Warehouse",
)


def forget_documents():
	"""Caches don't know of every rollback: drop what they hold of documents. Schema and hooks stay: a test that finds
	neither takes thrice as long."""
	frappe.db.value_cache.clear()
	frappe.cache.delete_keys("user_permissions")
	frappe.cache.delete_keys("roles")
	HOST.forget_documents(but=STEADY)


def switch(who: str) -> str:
	email = USERS[who][0] if who in USERS else who
	HOST.log_in(email)
	return email


@pytest.fixture
def as_user(site):
	"""as_user("rep") makes the following lines that person's."""
	return switch


@pytest.fixture
def world(site, request):
	"""What a sale needs: company, items, a customer."""
	from tests.site.world import allow_negative_stock, build, leave_out_default_taxes

	if HOST.name == "bench":
		# On the other host the recorded answers are those of a site without them.
		leave_out_default_taxes()
	# A recorded story begins with the making of its world.
	if not standing or getattr(request.node, "is_recorded", False):
		return build()
	allow_negative_stock()
	return SimpleNamespace(**vars(standing[0]))


@pytest.fixture
def sale(world, as_user):
	"""Steps of a sale as short calls; see tests/site/world.py."""
	from tests.site.world import Sale

	return Sale(world, as_user)


# Files of few tests that take minutes: told first, so that no process is alone with one in the end.
LONGEST = ("test_demo.py", "test_lifecycle.py", "test_beside_finance.py", "test_guest.py", "test_customising.py")


def pytest_collection_modifyitems(config, items):
	if config.getoption("first_values", False):
		first_values.leave_out(config, items)
	items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))
	stories = HOST.recorded()
	for item in items:
		if "tests/site" in str(item.path):
			item.add_marker(pytest.mark.site)
		if f"{item.path.name}::{item.name}" in stories:
			item.add_marker(pytest.mark.recorded)


@pytest.fixture
def bells(monkeypatch):
	"""The notices about leads that were rung: [(user, lead, text)]; none is sent."""
	from crm_pipeline.leads import lead_bells

	rung = []

	def ring(users, doc):
		rung.append((users[0], doc["document_name"], doc["subject"]))

	monkeypatch.setattr(lead_bells, "enqueue_create_notification", ring)
	return rung

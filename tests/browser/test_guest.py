"""On ERPNext's own pages and in what leaves the house nothing of ours is seen that nobody asked for."""

import frappe
from frappe.utils import add_days, nowdate

from tests.browser.records import make, now
from tests.site.world import customer

ENTRIES = """const group = [...document.querySelectorAll(".inner-group-button")]
	.find((each) => each.querySelector("button").innerText.trim() === "Create");
return group ? [...group.querySelectorAll(".dropdown-item")].map((entry) => entry.textContent.trim()) : [];"""


def ours_of(page) -> list[str]:
	return [call for call in page.calls() if "crm_pipeline" in call]


def test_on_a_customer_its_own_entries_come_first_and_nothing_is_asked(desk, records):
	page = desk("rep")
	page.open_form("Customer", records.customer)
	page.until(lambda: "Sales Lead" in page.run(ENTRIES), "our entries")
	entries = page.run(ENTRIES)
	assert entries[-4:] == ["Sales Lead", "Sales Opportunity", "Promise to Pay", "Customer Case"]
	assert ours_of(page) == [] and not page.find(".crm-head")
	assert page.errors() == []


def test_an_order_without_a_deal_shows_nothing_of_ours_and_asks_for_warnings_alone(desk, records):
	page = desk("desk")
	page.open_form("Sales Order", make(records, "desk", _plain_order))
	page.quiet()
	assert [call.rpartition(".")[2] for call in ours_of(page)] == ["get_warnings"]
	assert not page.find(".crm-ribbon") and not page.find(".crm-look") and not page.find(".crm-warnings li")
	assert page.errors() == []


def _plain_order(sale):
	world = sale.world
	# Of somebody whom there is nothing to know about; other tests complain for the world's customer.
	frappe.set_user("Administrator")
	firm = customer(f"Plain {world.tag}")
	frappe.set_user(world.users["desk"])
	values = {"customer": firm, "company": world.company, "delivery_date": add_days(nowdate(), 9)}
	rows = [{"item_code": world.service, "qty": 1, "rate": 80, "delivery_date": add_days(nowdate(), 9)}]
	return frappe.get_doc({"doctype": "Sales Order", **values, "items": rows}).insert()


def test_an_order_of_a_deal_has_the_ribbon(desk, records):
	order = make(records, "desk", lambda sale: sale.order(sale.opportunity()))
	page = desk("desk")
	page.open_form("Sales Order", order)
	page.wait_for(".crm-ribbon .crm-step[aria-current='step']")
	assert page.errors() == []


def test_other_pages_load_one_small_script_of_ours(desk):
	page = desk("rep")
	page.open("todo")
	page.until(lambda: page.run("return !!window.cur_list"), "a list")
	page.quiet()
	scripts = page.run(
		"""return performance.getEntriesByType("resource").filter((each) => each.name.includes("/assets/crm_pipeline/dist/"))
			.map((each) => each.name.split("/").pop().split(".")[0]);"""
	)
	assert scripts == ["crm_pipeline"]


def test_a_form_that_is_opened_first_has_its_scripts(desk, records):
	"""What hangs on the first events of a form is made up for: its links offer what they should."""
	page = desk("rep")
	page.open_form("Sales Opportunity", records.deal)
	page.wait_for(".crm-step")
	pipeline = "return cur_frm.fields_dict.pipeline.get_query(cur_frm.doc).filters.applies_to"
	assert page.run(pipeline) == "Sales Opportunity"
	page.open("sales-lead/new")
	page.until(
		lambda: page.run("return window.cur_frm?.is_new() && cur_frm.doc.currency"),
		"the company's currency",
	)
	assert page.errors() == []


def test_nothing_internal_is_printed(desk, records):
	rival = f"Rival {records.tag}"
	frappe.db.rollback()
	frappe.get_doc({"doctype": "Sales Competitor", "competitor_name": rival}).insert()
	frappe.db.commit()
	competitors = [{"competitor": rival, "price": 77}]
	terms = {"terms": "<p>Payment within 14 days.</p>", "submit": False}
	contract = make(records, "rep", lambda sale: sale.contract(competitors=competitors, **terms))
	page = desk("rep")
	page.driver.get(f"{page.base_url}/printview?doctype=Sales%20Contract&name={contract}&no_letterhead=0")
	page.wait_for(".print-format")
	for text in (
		records.customer,
		records.pump,
		"480.00",
		"Payment within 14 days.",
		now("Sales Contract", contract, "company"),
	):
		assert page.shows(text, ".print-format"), text
	for text in (rival, "77.00", records.users["rep"], "Competitor"):
		assert not page.shows(text, ".print-format"), text


def test_settings_say_who_will_see_what_before_it_is_switched_on(desk, records):
	page = desk("admin")
	page.open("crm-pipeline-settings")
	page.press("Who Sees What")
	page.wait_for(".modal.show .crm-visibility tbody tr")
	head = page.texts(".modal.show .crm-visibility th")
	assert head == ["Person", "Sees", "Open Leads and Deals"]
	rows = page.texts(".modal.show .crm-visibility tbody tr")
	rep = next(row for row in rows if row.startswith("rep") and not row.startswith("rep2"))
	assert "no place in the tree" in rep
	assert page.errors() == []

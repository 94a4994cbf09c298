"""The few things that only a browser can show. Rules and amounts are tested where they live."""

import pytest

from tests.browser.records import now

# What Desk of ERPNext asks on any page; each workspace may ask seven more.
MOST_CALLS = 15

CALLS = """return performance.getEntriesByType("resource").filter(
	({ initiatorType, name }) => ["xmlhttprequest", "fetch"].includes(initiatorType) && name.includes("/api/")
).map(({ name }) => new URL(name).pathname);"""


@pytest.mark.parametrize(
	("who", "workspace", "number"),
	[
		("rep", "my-sales", "open"),
		("manager", "team-sales", "open"),
		("desk", "order-desk", "waiting"),
		("rep", "crm-pipeline", "open"),
	],
)
def test_a_workspace_shows_its_numbers_their_scope_and_shortcuts(desk, records, who, workspace, number):
	page = desk(who)
	page.open(workspace)
	page.wait_for(".crm-scope")
	page.wait_for(f".crm-workspace-numbers [data-key='{number}']")
	page.wait_for(".shortcut-widget-box .widget-title")
	calls = page.driver.execute_script(CALLS)
	assert len(calls) <= MOST_CALLS, calls
	assert page.errors() == []


def test_a_lead_shows_its_place_in_the_chain(desk, records):
	page = desk("rep")
	page.open_form("Sales Lead", records.lead)
	here = page.wait_for(".crm-ribbon .crm-step[aria-current='step']")
	assert here.get_attribute("data-step") == "Sales Lead"
	assert records.lead in here.text.replace("\n", " ")
	assert page.find(".crm-ribbon-source").text == "Created Directly"
	assert page.errors() == []


def test_converting_a_lead_asks_for_the_assessment_and_opens_the_opportunity(desk, records):
	page = desk("rep")
	page.open_form("Sales Lead", records.lead)
	page.press("Convert")
	page.choose("assessment", "Hot")
	page.answer_dialog()
	page.until(lambda: (page.form() or [""])[0] == "Sales Opportunity", "the new opportunity")
	opportunity = page.form()[1]
	page.wait_for(f".crm-ribbon a[href$='{records.lead}']")
	assert now("Sales Lead", records.lead, "status") == "Converted"
	assert now("Sales Opportunity", opportunity, "source_name") == records.lead
	assert page.errors() == []


def test_a_rep_asks_for_help_in_the_guide_of_a_deal(desk, records):
	page = desk("rep")
	page.open_form("Sales Opportunity", records.deal)
	page.wait_for(".crm-fold-guide").click()
	page.press("Ask for Help", within=".crm-guide")
	page.choose("wanted", "Price")
	page.wait_for(".modal.show textarea[data-fieldname='question']").send_keys("May I give five per cent?")
	page.answer_dialog()
	page.wait_for(".crm-guide .crm-help-text", "May I give five per cent?")
	assert page.find(".crm-guide button", "Withdraw") and not page.find(".crm-guide button", "Answer")
	asked = {"reference_name": records.deal, "question": ("like", "May I give%")}
	assert now("Sales Help Request", asked, "status") == "Open"
	assert page.errors() == []


def test_a_rep_sees_that_a_request_waits_and_may_not_accept_it(desk, records):
	page = desk("rep")
	page.open_form("Sales Order Request", records.request)
	page.wait_for(".crm-ribbon")
	assert page.find(".page-head button", "Accept") is None
	assert page.errors() == []


def test_the_order_desk_accepts_a_request_and_gets_the_sales_order(desk, records):
	page = desk("desk")
	page.open_form("Sales Order Request", records.request)
	page.press("Accept")
	page.until(lambda: (page.form() or [""])[0] == "Sales Order", "the Sales Order")
	order = page.form()[1]
	page.wait_for(f".crm-ribbon a[href$='{records.request}']")
	assert now("Sales Order", order, "docstatus") == 1
	assert now("Sales Order Request", records.request, "status") == "Accepted"
	assert page.errors() == []


ENTRIES = """const group = [...document.querySelectorAll(".inner-group-button")]
	.find((each) => each.querySelector("button").innerText.trim() === "Create");
return group ? [...group.querySelectorAll(".dropdown-item")].map((entry) => entry.textContent.trim()) : [];"""
ASKED = "return performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => name.includes('crm_pipeline.api'));"


def test_on_a_form_of_erpnext_its_own_entries_come_first_and_nothing_is_asked_without_a_chain(desk, records):
	page = desk("rep")
	page.open_form("Customer", records.customer)
	page.until(lambda: "Sales Lead" in page.driver.execute_script(ENTRIES), "our entries")
	entries = page.driver.execute_script(ENTRIES)
	ours = [entries.index(label) for label in ("Sales Lead", "Sales Opportunity", "Sales Activity")]
	assert ours == [len(entries) - 3, len(entries) - 2, len(entries) - 1]
	assert page.driver.execute_script(ASKED) == []
	assert page.errors() == []

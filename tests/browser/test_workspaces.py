"""Workspaces: each function its own numbers, few calls, and nothing that its people may not do."""

import pytest

# What Desk of ERPNext asks on any page; each workspace may ask seven more.
MOST_CALLS = 15
PLACES = [
	("rep", "my-sales", "open"),
	("manager", "team-sales", "open"),
	("desk", "order-desk", "waiting"),
	("finance", "sales-finance", "unbilled"),
	("rep", "crm-pipeline", "open"),
]
# What stands on the page and leads to where its reader may not go.
FORBIDDEN = """
const may = { doctype: (name) => frappe.model.can_read(name), report: (name) => name in frappe.boot.user.all_reports, page: (name) => name in frappe.boot.page_info };
const { shortcuts, cards } = cur_page.page.page?.frm || frappe.workspace?.page_data || frappe.workspace.pages[frappe.workspace._page.name];
const links = [...(shortcuts?.items || []), ...(cards?.items || []).flatMap((card) => card.links || [])];
return [links.length, links.filter((each) => {
	const kind = String(each.link_type || each.type).toLowerCase();
	if (!may[kind]) return false;
	return !may[kind](each.link_to) || (each.doc_view === "New" && !frappe.model.can_create(each.link_to));
}).map((each) => each.label)];
"""


@pytest.mark.parametrize(("who", "workspace", "number"), PLACES)
def test_a_workspace_shows_its_numbers_with_their_scope_in_few_calls(desk, records, who, workspace, number):
	page = desk(who)
	page.open(workspace)
	page.wait_for(".crm-scope")
	page.wait_for(f".crm-workspace-numbers [data-key='{number}']" if who != "finance" else ".crm-workspace-numbers")
	page.wait_for(".shortcut-widget-box .widget-title")
	page.quiet()
	calls = page.calls()
	assert len(calls) <= MOST_CALLS, calls
	offered, forbidden = page.run(FORBIDDEN)
	assert offered > 3 and forbidden == []
	assert page.errors() == []


@pytest.mark.parametrize("workspace", ["crm-pipeline", "my-sales"])
def test_a_workspace_keeps_the_sidebar_of_the_app(desk, records, workspace):
	"""ERPNext 16 would show a short one of the workspace's own, without the way to leads, deals and board."""
	page = desk("rep")
	page.open(workspace)
	page.wait_for(".crm-scope")
	assert page.run("return frappe.app.sidebar ? frappe.app.sidebar.sidebar_title : 'CRM Pipeline'") == "CRM Pipeline"


def test_a_number_of_a_workspace_is_that_of_the_board(desk, records):
	"""Open deals of a rep add up to the columns of their board, each deal once."""
	page = desk("rep")
	page.open("my-sales")
	page.wait_for(".crm-workspace-numbers [data-key='open']")
	mine = page.run(
		"""return crm_pipeline.read("get_workspace_numbers", { function: "rep" })
			.then(({ numbers }) => numbers.find(({ key }) => key === "open").count)"""
	)
	page.open("sales-opportunity")
	page.wait_for(".list-row-container .list-row")
	listed = page.run(
		"""return frappe.db.count("Sales Opportunity", { filters: { status: "Open", sales_owner: frappe.session.user } })"""
	)
	assert mine == listed
	assert page.shows(records.tag) or listed


def test_a_tile_opens_the_documents_that_it_counts(desk, records):
	page = desk("rep")
	page.open("my-sales")
	page.click(".crm-workspace-numbers [data-key='unplanned']")
	page.wait_for(".modal.show")
	page.wait_for_text(records.customer, ".modal.show")
	assert page.errors() == []


def test_an_empty_workspace_says_what_to_do(desk, records):
	page = desk("other_rep")
	page.open("my-sales")
	page.wait_for_text("No deals yet", ".crm-workspace-numbers")
	page.click(".crm-workspace-numbers a, .crm-workspace-numbers button", "New Lead")
	page.until(
		lambda: page.find(".modal.show") or page.run("return window.cur_frm?.doctype") == "Sales Lead", "a new lead"
	)
	assert page.errors() == []


def test_an_empty_board_leads_to_what_others_have(desk, records):
	page = desk("other_rep")
	page.open("sales-board")
	page.click(".crm-board-none button")
	page.wait_for(".crm-card")
	assert page.errors() == []

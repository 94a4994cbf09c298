"""Entering in ten seconds: few fields, what must be filled is marked, and nothing that was typed is overruled."""

import pytest

from tests.browser.records import now

SHOWN = """return [...document.querySelectorAll(".modal.show .frappe-control[data-fieldname]")]
	.filter((field) => field.offsetParent).map((field) => field.dataset.fieldname);"""
MARKED = """return [...document.querySelectorAll(".modal.show .frappe-control[data-fieldname]")]
	.filter((field) => field.offsetParent && field.querySelector(".control-label.reqd")).map((field) => field.dataset.fieldname);"""


def test_a_lead_is_entered_in_one_dialog_of_five_fields(desk, records):
	page = desk("rep")
	page.open("sales-lead")
	page.press("Add Sales Lead")
	page.wait_for(".modal.show input[data-fieldname='title']")
	assert page.run(SHOWN) == ["title", "crm_party", "contact_name", "crm_reach", "sales_owner"]
	assert page.run(MARKED) == ["title", "crm_party"]
	page.until(
		lambda: page.run("return document.activeElement.dataset.fieldname") == "title", "the cursor in the first field"
	)
	page.tab_through(f"Quick {records.tag}", f"Quick Works {records.tag}", "Ann Desk")
	page.type_in("crm_reach", "+1 628 555 0142")
	page.click(".modal.show button.btn-primary", "Save")
	name = page.wait_for_form("Sales Lead")
	assert now("Sales Lead", name, ["title", "phone"]) == (f"Quick {records.tag}", "+1 628 555 0142")
	assert page.errors() == []


def test_a_lead_from_the_shortcut_of_a_workspace_is_opened(desk, records):
	"""Frappe 15 opens the form. Frappe 16 shows the dialog and stays on the workspace, with nothing that leads to what was
	entered."""
	page = desk("rep")
	page.open("my-sales")
	page.click(".shortcut-widget-box .widget-title", "New Lead")
	page.until(lambda: page.run("return document.activeElement.dataset.fieldname") == "title", "the first field")
	if page.run("return frappe.get_route()[0] === 'Form'"):
		assert page.run("return [cur_frm.doctype, Boolean(cur_frm.is_new())]") == ["Sales Lead", True]
		return
	page.type_in("title", f"Shortcut {records.tag}")
	page.type_in("crm_party", f"Shortcut Works {records.tag}")
	page.click(".modal.show button.btn-primary", "Save")
	name = page.wait_for_form("Sales Lead")
	assert now("Sales Lead", name, "title") == f"Shortcut {records.tag}"
	assert page.errors() == []


def test_a_known_number_is_hinted_and_what_was_typed_stays(desk, records):
	page = desk("rep")
	page.open("sales-lead")
	page.press("Add Sales Lead")
	page.wait_for(".modal.show input[data-fieldname='title']")
	typed = records.phone_of_customer.replace(" ", "")
	page.type_in("title", f"Hinted {records.tag}")
	page.type_in("crm_party", f"Somebody Else {records.tag}")
	page.type_in("crm_reach", typed)
	page.wait_for_text("Known: ", ".modal.show [data-fieldname='crm_reach'] .help-box")
	page.click(".modal.show button.btn-primary", "Save")
	name = page.wait_for_form("Sales Lead")
	assert now("Sales Lead", name, ["party_name", "phone"]) == (f"Somebody Else {records.tag}", typed)
	assert page.errors() == []


@pytest.mark.parametrize(
	("path", "doctype", "first"),
	[("sales-opportunity", "Sales Opportunity", "title"), ("sales-activity", "Sales Activity", "subject")],
)
def test_a_deal_and_an_activity_are_entered_in_a_dialog(desk, path, doctype, first):
	page = desk("rep")
	page.open(path)
	page.press(f"Add {doctype}")
	page.wait_for(f".modal.show input[data-fieldname='{first}']")
	shown, marked = page.run(SHOWN), page.run(MARKED)
	assert first in marked and set(marked) <= set(shown) and len(shown) < 10, shown
	assert page.errors() == []


def test_the_party_is_one_field_that_finds_customers_and_offers_a_new_one(desk, records):
	page = desk("rep")
	page.open("sales-opportunity")
	page.press("Add Sales Opportunity")
	page.type_in("title", f"Chosen {records.tag}")
	page.type_in("crm_party", records.customer[:-1])
	page.until(lambda: len(page.all(".modal.show .crm-parties li")) >= 2, "what may be meant")
	options = page.texts(".modal.show .crm-parties li")
	assert options[0].startswith(records.customer) and options[-1].startswith("New prospect")
	page.all(".modal.show .crm-parties li")[0].click()
	page.click(".modal.show button.btn-primary", "Save")
	assert now("Sales Opportunity", page.wait_for_form("Sales Opportunity"), "customer") == records.customer
	assert page.errors() == []

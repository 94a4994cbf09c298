"""The screens that people live in: entering, finding while the phone rings, lists."""

from selenium.webdriver.common.keys import Keys

from tests.browser.records import now


def type_in(page, fieldname: str, text: str) -> None:
	page.wait_for(f".modal.show input[data-fieldname='{fieldname}']").send_keys(text)


def test_a_lead_is_entered_in_one_dialog_of_five_fields(desk, records):
	page = desk("rep")
	page.open("sales-lead")
	page.press("Add Sales Lead")
	page.wait_for(".modal.show input[data-fieldname='title']")
	shown = [
		field.get_attribute("data-fieldname")
		for field in page.driver.find_elements("css selector", ".modal.show .frappe-control[data-fieldname]")
		if field.is_displayed()
	]
	assert shown == ["title", "crm_party", "contact_name", "crm_reach", "sales_owner"]
	page.until(
		lambda: page.driver.switch_to.active_element.get_attribute("data-fieldname") == "title",
		"the cursor in the first field",
	)
	type_in(page, "title", f"Quick {records.tag}")
	type_in(page, "crm_party", f"Quick Works {records.tag}")
	type_in(page, "crm_reach", "+1 628 555 0142")
	page.wait_for(".modal.show button.btn-primary", "Save").click()
	page.until(lambda: (page.form() or [""])[0] == "Sales Lead", "the new lead")
	assert now("Sales Lead", page.form()[1], ["title", "phone"]) == (f"Quick {records.tag}", "+1 628 555 0142")
	assert page.errors() == []


def test_a_number_typed_in_the_search_bar_says_who_rings(desk, records):
	page = desk("rep")
	page.open_form("Sales Lead", records.lead)
	phone = now("Sales Lead", records.lead, "phone")
	bar = page.wait_for("#navbar-search")
	bar.click()
	bar.send_keys(phone.replace(" ", "-"))
	page.until(lambda: "Four pumps" in offered(page), "the lead of this number")
	bar.send_keys(Keys.CONTROL, "a")
	bar.send_keys("+1 628 555 0199")
	page.until(lambda: "New Sales Lead with +1 628 555 0199" in offered(page), "a new lead")
	assert page.errors() == []


def offered(page) -> str:
	return "\n".join(element.text for element in page.driver.find_elements("css selector", ".awesomplete li"))


def test_lists_have_presets(desk):
	page = desk("rep")
	page.open("sales-opportunity")
	page.wait_for(".list-row-container")
	labels = page.driver.execute_script(
		"return [...document.querySelectorAll('.inner-group-button .dropdown-item')].map((e) => e.textContent.trim())"
	)
	assert labels == ["Mine", "Team", "Overdue", "Closing This Month", "Without Next Step"]
	assert page.errors() == []


FACTS = """
return Object.fromEntries([...document.querySelectorAll(".crm-row-facts")].map((line) => {
	const row = line.closest(".list-row-container").querySelector(".list-row-checkbox");
	return [row ? row.dataset.name : "header", line.textContent];
}));
"""


def test_on_a_phone_each_row_of_a_list_has_the_line_of_its_own_document(desk, records):
	page = desk("rep")
	size = page.driver.get_window_size()
	page.driver.set_window_size(500, 900)
	try:
		page.open("sales-lead")
		page.wait_for(".crm-row-facts")
		lines = page.driver.execute_script(FACTS)
	finally:
		page.driver.set_window_size(size["width"], size["height"])
	assert now("Sales Lead", records.lead, "party_name") in lines[records.lead]
	assert "header" not in lines
	assert page.errors() == []

"""Who is it? People and documents, found by what one knows of them."""

import pytest

from tests.browser.records import now

WRITINGS = ("+1 {} {} {}", "1-{}-{}-{}", "({}) {} {}", "001{}{}{}", "{}.{}.{}")


def offered(page) -> str:
	return "\n".join(page.texts(".awesomplete li, .search-results li, .awesomebar-modal li"))


def search_bar(page):
	"""In the head of Desk; on 16 it opens from the side."""
	page.until(lambda: page.find("#navbar-search, .navbar-search-bar"), "a search bar")
	if not page.find("#navbar-search"):
		page.click(".navbar-search-bar")
	return page.wait_for("#navbar-search")


def test_who_rings_is_found_by_any_writing_of_the_number_and_may_be_entered_at_once(desk, records):
	page = desk("rep")
	page.open_form("Sales Opportunity", records.deal)
	_country, *parts = records.phone.split()
	bar = search_bar(page)
	for writing in WRITINGS:
		bar.clear()
		bar.send_keys(writing.format(*parts))
		page.until(lambda: "Four pumps" in offered(page), f"the lead of {writing.format(*parts)}")
	bar.clear()
	unknown = "+1 628 555 0199"
	bar.send_keys(unknown)
	page.until(lambda: f"New Sales Lead with {unknown}" in offered(page), "a new lead")
	page.click_offered(".awesomplete li", f"New Sales Lead with {unknown}")
	reach = page.wait_for(".modal.show input[data-fieldname='crm_reach']")
	assert reach.get_attribute("value") == unknown
	assert page.errors() == []


@pytest.mark.parametrize("known", ["phone", "name", "contact", "mail"])
def test_a_link_field_finds_a_lead_by_what_is_known_of_it(desk, records, known):
	phone, party, contact, mail = now("Sales Lead", records.lead, ["phone", "party_name", "contact_name", "email_id"])
	page = desk("rep")
	page.open("todo")
	page.until(lambda: page.run("return !!window.cur_list"), "a page of Desk")
	page.run(
		"""new frappe.ui.Dialog({ title: "Any", fields: [
			{ fieldname: "lead", fieldtype: "Link", options: "Sales Lead", label: "Lead", only_select: 1 }] }).show()"""
	)
	page.type_in("lead", {"phone": phone.replace(" ", "-"), "name": party, "contact": contact, "mail": mail}[known])
	offered = lambda: " ".join(page.texts(".modal.show [role=option]"))  # noqa: E731
	page.until(lambda: records.lead in offered(), "the lead")
	assert records.lead in offered()

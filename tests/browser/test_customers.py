"""What a rep sees of a customer before calling, and the day as it is worked off."""

import frappe
import pytest
from frappe.utils import now_datetime

from tests.browser.records import now

SUBJECT = "The pump leaks since yesterday"


@pytest.fixture
def made(records):
	"""made(doctype, values) is a document that the rep entered; it goes after the test, or other tests would meet it."""
	entered = []

	def make(doctype: str, **values) -> str:
		frappe.db.rollback()
		frappe.set_user(records.users["rep"])
		doc = frappe.new_doc(doctype)
		doc.update(values)
		doc.insert()
		frappe.set_user("Administrator")
		frappe.db.commit()
		entered.append(doc)
		return doc.name

	yield make
	frappe.db.rollback()
	for doc in reversed(entered):
		frappe.delete_doc(doc.doctype, doc.name, force=True, ignore_missing=True)
	frappe.db.commit()


def test_the_page_of_a_customer_says_first_that_they_complain(desk, records, made):
	made("Customer Case", subject=SUBJECT, kind="Complaint", severity="Critical", customer=records.customer)
	page = desk("rep")
	page.open(f"customer-360/Customer/{records.customer}")
	page.wait_for(".crm-360-warning")
	assert SUBJECT in page.texts(".crm-360-warning")[0]
	page.wait_for_text("Ottilie", ".crm-360")
	assert page.errors() == []


def test_people_at_a_customer_have_an_address_of_their_own(desk, records, made):
	contact = now("Customer", records.customer, "customer_primary_contact")
	made("Contact Position", contact=contact, customer=records.customer, designation="Head of Purchasing")
	page = desk("rep")
	for _time in ("opened", "loaded again"):
		page.open(f"people-and-relations/Customer/{records.customer}")
		page.wait_for_text("Head of Purchasing", ".crm-post")
	assert page.errors() == []


def test_an_activity_of_the_day_is_done_on_my_day_in_two_clicks(desk, records, made):
	name = made(
		"Sales Activity", subject="Ask for the drawings", status="Planned", starts_on=now_datetime(),
		reference_doctype="Customer", reference_name=records.customer,
	)  # fmt: skip
	page = desk("rep")
	page.open("my-day")
	page.wait_for_text("Ask for the drawings", ".crm-day-row")
	row = next(row for row in page.all(".crm-day-row") if "Ask for the drawings" in row.text)
	row.find_element("css selector", "[data-action='done']").click()
	page.wait_for_dialog()
	page.click(".modal.show .btn-primary:not(.hide)")
	page.until(lambda: not page.shows("Ask for the drawings", ".crm-day-row"), "the row to go")
	assert now("Sales Activity", name, "status") == "Done"
	assert page.run("return frappe.get_route()[0]") == "my-day"

"""A list of leads in the browser: uploaded, looked at, values mapped, brought in, undone."""

import frappe
import pytest

from crm_pipeline.importer import desk_import
from tests.browser.records import now

IMPORT, LEAD = "Sales Import", "Sales Lead"
ROWS = (
	"Company;First Name;Last Name;E-Mail;Status;Owner;Colour\n"
	"Works TAG;Ann;Lee;ann@TAG.example;Not Contacted;;red\n"
	"Mill TAG;Bob;Low;bob@;;;\n"
	"Yard TAG;;;yard@TAG.example;Parked;Somebody Who Left;\n"
)
TILES = """return Object.fromEntries([...document.querySelectorAll("[data-fieldname='preview_html'] .crm-tile")]
	.map((tile) => [".crm-tile-name", ".crm-tile-number"].map((part) => tile.querySelector(part).innerText.trim())));"""


@pytest.fixture
def upload(desk, records):
	"""upload(page) is a new import of ROWS, as its form has it; what was made of it is removed."""
	made = []

	def make(page) -> str:
		frappe.set_user(records.users["rep"])
		text = ROWS.replace("TAG", records.tag)
		file = frappe.get_doc({"doctype": "File", "file_name": f"{records.tag}.csv", "is_private": 1, "content": text})
		made.append(file.insert())
		frappe.db.commit()
		page.open("sales-import/new")
		page.until(lambda: page.run("return cur_frm?.doctype") == IMPORT, "the form of an import")
		page.run(f"cur_frm.set_value('file', '{file.file_url}').then(() => cur_frm.save())")
		return page.wait_for_form(IMPORT)

	yield make
	frappe.db.rollback()
	frappe.set_user("Administrator")
	firms = [f"{firm} {records.tag}" for firm in ("Works", "Mill", "Yard")]
	names = frappe.get_all(LEAD, {"prospect_name": ("in", firms)}, pluck="name", order_by="name asc")
	for name in names:
		frappe.delete_doc(LEAD, name, force=True)
	for file in made:
		for doc in frappe.get_all(IMPORT, {"file": file.file_url}, pluck="name", order_by="name asc"):
			frappe.db.delete("Imported Record", {"sales_import": doc})
			frappe.delete_doc(IMPORT, doc, force=True)
		frappe.delete_doc("File", file.name, force=True)
	frappe.db.commit()


def test_a_list_is_looked_at_brought_in_and_undone(desk, records, upload):
	page = desk("rep")
	name = upload(page)
	page.press("Preview")
	page.wait_for_text("Line 3: E-Mail", "[data-fieldname='preview_html']")
	assert "Columns that are not imported: Colour" in page.find("[data-fieldname='preview_html']").text
	assert page.run(TILES) == {"Rows": "3", "Usable": "1", "There Already": "0", "Rejected": "2"}
	page.click("[data-fieldname='preview_html'] button", "Map Unknown Values")
	rows = page.run("return cur_frm.doc.value_rows.map((row) => [row.field, row.file_value])")
	assert sorted(rows) == [["owner", "Somebody Who Left"], ["status", "Parked"]]
	page.run(
		"cur_frm.doc.value_rows.forEach((row) => frappe.model.set_value(row.doctype, row.name, 'meaning', row.field == 'status' ? 'Contacted' : '-'))"
	)
	page.press("Import")
	page.wait_for_text("Queued", ".page-head")
	desk_import.run(name)
	page.open_form(IMPORT, name)
	page.wait_for_text("Done", ".page-head")
	assert now(IMPORT, name, ["rows_total", "rows_stored", "rows_rejected"]) == (3, 2, 1)
	yard = {"prospect_name": f"Yard {records.tag}"}
	assert now(LEAD, yard, ["status", "sales_owner"]) == ("Contacted", records.users["rep"])
	page.press("Undo")
	page.click(".modal.show button.btn-primary", "Delete")
	page.wait_for_text("Undone", ".page-head")
	assert now(LEAD, yard, "name") is None
	assert page.errors() == []

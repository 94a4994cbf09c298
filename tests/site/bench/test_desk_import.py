# ruff: noqa: F811
"""Import in Desk: columns guessed, a preview that names each bad row, run in chunks, stopped, gone on with, undone.

A run commits; what it made is removed here.
"""

import frappe

from crm_pipeline import api
from tests.site.portable.test_desk_import import IMPORT, LEAD, LIST, company, imported, of, run  # noqa: F401
from tests.site.world import refused


def test_rejected_rows_come_back_as_a_private_file_that_says_why(imported):
	doc = run(imported(LIST))
	rejected = frappe.get_doc("File", {"file_url": doc.rejected_file})
	assert rejected.is_private and "'=cmd()" in rejected.get_content() and "rejected_reason" in rejected.get_content()
	doc = run(imported("Company,Mail\nAcme TAG,ann@TAG.example\nNew TAG,new@TAG.example\n", duplicates="Ask"))
	assert "is perhaps LEAD-" in frappe.get_doc("File", {"file_url": doc.rejected_file}).get_content()


def test_an_import_is_undone_unless_somebody_worked_on_what_it_made(imported):
	doc = run(imported("Company\n" + "".join(f"Firm {n:02} TAG\n" for n in range(30))))
	touched = frappe.get_doc(LEAD, of(imported.tag)[3].name)
	touched.db_set("modified", frappe.utils.add_to_date(None, minutes=5), update_modified=False)
	with refused(match=f"Somebody worked on 1 of these records: {touched.name}. Nothing was deleted"):
		api.undo_import(doc.name)
	touched.db_set("modified", touched.creation, update_modified=False)
	assert api.undo_import(doc.name) == 30
	assert (of(imported.tag), doc.reload().status) == ([], "Undone")


def test_contacts_and_customers_come_in_as_well(imported):
	customers = run(imported("Account,Industry\nBuyer TAG,Pumps TAG\n", "Customer", by="Administrator"))
	assert (customers.status, customers.rows_stored) == ("Done", 1), customers.message
	contacts = run(imported("Name,Account,Mail\nAnn TAG,Buyer TAG,x@TAG.example\n", "Contact", by="Administrator"))
	assert (contacts.status, contacts.rows_stored) == ("Done", 1), contacts.message
	link = frappe.db.get_value(
		"Dynamic Link", {"link_name": f"Buyer {imported.tag}", "parenttype": "Contact"}, "parent"
	)
	assert frappe.db.get_value("Contact", link, "email_id") == f"x@{imported.tag.lower()}.example"


def test_nobody_imports_another_s_file_or_a_public_one(imported, as_user):
	theirs = imported("Company\nX TAG\n", by="manager")
	as_user("rep")
	with refused(match="the file .* is not there"):
		frappe.get_doc({"doctype": IMPORT, "file": theirs.file, "document_type": LEAD, "company": company()}).insert()
	with refused(match="is public. Please upload it as a private file"):
		imported("Company\nX TAG\n", private=0)


def test_deals_of_a_preset_come_in_with_one_close_date(imported):
	frappe.get_doc(
		{"doctype": "Customer", "customer_name": f"Buyer {imported.tag}", "customer_type": "Company"}
	).insert()
	text = (
		"Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Close Date,Created Date,Probability (%)\n"
		"006TAGa,Big TAG,Buyer TAG,Proposal,\"$1,200.50\",2030-01-31,2024-05-01,40\n"
		"006TAGA,Old TAG,Buyer TAG,Closed Won,300,2024-06-01,2024-05-01,100\n"
	)  # fmt: skip
	doc = imported(text, "Sales Opportunity", preset="Salesforce", pipeline="Standard Sales", source="SF")
	fields = {row.column_name: row.field for row in doc.columns}
	assert (fields["Stage"], fields["Close Date"], fields["Account Name"]) == ("stage", "close_date", "account")
	doc.append("value_rows", {"field": "stage", "file_value": "Closed Won", "meaning": "won"})
	doc.save()
	run(doc)
	assert (doc.status, doc.rows_stored, doc.rows_rejected) == ("Done", 2, 0), doc.message
	assert api.undo_import(doc.name) == 2
	assert not frappe.db.exists("Sales Opportunity", {"title": ("like", f"%{imported.tag}%")})

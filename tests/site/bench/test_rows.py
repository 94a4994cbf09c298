"""Rows of a document are as open as the document: nobody reads or writes them past it."""

import frappe
import pytest

from crm_pipeline.core.registry import ROWS
from tests.site.conftest import USERS
from tests.site.portable.test_visibility import set_apart
from tests.site.world import refused

REP = USERS["rep"][0]


@pytest.fixture
def hidden(sale, world, as_user):
	"""One document of the other rep with rows of each kind that a client may send, whom only its team sees."""
	as_user("other_rep")
	people = [{"contact_name": "Ines Marlow", "email_id": "ines@harbour.example"}]
	deal = sale.opportunity(contacts=people)
	project = frappe.get_doc(
		{"doctype": "Sales Project", "title": "Pier", "customer": world.customer, "company": world.company}
	)
	project.append("milestones", {"milestone": "Design"})
	project.append("members", {"user": USERS["other_rep"][0]})
	contract = sale.contract()
	made = [deal, project.insert(), contract, sale.request(contract)]
	set_apart()
	as_user("rep")
	return made


def rows_of(documents) -> list:
	return [row for doc in documents for row in doc.get_all_children() if row.doctype in ROWS]


def listed(row, parent: str) -> list[str]:
	return [
		found.name
		for found in frappe.get_list(row.doctype, parent_doctype=parent, fields=["name"], limit=0, order_by="name asc")
	]


def test_rows_of_a_hidden_document_are_in_no_list_and_open_to_nobody(hidden, as_user):
	rows = rows_of(hidden)
	assert len({row.doctype for row in rows}) >= 6
	for row in rows:
		for parent in ROWS[row.doctype]:
			assert row.name not in listed(row, parent), (row.doctype, parent)
		assert not frappe.get_doc(row.doctype, row.name).has_permission("read")
	as_user("other_rep")
	for row in rows:
		assert row.name in listed(row, row.parenttype)
		assert frappe.get_doc(row.doctype, row.name).has_permission("read")


def test_rows_follow_a_share_and_a_user_permission(hidden, sale, world, as_user):
	deal = hidden[0]
	person = deal.contacts[0]
	stranger = USERS["stranger"][0]
	as_user("Administrator")
	other = sale.opportunity(contacts=[{"contact_name": "Somebody else"}])
	frappe.share.add(deal.doctype, deal.name, stranger, read=1)
	as_user("stranger")
	assert listed(person, deal.doctype) == [person.name]
	assert frappe.get_doc(person.doctype, person.name).has_permission("read")
	assert not frappe.get_doc(person.doctype, person.name).has_permission("write")
	assert not frappe.get_doc(person.doctype, other.contacts[0].name).has_permission("read")
	as_user("Administrator")
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 0)
	frappe.clear_document_cache("CRM Pipeline Settings", "CRM Pipeline Settings")
	as_user("rep")
	assert person.name in listed(person, deal.doctype)
	from tests.site.world import customer

	as_user("Administrator")
	permission = {"user": REP, "allow": "Customer", "for_value": customer(f"50% Harbour {world.tag}")}
	frappe.get_doc({"doctype": "User Permission", **permission}).insert()
	as_user("rep")
	assert person.name not in listed(person, deal.doctype)


def test_finance_reads_no_people_of_leads_by_naming_another_document(sale, as_user):
	as_user("rep")
	lead = sale.lead(contacts=[{"contact_name": "Ines Marlow"}])
	as_user("finance")
	assert lead.contacts[0].name not in listed(lead.contacts[0], "Sales Opportunity")


@pytest.mark.parametrize("who", ["rep", "other_rep"])
def test_no_row_is_added_changed_or_deleted_without_its_document(hidden, as_user, who):
	"""Into somebody else's deal, or into what was submitted: a client could insert a row by itself."""
	as_user(who)
	for row in rows_of(hidden):
		place = {"parent": row.parent, "parenttype": row.parenttype, "parentfield": row.parentfield}
		with refused(frappe.PermissionError):
			frappe.get_doc({**row.as_dict(), "name": None, "docstatus": 0, **place}).insert()
		with refused((frappe.PermissionError, frappe.UpdateAfterSubmitError)):
			frappe.get_doc(row.doctype, row.name).save()
		with refused(frappe.PermissionError):
			frappe.delete_doc(row.doctype, row.name)
		failed = frappe.client.bulk_update(frappe.as_json([{"doctype": row.doctype, "docname": row.name, "idx": 7}]))
		assert failed["failed_docs"]


def test_a_row_is_changed_by_its_document_as_forms_and_scripts_do_it(sale, as_user):
	as_user("rep")
	deal = sale.opportunity(contacts=[{"contact_name": "Ines Marlow"}])
	frappe.client.set_value("Sales Deal Contact", deal.contacts[0].name, "role", "Buyer")
	assert frappe.db.get_value("Sales Deal Contact", deal.contacts[0].name, "contact_name") == "Ines Marlow"
	place = {"parent": deal.name, "parenttype": deal.doctype, "parentfield": "contacts"}
	frappe.client.insert({"doctype": "Sales Deal Contact", "contact_name": "Second", **place})
	deal.reload()
	assert [row.contact_name for row in deal.contacts] == ["Ines Marlow", "Second"]

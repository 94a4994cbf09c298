# ruff: noqa: F811
"""Who is there already: completed or written over with the user's own rights, asked about, and never given away."""

import frappe
import pytest

from crm_pipeline.erp import prices
from crm_pipeline.importer.store_parties import PartyStore
from tests.site.conftest import USERS
from tests.site.portable.test_desk_import import LEAD, PROSPECT, company, imported, of, run  # noqa: F401
from tests.site.portable.test_visibility import set_apart
from tests.site.uncommitted import within_the_test

REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]


@pytest.fixture
def small(imported, monkeypatch):
	within_the_test(monkeypatch)
	return imported


def rejected(doc) -> str:
	if not doc.rejected_file:
		return ""
	text = frappe.get_doc("File", {"file_url": doc.rejected_file}).get_content()
	return (text.decode("utf-8-sig") if isinstance(text, bytes) else text).strip().split("\n")[-1]


def there(small, doctype: str, **values) -> str:
	values = {"prospect_name": f"Acme {small.tag}", "email_id": f"ann@{small.tag.lower()}.example", **values}
	if doctype == LEAD:
		values["title"] = "Acme"
	return frappe.get_doc({"doctype": doctype, "company": company(), **values}).insert().name


ROW = "Company,Mail,Phone,Designation,Channel\nACME TAG,ann@TAG.example,+49 30 901820,Buyer,Fair TAG\n"


@pytest.mark.parametrize("doctype", [LEAD, PROSPECT])
@pytest.mark.parametrize(
	("choice", "phone", "designation"),
	[("Skip", None, "Head"), ("Fill Gaps", "+49 30 901820", "Head"), ("Overwrite", "+49 30 901820", "Buyer")],
)
def test_gaps_are_filled_or_all_is_written_over_as_the_form_says(small, doctype, choice, phone, designation):
	name = there(small, doctype, designation="Head")
	doc = run(small(ROW, doctype, by="Administrator", duplicates=choice))
	assert (doc.rows_stored, doc.rows_already, doc.rows_rejected) == (0, 1, 0), doc.message
	found = frappe.get_doc(doctype, name)
	assert (found.phone, found.designation) == (phone, designation)
	assert found.prospect_name == f"Acme {small.tag}", "what it is called stays"
	assert found.channel == (f"Fair {small.tag}" if choice != "Skip" else None)


def test_what_a_lead_is_worth_is_kept_in_both_currencies(small, monkeypatch):
	monkeypatch.setattr(prices, "exchange_rate", lambda *asked: 2.0)
	doc = run(small("Company,Amount\nAcme TAG,12.50\n", LEAD, by="Administrator"))
	assert doc.rows_stored == 1, doc.message
	found = frappe.db.get_value(
		LEAD, {"prospect_name": f"Acme {small.tag}"}, ["amount", "base_amount", "conversion_rate"]
	)
	assert found == (12.5, 25, 2)


@pytest.mark.parametrize("choice", ["Ask", "Overwrite"])
def test_of_a_record_that_the_user_may_not_see_no_more_is_said_than_that(small, as_user, choice):
	name = there(small, LEAD, sales_owner=OTHER)
	set_apart()
	doc = run(small(ROW.replace("Channel", "Other"), by="rep", duplicates=choice))
	assert (doc.rows_stored, doc.rows_already, doc.rows_rejected) == (0, 0, 1), doc.message
	assert rejected(doc).endswith("is perhaps a record that you may not see") and name not in rejected(doc)
	as_user("Administrator")
	assert frappe.db.get_value(LEAD, name, "phone") is None


def test_one_that_the_user_sees_is_named_where_the_form_asks(small):
	name = there(small, LEAD)
	doc = run(small(ROW, by="Administrator", duplicates="Ask"))
	assert rejected(doc).endswith(f"is perhaps {name}") and doc.rows_rejected == 1


def test_what_the_record_s_own_rules_refuse_is_told_and_nothing_of_the_row_stays(small, monkeypatch):
	there(small, LEAD)

	def refuse(self, party, name):
		frappe.db.set_value(LEAD, name, "phone", "half")
		frappe.throw("<b>Not</b> like this")

	monkeypatch.setattr(PartyStore, "_fill", refuse)
	doc = run(small(ROW, by="Administrator", duplicates="Overwrite"))
	assert rejected(doc).endswith("Not like this") and (doc.rows_already, doc.rows_rejected) == (0, 1)
	assert [lead.phone for lead in of(small.tag, LEAD, "phone")] == [None]


@pytest.mark.parametrize("status", ["Converted", "Disqualified", "New"])
def test_a_lead_that_has_come_to_its_end_is_no_hindrance_for_a_new_one(small, status):
	name = there(small, LEAD)
	frappe.db.set_value(LEAD, name, "status", status)
	doc = run(small(ROW, by="Administrator"))
	assert (doc.rows_stored, doc.rows_already) == ((0, 1) if status == "New" else (1, 0))


def test_a_number_is_a_sign_together_with_the_name_alone(small):
	there(small, LEAD, email_id=None, phone="+49 30 901820", mobile_no="+49 171 2345678")
	text = "Company,Phone\nACME TAG,+49 (0)30 901820\nAcme  TAG,+49 171 2345678\nOther TAG,+49 30 901820\n"
	doc = run(small(text, by="Administrator"))
	assert (doc.rows_stored, doc.rows_already, doc.rows_rejected) == (1, 2, 0), doc.message
	assert [lead.prospect_name for lead in of(small.tag)] == [f"Acme {small.tag}", f"Other {small.tag}"]


def test_a_contact_that_is_there_by_its_address_is_left_alone_whatever_the_form_says(small):
	first = run(small("Name,Mail\nAnn TAG,ann@TAG.example\n", "Contact", by="Administrator"))
	assert first.rows_stored == 1
	doc = run(
		small(
			"Name,Mail,Designation\nAnna TAG,ANN@TAG.example,Buyer\n",
			"Contact",
			by="Administrator",
			duplicates="Overwrite",
		)
	)
	assert (doc.rows_stored, doc.rows_already) == (0, 1)
	[row] = frappe.get_all(
		"Contact",
		filters={"last_name": ("like", f"%{small.tag}%")},
		fields=["first_name", "designation"],
		order_by="name asc",
	)
	assert (row.first_name, row.designation) == ("Ann", None)


def test_a_contact_that_erpnext_refuses_is_a_rejected_row_and_the_others_come_in(small, monkeypatch):
	asked = frappe.get_doc

	def refusing(*args, **kwargs):
		doc = asked(*args, **kwargs)
		if args and isinstance(args[0], dict) and args[0].get("first_name") == "Bad":
			doc.insert = lambda **how: frappe.throw("<b>No</b> such person")
		return doc

	monkeypatch.setattr(frappe, "get_doc", refusing)
	doc = run(small("Name,Mail\nBad TAG,bad@TAG.example\nGood TAG,good@TAG.example\n", "Contact", by="Administrator"))
	assert (doc.rows_stored, doc.rows_rejected) == (1, 1) and rejected(doc).endswith("No such person")


@pytest.mark.parametrize("doctype", [LEAD, PROSPECT])
@pytest.mark.parametrize("choice", ["Fill Gaps", "Overwrite"])
def test_an_empty_cell_takes_nothing_from_a_record_that_is_there(small, doctype, choice):
	kept = {"designation": "Head", "phone": "+49 30 901820"}
	name = there(small, doctype, **kept)
	text = "Company,Mail,Phone,Designation,Mobile\nACME TAG,ann@TAG.example,,,+49 171 2345678\n"
	doc = run(small(text, doctype, by="Administrator", duplicates=choice))
	assert (doc.rows_stored, doc.rows_already, doc.rows_rejected) == (0, 1, 0), doc.message
	found = frappe.get_doc(doctype, name)
	assert {field: found.get(field) for field in kept} == kept and found.mobile_no == "+49 171 2345678"


def test_of_contacts_those_that_came_in_are_counted_and_noted_with_their_ids(small):
	text = "ID,Name,Mail\nC1,Ann TAG,ann@TAG.example\nC2,Bob TAG,bob@TAG.example\nC1,Ann TAG,ann2@TAG.example\n"
	doc = run(small(text, "Contact", by="Administrator", source=f"Old {small.tag}"))
	assert (doc.rows_total, doc.rows_stored, doc.rows_already, doc.rows_rejected) == (3, 2, 0, 1), doc.message
	noted = frappe.get_all(
		"Imported Record", filters={"source": f"Old {small.tag}"}, fields=["record_id", "document", "document_type"],
		order_by="record_id asc",
	)  # fmt: skip
	names = [frappe.db.get_value("Contact", one.document, "first_name") for one in noted]
	assert [(one.record_id, one.document_type) for one in noted] == [("C1", "Contact"), ("C2", "Contact")]
	assert names == ["Ann", "Bob"]
	again = run(small(text, "Contact", by="Administrator", source=f"Old {small.tag}"))
	assert (again.rows_stored, again.rows_already) == (0, 2), again.message


@pytest.mark.parametrize("doctype", [LEAD, PROSPECT])
@pytest.mark.parametrize(("choice", "kept"), [("Skip", 0), ("Fill Gaps", 1), ("Overwrite", 2)])
def test_each_value_of_a_record_that_is_there_is_kept_filled_or_written_over(small, doctype, choice, kept):
	empty = ("website", "tax_id", "address_line1") if doctype == PROSPECT else ("mobile_no",)
	full = {"city": "York", "pincode": "Y1", "state": "North"} if doctype == PROSPECT else {"contact_name": "Ann Old"}
	name = there(small, doctype, **full)
	head, cells = {
		PROSPECT: ("Website,Tax ID,Street,City,Postal Code,State", "https://new.example,DE 5,Quay 3,Kiel,K2,South"),
		LEAD: ("Mobile,Contact Person", "+49 171 2345678,Ann New"),
	}[doctype]
	doc = run(
		small(
			f"Company,Mail,{head}\nACME TAG,ann@TAG.example,{cells}\n", doctype, by="Administrator", duplicates=choice
		)
	)
	assert (doc.rows_stored, doc.rows_already, doc.rows_rejected) == (0, 1, 0), doc.message
	found = frappe.get_doc(doctype, name)
	assert [bool(found.get(field)) for field in empty] == [kept > 0] * len(empty)
	assert [found.get(field) == value for field, value in full.items()] == [kept < 2] * len(full)

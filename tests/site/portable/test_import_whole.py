# ruff: noqa: F811
"""A row in which every column is filled: what becomes of each cell, by the kind of record."""

import frappe
import pytest

from tests.site.portable.test_desk_import import LEAD, PROSPECT, company, imported, run  # noqa: F401
from tests.site.uncommitted import within_the_test

REP, DEAL = "rep@crm-test.example", "Sales Opportunity"


@pytest.fixture
def whole(imported, monkeypatch):
	"""whole(doctype, {field: cell}) imports one row of a source with ids of its own; whole.told(doctype, fields, filters)
	are the values of the one such record."""
	within_the_test(monkeypatch)

	def bring(doctype: str, cells: dict, **values):
		text = (
			",".join(f"Column {field}" for field in cells)
			+ "\n"
			+ ",".join(f'"{cell}"' for cell in cells.values())
			+ "\n"
		)
		doc = imported(text, doctype, by="Administrator", source=f"Old {imported.tag}", **values)
		for row in doc.columns:
			row.field = row.column_name.removeprefix("Column ")
		doc.save()
		run(doc)
		assert (doc.status, doc.rows_stored, doc.rows_rejected) == ("Done", 1, 0), doc.message
		return doc

	def told(doctype: str, fields, **filters) -> dict:
		[row] = frappe.get_all(doctype, filters=filters, fields=["name", *fields], order_by="name asc")
		return {field: said(row[field]) for field in fields}

	def said(value):
		text = str(value) if not isinstance(value, int | float) else value
		return text.replace(imported.tag, "TAG").replace(imported.tag.lower(), "tag") if isinstance(text, str) else text

	bring.told, bring.tag = told, imported.tag
	return bring


def events(name: str) -> list[tuple]:
	fields = ["kind", "from_value", "to_value", "at", "by", "seconds_spent", "note", "owner", "docstatus"]
	rows = frappe.get_all(
		"Pipeline Event", filters={"reference_name": name}, fields=fields, order_by="at asc, creation asc"
	)
	assert {(row.by, row.note, row.owner, row.docstatus) for row in rows} == {
		("Administrator", "Imported", "Administrator", 0)
	}
	return [(row.kind, row.from_value, row.to_value, str(row.at), row.seconds_spent) for row in rows]


def kept(doc, doctype: str, name: str) -> tuple:
	row = frappe.get_doc("Imported Record", {"sales_import": doc.name, "document_type": doctype, "document": name})
	return row.record_id.replace(doc.source.partition(" ")[2], "TAG"), row.source == doc.source


OF_PEOPLE = {
	"first_name": "Ann", "last_name": "Lee", "designation": "Buyer", "email": "Ann <ann@TAG.example>; b@TAG.example",
	"phone": "030 901820", "mobile": "0171 2345678", "industry": "Boats TAG", "channel": "Fair TAG", "country": "Germany",
	"owner": REP, "created_on": "2021-03-04", "external_id": "ID-TAG",
}  # fmt: skip
PEOPLE_TOLD = {
	"contact_name": "Ann Lee", "designation": "Buyer", "email_id": "ann@tag.example", "phone": "+49 30 901820",
	"mobile_no": "+49 171 2345678", "industry": "Boats TAG", "channel": "Fair TAG", "sales_owner": REP,
	"creation": "2021-03-04 00:00:00", "owner": "Administrator", "modified_by": "Administrator", "docstatus": 0,
	"match_phone": "30901820", "match_mobile": "1712345678", "prospect_name": "Acme TAG", "sales_person": "None",
	"campaign": "None", "customer": "None",
}  # fmt: skip


def test_a_lead(whole):
	territory = frappe.db.get_value("Territory", {"is_group": 0}, "name")
	doc = whole(
		LEAD,
		{
			**OF_PEOPLE, "company_name": "Acme TAG", "title": "Pumps", "territory": territory, "status": "Disqualified",
			"lost_reason": "Dear TAG", "amount": "1,234.50", "notes": "One\ntwo <b>", "is_deleted": "no",
		},
	)  # fmt: skip
	wanted = {
		**PEOPLE_TOLD, "title": "Pumps", "territory": territory, "status": "Disqualified", "lost_reason": "Dear TAG",
		"amount": 1234.5, "base_amount": 1234.5, "conversion_rate": 1, "company": company(), "party_name": "Acme TAG",
		"currency": frappe.db.get_value("Company", company(), "default_currency"), "converted_on": "None",
		"message": "One\ntwo &lt;b&gt;\nOther E-mails: b@tag.example", "prospect_kind": "Organisation", "prospect": "None",
	}  # fmt: skip
	assert whole.told(LEAD, wanted, prospect_name=f"Acme {whole.tag}") == wanted
	name = frappe.db.get_value(LEAD, {"prospect_name": f"Acme {whole.tag}"})
	assert events(name) == [("Created", None, "Disqualified", "2021-03-04 00:00:00", 0)]
	assert kept(doc, LEAD, name) == ("ID-TAG", True)


def test_a_lead_that_was_converted_has_both_of_its_days(whole):
	whole(
		LEAD,
		{
			"company_name": "Acme TAG",
			"created_on": "2021-03-04",
			"converted_on": "2021-03-06",
			"lost_reason": "Dear TAG",
		},
	)
	wanted = {"status": "Converted", "converted_on": "2021-03-06 00:00:00", "lost_reason": "None", "title": "Acme TAG"}
	assert whole.told(LEAD, wanted, prospect_name=f"Acme {whole.tag}") == wanted
	name = frappe.db.get_value(LEAD, {"prospect_name": f"Acme {whole.tag}"})
	assert events(name) == [
		("Created", None, "New", "2021-03-04 00:00:00", 0),
		("State", "New", "Converted", "2021-03-06 00:00:00", 2 * 86400),
	]


def test_a_prospect(whole):
	territory = frappe.db.get_value("Territory", {"is_group": 0}, "name")
	doc = whole(
		PROSPECT,
		{
			**OF_PEOPLE, "prospect": "Acme TAG", "kind": "person", "territory": territory, "website": "x.example",
			"tax_id": "DE 123 TAG", "street": "Pier 1", "city": "Kiel", "state": "SH", "postcode": "24103",
		},
	)  # fmt: skip
	wanted = {
		**PEOPLE_TOLD, "prospect_kind": "Person", "status": "Unverified", "territory": territory, "website": "x.example",
		"tax_id": "DE 123 TAG", "match_tax_id": "de123tag", "address_line1": "Pier 1", "city": "Kiel", "state": "SH",
		"pincode": "24103", "country": "Germany", "company": company(), "match_email": "ann@tag.example",
		"match_domain": "tag.example", "match_name": "acmetag",
	}  # fmt: skip
	assert whole.told(PROSPECT, wanted, prospect_name=f"Acme {whole.tag}") == wanted
	name = frappe.db.get_value(PROSPECT, {"prospect_name": f"Acme {whole.tag}"})
	assert events(name) == [("Created", None, "Unverified", "2021-03-04 00:00:00", 0)]
	event = frappe.get_doc("Pipeline Event", {"reference_name": name})
	assert (event.prospect, event.company, event.reference_doctype) == (name, company(), PROSPECT)
	assert kept(doc, PROSPECT, name) == ("ID-TAG", True)


def test_a_contact(whole):
	doc = whole(
		"Contact",
		{
			"external_id": "ID-TAG", "contact": "Ann TAG", "designation": "Buyer",
			"email": "ann@TAG.example; b@TAG.example; c@TAG.example", "country": "Germany", "account": "With TAG",
			"phone": "030 901820 / 030 901821 / 030 901822", "mobile": "0171 2345678",
		},
	)  # fmt: skip
	contact = frappe.get_doc("Contact", {"first_name": "Ann", "last_name": whole.tag})
	domain = f"{whole.tag.lower()}.example"
	assert contact.designation == "Buyer"
	assert [(row.email_id, row.is_primary or 0) for row in contact.email_ids] == [
		(f"ann@{domain}", 1), (f"b@{domain}", 0), (f"c@{domain}", 0),
	]  # fmt: skip
	assert [(row.phone, row.is_primary_phone or 0, row.is_primary_mobile_no or 0) for row in contact.phone_nos] == [
		("+49 30 901820", 1, 0), ("+49 171 2345678", 0, 1), ("+49 30 901821", 0, 0), ("+49 30 901822", 0, 0),
	]  # fmt: skip
	prospect = frappe.db.get_value(PROSPECT, {"prospect_name": f"With {whole.tag}"})
	assert [(row.link_doctype, row.link_name) for row in contact.links] == [(PROSPECT, prospect)]
	assert kept(doc, "Contact", contact.name) == ("ID-TAG", True)
	assert kept(doc, PROSPECT, prospect) == (f"account with {whole.tag.lower()}", True)


def test_names_of_contacts_in_two_columns_stay_apart(whole):
	for first, last, wanted in (
		("Ann", "Lee", ("Ann", "Lee")),
		("", "Low", ("Low", "")),
		("Bob", "", ("Bob", "")),
		("Cy", "Cy", ("Cy", "")),
	):
		doc = whole(
			"Contact", {"first_name": first, "last_name": last, "designation": "Buyer", "external_id": f"{first}{last}"}
		)
		name = frappe.db.get_value("Imported Record", {"sales_import": doc.name}, "document")
		found = frappe.get_doc("Contact", name)
		assert (found.first_name, found.last_name or "") == wanted
		frappe.delete_doc("Contact", name)


def test_a_contact_in_one_column_is_read_in_either_order(whole):
	for column, wanted in (("Low, Ann", ("Ann", "Low")), ("Dr. Bo Lee", ("Dr. Bo", "Lee"))):
		doc = whole("Contact", {"contact": column, "designation": "Buyer", "external_id": column})
		name = frappe.db.get_value("Imported Record", {"sales_import": doc.name}, "document")
		found = frappe.get_doc("Contact", name)
		assert (found.first_name, found.last_name) == wanted
		frappe.delete_doc("Contact", name)


def test_a_customer(whole):
	doc = whole(
		"Customer",
		{
			"account_id": "ID-TAG",
			"account": "Acme TAG",
			"industry": "Boats TAG",
			"website": "x.example",
			"tax_id": "DE TAG",
		},
	)
	wanted = {"customer_type": "Company", "industry": "Boats TAG", "website": "x.example", "tax_id": "DE TAG"}
	assert whole.told("Customer", wanted, customer_name=f"Acme {whole.tag}") == wanted
	name = frappe.db.get_value("Customer", {"customer_name": f"Acme {whole.tag}"})
	assert kept(doc, "Customer", name) == ("ID-TAG", True)


def test_a_campaign_an_activity_and_a_memo(whole):
	whole(LEAD, {"company_name": "Acme TAG", "external_id": "L-TAG"})
	lead = frappe.db.get_value(LEAD, {"prospect_name": f"Acme {whole.tag}"})
	doc = whole(
		"Sales Campaign",
		{
			"external_id": "C-TAG", "campaign": "Fair TAG", "kind": "exhibition", "status": "active",
			"starts_on": "2024-05-01 10:00", "ends_on": "2024-05-03", "budget": "1,234.567", "cost": "12.5", "owner": REP,
			"notes": "One <b>\ntwo",
		},
	)  # fmt: skip
	wanted = {
		"campaign_type": "Exhibition", "status": "Running", "company": company(), "start_date": "2024-05-01",
		"end_date": "2024-05-03", "budget": 1234.57, "cost": 12.5, "sales_owner": REP, "owner": REP,
		"currency": frappe.db.get_value("Company", company(), "default_currency"), "modified_by": "Administrator",
		"description": "One &lt;b&gt;<br>two", "docstatus": 0,
	}  # fmt: skip
	assert whole.told("Sales Campaign", wanted, title=f"Fair {whole.tag}") == wanted
	name = frappe.db.get_value("Sales Campaign", {"title": f"Fair {whole.tag}"})
	assert kept(doc, "Sales Campaign", name) == ("C-TAG", True)
	about = {"about": "L-TAG", "about_type": "lead", "owner": REP, "notes": "One <b>\ntwo TAG"}
	whole(
		"Sales Activity",
		{
			**about, "external_id": "A-TAG", "subject": "Call TAG", "starts_on": "2024-05-01 10:00", "way": "call",
			"ends_on": "2024-05-01 10:30", "direction": "out", "status": "held", "priority": "urgent", "result": "Interested",
			"place": "Kiel",
		},
	)  # fmt: skip
	fixed = {"reference_doctype": LEAD, "reference_name": lead, "owner": REP, "creation": "2024-05-01 10:00:00"}
	fixed |= {"company": company(), "customer": "None", "modified_by": "Administrator"}
	wanted = {
		**fixed, "direction": "Outbound", "starts_on": "2024-05-01 10:00:00", "ends_on": "2024-05-01 10:30:00",
		"due_on": "2024-05-01 10:00:00", "duration": 1800, "notes": "One &lt;b&gt;<br>two TAG", "place": "Kiel",
		"priority": "High", "result": "Interested", "sales_owner": REP, "status": "Done", "way": "Phone",
	}  # fmt: skip
	assert whole.told("Sales Activity", wanted, subject=f"Call {whole.tag}") == wanted
	whole("Sales Memo", {**about, "external_id": "M-TAG", "subject": "Note TAG", "created_on": "2024-05-01 10:00"})
	wanted = {**fixed, "memo": "One &lt;b&gt;<br>two TAG"}
	assert whole.told("Sales Memo", wanted, subject=f"Note {whole.tag}") == wanted


def test_an_opportunity_that_was_lost(whole):
	for doctype, name, key in (
		(LEAD, "company_name", "L"),
		(PROSPECT, "prospect", "P"),
		("Sales Campaign", "campaign", "C"),
	):
		whole(doctype, {name: f"{key} TAG", "external_id": f"{key}-TAG"})
	doc = whole(
		DEAL,
		{
			"external_id": "D-TAG", "stage": "Proposal", "status": "Lost", "title": "Deal TAG", "owner": REP,
			"created_on": "2024-05-01", "closed_on": "2024-06-01", "expected_close": "2024-07-01", "amount": "1,234.50",
			"currency": "EUR", "exchange_rate": "1.25", "probability": "30%", "lost_reason": "Dear TAG", "contact": "Ann",
			"contact_email": "ann@TAG.example", "contact_phone": "030", "channel": "Fair TAG", "lead": "L-TAG",
			"prospect": "P-TAG", "campaign": "C-TAG", "next_step": "Call", "notes": "One <b>\ntwo", "details": "Three",
		},
	)  # fmt: skip
	name = frappe.db.get_value(DEAL, {"title": f"Deal {whole.tag}"})
	prospect = frappe.db.get_value(PROSPECT, {"prospect_name": f"P {whole.tag}"})
	wanted = {
		"customer": "None", "prospect": prospect, "party_name": "P TAG", "company": company(), "sales_person": "None",
		"sales_owner": REP, "channel": "Fair TAG", "source_type": LEAD, "pipeline": "Standard Sales",
		"stage": "Standard Sales-lost", "status": "Lost", "probability": 0, "own_probability": 0,
		"forecast_category": "Omitted", "stage_entered_on": "2024-06-01 00:00:00", "closed_from": "Standard Sales-proposal",
		"opened_on": "2024-05-01", "closed_on": "2024-06-01", "expected_close": "2024-07-01", "next_step": "Call",
		"lost_reason": "Dear TAG", "currency": "EUR", "conversion_rate": 1.25, "selling_price_list": "None",
		"items_total": 0, "amount": 1234.5, "outcome": "Lost", "won_amount": 0, "base_won_amount": 0,
		"description": "Column details: Three", "external_id": "D-TAG", "external_source": "Old TAG", "docstatus": 0,
		"owner": "Administrator", "campaign": frappe.db.get_value("Sales Campaign", {"title": f"C {whole.tag}"}),
		"source_name": frappe.db.get_value(LEAD, {"prospect_name": f"L {whole.tag}"}),
	}  # fmt: skip
	assert whole.told(DEAL, wanted, name=name) == wanted
	assert abs(frappe.db.get_value(DEAL, name, "base_amount") - 1543.125) < 0.01
	assert events(name) == [
		("Created", None, None, "2024-05-01 00:00:00", 0),
		("Stage", "Standard Sales-proposal", "Standard Sales-lost", "2024-06-01 00:00:00", -1),
	]
	wanted = {"contact_name": "Ann", "email_id": "ann@TAG.example", "phone": "030", "idx": 1, "parentfield": "contacts"}
	assert whole.told("Sales Deal Contact", wanted, parent=name) == wanted
	wanted = {"memo": "One &lt;b&gt;<br>two", "prospect": prospect, "customer": "None", "company": company()}
	assert whole.told("Sales Memo", wanted, reference_name=name) == wanted
	assert kept(doc, DEAL, name) == ("D-TAG", True)


def test_an_opportunity_that_is_open(whole):
	whole(
		DEAL,
		{
			"external_id": "D-TAG", "stage": "Qualification", "account": "Fresh TAG", "created_on": "2024-05-01",
			"amount": "100", "probability": "30%", "lost_reason": "Dear TAG", "closed_on": "", "contact_email": "ann@TAG.example",
		},
		pipeline="Standard Sales",
	)  # fmt: skip
	prospect = frappe.db.get_value(PROSPECT, {"prospect_name": f"Fresh {whole.tag}"})
	wanted = {
		"title": "Fresh TAG", "prospect": prospect, "party_name": "Fresh TAG", "stage": "Standard Sales-qualification",
		"status": "Open", "probability": 30, "own_probability": 1, "stage_entered_on": "2024-05-01 00:00:00",
		"closed_from": "None", "closed_on": "None", "lost_reason": "None", "amount": 100, "won_amount": 0,
		"base_amount": 100, "conversion_rate": 1, "next_step": "None", "description": "None", "source_type": "None",
		"currency": frappe.db.get_value("Company", company(), "default_currency"),
	}  # fmt: skip
	assert whole.told(DEAL, wanted, external_id=f"D-{whole.tag}") == wanted
	name = frappe.db.get_value(DEAL, {"external_id": f"D-{whole.tag}"})
	assert events(name) == [("Created", None, "Standard Sales-qualification", "2024-05-01 00:00:00", 0)]
	wanted = {"contact_name": "ann@TAG.example", "email_id": "ann@TAG.example", "phone": "None"}
	assert whole.told("Sales Deal Contact", wanted, parent=name) == wanted
	assert not frappe.db.exists("Sales Memo", {"reference_name": name})

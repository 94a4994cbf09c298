# ruff: noqa: F811
"""Each table of ERPNext's own CRM as rows of an import: every column that has a place here is in it, the others are text."""

from datetime import date, datetime

import frappe
import pytest

from crm_pipeline.importer.moving_in import erpnext_agreements
from crm_pipeline.importer.moving_in.erpnext_rows import ErpnextRows
from crm_pipeline.importer.moving_in.old_words import Words
from tests.site.hosts import HOST
from tests.site.other_systems import child, put
from tests.site.portable.test_moved_in import ANN, GONE, old, version  # noqa: F401

# Columns that the other tests do not need; a release may lack some of them.
MORE = """
Lead|prompt|utm_medium utm_content
Opportunity|prompt|to_discuss utm_medium utm_content
Customer|prompt|prospect_name
Appointment|prompt|customer_email
Contract|prompt|signed_by_company
"""


@pytest.fixture
def all_of(old, monkeypatch):
	"""all_of(kind) is {external id: row} of what this test has put there, by what the words mean."""
	HOST.other_tables(monkeypatch, MORE)
	meanings = {
		("status", "Replied"): "Contacted", ("owner", GONE): ANN, ("channel", "Fair"): "Exhibition",
		("lost_reason", "Dear"): "Price", **{("stage", name): name for name in ("Prospecting", "Qualification", "Lost")},
	}  # fmt: skip

	def of(kind: str, reader=None) -> dict:
		return {row["external_id"]: row for row in getattr(reader or of.rows, kind)() if old.t in str(row)}

	of.rows, of.old = ErpnextRows(Words(old.world.company, "DE", meanings)), old
	return of


def lacking(doctype: str, values: dict) -> set:
	return values.keys() - set(frappe.db.get_table_columns(doctype))


def test_a_lead_has_all_that_it_had(all_of):
	old = all_of.old
	territory = frappe.db.get_value("Territory", {"is_group": 0}, "name")
	kept = {
		"type": "Client", "request_type": "Other", "market_segment": "Upper", "qualification_status": "Qualified",
		"no_of_employees": "11-50", "whatsapp_no": "123", "website": "x.example", "city": "Kiel", "state": "SH",
		"utm_medium": "Mail", "utm_content": "Blue",
	}  # fmt: skip
	lead = old.lead(
		"Ann", company_name="Firm", title="A title", job_title="Buyer", email_id="ann@x.example", phone="call me",
		mobile_no="0171 2345678", industry="Boats", country="Germany", territory=territory, status="Replied",
		lead_owner=GONE, source="Fair", creation="2021-05-06 10:00:00", **kept,
	)  # fmt: skip
	customer = put("Customer", old.name("Made"), customer_name="Made", lead_name=lead)
	gone = lacking("Lead", kept)
	labels = {
		"type": "Lead Type", "request_type": "Request Type", "market_segment": "Market Segment",
		"qualification_status": "Qualification", "no_of_employees": "No of Employees", "whatsapp_no": "WhatsApp",
		"website": "Website", "city": "City", "state": "State", "utm_medium": "UTM Medium", "utm_content": "UTM Content",
	}  # fmt: skip
	lines = [f"{label}: {kept[name]}" for name, label in labels.items() if name not in gone]
	assert all_of("leads")[lead] == {
		"email": "ann@x.example", "mobile": "0171 2345678", "contact": old.name("Ann"), "designation": "Buyer",
		"industry": "Boats", "territory": territory, "channel": "Exhibition", "campaign": "", "owner": ANN,
		"created_on": date(2021, 5, 6), "external_id": lead, "company_name": "Firm", "title": "A title",
		"country": "Germany", "status": "Contacted", "converted_on": None, "account": customer, "prospect": None,
		"notes": "\n".join(["Phone: call me", *lines]),
	}  # fmt: skip


def test_a_lead_that_led_to_a_deal_was_converted_on_its_day(all_of):
	old = all_of.old
	first = old.lead("Ann", creation="2023-01-05 10:00:00", status="Converted")
	late = old.lead("Bob", creation="2023-03-05 10:00:00", status="Converted")
	still = old.lead("Cy", company_name="", status="Open", disabled=0)
	off = old.lead("Dee", status="Converted", disabled=1, company_name="", country="Atlantis")
	for lead in (first, late, still, off):
		old.deal(f"Second {lead}", "Lead", lead, transaction_date="2023-02-09")
		old.deal(f"First {lead}", "Lead", lead, transaction_date="2023-02-01", creation="2020-01-01 10:00:00")
	old.deal("Of a Customer", "Customer", first, transaction_date="2019-01-01")
	found = all_of("leads")
	assert [found[lead]["converted_on"] for lead in (first, late, still, off)] == [
		date(2023, 2, 1), date(2023, 3, 5), None, None,
	]  # fmt: skip
	assert (found[off]["status"], found[off]["notes"], found[off]["country"]) == (
		"Disqualified", "Disabled in ERPNext: yes", "",
	)  # fmt: skip
	assert (found[still]["company_name"], found[still]["prospect"]) == (old.name("Cy"), f"Lead: {still}")


def test_prospects_and_leads_that_stand_for_one_have_all_that_they_had(all_of):
	old = all_of.old
	territory = frappe.db.get_value("Territory", {"is_group": 0}, "name")
	fixed = {"company": old.world.company, "creation": "2021-05-06 10:00:00"}
	group = put(
		"Prospect", old.name("Group"), company_name="Group Ltd", industry="Boats", territory=territory, website="x.example",
		prospect_owner=GONE, **fixed,
	)  # fmt: skip
	customer = put("Customer", old.name("Made"), customer_name="Made", prospect_name=group)
	bare = put("Prospect", old.name("Bare"), territory="Mars", **fixed)
	put("Prospect", old.name("Elsewhere"), company_name="Elsewhere", **{**fixed, "company": "Another Company"})
	firm = old.lead(
		"Ann", company_name=old.name("Firm"), email_id="ann@x.example", phone="030 901820", mobile_no="0171 2345678",
		industry="Boats", territory=territory, source="Fair", lead_owner=GONE, website="y.example", city="Kiel", state="SH",
		country="Germany", creation="2021-05-07 10:00:00",
	)  # fmt: skip
	person = old.lead("Bob", company_name="", creation="2021-05-08 10:00:00", country="Atlantis")
	for lead in (firm, person):
		old.deal(f"Of {lead}", "Lead", lead)
	old.lead("Without a deal", company_name=old.name("Other"))
	found = all_of("prospects")
	assert sorted(found) == sorted((group, bare, f"Lead: {firm}", f"Lead: {person}"))
	assert found[group] == {
		"external_id": group, "prospect": "Group Ltd", "industry": "Boats", "territory": territory, "website": "x.example",
		"owner": ANN, "created_on": date(2021, 5, 6), "account": customer,
	}  # fmt: skip
	assert [found[bare][field] for field in ("prospect", "territory", "owner", "account")] == [bare, "", "", None]
	assert found[f"Lead: {firm}"] == {
		"email": "ann@x.example", "phone": "030 901820", "mobile": "0171 2345678", "industry": "Boats",
		"territory": territory, "channel": "Exhibition", "campaign": "", "owner": ANN, "created_on": date(2021, 5, 7),
		"contact": old.name("Ann"), "external_id": f"Lead: {firm}", "prospect": old.name("Firm"), "kind": "Organisation",
		"website": "y.example", "city": "Kiel", "state": "SH", "country": "Germany",
	}  # fmt: skip
	wanted = {"prospect": old.name("Bob"), "kind": "Person", "country": "", "city": None, "email": None}
	assert {field: found[f"Lead: {person}"][field] for field in wanted} == wanted


def test_a_deal_stands_on_whom_it_is_with(all_of):
	old = all_of.old
	group = put("Prospect", old.name("Group"), company_name=old.name("Group"), company=old.world.company)
	inside, bought, alone = (old.lead(key) for key in ("In", "Bought", "Alone"))
	child("Prospect Lead", ("Prospect", group), "leads", 1, lead=inside)
	put("Customer", old.name("Of Lead"), customer_name="A", lead_name=bought)
	deals = {
		key: old.deal(key, kind, party)
		for key, kind, party in (
			("customer", "Customer", old.world.customer), ("prospect", "Prospect", group), ("inside", "Lead", inside),
			("bought", "Lead", bought), ("alone", "Lead", alone), ("made", "Lead", alone),
		)
	}  # fmt: skip
	put("Customer", old.name("Of Deal"), customer_name="B", opportunity_name=deals["made"])
	found = all_of("opportunities")
	told = {
		key: {field: found[deal][field] for field in ("account", "prospect", "lead") if field in found[deal]}
		for key, deal in deals.items()
	}
	assert told == {
		"customer": {"account": old.world.customer},
		"prospect": {"account": None, "prospect": group},
		"inside": {"account": None, "prospect": group, "lead": inside},
		"bought": {"account": old.name("Of Lead"), "prospect": None, "lead": bought},
		"alone": {"account": None, "prospect": f"Lead: {alone}", "lead": alone},
		"made": {"account": old.name("Of Deal"), "prospect": f"Lead: {alone}", "lead": alone},
	}


def test_a_deal_has_all_that_it_had(all_of):
	old = all_of.old
	values = {
		"opportunity_type": "Sales", "order_lost_reason": "They said so", "to_discuss": "The price", "utm_medium": "Mail",
		"utm_content": "Blue",
	}  # fmt: skip
	deal = old.deal(
		"Big", "Customer", old.world.customer, customer_name="Their name", sales_stage="Qualification",
		expected_closing="2027-05-01", currency="EUR", conversion_rate=1.25, opportunity_amount=500.5, probability=40,
		contact_display="Zoe", contact_email="zoe@x.example", contact_mobile="0171", source="Fair", opportunity_owner=GONE,
		**values,
	)  # fmt: skip
	for place, why in enumerate(("Dear", None, "Late", "Other"), 1):
		child("Opportunity Lost Reason Detail", ("Opportunity", deal), "lost_reasons", place, lost_reason=why)
	labels = {
		"opportunity_type": "Opportunity Type",
		"order_lost_reason": "Detailed Reason",
		"to_discuss": "To Discuss",
	}
	labels |= {"utm_medium": "UTM Medium", "utm_content": "UTM Content"}
	gone = lacking("Opportunity", values)
	lines = [f"{label}: {values[name]}" for name, label in labels.items() if name not in gone]
	lines.insert(1, "Further Lost Reasons: Late, Other")
	assert all_of("opportunities")[deal] == {
		"account": old.world.customer, "external_id": deal, "title": old.name("Big"), "stage": "Qualification",
		"is_closed": False, "owner": ANN, "created_on": date(2023, 2, 1), "closed_on": None,
		"expected_close": date(2027, 5, 1), "currency": "EUR", "exchange_rate": 1.25, "probability": "40.0 %",
		"lost_reason": "Price", "contact": "Zoe", "contact_email": "zoe@x.example", "contact_phone": "0171",
		"channel": "Exhibition", "campaign": "", "details": "\n".join(lines), "amount": 500.5,
	}  # fmt: skip


LACKING = [
	({"title": "", "customer_name": "Their name"}, {"title": "Their name"}),
	({"sales_stage": "", "status": "Quotation"}, {"stage": "Quotation", "is_closed": False}),
	({"status": "Converted"}, {"stage": "Converted", "is_closed": True, "closed_on": None}),
	({"status": "Lost", "probability": 40}, {"stage": "Lost", "is_closed": True, "probability": None}),
	(
		{"status": "Closed", "opportunity_type": ""},
		{"stage": "Closed", "is_closed": True, "details": "Status in ERPNext: Closed"},
	),
	({"probability": 100}, {"probability": None, "lost_reason": None}),
	({"conversion_rate": 0}, {"exchange_rate": None}),
	(
		{"expected_closing": "2999-01-01", "opportunity_type": ""},
		{"expected_close": None, "details": "Expected Closing: 2999-01-01"},
	),
	({"transaction_date": None, "creation": "2023-04-05 10:00:00"}, {"created_on": date(2023, 4, 5)}),
	({"transaction_date": "1900-01-01", "creation": "2023-04-05 10:00:00"}, {"created_on": date(2023, 4, 5)}),
	({"opportunity_amount": 0, "total": 7}, {"amount": 7}),
	({"opportunity_amount": 5, "total": 7}, {"amount": 5}),
	({"opportunity_owner": "who@x.example"}, {"owner": ""}),
]


def test_what_a_deal_lacks_is_taken_from_elsewhere(all_of):
	old = all_of.old
	deals = [old.deal(f"Big {n}", "Customer", "C", **values) for n, (values, _wanted) in enumerate(LACKING)]
	found = all_of("opportunities")
	for deal, (_values, wanted) in zip(deals, LACKING, strict=True):
		assert {field: found[deal][field] for field in wanted} == wanted
	all_of.rows.words.last_change = True
	late = old.deal("Late", "Customer", "C", status="Lost", modified="2023-05-06 10:00:00")
	early = old.deal("Early", "Customer", "C", status="Lost", modified="2023-01-06 10:00:00")
	found = all_of("opportunities")
	assert [found[deal]["closed_on"] for deal in (late, early)] == [date(2023, 5, 6), date(2023, 2, 1)]


def test_only_records_of_the_company_and_of_none_are_read(all_of):
	old = all_of.old
	mine, none = old.lead("Mine"), old.lead("None", company=None)
	other = old.lead("Other", company="Another Company")
	deals = [old.deal(f"Of {lead}", "Lead", lead) for lead in (mine, none)]
	old.deal("Elsewhere", "Lead", other, company="Another Company")
	assert all_of("leads").keys() == {mine, none} and all_of("opportunities").keys() == {*deals}
	assert all_of("prospects").keys() == {f"Lead: {mine}", f"Lead: {none}"}


def items_of(old, deal: str, *rows) -> None:
	for place, (code, qty, rate) in enumerate(rows, 1):
		values = {"item_code": code, "item_name": f"Name {place}", "qty": qty, "rate": rate}
		child("Opportunity Item", ("Opportunity", deal), "items", place, **values)


def test_items_and_an_amount_that_differs_from_theirs(all_of):
	old = all_of.old
	pump, filter_ = old.world.pump, old.world.filter
	same = old.deal("Same", "Customer", "C", opportunity_amount=250.004)
	items_of(old, same, (pump, 2, 100), (filter_, 4, 12.5))
	differs = old.deal("Differs", "Customer", "C", opportunity_amount=999, opportunity_type="Sales")
	items_of(old, differs, (pump, 1, 100))
	zero = old.deal("Zero", "Customer", "C", opportunity_amount=5, opportunity_type="")
	items_of(old, zero, (pump, 0, 100))
	text = old.deal("Text", "Customer", "C", opportunity_amount=5, opportunity_type="")
	items_of(old, text, (None, 3, 5), ("no such", 1.5, 2))
	rows = {}
	for row in all_of.rows.opportunities():
		rows.setdefault(row["external_id"], []).append(row)
	told = lambda deal: [  # noqa: E731
		(row.get("product"), row.get("quantity"), row.get("price"), row["amount"]) for row in rows[deal]
	]
	assert told(same) == [(pump, 2, 100, 250), (filter_, 4, 12.5, 250)]
	assert told(differs) == [(pump, 1, 100, 100)] and told(zero) == [(None, None, None, 5)]
	assert rows[differs][0]["details"] == "Opportunity Type: Sales\nOpportunity Amount: 999.00"
	assert rows[zero][0]["details"] == f"{pump}: 0 x 100.00"
	assert rows[text][0]["details"] == "Name 1: 3 x 5.00\nno such: 1.5 x 2.00"
	assert all_of.rows.differing == {differs: 899}


@pytest.mark.parametrize(
	("changes", "fits"),
	[({}, True), ({"disabled": 1}, False), ({"has_variants": 1}, False), ({"is_sales_item": 0}, False)],
)
def test_an_item_that_is_not_sold_here_is_a_line_of_text(all_of, changes, fits):
	old = all_of.old
	fields = {"disabled": 0, "has_variants": 0, "is_sales_item": 1, **changes}
	if lacking("Item", fields):
		pytest.skip("items here lack that")
	frappe.db.set_value("Item", old.world.pump, fields)
	opened, lost = old.deal("Open", "Customer", "C"), old.deal("Lost", "Customer", "C", status="Lost")
	for deal in (opened, lost):
		items_of(old, deal, (old.world.pump, 1, 100))
	found = all_of("opportunities")
	assert ("product" in found[opened], "product" in found[lost]) == (fits, fits or "disabled" in changes)


def test_stored_versions_tell_the_stages_that_have_one_here(all_of):
	old = all_of.old
	deal = old.deal("Tracked", "Customer", "C", status="Lost", transaction_date="2023-01-10")
	version(deal, "2023-01-05", "sales_stage", "Prospecting", "Qualification")
	version(deal, "2023-01-20", "sales_stage", "Qualification", "Unknown")
	version(deal, "2023-02-10", "status", "Open", "Lost")
	reopened = old.deal("Again", "Customer", "C", transaction_date="2023-01-10")
	version(reopened, "2023-01-20", "sales_stage", "Unknown", "Qualification")
	passed = [(row["external_id"], row["stage"], row["entered_on"]) for row in all_of.rows.history()]
	assert [row for row in passed if row[0] == deal] == [
		(deal, "Prospecting", date(2023, 1, 10)), (deal, "Qualification", date(2023, 1, 10)), (deal, "Lost", date(2023, 2, 10)),
	]  # fmt: skip
	assert [row for row in passed if row[0] == reopened] == [(reopened, "Qualification", date(2023, 1, 20))]
	assert all_of("opportunities")[deal]["closed_on"] == date(2023, 2, 10)


def test_notes_and_appointments_keep_their_time_and_their_author(all_of):
	old = all_of.old
	lead = old.lead("Ann")
	deal = old.deal("Big", "Lead", lead)
	note = child(
		"CRM Note", ("Lead", lead), "notes", 1, note="<p>Text</p>", added_by=GONE, added_on="2022-03-04 09:30:00"
	)
	bare = child(
		"CRM Note",
		("Opportunity", deal),
		"notes",
		1,
		note="x",
		added_by="who@x.example",
		creation="2022-01-02 08:00:00",
	)
	found = all_of("memos")
	assert found[f"CRM Note {note}"] == {
		"external_id": f"CRM Note {note}", "about_type": "Lead", "about": lead, "notes": "<p>Text</p>", "owner": ANN,
		"created_on": datetime(2022, 3, 4, 9, 30),
	}  # fmt: skip
	assert found[f"CRM Note {bare}"] == {
		"external_id": f"CRM Note {bare}", "about_type": "Opportunity", "about": deal,
		"notes": "<p><i>who@x.example</i></p>x", "owner": "", "created_on": datetime(2022, 1, 2, 8),
	}  # fmt: skip
	values = {
		"customer_name": "Visitor", "scheduled_time": "2023-03-03 10:30:00", "appointment_with": "Lead", "party": lead,
		"customer_phone_number": "123", "customer_skype": "sky", "customer_details": "Bring <it>", "customer_email": "v@x.example",
	}  # fmt: skip
	past, coming = (put("Appointment", old.name(key), status=key, **values) for key in ("Closed", "Open"))
	found = all_of("activities")
	if not lacking("Appointment", values):
		assert found[past] == {
			"external_id": past, "subject": "Appointment with Visitor", "about_type": "Lead", "about": lead,
			"starts_on": datetime(2023, 3, 3, 10, 30), "way": "Meeting", "status": "Done",
			"notes": "E-Mail: v@x.example<br>Phone: 123<br>Skype: sky<br>Details: Bring <it>",
		}  # fmt: skip
	assert found[coming]["status"] is None


def test_a_contract_with_a_customer_is_a_memo_with_all_that_was_agreed(all_of):
	old = all_of.old
	values = {
		"party_type": "Customer", "party_name": old.world.customer, "status": "Active", "fulfilment_status": "Fulfilled",
		"start_date": "2023-01-01", "end_date": "2023-12-31", "fulfilment_deadline": "2023-06-30", "is_signed": 1,
		"signee": "Zoe", "signed_on": "2022-12-24 10:00:00", "document_type": "Project", "document_name": "P-1",
		"contract_terms": "<p>Terms</p>", "owner": GONE, "creation": "2022-12-01 10:00:00", "docstatus": 1,
	}  # fmt: skip
	whole = put("Contract", old.name("A"), **values)
	plain = put("Contract", old.name("B"), **{**values, "fulfilment_status": "N/A", "is_signed": 0, "document_type": None, "contract_terms": None})  # fmt: skip
	for place, done in ((1, 1), (2, 0)):
		terms = {"requirement": f"Deliver {place}", "fulfilled": done}
		child("Contract Fulfilment Checklist", ("Contract", whole), "fulfilment_terms", place, **terms)
	before = erpnext_agreements.contract_notices()
	put("Contract", old.name("C"), **{**values, "docstatus": 2})
	put("Contract", old.name("D"), **{**values, "party_type": "Supplier"})
	found = all_of("memos")
	assert found.keys() == {f"Contract {whole}", f"Contract {plain}"}
	assert found[f"Contract {whole}"] == {
		"external_id": f"Contract {whole}", "about_type": "Customer", "about": old.world.customer,
		"subject": f"Contract {whole}", "owner": ANN, "created_on": datetime(2022, 12, 1, 10),
		"notes": "<p>Status: Active<br>Fulfilment: Fulfilled<br>From: 2023-01-01<br>To: 2023-12-31"
		"<br>Fulfilment Deadline: 2023-06-30<br>Signed By: Zoe<br>Signed On: 2022-12-24 10:00:00<br>Project: P-1"
		"<br>Deliver 1: fulfilled<br>Deliver 2: not fulfilled</p><p>Terms</p>",
	}  # fmt: skip
	assert found[f"Contract {plain}"]["notes"] == (
		"<p>Status: Active<br>From: 2023-01-01<br>To: 2023-12-31<br>Fulfilment Deadline: 2023-06-30<br>Document: P-1</p>"
	)
	after = erpnext_agreements.contract_notices()
	assert after[0] == before[0] and after[0].startswith("Contracts with customers: ")
	assert after[1].startswith("Contracts with suppliers and employees, which are not moved: ")


def test_a_campaign_is_one_of_mails_where_it_has_any(all_of):
	old = all_of.old
	spring = put("Campaign", old.name("Spring"), campaign_name=old.name("Called"), description="A & B")
	for place, days in ((1, 3), (2, 7)):
		child("Campaign Email Schedule", ("Campaign", spring), "campaign_schedules", place, email_template=f"T{days}", send_after_days=days)  # fmt: skip
	put("Email Campaign", campaign_name=spring, start_date="2023-03-01", end_date=None)
	put("Email Campaign", campaign_name=spring, start_date="2023-02-01", end_date="2023-04-01")
	plain = put("Campaign", old.name("Plain"), campaign_name=old.name("Plain"))
	found = all_of("campaigns")
	assert found[spring] == {
		"external_id": spring, "campaign": old.name("Called"), "kind": "E-mail", "starts_on": date(2023, 2, 1),
		"ends_on": date(2023, 4, 1), "notes": "A &amp; B<br>Mail after 3 days: T3<br>Mail after 7 days: T7",
	}  # fmt: skip
	assert found[plain] == {
		"external_id": plain, "campaign": old.name("Plain"), "kind": "Other", "starts_on": None, "ends_on": None, "notes": "",
	}  # fmt: skip
	lead = old.lead("Ann", campaign_name=old.name("Called"))
	assert all_of("leads")[lead]["campaign"] == spring

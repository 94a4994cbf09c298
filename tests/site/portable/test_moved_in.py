"""Moving in from ERPNext's own CRM: what a small and untidy one becomes here, table by table."""

import json
from functools import partial

import frappe
import pytest
from frappe.utils import nowdate

from crm_pipeline import api
from crm_pipeline.core import moving_in as rules
from tests.site import moves, rows
from tests.site.hosts import HOST
from tests.site.moves import record
from tests.site.other_systems import ERPNEXT, child, open_tables, put
from tests.site.plain_records import MASTERS
from tests.site.uncommitted import within_the_test
from tests.site.world import refused

IMPORT, LEAD, PROSPECT, DEAL = "Sales Import", "Sales Lead", "Sales Prospect", "Sales Opportunity"
ANN, GONE = "rep@crm-test.example", "gone@old.example"


@pytest.fixture
def old(world, monkeypatch):
	"""ERPNext's CRM on this site; old.t is in every name. What a move commits belongs to the test."""
	open_tables(monkeypatch, ERPNEXT, "Lead", "Opportunity")
	HOST.plain_records(monkeypatch, *MASTERS)
	within_the_test(monkeypatch)
	frappe.set_user("Administrator")
	for name in rules.ERPNEXT_STAGES:
		if not frappe.db.exists("Sales Stage", name):
			put("Sales Stage", name, stage_name=name)
	return Old(world)


class Old:
	def __init__(self, world):
		self.world, self.t = world, world.tag

	def name(self, key: str) -> str:
		return f"{key} {self.t}"

	def lead(self, key: str, **values) -> str:
		fixed = {"company": self.world.company, "lead_owner": ANN, "status": "Open", "lead_name": self.name(key)}
		return put("Lead", self.name(key), **{**fixed, **values})

	def deal(self, key: str, kind: str, party: str, **values) -> str:
		fixed = {"title": self.name(key), "company": self.world.company, "currency": self.world.currency}
		fixed |= {"conversion_rate": 1, "opportunity_amount": 1000, "transaction_date": "2023-02-01", "status": "Open"}
		fixed |= {"sales_stage": "Prospecting", "opportunity_owner": ANN, "opportunity_from": kind, "party_name": party}
		return put("Opportunity", self.name(key), **{**fixed, **values})


a_move = partial(moves.a_move, system="ERPNext's CRM")
moved = partial(moves.moved, system="ERPNext's CRM")
here = partial(moves.here, source="ERPNext CRM")


def tables_of(doc) -> dict:
	rows = json.loads(doc.move_report)["tables"]
	return {
		row["title"]: (row["records"], row["stored"], row["already"], row["rejected"], row["equal"]) for row in rows
	}


# ---- before


def test_each_word_has_a_row_with_a_guess_and_who_is_gone_has_none(old):
	old.lead("Ann", status="Replied", source=old.name("Fair"))
	old.deal("Big", "Customer", old.world.customer, sales_stage="Negotiation/Review", opportunity_owner=GONE)
	old.deal("Own", "Customer", old.world.customer, sales_stage=old.name("Own Stage"), source=old.name("Web"))
	put("Opportunity Lost Reason", old.name("Price"))
	rows = {(row.field, row.file_value): row.meaning or "" for row in a_move(old).value_rows}
	assert rows["stage", "Negotiation/Review"] == "Negotiation"
	assert (rows["stage", "Converted"], rows["stage", "Lost"], rows["stage", "Closed"]) == ("Won", "Lost", "Lost")
	assert rows["stage", old.name("Own Stage")] == "Negotiation", "as the one before it"
	assert rows["status", "Replied"] == "Contacted" and ("status", "Open") not in rows
	assert (rows["owner", GONE], rows["owner", ANN]) == ("", ANN)
	assert {value for field, value in rows if field == "channel"} >= {old.name("Fair"), old.name("Web")}
	assert rows["lost_reason", old.name("Price")] == old.name("Price")


def test_what_a_person_said_of_a_word_stays_and_another_pipeline_asks_for_its_stages_anew(old):
	old.deal("Big", "Customer", old.world.customer)
	doc = a_move(old)
	row = next(row for row in doc.value_rows if (row.field, row.file_value) == ("stage", "Prospecting"))
	row.meaning = "Proposal"
	doc.save()
	doc.save()
	said = [row.meaning for row in doc.value_rows if (row.field, row.file_value) == ("stage", "Prospecting")]
	assert said == ["Proposal"]
	other = frappe.copy_doc(frappe.get_doc("Sales Pipeline", "Standard Sales"))
	other.pipeline_name = old.name("Other")
	other.insert()
	for place, (label, kind) in enumerate((("Talks", "Open"), ("Over", "Lost")), 1):
		values = {
			"pipeline": other.name,
			"label": label,
			"stage_key": label.lower(),
			"stage_type": kind,
			"position": place,
		}
		frappe.get_doc({"doctype": "Pipeline Stage", **values}).insert()
	doc.pipeline = other.name
	doc.save()
	said = {row.file_value: row.meaning or "" for row in doc.value_rows if row.field == "stage"}
	assert (said["Prospecting"], said["Lost"], said["Converted"]) == ("Talks", "Over", "")


@pytest.mark.parametrize(
	("field", "meaning", "message"),
	[
		("stage", "Nowhere", "Stage: .*Nowhere.* can't be used. Known are Qualification"),
		("status", "Nowhere", "Status: .*Nowhere.* can't be used. Known are New"),
		("owner", "nobody@x.example", "nobody@x.example.* is not a user"),
		("colour", "Red", "Field: .*colour.* can't be used. Known are stage"),
	],
)
def test_a_meaning_that_there_is_not_is_named_with_those_that_there_are(old, field, meaning, message):
	old.lead("Ann")
	doc = a_move(old)
	doc.append("value_rows", {"field": field, "file_value": "x", "meaning": meaning})
	with refused(match=message):
		doc.save()


def test_it_takes_a_role_a_pipeline_and_the_other_system(old, as_user, monkeypatch):
	with refused(match="Please choose the .*Pipeline.* that the deals go to"):
		a_move(old, pipeline=None)
	doc = a_move(old)
	as_user("rep")
	with refused(frappe.PermissionError, match="takes the role Sales Master Manager / System Manager"):
		a_move(old)
	for ask in (api.preview_import, api.start_import):
		with pytest.raises(frappe.PermissionError):
			ask(doc.name)
	as_user("Administrator")
	if not frappe.db.exists("DocType", "CRM Deal"):
		with refused(match="Frappe CRM.* is not on this site: there is no table of CRM Deal"):
			frappe.get_doc({"doctype": IMPORT, "import_from": "Frappe CRM", "company": old.world.company}).insert()


def test_a_rehearsal_counts_everything_names_what_can_not_come_and_writes_nothing(old):
	old.lead("Ann")
	old.deal("Fine", "Customer", old.world.customer, opportunity_amount=500.55)
	nobody = old.deal("Nobody", "Customer", old.name("Deleted Customer"))
	lost = old.deal("Lost", "Customer", old.world.customer, status="Lost", opportunity_owner=GONE, company=None)
	rows = [{"item_code": old.world.pump, "qty": 2, "rate": 100}]
	differs = old.deal("Differs", "Customer", old.world.customer, opportunity_amount=999)
	for place, row in enumerate(rows, 1):
		child("Opportunity Item", ("Opportunity", differs), "items", place, **row)
	old.deal("Elsewhere", "Customer", old.world.customer, company="Another Company")
	before = frappe.db.count(DEAL)
	found = api.preview_import(a_move(old).name)
	assert frappe.db.count(DEAL) == before
	deals = next(row for row in found["tables"] if row["title"] == "Opportunity")
	assert (deals["records"], deals["usable"], deals["rejected"]) == (4, 3, 1)
	assert (found["rejected"], found["already"], found["amount"]) == (1, 0, 1700.55)
	assert found["lines"] == [
		{"record": f"Opportunity {nobody}", "reasons": f'Customer: "{old.name("Deleted Customer")}" is unknown'}
	]
	said = " ".join(found["notices"])
	assert "amount differs from their items: 1." in said and "day of closing: 1." in said
	assert f"will have no owner: {GONE}" in said and "other companies, which are not moved: 1." in said
	assert "kept no history of stages" in said
	told = " ".join(api.preview_import(a_move(old, closing_days="Last Change").name)["notices"])
	assert "day of closing" not in told, lost


# ---- leads and prospects


def test_a_lead_keeps_state_day_owner_channel_and_what_has_no_field_as_text(old):
	ann = old.lead(
		"Ann", status="Replied", company_name=old.name("Twins"), email_id=f"ann@{old.t}.example", phone="+49 30 901820",
		mobile_no="abc", job_title="Buyer", source=old.name("Fair"), creation="2021-05-06 10:00:00", title="A title",
		market_segment="Upper", website="twins.example", city="Kiel", industry=old.name("Boats"), country="Atlantis",
	)  # fmt: skip
	bad = old.lead("Ida", email_id="not a mail", lead_owner=GONE)
	off = old.lead("Emil", disabled=1, status="Interested")
	doc = moved(old)
	lead = record(ann)
	assert (lead.status, str(lead.creation)[:10], lead.sales_owner) == ("Contacted", "2021-05-06", ANN)
	assert (lead.prospect_name, lead.contact_name, lead.title) == (old.name("Twins"), old.name("Ann"), "A title")
	assert (lead.email_id, lead.phone, lead.mobile_no) == (f"ann@{old.t}.example", "+49 30 901820", None)
	assert (lead.designation, lead.channel, lead.industry) == ("Buyer", old.name("Fair"), old.name("Boats"))
	for line in ("Mobile: abc", "Market Segment: Upper", "Website: twins.example", "City: Kiel"):
		assert line in lead.message
	assert "Disabled" not in lead.message
	assert (record(bad).email_id, record(bad).sales_owner, record(bad).message) == (None, None, "Email: not a mail")
	assert record(off).status == "Disqualified" and "Disabled in ERPNext: yes" in record(off).message
	assert tables_of(doc)["Lead"] == (3, 3, 0, 0, True)


def test_leads_with_deals_stand_on_a_prospect_one_per_firm_and_a_person_is_one(old):
	first = old.lead("Ann", company_name=old.name("Twins"), status="Opportunity", creation="2022-01-01 10:00:00")
	second = old.lead("Bob", company_name=old.name("TWINS").upper(), status="Opportunity")
	person = old.lead("Dora", status="Opportunity", email_id=f"dora@{old.t}.example", city="Kiel")
	alone = old.lead("Finn", company_name=old.name("Alone"))
	deals = [
		old.deal(key, "Lead", lead)
		for key, lead in (("One", first), ("Two", second), ("Three", person), ("Four", first))
	]
	moved(old)
	one, two, three, four = map(here, deals)
	assert one.prospect and one.prospect == two.prospect == four.prospect != three.prospect
	assert (one.source_type, one.source_name) == (LEAD, record(first).name)
	assert record(second).prospect == one.prospect and record(alone).prospect is None
	dora = frappe.get_doc(PROSPECT, three.prospect)
	assert (dora.prospect_kind, dora.prospect_name, dora.city) == ("Person", old.name("Dora"), "Kiel")
	assert (dora.email_id, dora.sales_owner) == (f"dora@{old.t}.example", ANN)
	assert frappe.db.get_value(PROSPECT, one.prospect, "prospect_kind") == "Organisation"
	assert str(record(first).converted_on)[:10] == "2023-02-01"


def test_a_lead_of_a_prospect_stands_on_it_and_of_a_customer_on_that(old):
	group = put("Prospect", old.name("Group"), company_name=old.name("Group Ltd"), company=old.world.company, prospect_owner=ANN,
		website="group.example")  # fmt: skip
	inside = old.lead("Finn", company_name=old.name("Group Ltd"))
	child("Prospect Lead", ("Prospect", group), "leads", 1, lead=inside)
	known = old.lead("Gina", status="Converted")
	frappe.db.set_value("Customer", old.world.customer, "lead_name", known)
	deal = old.deal("Of Group", "Prospect", group)
	from_lead = old.deal("Of Lead", "Lead", inside)
	gone = old.deal("Of Gone", "Lead", "CRM-LEAD-GONE")
	doc = moved(old)
	prospect = record(group, PROSPECT)
	assert (prospect.prospect_name, prospect.sales_owner, prospect.website) == (
		old.name("Group Ltd"),
		ANN,
		"group.example",
	)
	assert here(deal).prospect == here(from_lead).prospect == record(inside).prospect == prospect.name
	assert here(gone) is None and tables_of(doc)["Opportunity"] == (3, 2, 0, 1, True)


# ---- deals


def test_items_become_rows_where_they_are_sold_here_and_say_what_the_deal_is_worth(old):
	items = old.deal("Items", "Customer", old.world.customer, opportunity_amount=999, probability=100)
	for place, (item, qty, rate) in enumerate(((old.world.pump, 2, 100), (old.world.filter, 4, 12.5)), 1):
		child("Opportunity Item", ("Opportunity", items), "items", place, item_code=item, qty=qty, rate=rate)
	text = old.deal("Text", "Customer", old.world.customer, opportunity_amount=15, probability=60)
	child("Opportunity Item", ("Opportunity", text), "items", 1, item_name="Free <text>", qty=3, rate=5)
	half = old.deal("Half", "Customer", old.world.customer, opportunity_amount=0, total=40)
	child("Opportunity Item", ("Opportunity", half), "items", 1, item_code=old.world.pump, qty=1, rate=30)
	child("Opportunity Item", ("Opportunity", half), "items", 2, item_code="no such item", qty=1, rate=10)
	moved(old)
	deal = here(items)
	assert [(row.item_code, row.qty, row.rate) for row in deal.items] == [
		(old.world.pump, 2, 100),
		(old.world.filter, 4, 12.5),
	]
	assert deal.amount == 250 and "Opportunity Amount: 999.00" in deal.description
	assert (deal.probability, here(text).probability) == (10, 60), "100 is what ERPNext sets by itself"
	assert not here(text).items and here(text).amount == 15
	assert "Free &lt;text&gt;: 3 x 5.00" in here(text).description
	assert not here(half).items and here(half).amount == 40 and "no such item: 1 x 10.00" in here(half).description


def test_a_deal_says_how_it_ended_and_why_and_what_has_no_field_is_text(old):
	lost = old.deal("Lost", "Customer", old.world.customer, status="Lost", order_lost_reason="They said so",
		opportunity_type="Sales", probability=40)  # fmt: skip
	for place, why in enumerate((old.name("Price"), old.name("Too Late")), 1):
		child("Opportunity Lost Reason Detail", ("Opportunity", lost), "lost_reasons", place, lost_reason=why)
	shut = old.deal("Shut", "Customer", old.world.customer, status="Closed")
	still = old.deal("Open", "Customer", old.world.customer, expected_closing="2030-01-31", source=old.name("Fair"),
		contact_display="Zoe", contact_email="zoe@x.example", sales_stage="Proposal/Price Quote")  # fmt: skip
	moved(old)
	deal = here(lost)
	assert (deal.status, deal.lost_reason, deal.closed_on, str(deal.opened_on)) == (
		"Lost",
		old.name("Price"),
		None,
		"2023-02-01",
	)
	for line in (
		f"Further Lost Reasons: {old.name('Too Late')}",
		"They said so",
		"Opportunity Type: Sales",
		"Detailed Reason: They said so",
	):
		assert line in deal.description
	assert (here(shut).status, here(shut).lost_reason) == ("Lost", "No Decision")
	assert "Status in ERPNext: Closed" in here(shut).description
	deal = here(still)
	assert (deal.stage, str(deal.expected_close), deal.channel) == (
		"Standard Sales-proposal",
		"2030-01-31",
		old.name("Fair"),
	)
	assert [(row.contact_name, row.email_id) for row in deal.contacts] == [("Zoe", "zoe@x.example")]
	assert (deal.sales_owner, deal.customer, deal.prospect) == (ANN, old.world.customer, None)


def test_a_deal_in_another_currency_keeps_its_rate(old):
	foreign = old.deal("Foreign", "Customer", old.world.customer, currency="EUR", conversion_rate=1.25)
	moved(old)
	deal = here(foreign)
	assert (deal.currency, deal.amount, deal.conversion_rate, deal.base_amount) == ("EUR", 1000, 1.25, 1250)


def version(deal: str, day: str, *change) -> None:
	put(
		"Version",
		ref_doctype="Opportunity",
		docname=deal,
		data=json.dumps({"changed": [change]}),
		creation=f"{day} 12:00:00",
	)


def test_stored_versions_tell_the_days_of_stages_and_of_the_end(old):
	deal = old.deal("Tracked", "Customer", old.world.customer, status="Lost", transaction_date="2023-01-10",
		sales_stage="Needs Analysis")  # fmt: skip
	version(deal, "2023-01-20", "sales_stage", "Prospecting", "Needs Analysis")
	version(deal, "2023-02-10", "status", "Open", "Lost")
	put("Version", ref_doctype="Opportunity", docname=deal, data="not json")
	early = old.deal("Early", "Customer", old.world.customer, status="Lost", transaction_date="2023-01-10")
	version(early, "2022-12-20", "status", "Open", "Lost")
	moved(old)
	assert str(here(deal).closed_on) == "2023-02-10"
	assert str(here(early).closed_on) == "2023-01-10", "nothing ends before it began"
	labels = dict(frappe.get_all("Pipeline Stage", fields=["name", "label"], as_list=True, order_by="name asc"))
	events = frappe.get_all(
		"Pipeline Event",
		filters={"reference_name": here(deal).name},
		fields=["to_value", "at"],
		order_by="at asc, creation asc",
	)
	assert [(labels[one.to_value], str(one.at)[:10]) for one in events] == [
		("Qualification", "2023-01-10"), ("Needs Analysis", "2023-01-20"), ("Lost", "2023-02-10"),
	]  # fmt: skip


def test_the_last_change_is_the_day_of_the_end_where_somebody_says_so(old):
	lost = old.deal("Lost", "Customer", old.world.customer, status="Lost", modified="2023-05-06 10:00:00")
	moved(old, closing_days="Last Change")
	assert str(here(lost).closed_on) == "2023-05-06"


# ---- what stands around


def test_campaigns_come_with_their_days_and_mails_and_leads_know_theirs(old):
	spring = put("Campaign", old.name("Spring"), campaign_name=old.name("Spring"), description="A & B")
	child(
		"Campaign Email Schedule",
		("Campaign", spring),
		"campaign_schedules",
		1,
		email_template="First",
		send_after_days=3,
	)
	for start, end in (("2023-03-01", "2023-03-09"), ("2023-02-01", "2023-04-01")):
		put("Email Campaign", campaign_name=spring, start_date=start, end_date=end)
	plain = put("Campaign", old.name("Plain"), campaign_name=old.name("Plain"))
	lead = old.lead("Ann", campaign_name=spring)
	other = old.lead("Bob", campaign_name="Deleted")
	deal = old.deal("Big", "Customer", old.world.customer, campaign=plain)
	doc = moved(old)
	campaign = record(spring, "Sales Campaign")
	assert (campaign.title, str(campaign.start_date), str(campaign.end_date)) == (
		old.name("Spring"),
		"2023-02-01",
		"2023-04-01",
	)
	assert "A &amp; B" in campaign.description and "Mail after 3 days: First" in campaign.description
	assert (record(lead).campaign, record(other).campaign) == (campaign.name, None)
	assert here(deal).campaign == record(plain, "Sales Campaign").name
	assert tables_of(doc)["Campaign"] == (2, 2, 0, 0, True)


def test_notes_contracts_and_appointments_are_kept_with_author_and_time(old):
	lead = old.lead("Ann")
	child(
		"CRM Note",
		("Lead", lead),
		"notes",
		1,
		note="<p>Likes <b>blue</b></p>",
		added_by=ANN,
		added_on="2022-03-04 09:30:00",
	)
	child(
		"CRM Note",
		("Lead", lead),
		"notes",
		2,
		note="<div>Call back</div>",
		added_by=GONE,
		added_on="2022-01-02 08:00:00",
	)
	for key, state, done in (("A", "Fulfilled", 1), ("B", "N/A", 0)):
		name = put("Contract", old.name(key), party_type="Customer", party_name=old.world.customer, status="Active", docstatus=1,
			fulfilment_status=state, contract_terms="<p>Terms</p>", is_signed=done, signee="Zoe")  # fmt: skip
		child(
			"Contract Fulfilment Checklist",
			("Contract", name),
			"fulfilment_terms",
			1,
			requirement="Deliver",
			fulfilled=done,
		)
	put("Contract", old.name("Cancelled"), party_type="Customer", party_name=old.world.customer, docstatus=2)
	put("Appointment", old.name("APMT"), customer_name="Visitor", scheduled_time="2023-03-03 10:30:00", status="Closed",
		appointment_with="Lead", party=lead, customer_phone_number="123")  # fmt: skip
	put("Appointment", old.name("APMT 2"), customer_name="Nobody", scheduled_time="2023-03-03 10:30:00", status="Open")
	doc = moved(old)
	about = {"reference_doctype": LEAD, "reference_name": record(lead).name}
	memos = frappe.get_all("Sales Memo", filters=about, fields=["memo", "owner", "creation"], order_by="creation asc")
	assert [(row.owner, str(row.creation)[:19]) for row in memos] == [
		("Administrator", "2022-01-02 08:00:00"), (ANN, "2022-03-04 09:30:00"),
	]  # fmt: skip
	assert GONE in memos[0].memo and "Call back" in memos[0].memo, "nobody else wrote it"
	assert "Likes <b>blue</b>" in memos[1].memo and GONE not in memos[1].memo and ANN not in memos[1].memo
	contracts = frappe.get_all(
		"Sales Memo", filters={"reference_name": old.world.customer, "reference_doctype": "Customer"}, fields=["memo", "subject"],
		order_by="subject asc",
	)  # fmt: skip
	assert [row.subject for row in contracts] == [f"Contract {old.name('A')}", f"Contract {old.name('B')}"]
	first, second = (row.memo for row in contracts)
	assert (
		"Status: Active" in first
		and "Fulfilment: Fulfilled" in first
		and "Signed By: Zoe" in first
		and "Terms" in first
	)
	assert "Deliver: fulfilled" in first and "Deliver: not fulfilled" in second
	assert "Fulfilment:" not in second and "Signed By" not in second
	visit, = frappe.get_all(
		"Sales Activity", filters=about, fields=["subject", "status", "starts_on", "notes", "way"], order_by="name asc"
	)  # fmt: skip
	assert (visit.subject, visit.status, str(visit.starts_on)[:19]) == (
		"Appointment with Visitor",
		"Done",
		"2023-03-03 10:30:00",
	)
	assert "Phone: 123" in visit.notes
	assert tables_of(doc)["Appointment"] == (2, 1, 0, 1, True)


def quoted(old, deal: str, key: str, **values) -> str:
	fixed = {"docstatus": 1, "quotation_to": "Customer", "party_name": old.world.customer, "opportunity": deal}
	return put("Quotation", old.name(key), **{**fixed, **values})


def source_of(doctype: str, name: str) -> tuple:
	return frappe.db.get_value(doctype, name, ["crm_source_type", "crm_source_name"])


def test_a_won_deal_knows_its_order_and_quotations_where_they_came_from(old):
	won = old.deal("Won", "Customer", old.world.customer, status="Converted")
	still = old.deal("Open", "Customer", old.world.customer)
	quotation, cancelled = quoted(old, won, "QTN"), quoted(old, won, "Cancelled", docstatus=2)
	theirs = quoted(old, won, "Theirs", crm_source_type="Sales Contract", crm_source_name="CON-1")
	open_one = quoted(old, still, "Draft", docstatus=0)
	order = rows.order(old.world, 200, prevdoc_docname=quotation, transaction_date="2023-04-05", name=old.name("B"))
	later = rows.order(old.world, 70, prevdoc_docname=quotation, transaction_date="2023-04-06", name=old.name("A"))
	draft = rows.order(old.world, 70, prevdoc_docname=quotation, transaction_date="2023-04-01", docstatus=0)
	report = json.loads(moved(old).move_report)
	deal = here(won)
	assert (deal.status, deal.won_by_type, deal.won_by, str(deal.closed_on)) == (
		"Won",
		"Sales Order",
		order,
		"2023-04-05",
	)
	assert source_of("Quotation", quotation) == (DEAL, deal.name) and source_of("Quotation", cancelled) == (None, None)
	assert source_of("Quotation", theirs) == ("Sales Contract", "CON-1"), "it says something else already"
	assert source_of("Quotation", open_one) == (DEAL, here(still).name)
	assert source_of("Sales Order", order) == source_of("Sales Order", later) == ("Quotation", quotation)
	assert source_of("Sales Order", draft) == ("Quotation", quotation)
	assert report["sourced"] == {"quotations": 2, "orders": 3}
	assert here(still).won_by is None


# ---- again, and back


def test_again_moves_only_what_is_new(old):
	old.lead("Ann")
	deal = old.deal("Big", "Customer", old.world.customer)
	moved(old)
	late = old.lead("Late")
	again = moved(old)
	assert tables_of(again)["Lead"] == (2, 1, 1, 0, True) and tables_of(again)["Opportunity"] == (1, 0, 1, 0, True)
	assert record(late).prospect_name == old.name("Late")
	assert frappe.db.count(DEAL, {"external_id": deal}) == 1


def test_all_of_it_is_undone_and_the_other_system_keeps_its_own(old):
	lead = old.lead("Ann", company_name=old.name("Firm"), status="Opportunity")
	deal = old.deal("Big", "Lead", lead)
	child("CRM Note", ("Lead", lead), "notes", 1, note="x", added_by=ANN, added_on="2022-03-04 09:30:00")
	doc = moved(old)
	new = here(deal).name, record(lead).name
	assert api.undo_import(doc.name) == 4, "a lead, its prospect, a memo, a deal"
	assert not frappe.db.exists(DEAL, new[0]) and not frappe.db.exists(LEAD, new[1])
	assert frappe.db.exists("Opportunity", deal) and frappe.db.exists("Lead", lead)
	assert doc.reload().status == "Undone"


def test_the_report_has_both_sides_by_stage(old):
	for number, stage in enumerate(("Prospecting", "Negotiation/Review", "Negotiation/Review")):
		old.deal(f"Deal {number}", "Customer", old.world.customer, sales_stage=stage, opportunity_amount=10 + number)
	report = json.loads(moved(old).move_report)
	stages = {row["stage"]: (row["counts"], row["sums"], row["equal"]) for row in report["stages"]}
	assert stages == {"Qualification": ([1, 1], [10, 10], True), "Negotiation": ([2, 2], [23, 23], True)}
	assert [row["stage"] for row in report["stages"]] == ["Qualification", "Negotiation"]
	assert report["lines"] == [] and nowdate() not in report["notices"]

"""Moving in from Frappe CRM: what a small and untidy one becomes here, table by table."""

import json
from functools import partial

import frappe
import pytest

from crm_pipeline import api
from tests.site import moves
from tests.site.hosts import HOST
from tests.site.moves import record
from tests.site.other_systems import FRAPPE_CRM, child, open_tables, put
from tests.site.plain_records import MASTERS
from tests.site.uncommitted import within_the_test

IMPORT, LEAD, PROSPECT, DEAL = "Sales Import", "Sales Lead", "Sales Prospect", "Sales Opportunity"
ANN, GONE = "rep@crm-test.example", "gone@old.example"


@pytest.fixture
def old(world, monkeypatch):
	open_tables(monkeypatch, FRAPPE_CRM, "CRM Lead", "CRM Deal")
	HOST.plain_records(monkeypatch, *MASTERS)
	within_the_test(monkeypatch)
	frappe.set_user("Administrator")
	return Old(world)


class Old:
	def __init__(self, world):
		self.world, self.t = world, world.tag
		for place, (name, kind) in enumerate(
			(("Fresh", "Open"), ("Negotiation", "Ongoing"), ("Signed", "Won"), ("Gone", "Lost")), 1
		):
			put("CRM Deal Status", self.name(name), type=kind, position=10 - place)

	def name(self, key: str) -> str:
		return f"{key} {self.t}"

	def lead(self, key: str, **values) -> str:
		return put(
			"CRM Lead", self.name(key), **{"lead_name": self.name(key), "lead_owner": ANN, "status": "New", **values}
		)

	def firm(self, key: str, **values) -> str:
		return put("CRM Organization", self.name(key), **{"organization_name": self.name(key), **values})

	def deal(self, key: str, **values) -> str:
		fixed = {"status": self.name("Fresh"), "deal_owner": ANN, "creation": "2023-02-01 10:00:00", "deal_value": 1000}
		return put("CRM Deal", self.name(key), **{**fixed, **values})

	def log(self, deal: str, place: int, before: str, since: str, after: str = "", until: str | None = None) -> None:
		values = {
			"from": before and self.name(before),
			"from_date": since,
			"to": after and self.name(after),
			"to_date": until,
		}
		child("CRM Status Change Log", ("CRM Deal", deal), "status_change_log", place, **values)


a_move = partial(moves.a_move, system="Frappe CRM")
moved = partial(moves.moved, system="Frappe CRM")
here = partial(moves.here, source="Frappe CRM")


def test_each_word_has_a_row_with_a_guess(old):
	put("CRM Lead Status", old.name("Cold"), type="On Hold")
	put("CRM Lost Reason", old.name("Price"))
	for key, state in (("A", "Nurture"), ("B", old.name("Cold")), ("C", "Unknown")):
		old.lead(key, status=state, source=old.name("Fair"))
	old.deal("Big", deal_owner=GONE, status=old.name("Dropped"))
	rows = {(row.field, row.file_value): row.meaning or "" for row in a_move(old).value_rows}
	stages = {
		value.removesuffix(f" {old.t}"): meaning
		for (field, value), meaning in rows.items()
		if field == "stage" and old.t in value
	}
	assert stages == {
		"Gone": "Lost", "Signed": "Won", "Negotiation": "Negotiation", "Fresh": "Negotiation", "Dropped": "Negotiation",
	}, "in the order of their positions, and those that are gone last"  # fmt: skip
	assert (rows["status", "Nurture"], rows["status", old.name("Cold")], rows["status", "Unknown"]) == (
		"Contacted",
		"Contacted",
		"",
	)
	assert (rows["owner", GONE], rows["owner", ANN]) == ("", ANN)
	assert rows["channel", old.name("Fair")] == old.name("Fair") and rows["lost_reason", old.name("Price")] == old.name(
		"Price"
	)


def test_organizations_are_prospects_or_the_one_customer_of_their_name(old):
	firm = old.firm(
		"Firm", website="firm.example", industry=old.name("Boats"), owner=ANN, creation="2021-05-06 10:00:00"
	)
	known = old.firm(old.world.customer.removesuffix(f" {old.t}"))
	twice = old.firm("Twice")
	for number in (1, 2):
		put("Customer", f"{old.name('Twice')} {number}", customer_name=old.name("Twice"))
	moved(old)
	prospect = record(firm, PROSPECT)
	assert (prospect.prospect_name, prospect.website, prospect.sales_owner) == (old.name("Firm"), "firm.example", ANN)
	assert (prospect.industry, str(prospect.creation)[:10], prospect.status) == (
		old.name("Boats"),
		"2021-05-06",
		"Unverified",
	)
	assert record(known, PROSPECT).customer == old.world.customer and record(twice, PROSPECT).customer is None


def test_a_lead_keeps_state_person_firm_and_what_has_no_field(old):
	firm = old.firm("Firm")
	ann = old.lead("Ann", organization=firm, status="Contacted", email=f"ann@{old.t}.example", mobile_no="+49 30 901820",
		source=old.name("Fair"), creation="2021-05-06 10:00:00")  # fmt: skip
	bob = old.lead("Bob", lead_name=None, first_name="Bob", organization="No Such Firm", converted=1, email="not a mail",
		creation="2023-01-01 10:00:00")  # fmt: skip
	old.deal("Of Bob", lead=bob, creation="2023-03-04 10:00:00", organization=firm)
	moved(old)
	lead = record(ann)
	assert (lead.status, lead.prospect_name, lead.contact_name) == ("Contacted", firm, old.name("Ann"))
	assert (lead.email_id, lead.mobile_no, lead.channel) == (f"ann@{old.t}.example", "+49 30 901820", old.name("Fair"))
	assert (lead.sales_owner, str(lead.creation)[:10], lead.prospect) == (
		ANN,
		"2021-05-06",
		record(firm, PROSPECT).name,
	)
	lead = record(bob)
	assert (lead.status, lead.prospect_name, lead.contact_name, lead.prospect) == (
		"Converted",
		"No Such Firm",
		"Bob",
		None,
	)
	assert (str(lead.converted_on)[:10], lead.email_id) == ("2023-03-04", None) and "Email: not a mail" in lead.message


def test_deals_stand_on_their_firm_or_on_their_person(old):
	firm, lead = old.firm("Firm"), old.lead("Ann")
	first = old.deal("First", organization=firm, lead=lead, next_step="Call", probability=60, expected_closure_date="2030-01-31",
		source=old.name("Fair"))  # fmt: skip
	person = old.deal("Second", lead_name=old.name("Zoe"), currency="EUR", exchange_rate=1.25)
	customer = old.deal("Third", organization=old.firm(old.world.customer.removesuffix(f" {old.t}")), probability=100)
	moved(old)
	deal = here(first)
	assert (deal.prospect, deal.source_name, deal.next_step) == (record(firm, PROSPECT).name, record(lead).name, "Call")
	assert (deal.probability, str(deal.expected_close), deal.channel) == (60, "2030-01-31", old.name("Fair"))
	assert (deal.title, str(deal.opened_on), deal.sales_owner, deal.amount) == (firm, "2023-02-01", ANN, 1000)
	deal = here(person)
	zoe = frappe.get_doc(PROSPECT, deal.prospect)
	assert (zoe.prospect_name, zoe.prospect_kind, zoe.contact_name) == (old.name("Zoe"), "Person", old.name("Zoe"))
	assert (deal.currency, deal.conversion_rate, deal.base_amount) == ("EUR", 1.25, 1250)
	assert (deal.title, [row.contact_name for row in deal.contacts]) == (old.name("Zoe"), [old.name("Zoe")])
	assert (here(customer).customer, here(customer).probability) == (old.world.customer, 75), "100 is nobody's guess"


def test_products_become_rows_at_their_price_after_discount(old):
	deal, text, shut = (
		old.deal("Big", deal_value=999),
		old.deal("Text", deal_value=0),
		old.deal("Shut", status=old.name("Gone")),
	)
	for place, (product, qty, rate, net) in enumerate(
		((old.world.pump, 2, 100, 150), (old.world.filter, 4, 12.5, 0)), 1
	):
		child(
			"CRM Products",
			("CRM Deal", deal),
			"products",
			place,
			product_code=product,
			qty=qty,
			rate=rate,
			net_amount=net,
		)
	child("CRM Products", ("CRM Deal", text), "products", 1, product_name="Free text", qty=3, rate=5)
	child("CRM Products", ("CRM Deal", shut), "products", 1, product_code=old.world.pump, qty=0, rate=5)
	found = api.preview_import(a_move(old).name)
	assert [text for text in found["notices"] if "amount differs from their items: 1." in text]
	moved(old)
	assert [(row.item_code, row.qty, row.rate) for row in here(deal).items] == [
		(old.world.pump, 2, 75),
		(old.world.filter, 4, 12.5),
	]
	assert here(deal).amount == 200 and "Deal Value: 999.00" in here(deal).description
	assert (here(text).items, here(text).amount) == ([], 0) and "Free text: 3 x 5.00" in here(text).description
	assert (here(shut).items, here(shut).amount) == ([], 1000)


def test_the_log_tells_stages_and_the_end(old):
	deal = old.deal("Tracked", status=old.name("Gone"), lost_reason=old.name("Price"))
	old.log(deal, 1, "", "2023-01-10", "Fresh")
	old.log(deal, 2, "Fresh", "2023-01-10", "Negotiation", "2023-01-20")
	old.log(deal, 3, "Negotiation", "2023-01-20", "Gone", "2023-02-10")
	dated = old.deal("Dated", status=old.name("Signed"), closed_date="2023-04-05")
	unknown = old.deal("Unknown", status=old.name("Gone"))
	moved(old)
	assert (str(here(deal).closed_on), str(here(deal).opened_on)) == ("2023-02-10", "2023-01-10")
	assert (here(deal).status, here(deal).lost_reason) == ("Lost", old.name("Price"))
	assert (here(dated).status, str(here(dated).closed_on), here(unknown).closed_on) == ("Won", "2023-04-05", None)
	labels = dict(frappe.get_all("Pipeline Stage", fields=["name", "label"], as_list=True, order_by="name asc"))
	events = frappe.get_all(
		"Pipeline Event",
		filters={"reference_name": here(deal).name},
		fields=["to_value", "at"],
		order_by="at asc, creation asc",
	)
	assert [(labels[one.to_value], str(one.at)[:10]) for one in events] == [
		("Negotiation", "2023-01-10"), ("Negotiation", "2023-01-20"), ("Lost", "2023-02-10"),
	]  # fmt: skip


def test_a_day_of_the_end_that_nobody_knows_is_that_of_the_last_change_where_somebody_says_so(old):
	deal = old.deal("Lost", status=old.name("Gone"), modified="2023-05-06 10:00:00")
	moved(old, closing_days="Last Change")
	assert str(here(deal).closed_on) == "2023-05-06"


def test_notes_tasks_and_calls_are_kept(old):
	deal = old.deal("Big", lead_name=old.name("Zoe"))
	about = {"reference_doctype": "CRM Deal", "reference_docname": deal}
	put("FCRM Note", title="Hello", content="<p>Likes blue</p>", owner=ANN, creation="2022-03-04 09:30:00", **about)
	put("FCRM Note", title="Only 5 < 6", owner=GONE, **about)
	put(
		"CRM Task",
		title="Call them",
		status="Done",
		priority="High",
		assigned_to=ANN,
		due_date="2023-03-03 10:30:00",
		**about,
	)
	put("CRM Call Log", "call 1", **{"from": "+491", "to": "+492"}, status="Completed", type="Outgoing", caller=ANN, duration=90,
		start_time="2023-03-05 10:30:00", **about)  # fmt: skip
	linked = put(
		"CRM Call Log", "call 2", status="No Answer", type="Incoming", start_time="2023-03-06 10:30:00", receiver=GONE
	)
	child("Dynamic Link", ("CRM Call Log", linked), "links", 1, link_doctype="CRM Deal", link_name=deal)
	report = json.loads(moved(old).move_report)
	assert all(row["equal"] for row in report["tables"])
	subject = {"reference_doctype": DEAL, "reference_name": here(deal).name}
	memos = frappe.get_all("Sales Memo", filters=subject, fields=["subject", "memo", "owner"], order_by="subject asc")
	assert [(row.subject, row.owner) for row in memos] == [("Hello", ANN), ("Only 5 < 6", "Administrator")]
	assert "Likes blue" in memos[0].memo and GONE in memos[1].memo and "5 &lt; 6" in memos[1].memo
	fields = ["subject", "way", "status", "starts_on", "ends_on", "direction", "result", "sales_owner"]
	task, call, missed = frappe.get_all("Sales Activity", filters=subject, fields=fields, order_by="starts_on asc")
	assert (task.subject, task.status, str(task.starts_on)[:19], task.sales_owner) == (
		"Call them",
		"Done",
		"2023-03-03 10:30:00",
		ANN,
	)
	assert (call.subject, call.status, call.direction, call.result) == (
		"Call from +491 to +492",
		"Done",
		"Outbound",
		"Reached",
	)
	assert (str(call.ends_on)[:19], call.sales_owner) == ("2023-03-05 10:31:30", ANN)
	assert (missed.subject, missed.result, missed.direction) == ("Call from ? to ?", "Not Reached", "Inbound")


def test_contacts_of_a_deal_come_along(old):
	deal = old.deal("Big", lead_name=old.name("Zoe"))
	contact = put("Contact", old.name("Max"), first_name="Max", last_name=old.t, email_id="max@x.example")
	child("CRM Contacts", ("CRM Deal", deal), "contacts", 1, contact=contact)
	assert json.loads(moved(old).move_report)["linked"]["people"] == 1
	assert [(row.contact, row.contact_name) for row in here(deal).contacts] == [
		(None, old.name("Zoe")),
		(contact, f"Max {old.t}"),
	]

# ruff: noqa: F811
"""Each table of Frappe CRM as rows of an import: every column that has a place here is in it, the others are lines of text."""

from datetime import date, datetime
from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline.importer.moving_in.frappe_crm_rows import FrappeCrmRows, ends_of
from crm_pipeline.importer.moving_in.old_words import Words
from tests.site.hosts import HOST
from tests.site.other_systems import child, put
from tests.site.portable.test_moved_in_frappe_crm import ANN, GONE, old  # noqa: F401

# Columns of other releases, beside those that the other tests need.
MORE = """
CRM Lead|prompt|last_name job_title phone industry territory website no_of_employees annual_revenue:Float lost_notes
CRM Deal|prompt|expected_deal_value:Float net_total:Float total:Float close_date:Date lost_notes email mobile_no organization_name first_name last_name phone annual_revenue:Float
CRM Products||amount:Float
CRM Task|hash|start_date:Date
CRM Call Log|hash|end_time:Datetime recording_url
Dynamic Link||link_doctype link_name
Customer|prompt|crm_deal
"""


@pytest.fixture
def all_of(old, monkeypatch):
	"""all_of(kind) is {external id: row} of what this test has put there, by what the words mean."""
	HOST.other_tables(monkeypatch, MORE)
	for line in MORE.strip().split("\n"):
		doctype, _rule, fields = line.split("|")
		lacks = {word.partition(":")[0] for word in fields.split()} - set(frappe.db.get_table_columns(doctype))
		if lacks:
			pytest.skip(f"{doctype} of this release has no {', '.join(sorted(lacks))}")
	meanings = {
		("status", "Nurture"): "Contacted", ("owner", GONE): ANN, ("channel", "Fair"): "Exhibition",
		("lost_reason", "Dear"): "Price", ("stage", old.name("Signed")): "Won", ("stage", old.name("Fresh")): "Qualification",
	}  # fmt: skip
	rows = FrappeCrmRows(Words(old.world.company, "DE", meanings))

	def of(kind: str, reader=None) -> dict:
		return {
			row["external_id"]: row for row in getattr(reader or rows, kind)() if old.t in str(row) or kind == "history"
		}

	of.rows, of.old = rows, old
	return of


def test_an_organization_is_called_as_it_is_named_and_has_its_own_notes(all_of):
	old = all_of.old
	firm = old.firm("Key", organization_name=old.name("Harbour Works"))
	note = put("FCRM Note", old.name("note"), title="T", content="Text", reference_doctype="CRM Organization", reference_docname=firm)  # fmt: skip
	assert all_of("prospects")[firm]["prospect"] == old.name("Harbour Works")
	assert [all_of("memos")[f"FCRM Note {note}"][key] for key in ("about_type", "about")] == ["CRM Organization", firm]


def test_an_organization_is_a_prospect_of_its_customer(all_of):
	old = all_of.old
	territory = frappe.db.get_value("Territory", {"is_group": 0}, "name")
	values = {"website": "x.example", "industry": "Boats", "owner": GONE, "creation": "2021-05-06 10:00:00"}
	firm = old.firm("Firm", territory=territory, **values)
	put("Customer", old.name("Bought"), customer_name=old.name("FIRM").upper())
	bare = put(
		"CRM Organization", old.name("Bare"), creation="2999-01-01 10:00:00", owner="nobody@x.example", territory="Mars"
	)
	found = all_of("prospects")
	assert found[firm] == {
		"external_id": firm, "prospect": old.name("Firm"), "website": "x.example", "industry": "Boats", "territory": territory,
		"owner": ANN, "created_on": date(2021, 5, 6), "account": old.name("Bought"),
	}  # fmt: skip
	assert found[bare] == {
		"external_id": bare, "prospect": bare, "website": None, "industry": None, "territory": "", "owner": "",
		"created_on": all_of.rows.words.today, "account": None,
	}  # fmt: skip


PERSON = {
	"first_name": "Ann",
	"last_name": "Lee",
	"email": "ann@x.example",
	"phone": "030 901820",
	"mobile_no": "0171 2345678",
}


ALONE = [
	(
		{**PERSON, "lead_name": "Ann Lead", "organization": "Gone Org", "organization_name": "Org Ltd"},
		{"prospect": "Org Ltd", "kind": "Organisation", "contact": "Ann Lead"},
	),
	(
		{**PERSON, "organization": "Gone Org"},
		{"prospect": "Gone Org", "kind": "Organisation", "contact": "Ann Lee"},
	),
	({**PERSON, "last_name": None}, {"prospect": "Ann", "kind": "Person", "contact": "Ann"}),
	({"email": "ann@x.example"}, {"prospect": "ann@x.example", "kind": "Person", "contact": ""}),
	({}, {"prospect": None, "kind": "Person", "contact": ""}),
]


def test_a_deal_without_an_organization_stands_on_a_prospect_of_its_own(all_of):
	deals = [all_of.old.deal(f"Alone {n}", deal_owner=GONE, **values) for n, (values, _wanted) in enumerate(ALONE)]
	found = all_of("prospects")
	reach = {"email": "email", "phone": "phone", "mobile_no": "mobile"}
	for deal, (values, wanted) in zip(deals, ALONE, strict=True):
		usable = {field: values[name] for name, field in reach.items() if name in values}
		assert found[f"Deal: {deal}"] == {
			**usable, **wanted, "prospect": wanted["prospect"] or deal, "external_id": f"Deal: {deal}", "owner": ANN,
			"created_on": date(2023, 2, 1),
		}  # fmt: skip


def test_a_deal_of_an_organization_that_is_there_stands_on_that(all_of):
	firm = all_of.old.firm("Firm")
	deal = all_of.old.deal("Of Firm", organization=firm)
	assert all_of("prospects").keys() == {firm} and all_of("opportunities")[deal]["prospect"] == firm


def test_a_lead_has_all_that_it_had(all_of):
	old = all_of.old
	territory = frappe.db.get_value("Territory", {"is_group": 0}, "name")
	firm = old.firm("Firm")
	put("Customer", old.name("Firm"), customer_name=old.name("Firm"))
	values = {
		"organization": firm, "job_title": "Buyer", "email": "ann@x.example", "phone": "call me", "mobile_no": "0171 2345678",
		"industry": "Boats", "territory": territory, "source": "Fair", "status": "Nurture", "lead_owner": GONE,
		"creation": "2021-05-06 10:00:00", "website": "x.example", "no_of_employees": "11-50", "lost_reason": "Dear",
		"lost_notes": "Too much",
	}  # fmt: skip
	lead = old.lead("Ann", **values)
	assert all_of("leads")[lead] == {
		"email": "ann@x.example", "mobile": "0171 2345678", "external_id": lead, "company_name": firm, "title": firm,
		"contact": old.name("Ann"), "designation": "Buyer", "industry": "Boats", "territory": territory,
		"channel": "Exhibition", "status": "Contacted", "lost_reason": "Price", "owner": ANN,
		"created_on": date(2021, 5, 6), "converted_on": None, "account": old.name("Firm"), "prospect": firm,
		"notes": "Phone: call me\nWebsite: x.example\nNo of Employees: 11-50\nLost Notes: Too much",
	}  # fmt: skip


def test_a_lead_of_a_person_and_of_a_firm_that_is_gone(all_of):
	old = all_of.old
	person = old.lead("Bob", lead_name=None, first_name="Bob", last_name="Low", territory="Mars", status="Odd")
	gone = old.lead("Cy", organization="Gone Org", converted=1, status="Nurture")
	old.deal("Second", lead=gone, creation="2023-03-01 10:00:00")
	old.deal("First", lead=gone, creation="2023-02-01 10:00:00")
	old.deal("Of Bob", lead=person, creation="2023-04-01 10:00:00")
	found = all_of("leads")
	wanted = {"company_name": "Bob Low", "title": "Bob Low", "contact": "Bob Low", "territory": "", "status": "Odd"}
	wanted |= {"converted_on": None, "prospect": None, "account": None, "notes": "Territory: Mars"}
	assert {field: found[person][field] for field in wanted} == wanted
	wanted = {"company_name": "Gone Org", "title": "Gone Org", "contact": old.name("Cy"), "status": "Converted"}
	wanted |= {"converted_on": date(2023, 2, 1), "prospect": None, "account": None, "notes": ""}
	assert {field: found[gone][field] for field in wanted} == wanted


def test_a_deal_has_all_that_it_had(all_of):
	old = all_of.old
	firm, lead = old.firm("Firm"), old.lead("Ann")
	put("Customer", old.name("Firm"), customer_name=old.name("Firm"))
	values = {
		**PERSON, "organization": firm, "organization_name": "Org Ltd", "lead_name": "Ann Lead", "lead": lead,
		"probability": 40, "currency": "EUR", "exchange_rate": 1.25, "expected_closure_date": "2027-05-01", "next_step": "Call",
		"deal_owner": GONE, "source": "Fair", "lost_reason": "Dear", "lost_notes": "Too much",
	}  # fmt: skip
	deal = old.deal("Big", **values)
	wanted = {
		"external_id": deal, "title": "Org Ltd", "stage": old.name("Fresh"), "is_closed": False, "account": old.name("Firm"),
		"prospect": firm, "lead": lead, "owner": ANN, "created_on": date(2023, 2, 1), "closed_on": None,
		"expected_close": date(2027, 5, 1), "currency": "EUR", "exchange_rate": 1.25, "probability": "40.0 %",
		"lost_reason": "Price", "contact": "Ann Lead", "contact_email": "ann@x.example", "contact_phone": "0171 2345678",
		"channel": "Exhibition", "next_step": "Call", "details": "Lost Notes: Too much", "amount": 1000,
	}  # fmt: skip
	assert all_of("opportunities")[deal] == wanted
	put("Customer", old.name("Bought"), customer_name="Other", crm_deal=deal)
	again = all_of("opportunities", FrappeCrmRows(all_of.rows.words))[deal]
	assert again == {**wanted, "account": old.name("Bought")}, "the Customer that was made of it goes first"


LACKING = [
	({"first_name": "Ann", "last_name": "Lee"}, {"title": "Ann Lee", "contact": "Ann Lee"}),
	({"organization": "Gone Org", "first_name": "Ann"}, {"title": "Gone Org", "contact": "Ann"}),
	({"phone": "1", "mobile_no": ""}, {"contact_phone": "1", "contact": "", "contact_email": None}),
	({"organization_name": "L" * 150}, {"title": "L" * 140}),
	({"probability": 100}, {"probability": None}),
	({"probability": 0}, {"probability": None}),
	({"currency": "", "exchange_rate": 2}, {"exchange_rate": None}),
	({"currency": "EUR", "exchange_rate": 0}, {"exchange_rate": None, "currency": "EUR"}),
	(
		{"expected_closure_date": "2999-01-01", "close_date": "2027-06-01"},
		{"expected_close": date(2027, 6, 1), "details": "Expected Closure Date: 2999-01-01"},
	),
	({"expected_closure_date": "2027-05-01", "close_date": "2027-06-01"}, {"expected_close": date(2027, 5, 1)}),
	({"deal_value": 0, "expected_deal_value": 7, "net_total": 8, "total": 9}, {"amount": 7}),
	({"deal_value": 0, "expected_deal_value": 0, "net_total": 8, "total": 9}, {"amount": 8}),
	({"deal_value": 0, "total": 9}, {"amount": 9}),
	({"deal_value": 5, "expected_deal_value": 7, "total": 9}, {"amount": 5}),
]


def test_what_a_deal_lacks_is_taken_from_elsewhere(all_of):
	deals = [all_of.old.deal(f"Big {n}", **values) for n, (values, _wanted) in enumerate(LACKING)]
	found = all_of("opportunities")
	for deal, (_values, wanted) in zip(deals, LACKING, strict=True):
		assert {field: found[deal][field] for field in wanted} == wanted
		assert found[deal]["prospect"] == f"Deal: {deal}" and found[deal]["account"] is None


ENDED = [
	({"closed_date": "2023-05-01", "close_date": "2023-06-01"}, False, date(2023, 5, 1)),
	({"close_date": "2023-06-01"}, False, date(2023, 6, 1)),
	({"closed_date": "2022-01-01"}, False, date(2023, 2, 1)),
	({"modified": "2023-07-01 10:00:00"}, False, None),
	({"modified": "2023-07-01 10:00:00"}, True, date(2023, 7, 1)),
	({"close_date": "2023-06-01", "modified": "2023-07-01 10:00:00"}, True, date(2023, 6, 1)),
]


def test_a_deal_that_has_ended_has_the_day_that_is_told_of_it(all_of):
	old = all_of.old
	for number, (values, last_change, closed_on) in enumerate(ENDED):
		deal = old.deal(f"Won {number}", status=old.name("Signed"), probability=40, **values)
		all_of.rows.words.last_change = last_change
		found = all_of("opportunities")[deal]
		wanted = {"is_closed": True, "closed_on": closed_on, "expected_close": None, "probability": None}
		assert {field: found[field] for field in wanted} == wanted


def test_the_log_of_a_deal_tells_its_way(all_of):
	old = all_of.old
	deal = old.deal("Won", status=old.name("Signed"), creation="2023-02-01 10:00:00")
	for place, step in enumerate(
		(
			("Fresh", "2023-01-10 09:00:00", "Negotiation", "2023-01-20 09:00:00"),
			("Negotiation", "2023-01-20 09:00:00", "Signed", "2023-03-01 09:00:00"),
			("", "2023-03-01 09:00:00", "Signed", "2023-03-02 09:00:00"),
		),
		1,
	):
		old.log(deal, place, *step)
	still = old.deal("Open", creation="2023-02-01 10:00:00")
	old.log(still, 1, "Fresh", "2023-02-03 09:00:00")
	moves = all_of.rows.moves_of([deal, still])
	assert moves == {
		deal: [
			(old.name("Fresh"), date(2023, 1, 10)), (old.name("Negotiation"), date(2023, 1, 20)),
			(old.name("Signed"), date(2023, 3, 2)),
		],
		still: [(old.name("Fresh"), date(2023, 2, 3))],
	}  # fmt: skip
	found = all_of("opportunities")
	assert (found[deal]["created_on"], found[deal]["closed_on"]) == (date(2023, 1, 10), date(2023, 3, 2))
	assert (found[still]["created_on"], found[still]["closed_on"]) == (date(2023, 2, 1), None)
	passed = [row for row in all_of.rows.history() if row["external_id"] in (deal, still)]
	assert sorted((row["external_id"], row["stage"], row["entered_on"]) for row in passed) == [
		(still, old.name("Fresh"), date(2023, 2, 3)), (deal, old.name("Fresh"), date(2023, 1, 10)),
		(deal, old.name("Signed"), date(2023, 3, 2)),
	], "what has no stage here is left out"  # fmt: skip


def test_a_step_of_the_log_that_leads_nowhere_else_is_told_once(all_of):
	old = all_of.old
	deal = old.deal("Big", creation="2023-02-01 10:00:00")
	old.log(deal, 1, "Fresh", "2023-02-03 09:00:00", "Signed", "2023-02-05 09:00:00")
	old.log(deal, 2, "Signed", "2023-02-05 09:00:00", "Signed", "2023-02-09 09:00:00")
	steps = [(old.name("Fresh"), date(2023, 2, 3)), (old.name("Signed"), date(2023, 2, 5))]
	assert all_of.rows.moves_of([deal]) == {deal: steps}


def items_of(old, deal: str, *rows) -> None:
	for place, (code, qty, rate, net) in enumerate(rows, 1):
		values = {"product_code": code, "product_name": f"Name of {code}", "qty": qty, "rate": rate, "net_amount": net}
		child("CRM Products", ("CRM Deal", deal), "products", place, **values)


def test_products_are_items_at_what_remains_after_the_discount(all_of):
	old = all_of.old
	deal = old.deal("Items", deal_value=195.004)
	items_of(old, deal, (old.world.pump, 2, 100, 180), (old.world.filter, 0.5, 30, 0))
	rows = [row for row in all_of.rows.opportunities() if row["external_id"] == deal]
	assert [(row["product"], row["quantity"], row["price"], row["amount"]) for row in rows] == [
		(old.world.pump, 2, 90, 195), (old.world.filter, 0.5, 30, 195),
	]  # fmt: skip
	assert all_of.rows.differing == {} and {row["details"] for row in rows} == {""}


def test_a_value_that_differs_from_the_items_is_told(all_of):
	old = all_of.old
	deal = old.deal("Items", deal_value=500, lost_notes="Note")
	items_of(old, deal, (old.world.pump, 2, 100, None))
	text = old.deal("Text", deal_value=500)
	items_of(old, text, ("no such item", 2, 100, None))
	[row] = [row for row in all_of.rows.opportunities() if row["external_id"] == deal]
	assert (row["amount"], row["details"]) == (200, "Lost Notes: Note\nDeal Value: 500.00")
	[row] = [row for row in all_of.rows.opportunities() if row["external_id"] == text]
	assert (row["amount"], row["details"], row.get("product")) == (500, "no such item: 2 x 100.00", None)
	assert all_of.rows.differing == {deal: 300}


def test_notes_tasks_and_calls_keep_their_time_their_owner_and_what_they_are_about(all_of):
	old = all_of.old
	lead, deal = old.lead("Ann"), old.deal("Big")
	about = {"reference_doctype": "CRM Lead", "reference_docname": lead}
	fixed = {"owner": GONE, "creation": "2023-05-06 10:00:00"}
	note = put("FCRM Note", old.name("note"), title="Title", content="<p>Text</p>", **fixed, **about)
	bare = put("FCRM Note", old.name("bare"), title="A & B", **{**fixed, "owner": "who@x.example"}, **about)
	put("FCRM Note", old.name("other"), title="Other", reference_doctype="Customer", reference_docname="X")
	found = all_of("memos")
	assert found == {
		f"FCRM Note {note}": {
			"external_id": f"FCRM Note {note}", "about_type": "CRM Lead", "about": lead, "subject": "Title",
			"notes": "<p>Text</p>", "owner": ANN, "created_on": datetime(2023, 5, 6, 10),
		},
		f"FCRM Note {bare}": {
			"external_id": f"FCRM Note {bare}", "about_type": "CRM Lead", "about": lead, "subject": "A & B",
			"notes": "<p><i>who@x.example</i></p>A &amp; B", "owner": "", "created_on": datetime(2023, 5, 6, 10),
		},
	}  # fmt: skip
	task = put(
		"CRM Task", old.name("task"), title="Do it", priority="High", assigned_to=GONE, status="Todo", description="<p>How</p>",
		due_date="2023-06-01 12:00:00", start_date="2023-05-01", **fixed, **about,
	)  # fmt: skip
	started = put("CRM Task", old.name("started"), title="Later", start_date="2023-05-01", **fixed)
	found = all_of("activities")
	assert found[f"CRM Task {task}"] == {
		"external_id": f"CRM Task {task}", "subject": "Do it", "about_type": "CRM Lead", "about": lead,
		"starts_on": datetime(2023, 6, 1, 12), "way": "Task", "status": "Todo", "priority": "High", "owner": ANN,
		"notes": "<p>How</p>",
	}  # fmt: skip
	assert str(found[f"CRM Task {started}"]["starts_on"])[:10] == "2023-05-01"
	call = put(
		"CRM Call Log", old.name("call"), **{"from": "+49 1", "to": "+49 2"}, status="Completed", type="Incoming",
		start_time="2023-06-01 12:00:00", duration=90, receiver=GONE, caller="who@x.example", recording_url="http://x/?a&b",
		**fixed, **about,
	)  # fmt: skip
	out = put("CRM Call Log", old.name("out"), status="Busy", type="Outgoing", caller=ANN, receiver=GONE, **fixed)
	for place, (kind, name) in enumerate((("CRM Lead", lead), ("CRM Deal", deal), ("Customer", "X")), 1):
		child("Dynamic Link", ("CRM Call Log", out), "links", place, link_doctype=kind, link_name=name)
	found = all_of("activities")
	assert found[f"CRM Call Log {call}"] == {
		"external_id": f"CRM Call Log {call}", "subject": "Call from +49 1 to +49 2", "about_type": "CRM Lead", "about": lead,
		"starts_on": datetime(2023, 6, 1, 12), "ends_on": datetime(2023, 6, 1, 12, 1, 30), "way": "Call",
		"direction": "Incoming", "status": "Done", "result": "Reached", "owner": ANN,
		"notes": "Recording: http://x/?a&amp;b",
	}  # fmt: skip
	wanted = {"subject": "Call from ? to ?", "about_type": "CRM Deal", "about": deal, "ends_on": None, "notes": ""}
	wanted |= {"starts_on": datetime(2023, 5, 6, 10), "result": "Not Reached", "owner": ANN, "direction": "Outgoing"}
	assert {field: found[f"CRM Call Log {out}"][field] for field in wanted} == wanted


def test_an_end_is_known_by_its_type_or_by_its_name_where_there_are_no_types():
	rows = [("Signed", "Won"), ("Gone", "Lost"), ("Lost", "Open"), ("Won", ""), ("Lost by us", None)]
	found = ends_of([frappe._dict(name=name, type=kind) for name, kind in rows])
	assert found == {"Signed": "Won", "Gone": "Lost", "Won": "Won"}


@pytest.mark.parametrize(
	("told", "last_change", "day"),
	[
		({"closed_date": "2023-03-01", "close_date": "2023-03-02"}, True, "2023-03-01"),
		({"close_date": "2023-03-02"}, True, "2023-03-02"),
		({}, True, "2023-02-20"),
		({"status": "Lost"}, True, "2023-05-05"),
		({"status": "Lost"}, False, None),
		({"closed_date": "2022-12-31"}, True, "2023-01-10"),
	],
)
def test_a_deal_was_closed_on_the_day_that_is_told_else_when_it_last_came_to_its_end(told, last_change, day):
	words = SimpleNamespace(last_change=last_change, happened=date.fromisoformat)
	row = frappe._dict({"closed_date": None, "close_date": None, "modified": "2023-05-05", "status": "Won", **told})
	moves = [("Won", "2023-01-20"), ("Negotiation", "2023-02-10"), ("Won", "2023-02-20"), ("Ready", "2023-02-25")]
	found = FrappeCrmRows._closed_on(SimpleNamespace(words=words), row, moves, date(2023, 1, 10))
	assert (str(found) if found else None) == day

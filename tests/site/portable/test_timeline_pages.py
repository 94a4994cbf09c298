"""The timeline of a customer from rows as they stand in the tables: what each kind of record says there, page by page."""

from datetime import date, datetime, timedelta

import frappe
import pytest
from frappe.utils import get_datetime

from crm_pipeline.customers import customer_timeline
from crm_pipeline.customers.asked_party import AskedParty
from crm_pipeline.customers.customer_timeline import Timeline
from tests.site.hosts import HOST
from tests.site.rows import row

CUSTOMER = "Customer"
DAY, MOMENT = date(2026, 3, 5), datetime(2026, 3, 5, 14, 30)
# Documents that no other test asks for: what the timeline reads of them.
TABLES = """
Dunning|hash|customer posting_date:Date sales_invoice base_dunning_amount:Currency company status
Issue|hash|customer opening_date:Date subject company status
Warranty Claim|hash|customer complaint_date:Date item_name serial_no company status
Project|hash|customer project_name company status
"""


@pytest.fixture
def asked(world, as_user, monkeypatch):
	HOST.other_tables(monkeypatch, TABLES)
	as_user("Administrator")
	return lambda **values: AskedParty(CUSTOMER, (world.customer,), **values)


def shown(asked: AskedParty, *kinds: str, **values) -> list[dict]:
	return customer_timeline.page_of(Timeline(asked, kinds=kinds, **values))["rows"]


def names(rows: list[dict]) -> list[str]:
	return [found["name"] for found in rows]


# kind: DocType, what stands in its row beside party and company, (title, moment, state, amount, person).
KINDS = {
	"lead": (
		"Sales Lead",
		{"creation": MOMENT, "title": "Pumps", "status": "New", "base_amount": 5, "sales_owner": "rep"},
		("Pumps", MOMENT, "New", 5, "rep"),
	),
	"opportunity": (
		"Sales Opportunity",
		{"opened_on": DAY, "title": "Pumps", "status": "Won", "base_amount": 6, "sales_owner": "rep"},
		("Pumps", DAY, "Won", 6, "rep"),
	),
	"project": (
		"Sales Project",
		{"opened_on": DAY, "title": "Dock", "status": "Open", "base_amount": 7, "sales_owner": "rep"},
		("Dock", DAY, "Open", 7, "rep"),
	),
	"estimate": ("Cost Estimate", {"estimate_date": DAY, "title": "Costs"}, ("Costs", DAY, "Submitted", None, "own")),
	"quotation": (
		"Quotation",
		{"transaction_date": DAY, "status": "Open", "base_net_total": 8, "quotation_to": CUSTOMER},
		("", DAY, "Open", 8, "own"),
	),
	"contract": (
		"Sales Contract",
		{"contract_date": DAY, "title": "Frame", "status": "Active", "base_amount": 9, "sales_owner": "rep"},
		("Frame", DAY, "Active", 9, "rep"),
	),
	"request": (
		"Sales Order Request",
		{"transaction_date": DAY, "title": "Asked", "status": "Accepted", "base_amount": 10, "sales_owner": "rep"},
		("Asked", DAY, "Accepted", 10, "rep"),
	),
	"order": (
		"Sales Order",
		{"transaction_date": DAY, "po_no": "PO 1", "status": "To Bill", "base_net_total": 11},
		("PO 1", DAY, "To Bill", 11, "own"),
	),
	"delivery": (
		"Delivery Note",
		{"posting_date": DAY, "po_no": "PO 2", "is_return": 0, "status": "To Bill", "base_net_total": 12},
		("PO 2", DAY, "To Bill", 12, "own"),
	),
	"return": (
		"Delivery Note",
		{"posting_date": DAY, "po_no": "No", "return_against": "DN-1", "is_return": 1, "status": None, "base_net_total": -3},
		("DN-1", DAY, "Submitted", -3, "own"),
	),
	"invoice": (
		"Sales Invoice",
		{"posting_date": DAY, "po_no": "PO 3", "is_return": 0, "status": "Paid", "base_grand_total": 13},
		("PO 3", DAY, "Paid", 13, "own"),
	),
	"credit_note": (
		"Sales Invoice",
		{"posting_date": DAY, "po_no": "No", "return_against": "INV-1", "is_return": 1, "status": None, "base_grand_total": -4},
		("INV-1", DAY, "Submitted", -4, "own"),
	),
	"payment": (
		"Payment Entry",
		{"posting_date": DAY, "reference_no": "BANK 1", "party_type": CUSTOMER, "base_paid_amount": 14, "status": None},
		("BANK 1", DAY, "Submitted", 14, "own"),
	),
	"dunning": (
		"Dunning",
		{"posting_date": DAY, "base_dunning_amount": 15, "status": "Unresolved"},
		("", DAY, "Unresolved", 15, "own"),
	),
	"promise": (
		"Promise to Pay",
		{"creation": MOMENT, "sales_invoice": "INV-3", "amount": 16, "status": "Open", "sales_owner": "rep"},
		("INV-3", MOMENT, "Open", 16, "rep"),
	),
	"case": (
		"Customer Case",
		{"opened_on": MOMENT, "subject": "It leaks", "status": "Open", "responsible": "rep"},
		("It leaks", MOMENT, "Open", None, "rep"),
	),
	"issue": ("Issue", {"opening_date": DAY, "subject": "Help", "status": "Open"}, ("Help", DAY, "Open", None, "own")),
	"warranty": (
		"Warranty Claim",
		{"complaint_date": DAY, "item_name": "", "serial_no": "S-1", "status": "Open"},
		("S-1", DAY, "Open", None, "own"),
	),
	"erp_project": (
		"Project",
		{"creation": MOMENT, "project_name": "Quay", "status": "Open"},
		("Quay", MOMENT, "Open", None, "own"),
	),
	"activity": (
		"Sales Activity",
		{"starts_on": MOMENT, "subject": "Call", "status": "Done", "sales_owner": "rep"},
		("Call", MOMENT, "Done", None, "rep"),
	),
	"memo": ("Sales Memo", {"creation": MOMENT, "subject": "They decide"}, ("They decide", MOMENT, None, None, "own")),
	"post": ("Contact Position", {"creation": MOMENT, "contact": "Ann", "role": "User"}, ("Ann", MOMENT, None, None, "own")),
	"help": (
		"Sales Help Request",
		{"asked_on": MOMENT, "deal_title": "", "question": "How?", "status": "Open", "asked_by": "rep"},
		("How?", MOMENT, "Open", None, "rep"),
	),
}  # fmt: skip
# Where the party stands in another field.
PARTY = {"quotation": "party_name", "payment": "party"}
WITHOUT_COMPANY = {"post"}


def made(world, kind: str, **more) -> str:
	doctype, values, _told = KINDS[kind]
	fixed = {PARTY.get(kind, "customer"): world.customer, "owner": "own"}
	if kind not in WITHOUT_COMPANY:
		fixed["company"] = world.company
	known = frappe.get_meta(doctype)
	own = {"docstatus": 1 if known.is_submittable else 0}
	return row(doctype, **{**own, **fixed, **values, **more})


def is_here(kind: str) -> bool:
	return bool(frappe.db.exists("DocType", KINDS[kind][0]))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_record_says_when_it_was_what_it_is_how_it_stands_and_whose(world, asked, kind):
	name = made(world, kind)
	[found] = shown(asked(), kind)
	title, at, state, amount, person = KINDS[kind][2]
	assert found == {
		"kind": kind,
		"doctype": KINDS[kind][0],
		"name": name,
		"title": title,
		"at": at,
		"dated": at == DAY,
		"state": state,
		"amount": amount,
		"currency": world.currency if amount else None,
		"company": None if kind in WITHOUT_COMPANY else world.company,
		"person": person,
	}
	[last] = shown(asked(to_date=DAY), kind)
	assert last == found and shown(asked(from_date=DAY), kind) == [found]
	assert shown(asked(to_date=DAY - timedelta(days=1)), kind) == []
	assert shown(asked(from_date=DAY + timedelta(days=1)), kind) == []
	assert shown(asked(company=world.company), kind) == [found]
	assert shown(asked(company="Another"), kind) == ([found] if kind in WITHOUT_COMPANY else [])
	another = {"project_name": "Another"} if kind == "erp_project" else {}
	made(world, kind, **{PARTY.get(kind, "customer"): "Somebody"}, **another)
	assert shown(asked(), kind) == [found]


def test_of_a_party_s_quotations_and_payments_those_count_whose_party_is_a_customer(world, asked):
	made(world, "quotation", quotation_to="Lead")
	made(world, "payment", party_type="Supplier")
	assert shown(asked(), "quotation", "payment") == []


def test_goods_and_bills_that_came_back_are_kinds_of_their_own(world, asked):
	found = {kind: made(world, kind) for kind in ("delivery", "return", "invoice", "credit_note")}
	for kind, name in found.items():
		assert names(shown(asked(), kind)) == [name]


def test_a_promise_is_told_in_its_own_currency(world, asked):
	made(world, "promise", currency="JPY")
	assert shown(asked(), "promise")[0]["currency"] == "JPY"


@pytest.mark.parametrize(("docstatus", "state"), [(0, "Draft"), (1, "Submitted"), (2, "Cancelled")])
def test_a_document_without_a_state_has_that_of_a_document(world, asked, docstatus, state):
	made(world, "order", status=None, docstatus=docstatus)
	made(world, "activity", status=None)
	assert [found["state"] for found in shown(asked(), "order", "activity")] == [None, state]


def test_a_change_of_owner_or_stage_shows_the_document_that_it_is_about(world, asked):
	event = {"reference_doctype": "Sales Opportunity", "reference_name": "OPP-1", "customer": world.customer}
	event |= {"company": world.company, "by": "rep", "at": MOMENT, "docstatus": 0}
	owner = row("Pipeline Event", kind="Owner", from_value="ann", to_value="bob", **event)
	stage = row("Pipeline Event", kind="Stage", from_value="a", to_value="b", **event)
	state = row("Pipeline Event", kind="State", from_value="Open", to_value="Won", **event)
	row("Pipeline Event", kind="Amount", from_value="1", to_value="2", **event)
	[found] = shown(asked(), "owner")
	told = {"kind": "owner", "doctype": "Sales Opportunity", "name": "OPP-1", "title": "OPP-1", "at": MOMENT}
	told |= {"dated": False, "state": None, "amount": None, "currency": None, "company": world.company}
	assert found == {**told, "person": "rep", "from": "ann", "to": "bob", "change": "Owner"}
	assert sorted(one["change"] for one in shown(asked(), "stage")) == ["Stage", "State"]
	assert all((owner, stage, state))


def test_who_asks_for_nothing_sees_all_but_the_small_ones(world, asked):
	for kind in filter(is_here, KINDS):
		made(world, kind)
	event = {"customer": world.customer, "company": world.company, "at": MOMENT, "docstatus": 0}
	for kind in ("Owner", "Stage"):
		row("Pipeline Event", kind=kind, **event)
	small = {"estimate", "help", "stage"}
	assert {found["kind"] for found in shown(asked())} == {*filter(is_here, KINDS), "owner"} - small
	offered = customer_timeline.offered_kinds(asked())
	assert {kind["key"] for kind in offered if not kind["shown"]} == small
	assert {kind["key"] for kind in offered} >= {*filter(is_here, KINDS), "owner", "stage", "mail", "file"}


def test_each_kind_is_offered_by_its_name_and_in_its_group(asked):
	offered = {kind["key"]: (kind["group"], kind["label"]) for kind in customer_timeline.offered_kinds(asked())}
	wanted = {
		"lead": ("Sales", "Leads"), "opportunity": ("Sales", "Opportunities"), "project": ("Sales", "Sales Projects"),
		"estimate": ("Sales", "Cost Estimates"), "quotation": ("Sales", "Quotations"), "contract": ("Sales", "Contracts"),
		"request": ("Orders", "Order Requests"), "order": ("Orders", "Sales Orders"), "delivery": ("Orders", "Deliveries"),
		"return": ("Orders", "Returns"), "invoice": ("Money", "Invoices"), "credit_note": ("Money", "Credit Notes"),
		"payment": ("Money", "Payments"), "dunning": ("Money", "Dunnings"), "promise": ("Money", "Promises to Pay"),
		"case": ("Service", "Cases"), "issue": ("Service", "Issues"), "warranty": ("Service", "Warranty Claims"),
		"erp_project": ("Service", "Projects"), "activity": ("Contact", "Activities"), "memo": ("Contact", "Memos"),
		"post": ("Contact", "People"), "help": ("Changes", "Help Requests"), "owner": ("Changes", "Changes of Owner"),
		"stage": ("Changes", "Changes of Stage"), "mail": ("Contact", "E-mails"), "file": ("Changes", "Files"),
	}  # fmt: skip
	assert offered == {key: told for key, told in wanted.items() if key in offered}
	assert wanted.keys() - offered.keys() <= {"dunning", "issue", "warranty", "erp_project"}


# ---- page by page


def pages(asked: AskedParty, size: int, *kinds: str) -> list[list[dict]]:
	found, place = [], None
	while True:
		page = customer_timeline.page_of(Timeline(asked, kinds=kinds, place=place, size=size))
		found.append(page["rows"])
		if not page["next"]:
			return found
		moment, *rest = page["next"]
		place = (get_datetime(moment), *rest)


@pytest.fixture
def mixed(world, asked):
	"""Documents of three days, some at the same moment, some with their day alone, with mails and files on them."""
	day = datetime(2026, 3, 4)
	for key, at in (
		("b", day),
		("a", day),
		("c", day),
		("d", day + timedelta(hours=9)),
		("e", day + timedelta(days=1)),
	):
		made(world, "case", name=f"{key} {world.tag}", opened_on=at)
	for key, at in (("a", day), ("b", day), ("c", day - timedelta(days=1)), ("d", day + timedelta(days=1))):
		made(world, "order", name=f"{key} {world.tag}", transaction_date=at.date())
		made(world, "contract", name=f"{key} {world.tag}", contract_date=at.date())
	made(world, "activity", starts_on=day)
	for key, at in (("a", day), ("b", day), ("c", day + timedelta(hours=3))):
		on = {"reference_doctype": "Customer Case", "reference_name": f"b {world.tag}"}
		on["communication_type"] = "Communication"
		row("Communication", name=f"{key} {world.tag}", communication_date=at, subject=key, docstatus=0, **on)
		on = {"attached_to_doctype": "Sales Order", "attached_to_name": f"a {world.tag}"}
		row("File", name=f"{key} {world.tag}", creation=at, file_name=key, docstatus=0, **on)
	return asked()


@pytest.mark.parametrize("kinds", [(), ("order", "contract"), ("mail", "file"), ("case", "order", "file")])
def test_a_page_goes_on_where_the_one_before_ended_also_amid_a_day_or_a_moment(mixed, kinds):
	[all_at_once] = pages(mixed, 200, *kinds)
	days = [get_datetime(one["at"]) for one in all_at_once]
	assert days == sorted(days, reverse=True)
	for size in (1, 2, 3, 5):
		found = pages(mixed, size, *kinds)
		assert [one for page in found for one in page] == all_at_once, size
		assert all(len(page) == size for page in found[:-1]) and 0 < len(found[-1]) <= size
	seen = {(one["kind"], one["name"]) for one in all_at_once}
	assert len(seen) == len(all_at_once)


def test_all_that_is_there_is_told_the_latest_first_then_by_kind_and_name(mixed, world):
	[found] = pages(mixed, 200, "case", "order")
	assert [(one["kind"], one["name"].split()[0]) for one in found] == [
		("case", "e"), ("order", "d"), ("case", "d"), ("case", "c"), ("case", "b"), ("case", "a"),
		("order", "b"), ("order", "a"), ("order", "c"),
	]  # fmt: skip


def test_mails_and_files_hang_on_what_is_the_customer_s_and_are_told_with_it(mixed, world):
	mails, files = shown(mixed, "mail"), shown(mixed, "file")
	for found in (mails, files):
		assert names(found) == [f"{key} {world.tag}" for key in "cba"]
	moment = datetime(2026, 3, 4, 3)
	told = {
		"title": "c",
		"at": moment,
		"dated": False,
		"state": None,
		"amount": None,
		"currency": None,
		"company": None,
	}
	assert {key: mails[0][key] for key in told} == {key: files[0][key] for key in told} == told
	assert mails[0]["doctype"] == "Communication" and files[0]["doctype"] == "File"
	assert mails[0]["about"] == {"doctype": "Customer Case", "name": f"b {world.tag}"}
	assert files[0]["about"] == {"doctype": "Sales Order", "name": f"a {world.tag}"}


def test_mails_and_files_are_of_the_days_that_were_asked_for(world, asked, mixed):
	for kind in ("mail", "file"):
		assert len(shown(asked(from_date=date(2026, 3, 4), to_date=date(2026, 3, 4)), kind)) == 3
		assert shown(asked(to_date=date(2026, 3, 3)), kind) == shown(asked(from_date=date(2026, 3, 5)), kind) == []


def test_a_word_of_the_system_is_no_mail(world, asked):
	on = {"reference_doctype": CUSTOMER, "reference_name": world.customer, "communication_date": MOMENT, "docstatus": 0}
	row("Communication", communication_type="Automated Message", subject="No", **on)
	mail = row("Communication", communication_type="Communication", subject="Yes", sender="ann@quay.example", **on)
	[found] = shown(asked(), "mail")
	assert (found["name"], found["title"], found["person"]) == (mail, "Yes", "ann@quay.example")
	assert found["about"] == {"doctype": CUSTOMER, "name": world.customer}


def test_who_may_not_read_a_kind_of_document_is_not_told_of_its_mails(world, asked, mixed, monkeypatch):
	readable = customer_timeline.is_readable
	monkeypatch.setattr(
		customer_timeline, "is_readable", lambda doctype, *of: doctype != "Customer Case" and readable(doctype, *of)
	)
	assert shown(asked(), "mail") == [] and len(shown(asked(), "file")) == 3


def test_mails_on_leads_and_deals_of_the_customer_are_told_to_who_may_read_these(world, asked, monkeypatch):
	for key, doctype, customer in (
		("A", "Sales Lead", world.customer), ("B", "Sales Opportunity", world.customer), ("C", "Sales Lead", "Somebody"),
	):  # fmt: skip
		name = row(doctype, name=f"{key} {world.tag}", customer=customer, company=world.company, docstatus=0)
		row("Communication", communication_type="Communication", subject=key, reference_doctype=doctype, reference_name=name,
			communication_date=MOMENT, docstatus=0)  # fmt: skip
	told = lambda: sorted(found["title"] for found in shown(asked(), "mail"))  # noqa: E731
	assert told() == ["A", "B"]
	readable = customer_timeline.is_readable
	for hidden, rest in (("Sales Lead", ["B"]), ("Sales Opportunity", ["A"])):
		monkeypatch.setattr(
			customer_timeline,
			"is_readable",
			lambda doctype, *of, hidden=hidden: doctype != hidden and readable(doctype, *of),
		)
		assert told() == rest


def test_a_mail_that_is_linked_to_the_customer_shows_to_who_sees_what_it_is_about(world, asked):
	case = made(world, "case")
	theirs = made(world, "case", customer="Somebody")

	def linked(
		subject: str, doctype: str | None = None, name: str | None = None, of: tuple = (CUSTOMER, world.customer)
	):
		mail = {"communication_type": "Communication", "communication_date": MOMENT, "docstatus": 0}
		mail = row("Communication", subject=subject, reference_doctype=doctype, reference_name=name, **mail)
		row(
			"Communication Link",
			parent=mail,
			parenttype="Communication",
			link_doctype=of[0],
			link_name=of[1],
			docstatus=0,
		)

	linked("about nothing"), linked("about nothing, empty", "", "")
	linked("about their own case", "Customer Case", case)
	linked("about a project of that name", "Sales Project", case)
	linked("about another's case", "Customer Case", theirs)
	linked("of another", of=(CUSTOMER, "Somebody")), linked("of a supplier", of=("Supplier", world.customer))
	found = {one["title"]: one["about"] for one in shown(asked(), "mail")}
	own = {"doctype": "Customer Case", "name": case}
	assert found == {"about nothing": None, "about nothing, empty": None, "about their own case": own}
	assert len(shown(asked(), "mail")) == 3, "each once"
	assert [len(page) for page in pages(asked(), 2, "mail")] == [2, 1]

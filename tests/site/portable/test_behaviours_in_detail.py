"""Behaviours of segments row by row: which events count, of which company and day, and whose they are; pictures by night."""

from datetime import datetime

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline.core.segments import Behaviour
from crm_pipeline.segments import segment_members, segment_snapshots
from crm_pipeline.segments.behaviours import Look, who_did
from tests.site.conftest import USERS
from tests.site.portable.test_segments_in_rules import segment
from tests.site.rows import bare_deal, row
from tests.site.world import refused

LEAD, PROSPECT, CUSTOMER = "Sales Lead", "Sales Prospect", "Customer"
SNAPSHOT = segment_snapshots.SNAPSHOT
REP, OTHER = (USERS[who][0] for who in ("rep", "other_rep"))
TODAY = getdate("2026-03-20")
LINK = {CUSTOMER: "customer", PROSPECT: "prospect"}


def did(kind: str, doctype: str, names, company=None, **asked) -> set[str]:
	"""Those of the keys in `names` ({key: record}) that did it, as of a day in March."""
	found = who_did(Behaviour(kind, **asked), doctype, Look(company, TODAY, list(names.values())))
	return {key for key, name in names.items() if name in found}


def keyed(world, *keys: str) -> dict[str, str]:
	return {key: f"{key} {world.tag}" for key in keys}


# ---- contacts


def called(doctype: str, name: str, **values) -> str:
	about = {"reference_doctype": LEAD, "reference_name": name} if doctype == LEAD else {LINK[doctype]: name}
	fixed = {"subject": "Call", "status": "Done", "starts_on": datetime(2026, 3, 10, 9), "docstatus": 0}
	return row("Sales Activity", **{**fixed, **about, **values})


@pytest.mark.parametrize("doctype", [LEAD, PROSPECT, CUSTOMER])
def test_an_activity_of_another_company_is_no_contact_of_this_one_s_segment(world, doctype):
	names = keyed(world, "own", "none", "empty", "other", "both")
	for key, company in (("own", world.company), ("none", None), ("empty", ""), ("other", "Another company")):
		called(doctype, names[key], company=company)
	for company in (world.company, "Another company"):
		called(doctype, names["both"], company=company)
	assert did("Contacted", doctype, names) == set(names)
	assert did("Contacted", doctype, names, world.company) == {"own", "none", "empty", "both"}
	assert did("Contacted", doctype, names, min_events=2) == {"both"}
	assert did("Contacted", doctype, names, world.company, min_events=2) == set()


@pytest.mark.parametrize("doctype", [LEAD, PROSPECT, CUSTOMER])
def test_calls_and_mails_count_together_and_only_what_was_done_about_the_record(world, doctype):
	names = keyed(world, "call", "mail", "two", "planned", "stray", "note")
	elsewhere = {"reference_doctype": "Sales Project", "reference_name": names["stray"]}
	mail = lambda name, **values: row(  # noqa: E731
		"Communication",
		**{
			"communication_type": "Communication", "reference_doctype": doctype, "reference_name": name,
			"communication_date": datetime(2026, 3, 10, 9), "docstatus": 0, **values,
		},
	)  # fmt: skip
	called(doctype, names["call"]), mail(names["mail"]), called(doctype, names["two"]), mail(names["two"])
	called(doctype, names["planned"], status="Planned"), called(doctype, names["planned"], status="Cancelled")
	row("Sales Activity", subject="C", status="Done", starts_on=datetime(2026, 3, 10), docstatus=0, **elsewhere)
	mail(names["stray"], reference_doctype="Sales Project")
	mail(names["note"], communication_type="Comment")
	assert did("Contacted", doctype, names) == {"call", "mail", "two"}
	assert did("Contacted", doctype, names, min_events=2) == {"two"}
	assert did("Contacted", doctype, names, "Another company") == {"call", "mail", "two"}, "mails are of no company"


def test_what_is_noted_for_later_is_no_contact_yet_unless_days_are_asked_that_reach_there(world):
	names = keyed(world, "before", "begins", "ends", "later")
	for key, at in (
		("before", "2026-03-09 23:59:59"), ("begins", "2026-03-10 00:00:00"), ("ends", "2026-03-20 23:59:59"),
		("later", "2026-03-21 00:00:00"),
	):  # fmt: skip
		called(CUSTOMER, names[key], starts_on=at)
	told = lambda **asked: did("Contacted", CUSTOMER, names, **asked)  # noqa: E731
	assert told() == {"before", "begins", "ends"}
	assert told(days=11) == {"begins", "ends"} and told(days=1) == {"ends"}
	assert told(first=getdate("2026-03-10")) == {"begins", "ends"}
	assert told(last=getdate("2026-03-21")) == set(names)
	assert told(first=getdate("2026-03-10"), last=getdate("2026-03-10")) == {"begins"}


# ---- bought


BOUGHT = {"Ordered": ("Sales Order", "transaction_date"), "Billed": ("Sales Invoice", "posting_date")}


def sold(world, kind: str, customer: str, lines=((1, 100),), **values) -> str:
	doctype, day = BOUGHT[kind]
	fixed = {"company": world.company, day: getdate("2026-03-10"), "customer": customer}
	fixed |= {"is_return": 0} if kind == "Billed" else {}
	name = row(doctype, **{**fixed, **values})
	for place, (quantity, net, *item) in enumerate(lines, 1):
		of = {"parent": name, "parenttype": doctype, "parentfield": "items", "idx": place}
		row(f"{doctype} Item", item_code=(item or [world.pump])[0], stock_qty=quantity, base_net_amount=net, **of)
	return name


@pytest.mark.parametrize("kind", BOUGHT)
def test_what_was_bought_is_what_was_submitted_of_the_company_in_the_days(world, kind):
	names = keyed(world, "own", "draft", "cancelled", "other", "before", "after")
	day = BOUGHT[kind][1]
	sold(world, kind, names["own"])
	sold(world, kind, names["draft"], docstatus=0), sold(world, kind, names["cancelled"], docstatus=2)
	sold(world, kind, names["other"], company="Another company")
	sold(world, kind, names["before"], **{day: getdate("2026-03-09")})
	sold(world, kind, names["after"], **{day: getdate("2026-03-21")})
	told = lambda company=world.company, **asked: did(kind, CUSTOMER, names, company, **asked)  # noqa: E731
	assert told() == {"own", "before", "after"} and told(None) == {"own", "before", "after", "other"}
	assert told(days=11) == {"own"} and told(days=12) == {"own", "before"}
	assert told(first=getdate("2026-03-10")) == {"own", "after"}


@pytest.mark.parametrize("kind", BOUGHT)
def test_what_was_bought_counts_documents_and_adds_up_their_rows(world, kind):
	names = keyed(world, "once", "twice")
	sold(world, kind, names["once"], lines=((3, 100), (4, 200)))
	sold(world, kind, names["twice"], lines=((1, 50, world.filter),)), sold(world, kind, names["twice"])
	told = lambda **asked: did(kind, CUSTOMER, names, **asked)  # noqa: E731
	assert told(min_events=1) == set(names) and told(min_events=2) == {"twice"}
	assert told(min_quantity=7) == {"once"} and told(min_quantity=7.1) == set() and told(min_quantity=2) == set(names)
	assert told(min_amount=300) == {"once"} and told(min_amount=300.5) == set()
	assert told(max_amount=150) == {"twice"} and told(max_amount=149) == set()
	assert told(item=world.filter) == {"twice"} and told(item=world.filter, min_amount=51) == set()
	assert told(item=world.pump, min_events=2) == set()


def test_what_was_credited_is_taken_off_and_is_no_purchase(world):
	names = keyed(world, "some", "all")
	for key, back in (("some", 2), ("all", 5)):
		sold(world, "Billed", names[key], lines=((5, 500),))
		sold(world, "Billed", names[key], lines=((-back, -100 * back),), is_return=1)
	told = lambda **asked: did("Billed", CUSTOMER, names, **asked)  # noqa: E731
	assert told() == {"some"}
	assert told(min_events=2) == set() and told(min_amount=300) == {"some"} and told(min_amount=301) == set()
	assert told(min_quantity=3) == {"some"} and told(min_quantity=4) == set()


# ---- open deals


@pytest.mark.parametrize("doctype", [PROSPECT, CUSTOMER])
def test_an_open_deal_is_an_opportunity_or_a_project_of_the_company_that_is_not_over(world, doctype):
	names = keyed(world, "sale", "project", "both", "won", "lost", "other")
	deal = lambda key, kind="Sales Opportunity", status="Open", **values: bare_deal(  # noqa: E731
		world,
		frappe.generate_hash(length=6),
		kind,
		status=status,
		**{"customer": None, LINK[doctype]: names[key], **values},
	)
	deal("sale"), deal("project", "Sales Project"), deal("both"), deal("both", "Sales Project")
	deal("won", status="Won"), deal("lost", status="Lost"), deal("lost", "Sales Project", "Lost")
	deal("other", company="Another company")
	told = lambda company=world.company, **asked: did("Open Deal", doctype, names, company, **asked)  # noqa: E731
	assert told() == {"sale", "project", "both"} and told(min_events=2) == {"both"}
	assert told(None) == {"sale", "project", "both", "other"}
	assert told("Another company") == {"other"}


# ---- what can't be asked


def test_a_filter_that_can_not_be_asked_is_told_with_the_name_of_its_segment(world):
	doc = frappe.get_doc(
		{
			"doctype": segment_members.SEGMENT, "segment_name": f"Far away {world.tag}", "applies_to": LEAD,
			"filters": frappe.as_json([[LEAD, "no_such_field", "=", "x"]]),
		}
	)  # fmt: skip
	with refused(match=f"Segment .*Far away {world.tag}.* that Sales Lead does not have"):
		doc.insert()
	doc.filters = "[]"
	doc.insert()
	doc.filters = frappe.as_json([[LEAD, "no_such_field", "=", "x"]])
	with refused(match=f"Segment .*{doc.name}"):
		doc.save()


def table_of(doctype: str, field: str) -> str:
	return frappe.get_meta(doctype).get_field(field).options


@pytest.mark.parametrize(
	("filters", "is_one"),
	[
		([LEAD, "status", "=", "New"], True), ([LEAD, "status", "=", "New", False], True),
		(["of a table", "item_code", "=", "x"], True), (["of another's table", "item_code", "=", "x"], False),
		([LEAD, "status", "="], False), ([LEAD, 5, "=", "New"], False), ([5, "status", "=", "New"], False),
		([LEAD, "status", 5, "New"], False), (["Sales Prospect", "status", "=", "x"], False),
		([LEAD, "a b", "=", "x"], False), ([LEAD, "", "=", "x"], False), ({"status": "New"}, False), ("status", False),
		(5, False), (None, False),
	],
)  # fmt: skip
def test_what_is_a_filter_of_a_segment_is_one_of_the_record_or_of_its_tables(site, filters, is_one):
	tables = {"of a table": table_of(LEAD, "items"), "of another's table": "Sales Segment Behaviour"}
	if isinstance(filters, list) and filters[0] in tables:
		filters = [tables[filters[0]], *filters[1:]]
	assert segment_members._is_filter(filters, LEAD) is is_one


def test_a_filter_on_a_table_of_the_record_is_asked(sale, as_user):
	as_user("rep")
	lead = sale.lead(title=f"Pumps {sale.world.tag}", items=sale.rows((sale.world.pump, 1, 1), (sale.world.pump, 2, 1)))
	sale.lead(title=f"Filters {sale.world.tag}", items=sale.rows((sale.world.filter, 1, 1)))
	doc = segment(LEAD, filters=[["title", "like", f"%{sale.world.tag}"]])
	of_row = [table_of(LEAD, "items"), "item_code", "=", sale.world.pump]
	doc.filters = frappe.as_json([*segment_members.filters_of(doc), of_row])
	assert segment_members.names(doc) == [lead.name], "once, however many rows of it are met"


# ---- pictures by night


def test_a_segment_without_a_rhythm_or_that_is_off_has_no_picture_by_night(world):
	made = {
		key: row(
			segment_members.SEGMENT, docstatus=0, segment_name=f"{key} {world.tag}", applies_to=LEAD, owner=REP, filters="[]",
			**values,
		)
		for key, values in (
			("daily", {"snapshot_rhythm": "Daily", "disabled": 0}), ("off", {"snapshot_rhythm": "Daily", "disabled": 1}),
			("none", {"snapshot_rhythm": None, "disabled": 0}), ("empty", {"snapshot_rhythm": "", "disabled": 0}),
			("another's", {"snapshot_rhythm": "Daily", "disabled": 0}), ("today", {"snapshot_rhythm": "Daily", "disabled": 0}),
			("yesterday", {"snapshot_rhythm": "Daily", "disabled": 0}), ("monthly", {"snapshot_rhythm": "Monthly", "disabled": 0}),
		)
	}  # fmt: skip
	for key, taker, day in (
		("another's", OTHER, 0), ("today", REP, 0), ("today", REP, -9), ("yesterday", REP, -1), ("yesterday", REP, -2),
		("monthly", REP, 0), ("monthly", REP, -80),
	):  # fmt: skip
		at = f"{add_days(nowdate(), day)} 12:00:00"
		row(SNAPSHOT, docstatus=0, segment=made[key], record_type=LEAD, taken_by=taker, taken_on=at)
	due = {name for (name,) in segment_snapshots.due()}
	assert {key for key, name in made.items() if name in due} == {"daily", "another's", "yesterday"}


@pytest.mark.parametrize("enabled", [1, 0])
def test_a_picture_by_night_is_taken_for_an_owner_who_still_works_here(world, enabled):
	doc = segment(LEAD, filters=[["title", "=", world.tag]], snapshot_rhythm="Daily")
	frappe.db.set_value(segment_members.SEGMENT, doc.name, "owner", OTHER)
	frappe.db.set_value("User", OTHER, "enabled", enabled)
	assert segment_snapshots.take_as_owner(doc.name) is bool(enabled)
	taken = frappe.get_all(SNAPSHOT, filters={"segment": doc.name}, pluck="taken_by", order_by="name asc")
	assert taken == ([OTHER] if enabled else []) and frappe.session.user == "Administrator"

"""Segments row by row: what a list says of each record, which rows of a picture are shown, whose open deals count."""

import frappe
import pytest
from frappe.utils import add_days, getdate, now_datetime, nowdate

from crm_pipeline.chain import link_kinds
from crm_pipeline.core.segments import Behaviour
from crm_pipeline.segments import record_conditions, segment_list, segment_members, segment_snapshots
from crm_pipeline.segments.behaviours import Look, who_did
from tests.site.conftest import USERS
from tests.site.portable.test_segments_in_rules import segment
from tests.site.portable.test_visibility import set_apart
from tests.site.rows import bare_deal, row

CUSTOMER, PROSPECT, LEAD = "Customer", "Sales Prospect", "Sales Lead"
SNAPSHOT, MEMBER = segment_snapshots.SNAPSHOT, segment_snapshots.MEMBER
REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))


def record(world, doctype: str, key: str, **values) -> str:
	title = {PROSPECT: "prospect_name", LEAD: "title", CUSTOMER: "customer_name"}[doctype]
	values = {title: f"{key} Mill", "owner": "Administrator", "docstatus": 0, **values}
	if doctype != CUSTOMER:
		values = {"company": world.company, "status": "Unverified" if doctype == PROSPECT else "New", **values}
	return row(doctype, name=f"{key} {world.tag}", **values)


def of(world, doctype: str, *filters, **values):
	return segment(doctype, filters=[["name", "like", f"%{world.tag}"], *filters], **values)


# ---- what a list says


@pytest.mark.parametrize(
	"doctype, owner", [(CUSTOMER, "account_manager"), (PROSPECT, "sales_owner"), (LEAD, "sales_owner")]
)
def test_a_list_says_who_works_on_a_record_not_who_made_it(world, as_user, doctype, owner):
	as_user("Administrator")
	name = record(world, doctype, "Able", owner=OTHER, territory="All Territories", **{owner: REP})
	[found] = segment_list.found(of(world, doctype, ["name", "=", name]).name)[1]
	title = {"record": name, "title": "Able Mill", "territory": "All Territories"}
	assert found == {**title, "owner": REP, "change": None}


@pytest.mark.parametrize("chunk", [1, 2, 3, 4, 1000])
def test_a_long_list_is_described_to_its_end(world, as_user, monkeypatch, chunk):
	as_user("Administrator")
	names = [record(world, PROSPECT, key) for key in ("a", "b", "c", "d")]
	monkeypatch.setattr(segment_list, "CHUNK", chunk)
	rows = [frappe._dict(record=name, change=None) for name in (*reversed(names), f"gone {world.tag}")]
	found = segment_list._described(PROSPECT, rows)
	assert [one["record"] for one in found] == names[::-1], "in the order that was asked, without who is gone"
	assert [one["title"] for one in found] == ["d Mill", "c Mill", "b Mill", "a Mill"]


def test_changes_are_said_in_the_reader_s_language(world, as_user, monkeypatch):
	as_user("Administrator")
	name = record(world, PROSPECT, "a")
	monkeypatch.setattr(segment_list, "_", lambda text, *_more: f"«{text}»")
	said = [
		segment_list._described(PROSPECT, [frappe._dict(record=name, change=one)])[0] for one in ("Joined", "", None)
	]
	assert [one["change"] for one in said] == ["«Joined»", "", None]


# ---- pictures


def picture(world, doc, *rows, doctype: str = PROSPECT, by: str = REP, day: int = 0) -> str:
	"""A snapshot with these (record, change), each a second later than the one before."""
	at = now_datetime()
	values = {
		"segment": doc.name,
		"record_type": doctype,
		"taken_on": add_days(at, day),
		"taken_by": by,
		"docstatus": 0,
	}
	name = row(SNAPSHOT, **values)
	for place, (member, change) in enumerate(rows):
		made = at.replace(microsecond=0, second=place)
		row(MEMBER, snapshot=name, record_type=doctype, record=member, change=change, creation=made, docstatus=0)
	return name


def test_a_picture_shows_the_type_that_it_is_of_though_its_segment_is_of_another_now(world, as_user):
	as_user("Administrator")
	prospect, lead = record(world, PROSPECT, "a"), record(world, LEAD, "b")
	doc = of(world, LEAD)
	kept = picture(world, doc, (prospect, ""), (lead, ""))
	doctype, rows = segment_list.found(doc.name, kept)
	assert (doctype, [one["record"] for one in rows]) == (PROSPECT, [prospect])
	doctype, rows = segment_list.found(doc.name)
	assert (doctype, [one["record"] for one in rows]) == (LEAD, [lead])


def test_of_two_that_became_one_since_a_picture_the_later_row_is_shown(world, as_user):
	as_user("Administrator")
	first, second = record(world, PROSPECT, "a"), record(world, PROSPECT, "b")
	kept = frappe.get_doc(
		SNAPSHOT, picture(world, of(world, PROSPECT), (second, "Left"), (first, "Left"), (first, "Joined"))
	)
	rows = segment_snapshots.members(kept)
	assert [(one.record, one.change) for one in rows] == [(first, "Joined"), (second, "Left")]
	other = picture(world, of(world, PROSPECT), (second, ""))
	assert [one.record for one in segment_snapshots.members(frappe.get_doc(SNAPSHOT, other))] == [second]


def test_records_of_a_picture_that_the_reader_may_not_see_are_left_out(world, as_user):
	as_user("Administrator")
	mine, theirs = record(world, PROSPECT, "a", sales_owner=REP), record(world, PROSPECT, "b", sales_owner=OTHER)
	kept = frappe.get_doc(SNAPSHOT, picture(world, of(world, PROSPECT), (mine, ""), (theirs, "Joined")))
	set_apart()
	as_user("rep")
	assert [one.record for one in segment_snapshots.members(kept)] == [mine]


def test_a_record_of_a_picture_that_is_renamed_takes_its_row_along(world, as_user, monkeypatch):
	as_user("Administrator")
	record(world, PROSPECT, "a")
	noted = []
	monkeypatch.setattr(link_kinds, "invalidate_distinct_link_doctypes", lambda *about: noted.append(about))
	segment_snapshots.take(of(world, PROSPECT).name)
	assert (MEMBER, "record_type", PROSPECT) in noted
	noted.clear()
	segment_snapshots.take(segment(PROSPECT, filters=[["name", "=", f"none {world.tag}"]]).name)
	assert (MEMBER, "record_type", PROSPECT) not in noted, "there is no row"


def test_a_picture_counts_who_is_there_and_says_who_came_and_who_went(world, as_user):
	as_user("Administrator")
	stays, goes = record(world, PROSPECT, "a"), record(world, PROSPECT, "b")
	doc = of(world, PROSPECT, ["status", "=", "Unverified"])
	# Before it: somebody else's, an older one, and one of another segment.
	picture(world, doc, (goes, ""), by=OTHER, day=-1)
	picture(world, doc, day=-3, by="Administrator")
	picture(world, of(world, PROSPECT), (stays, ""), (goes, ""), by="Administrator")
	gone_before = record(world, PROSPECT, "d")
	picture(world, doc, (stays, "Joined"), (goes, ""), (gone_before, "Left"), day=-2, by="Administrator")
	frappe.db.set_value(PROSPECT, [goes], "status", "Rejected")
	came = record(world, PROSPECT, "c")
	name = segment_snapshots.take(doc.name)
	counts = frappe.db.get_value(
		SNAPSHOT, name, ["member_count", "joined_count", "left_count", "taken_by", "record_type"]
	)
	assert counts == (3, 2, 1, "Administrator", PROSPECT)
	rows = frappe.get_all(
		MEMBER, filters={"snapshot": name}, fields=["record", "change", "owner"], order_by="record asc"
	)
	changes = {one.record: one.change or "" for one in rows}
	assert changes == {stays: "", goes: "Left", came: "Joined", gone_before: "Joined"}
	assert {one.owner for one in rows} == {"Administrator"}


def test_a_first_picture_says_nothing_of_who_came(world, as_user):
	as_user("Administrator")
	record(world, PROSPECT, "a")
	name = segment_snapshots.take(of(world, PROSPECT).name)
	assert frappe.db.get_value(SNAPSHOT, name, ["member_count", "joined_count", "left_count"]) == (1, 0, 0)


@pytest.mark.parametrize(
	"rhythm, days, values, is_due",
	[
		("Daily", None, {}, True), ("Daily", 0, {}, False), ("Daily", 1, {}, True), ("Monthly", 40, {}, True),
		("Weekly", 8, {}, True), ("Weekly", 0, {}, False), ("Daily", None, {"disabled": 1}, False), ("", None, {}, False),
	],
)  # fmt: skip
def test_a_picture_is_due_by_its_rhythm_since_the_last_one_of_its_owner(world, as_user, rhythm, days, values, is_due):
	as_user("Administrator")
	doc = of(world, PROSPECT, snapshot_rhythm=rhythm)
	frappe.db.set_value("Sales Segment", doc.name, {"owner": REP, **values})
	# What others took, and what was taken before the last one, is not asked for.
	picture(world, doc, by=OTHER), picture(world, of(world, PROSPECT), by=REP)
	if days is not None:
		picture(world, doc, by=REP, day=-days), picture(world, doc, by=REP, day=-days - 90)
	assert ((doc.name,) in segment_snapshots.due()) == is_due


# ---- open deals and segments of rules


@pytest.mark.parametrize("doctype, field", [(CUSTOMER, "customer"), (PROSPECT, "prospect")])
def test_open_deals_of_a_company_count_together_whatever_their_kind(world, as_user, doctype, field):
	as_user("Administrator")
	one, two, three, nobody = (record(world, doctype, key) for key in "abcd")

	def deal(key, party, kind="Sales Opportunity", **values):
		bare_deal(world, key, kind, **{"customer": None, "prospect": None, field: party, **values})

	deal("1", one), deal("2", one, "Sales Project"), deal("3", two, "Sales Project")
	deal("4", two, status="Won"), deal("5", two, "Sales Project", status="Completed"), deal("6", three, status="Lost")
	deal("7", three, "Sales Project", status="Lost"), deal("8", nobody, company=f"Elsewhere {world.tag}")
	deal("9", None), deal("10", "")
	names = [one, two, three, nobody]

	def found(least=None, company=world.company):
		return who_did(Behaviour("Open Deal", min_events=least), doctype, Look(company, getdate(nowdate()), names))

	assert found() == {one, two} and found(2) == {one} and found(3) == set()
	assert found(company=None) == {one, two, nobody}


def test_who_may_not_see_a_deal_does_not_count_it_and_a_job_does(world, as_user):
	as_user("Administrator")
	prospect = record(world, PROSPECT, "a", sales_owner=REP)
	bare_deal(world, "1", customer=None, prospect=prospect, sales_owner=OTHER)
	set_apart()
	as_user("rep")
	look = lambda **how: who_did(Behaviour("Open Deal"), PROSPECT, Look(None, getdate(), [prospect], **how))  # noqa: E731
	assert look() == set() and look(unrestricted=True) == {prospect}


@pytest.mark.parametrize(
	"disabled, doctype, reached", [(0, PROSPECT, "ab"), (1, PROSPECT, ""), (0, LEAD, "cd"), (0, CUSTOMER, "")]
)
def test_a_rule_asks_its_segment_for_whoever_is_logged_in(world, as_user, disabled, doctype, reached):
	as_user("Administrator")
	parties = [record(world, PROSPECT, key, sales_owner=OTHER) for key in "pq"]
	rows = [frappe._dict(name=f"{key} {world.tag}", prospect=parties[0], customer=None) for key in "ab"]
	rows += [frappe._dict(name=record(world, LEAD, key, sales_owner=OTHER), prospect=None, customer="") for key in "cd"]
	doc = of(world, doctype)
	frappe.db.set_value("Sales Segment", doc.name, "disabled", disabled)
	frappe.clear_document_cache("Sales Segment", doc.name)
	set_apart()
	as_user("rep")
	assert segment_members.names(doc, among=[*parties, *(one.name for one in rows)]) in ([], [world.customer])
	found = record_conditions._of_segment(LEAD, rows, doc.name)
	assert found == {one.name for one in rows if one.name[0] in reached}

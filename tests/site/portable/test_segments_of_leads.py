"""Segments of leads and prospects, the filters of rules as they are typed, and pictures of who came and who left."""

import json

import frappe
import pytest
from frappe.utils import add_days, add_to_date, now_datetime

from crm_pipeline import api
from crm_pipeline.core.segments import Behaviour
from crm_pipeline.crm_prospecting.report.segment_members import segment_members as report
from crm_pipeline.segments import record_conditions, segment_list, segment_members, segment_snapshots
from crm_pipeline.segments.behaviours import Look, who_did
from tests.site.portable.test_segments_in_rules import segment
from tests.site.portable.test_visibility import set_apart
from tests.site.world import refused

LEAD, PROSPECT, MEMBER = "Sales Lead", "Sales Prospect", segment_snapshots.MEMBER
REP, OTHER = "rep@crm-test.example", "rep2@crm-test.example"


@pytest.fixture
def leads(sale, world, as_user):
	"""Three leads of three prospects."""
	as_user("rep")
	return [
		sale.lead(
			title=f"{name} {world.tag}",
			prospect_name=f"{name} Works {world.tag}",
			email_id=f"{name}@{name}-{world.tag}.example",
			phone=None,
			channel=channel,
		)
		for name, channel in (("Ash", "Referral"), ("Birch", "Referral"), ("Cedar", "Hotline"))
	]


def of_channel(world, channel: str = "Referral", **values):
	return segment(filters=[["title", "like", f"%{world.tag}"], ["channel", "=", channel]], **values)


def kinds(rows: list[dict]) -> list[tuple]:
	return [(row["title"].split(" ")[0], row["change"] or None) for row in rows]


# ---- pictures


def test_a_picture_says_who_joined_and_who_left_since_the_one_before(leads, world):
	doc = of_channel(world)
	first = api.take_segment_snapshot(doc.name)
	frappe.db.set_value("Sales Segment Snapshot", first, "taken_on", add_days(now_datetime(), -1))
	frappe.db.set_value(LEAD, leads[0].name, "channel", "Hotline")
	frappe.db.set_value(LEAD, leads[2].name, "channel", "Referral")
	second = api.take_segment_snapshot(doc.name)
	frappe.db.set_value("Sales Segment Snapshot", second, "taken_on", add_to_date(now_datetime(), hours=-1))
	third = api.take_segment_snapshot(doc.name)
	counts = [
		frappe.db.get_value("Sales Segment Snapshot", name, ["member_count", "joined_count", "left_count", "taken_by"])
		for name in (first, second, third)
	]
	assert counts == [(2, 0, 0, REP), (2, 1, 1, REP), (2, 0, 0, REP)]
	assert kinds(segment_list.found(doc.name, first)[1]) == [("Ash", None), ("Birch", None)]
	assert kinds(segment_list.found(doc.name, second)[1]) == [("Ash", "Left"), ("Birch", None), ("Cedar", "Joined")]
	assert kinds(segment_list.found(doc.name)[1]) == [("Birch", None), ("Cedar", None)]
	assert segment_list.found(doc.name, third)[0] == segment_list.found(doc.name)[0] == LEAD


def test_a_row_of_a_list_says_whose_record_it_is_and_where(leads, world):
	territory = frappe.get_all("Territory", filters={"is_group": 0}, pluck="name", order_by="name asc", limit=1)[0]
	frappe.db.set_value(LEAD, leads[2].name, "territory", territory)
	[row] = segment_list.found(of_channel(world, "Hotline").name)[1]
	assert row == {
		"record": leads[2].name, "title": leads[2].title, "territory": territory, "owner": REP, "change": None,
	}  # fmt: skip
	prospect = segment(PROSPECT, filters=[["name", "=", leads[0].prospect]])
	[row] = segment_list.found(prospect.name)[1]
	assert (row["title"], row["owner"]) == (f"Ash Works {world.tag}", REP)


def test_a_picture_of_nobody_has_no_rows_and_one_that_is_deleted_leaves_none(leads, world, as_user):
	nobody, some = of_channel(world, "No Such Channel"), of_channel(world)
	empty, full = (api.take_segment_snapshot(doc.name) for doc in (nobody, some))
	assert (frappe.db.count(MEMBER, {"snapshot": empty}), frappe.db.count(MEMBER, {"snapshot": full})) == (0, 2)
	with refused(match=f"{empty}.* is of another segment"):
		segment_list.found(some.name, empty)
	as_user("Administrator")
	other = api.take_segment_snapshot(some.name)
	frappe.delete_doc("Sales Segment Snapshot", full)
	assert (frappe.db.count(MEMBER, {"snapshot": full}), frappe.db.count(MEMBER, {"snapshot": other})) == (0, 2)


def test_a_picture_of_more_than_the_reader_sees_is_not_shown_by_its_segment(leads, world, as_user):
	as_user("Administrator")
	doc = of_channel(world, is_shared=1)
	whole = api.take_segment_snapshot(doc.name)
	shown = lambda **how: [row["record"] for row in report.execute({"segment": doc.name, **how})[1]]  # noqa: E731
	names = [lead.name for lead in leads[:2]]
	as_user("rep")
	assert shown() == shown(snapshot=whole) == names
	as_user("Administrator")
	set_apart()
	as_user("rep")
	own = api.take_segment_snapshot(doc.name)
	assert shown() == shown(snapshot=own) == names
	with refused(frappe.PermissionError):
		shown(snapshot=whole)
	as_user("other_rep")
	assert shown() == []
	with refused(frappe.PermissionError):
		shown(snapshot=own)


def test_a_picture_is_compared_with_the_one_before_of_who_took_it_not_with_what_others_saw(leads, world, as_user):
	as_user("Administrator")
	doc = of_channel(world, is_shared=1)
	names = [lead.name for lead in leads[:2]]
	frappe.db.set_value(LEAD, names[1], "sales_owner", OTHER)
	api.take_segment_snapshot(doc.name)
	set_apart()

	def taken(who: str) -> tuple[tuple, dict]:
		as_user(who)
		name = api.take_segment_snapshot(doc.name)
		counts = frappe.db.get_value("Sales Segment Snapshot", name, ["member_count", "joined_count", "left_count"])
		rows = frappe.get_all(MEMBER, filters={"snapshot": name}, fields=["record", "change"], order_by="record asc")
		return counts, {row.record: row.change or None for row in rows}

	assert taken("rep") == ((1, 0, 0), {names[0]: None}), "nobody has left"
	assert taken("other_rep") == ((1, 0, 0), {names[1]: None}), "nobody has joined"
	as_user("Administrator")
	frappe.db.set_value(LEAD, names[1], "sales_owner", REP)
	assert taken("rep") == ((2, 1, 0), {names[0]: None, names[1]: "Joined"})
	assert taken("other_rep") == ((0, 0, 1), {names[1]: "Left"})
	assert taken("Administrator") == ((2, 0, 0), dict.fromkeys(names))


def test_every_night_the_pictures_are_taken_that_are_due(leads, world, as_user):
	due = of_channel(world, snapshot_rhythm="Daily")
	kept = of_channel(world, "Hotline", snapshot_rhythm="Monthly")
	api.take_segment_snapshot(kept.name)
	as_user("Administrator")
	pictures = lambda doc: frappe.get_all(  # noqa: E731
		"Sales Segment Snapshot", filters={"segment": doc.name}, pluck="taken_by", order_by="name asc"
	)
	result = segment_snapshots.daily()
	assert result.changed >= 1 and not result.failed
	assert (pictures(due), pictures(kept)) == ([REP], [REP])
	segment_snapshots.daily()
	assert pictures(due) == [REP]


# ---- behaviours


def done(about, **values):
	values = {"subject": "Call", "status": "Done", "starts_on": now_datetime(), **values}
	reference = {"reference_doctype": about.doctype, "reference_name": about.name}
	return frappe.get_doc({"doctype": "Sales Activity", **reference, **values}).insert()


def contacted(doctype: str, among, **how) -> set[str]:
	look = Look(how.pop("company", None), frappe.utils.getdate(), among, how.pop("unrestricted", False))
	return who_did(Behaviour("Contacted", **how), doctype, look)


def test_a_lead_was_contacted_by_what_was_done_about_it_and_a_prospect_by_what_was_done_about_either(leads, world):
	done(leads[0])
	done(leads[0], starts_on=add_days(now_datetime(), -40))
	done(leads[1], status="Planned", starts_on=add_days(now_datetime(), 3))
	names, prospects = [lead.name for lead in leads], [lead.prospect for lead in leads]
	assert contacted(LEAD, names) == {names[0]}
	assert contacted(LEAD, names[1:]) == contacted(LEAD, []) == set()
	assert contacted(LEAD, names, days=30, min_events=2) == set()
	assert contacted(LEAD, names, min_events=2) == {names[0]}
	assert contacted(LEAD, names, company=world.company) == {names[0]}
	assert contacted(PROSPECT, prospects) == {prospects[0]}
	done(frappe.get_doc(PROSPECT, prospects[2]))
	assert contacted(PROSPECT, prospects) == {prospects[0], prospects[2]}
	assert contacted(LEAD, names) == {names[0]}


def test_mails_count_for_who_may_read_some_and_for_rules(leads, monkeypatch):
	name = leads[1].name
	mail = {"doctype": "Communication", "subject": "Hello", "communication_type": "Communication"}
	about = {"reference_doctype": LEAD, "reference_name": name, "communication_date": now_datetime()}
	frappe.get_doc({**mail, **about}).insert(ignore_permissions=True)
	assert contacted(LEAD, [name]) == contacted(LEAD, [name], unrestricted=True) == {name}
	monkeypatch.setattr(frappe, "has_permission", lambda doctype, *right, **how: doctype != "Communication")
	assert contacted(LEAD, [name]) == set()
	assert contacted(LEAD, [name], unrestricted=True) == {name}


def test_prospects_with_an_open_deal(leads, sale):
	deal = sale.opportunity(customer=None, prospect=leads[1].prospect)
	prospects = [lead.prospect for lead in leads]
	look = Look(None, frappe.utils.getdate(), prospects)
	assert who_did(Behaviour("Open Deal"), PROSPECT, look) == {leads[1].prospect}
	assert who_did(Behaviour("Open Deal", min_events=2), PROSPECT, look) == set()
	frappe.db.set_value("Sales Opportunity", deal.name, "status", "Lost")
	assert who_did(Behaviour("Open Deal"), PROSPECT, look) == set()


# ---- filters of rules


@pytest.mark.parametrize(
	("text", "found"),
	[
		(None, []),
		("  ", []),
		("[]", []),
		('[["title", "like", "x"]]', [["title", "like", "x"]]),
		(f'[["{LEAD}", "title", "like", "x", false]]', [[LEAD, "title", "like", "x"]]),
		('{"status": "New", "title": ["like", "x"]}', [[LEAD, "status", "=", "New"], [LEAD, "title", "like", "x"]]),
	],
)
def test_own_filters_are_read_as_a_list_writes_them(site, text, found):
	assert record_conditions.filters_of(text, LEAD) == found


@pytest.mark.parametrize("text", ["5", '"status"', '[["status", "="]]', '["status"]', "[[1", '[["a", "=", 1], 7]'])
def test_what_is_no_list_of_filters_is_refused(site, text):
	with pytest.raises(ValueError):
		record_conditions.filters_of(text, LEAD)


def test_a_segment_that_is_off_or_of_other_records_holds_none_of_a_rule_s(leads, world):
	rows = [frappe._dict(name=lead.name, customer=None, prospect=lead.prospect) for lead in leads]
	doc = of_channel(world)
	of_prospects = segment(PROSPECT, filters=[["name", "in", [leads[1].prospect, leads[2].prospect]]])
	asked = lambda doc, doctype=LEAD: record_conditions._of_segment(doctype, rows, doc.name)  # noqa: E731
	assert asked(doc) == {leads[0].name, leads[1].name}
	assert asked(of_prospects) == {leads[1].name, leads[2].name}
	assert asked(doc, "Customer") == set()
	doc.disabled = 1
	doc.save()
	assert asked(doc) == set()


def test_a_rule_asks_for_all_members_of_its_segment_whoever_saves_the_lead(leads, world, as_user):
	rows = [frappe._dict(name=lead.name, customer=None, prospect=lead.prospect) for lead in leads]
	doc = of_channel(world)
	set_apart()
	for who in ("rep", "stranger"):
		as_user(who)
		found = record_conditions.in_segments(LEAD, rows, [frappe._dict(segment=doc.name), frappe._dict(segment=None)])
		assert found == {doc.name: {leads[0].name, leads[1].name}}, who


@pytest.mark.parametrize("asked", ["check", "rule", "segment"])
def test_a_lost_race_is_none_of_a_filter_s_faults(leads, world, monkeypatch, asked):
	"""The job or the save is tried anew, and nobody is told to mend the filter."""
	doc = of_channel(world)
	rule = frappe._dict(doctype="Pool Rule", name="R", own_filters="[]", segment=doc.name)

	def lost(*args, **values):
		raise frappe.QueryDeadlockError("lost")

	monkeypatch.setattr(frappe, "get_all", lost)
	monkeypatch.setattr(frappe, "get_list", lost)
	with pytest.raises(frappe.QueryDeadlockError):
		if asked == "check":
			record_conditions.check(rule, LEAD)
		elif asked == "segment":
			segment_members.names(doc)
		else:
			record_conditions._asked(rule, "own_filters", lost)


def test_a_condition_that_can_not_be_asked_is_met_by_none_and_reported(site):
	rule = frappe._dict(doctype="Pool Rule", name=f"R {frappe.generate_hash(length=6)}")

	def broken():
		raise ValueError("broken")

	assert record_conditions._asked(rule, "own_filters", broken) == set()
	assert frappe.db.exists("Error Log", {"method": f"CRM Pipeline: Pool Rule {rule.name}: own_filters"})
	assert record_conditions._asked(rule, "own_filters", lambda: {"a"}) == {"a"}


def test_only_the_records_of_a_rule_with_filters_are_asked_for(leads, world):
	own = json.dumps([["channel", "=", "Referral"]])
	rules = [frappe._dict(name="with", own_filters=own), frappe._dict(name="without", own_filters=" ")]
	names = [leads[0].name, leads[2].name]
	assert record_conditions.with_own(LEAD, names, rules) == {"with": {leads[0].name}}

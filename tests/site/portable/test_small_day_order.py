"""My Day in order: what stands first in each part of it, what comes last, and what a row of it says."""

from datetime import datetime

import frappe
import pytest
from frappe.utils import getdate

from crm_pipeline.my_day import day
from tests.site.conftest import USERS
from tests.site.rows import bare_deal, row

REP, OTHER, MANAGER, DESK = (USERS[who][0] for who in ("rep", "other_rep", "manager", "desk"))
ACTIVITY, LEAD, DEAL, PROJECT = "Sales Activity", "Sales Lead", "Sales Opportunity", "Sales Project"
CASE, PROMISE, REQUEST, HELP = "Customer Case", "Promise to Pay", "Sales Order Request", "Sales Help Request"
MORNING, NEXT = datetime(2026, 3, 20), datetime(2026, 3, 21)
NEVER_FIRST = "2026-03-02 09:00:00"


def whose(user=REP) -> day.Whose:
	return day.Whose(user, getdate("2026-03-20"), MORNING, NEXT)


def part_of(section: str, place: int = 0, user=REP) -> day.Part:
	return day.SECTIONS[section](whose(user))[place]


def shown(part: day.Part, made: dict[str, str]) -> list[str]:
	"""The keys of these records as the part lists them."""
	names = frappe.get_all(part.doctype, filters=part.filters, pluck="name", order_by=part.order, limit=0)
	keys = {name: key for key, name in made.items()}
	return [keys[name] for name in names if name in keys]


# Of each part: what its records have in common, the field that decides, from the first to the last, and who has them.
# Names run the other way, and so do the moments in which they were made.
ORDERS = [
	("late", 0, ACTIVITY, {"status": "Planned", "sales_owner": REP}, "due_on", ["2026-03-01", "2026-03-03", "2026-03-09"], REP),
	("today", 0, ACTIVITY, {"status": "Planned", "sales_owner": REP, "starts_on": "2026-03-20 08:00:00"}, "due_on",
		["2026-03-20 09:00:00", "2026-03-20 11:00:00", "2026-03-24 08:00:00"], REP),
	("steps", 2, ACTIVITY, {"status": "Done", "sales_owner": REP, "next_step_done": 0, "next_step": "Visit"}, "next_step_date",
		["2026-01-01", "2026-03-01", "2026-03-20"], REP),
	("promises", 0, PROMISE, {"status": "Open", "sales_owner": REP}, "promised_on", ["2026-01-01", "2026-03-01", "2026-03-20"], REP),
	("cases", 0, CASE, {"status": "Open", "responsible": REP}, "due_by", ["2026-03-01", "2026-03-20", "2026-04-01"], REP),
	("leads", 0, LEAD, {"status": "New", "sales_owner": REP}, "score", [80, 20, 0], REP),
	("leads", 0, LEAD, {"status": "New", "sales_owner": REP, "score": 5}, "creation",
		["2026-03-01 09:00:00", "2026-03-03 09:00:00", "2026-03-05 09:00:00"], REP),
	("leads", 1, LEAD, {"status": "Contacted", "sales_owner": REP, "follow_up_date": "2026-03-01"}, "score", [80, 20, 0], REP),
	("leads", 1, LEAD, {"status": "Contacted", "sales_owner": REP, "score": 5}, "follow_up_date",
		["2026-01-01", "2026-03-01", "2026-03-20"], REP),
	("unassigned", 0, LEAD, {"status": "New", "sales_owner": None}, "creation",
		["2026-03-01 09:00:00", "2026-03-03 09:00:00", "2026-03-05 09:00:00"], MANAGER),
	("waiting", 0, HELP, {"status": "Open", "manager": REP}, "asked_on",
		["2026-03-01 09:00:00", "2026-03-03 09:00:00", "2026-03-05 09:00:00"], REP),
	("waiting", 1, REQUEST, {"status": "Returned", "sales_owner": REP, "docstatus": 2}, "returned_on",
		["2026-03-01 09:00:00", "2026-03-03 09:00:00", "2026-03-05 09:00:00"], REP),
	("waiting", -1, REQUEST, {"status": "Requested", "docstatus": 1}, "requested_on",
		["2026-03-01 09:00:00", "2026-03-03 09:00:00", "2026-03-05 09:00:00"], DESK),
	("tasks", 0, "ToDo", {"status": "Open", "allocated_to": REP}, "date", ["2026-01-01", "2026-03-01", "2026-04-01"], REP),
]  # fmt: skip


@pytest.mark.parametrize(
	("section", "place", "doctype", "fixed", "field", "values", "user"), ORDERS, ids=[f"{o[0]}-{o[4]}" for o in ORDERS]
)
def test_the_most_urgent_stands_first(world, as_user, section, place, doctype, fixed, field, values, user):
	made = {}
	for key, value, turn in zip("abc", values, (3, 2, 1), strict=True):
		kept = {"docstatus": 0, "creation": f"2026-03-0{turn} 09:00:00", **fixed, field: value}
		made[key] = row(doctype, name=f"{turn} {doctype[:12]} {world.tag}", **kept)
	as_user(user)
	assert shown(part_of(section, place, user), made) == ["a", "b", "c"]


def test_what_fell_into_the_pool_last_stands_first_there(world, monkeypatch):
	rule = f"Ours {world.tag}"
	monkeypatch.setattr(day.pool_rules, "may_claim_by", lambda user: [rule])
	records = {
		LEAD: ("", {"title": "L", "status": "New"}),
		"Sales Prospect": ("", {"prospect_name": "P", "status": "Unverified"}),
		"Customer": ("crm_", {"customer_name": "C", "disabled": 0}),
	}
	for place, (doctype, (prefix, values)) in enumerate(records.items()):
		made = {}
		for key, since, turn in (("old", "2026-01-01", 1), ("new", "2026-03-01", 3), ("middle", "2026-02-01", 2)):
			pooled = {f"{prefix}pool_since": f"{since} 09:00:00", f"{prefix}pool_rule": rule}
			made[key] = row(doctype, name=f"{turn} {doctype} {world.tag}", docstatus=0, **values, **pooled)
		assert shown(part_of("pool", place), made) == ["new", "middle", "old"], doctype


@pytest.mark.parametrize("kind", [DEAL, PROJECT])
def test_of_deals_the_next_step_due_first_and_the_worst_stalled_stand_first(world, kind):
	place = (DEAL, PROJECT).index(kind)
	deal = lambda key, **values: bare_deal(world, key, kind, **{"sales_owner": REP, **values})  # noqa: E731
	steps = {"a": deal("3", next_step_date="2026-01-01"), "b": deal("2", next_step_date="2026-02-01")}
	steps["c"] = deal("1", next_step_date="2026-03-20")
	assert shown(part_of("steps", place), steps) == ["a", "b", "c"]
	stalled = {"a": deal("6", stalled_score=9, is_stalled=1), "b": deal("5", stalled_score=7, is_stalled=1)}
	stalled["c"] = deal("4", stalled_score=5, is_stalled=1)
	assert shown(part_of("stalled", place), stalled) == ["a", "b", "c"]


def test_a_request_that_came_back_is_of_its_owner_not_of_who_sent_it_and_of_the_latest_state(world, as_user):
	request = lambda key, **values: row(  # noqa: E731
		REQUEST,
		**{"name": f"{key} {world.tag}", "status": "Returned", "customer": world.customer, "docstatus": 2, **values},
	)
	made = {
		"own": request("a", sales_owner=REP, requested_by=OTHER, returned_on="2026-03-01 09:00:00"),
		"sent": request("b", sales_owner=OTHER, requested_by=REP, returned_on="2026-03-01 09:00:00"),
		"again": request("c", sales_owner=REP, returned_on="2026-03-01 09:00:00"),
	}
	request("d", sales_owner=REP, status="Requested", docstatus=1, amended_from=made["again"])
	as_user("rep")
	assert shown(part_of("waiting", 1), made) == ["own"]


def test_the_desk_s_requests_are_seen_in_the_day_of_the_desk_whoever_looks_at_it(world, as_user):
	row(REQUEST, name=f"a {world.tag}", status="Requested", requested_on="2026-03-01 09:00:00")
	as_user("desk")
	labels = lambda user: [part.label for part in day.SECTIONS["waiting"](whose(user))]  # noqa: E731
	assert "Requested" not in labels(REP) and "Requested" in labels(DESK)
	as_user("rep")
	assert "Requested" not in labels(REP) and "Requested" in labels(DESK)


def test_without_a_right_to_requests_nothing_of_them_is_said_to_have_come_back(world, as_user):
	row(REQUEST, name=f"a {world.tag}", status="Returned", docstatus=2, sales_owner=REP, returned_on=NEVER_FIRST)
	as_user("stranger")
	assert day._returned(whose()) == []


def test_what_has_no_day_comes_after_what_has_one_and_is_counted(world, monkeypatch):
	monkeypatch.setattr(day, "SHOWN", 3)
	fixed = {"status": "Open", "allocated_to": REP, "docstatus": 0, "description": "Ring"}
	days = {"none": None, "late": "2026-03-09", "early": "2026-03-01", "also none": None}
	made = {key: row("ToDo", name=f"{n} {world.tag}", date=at, **fixed) for n, (key, at) in enumerate(days.items())}
	keys = {name: key for key, name in made.items()}
	part = day.Part("ToDo", [["name", "in", list(keys)]], "date asc, name asc", "date", "description")
	read = day._read(part)
	assert read["count"] == 4 and [keys[one.name] for one in read["rows"]] == ["early", "late", "none"]
	monkeypatch.setattr(day, "SHOWN", 4)
	read = day._read(part)
	assert read["count"] == 4 and {keys[one.name] for one in read["rows"]} == set(days)


@pytest.mark.parametrize("there", [1, 2, 3, 4, 105])
def test_a_part_shows_so_many_and_counts_them_all(world, monkeypatch, there):
	monkeypatch.setattr(day, "SHOWN", 2)
	fixed = {"status": "Open", "allocated_to": REP, "docstatus": 0, "description": "Ring", "date": "2026-03-01"}
	names = [row("ToDo", name=f"{n:03} {world.tag}", **fixed) for n in range(there)]
	read = day._read(day.Part("ToDo", [["name", "in", names]], "date asc, name asc", "date", "description"))
	assert read["count"] == there and [one.name for one in read["rows"]] == names[:2]


@pytest.mark.parametrize("since", day.SINCE)
def test_since_when_something_waits_is_no_deadline(world, since):
	assert not day._is_late(
		frappe._dict(at=datetime(2020, 1, 1), since=since in day.SINCE, doctype=LEAD), whose(), NEXT
	)
	assert day._is_late(frappe._dict(at=datetime(2020, 1, 1), since=False, doctype=LEAD), whose(), NEXT)


def test_every_section_has_words_of_its_own(site):
	told = day.labels()
	assert list(told) == list(day.SECTIONS) and len(set(told.values())) == len(told)
	assert told["late"] == "Overdue Activities" and told["today"] == "Activities Today"
	assert (told["steps"], told["promises"], told["cases"]) == ("Next Steps Due", "Promised Payments Due", "Open Cases")
	assert (told["leads"], told["unassigned"], told["pool"]) == ("Leads to Answer", "Unassigned Leads", "Public Pool")
	assert (told["stalled"], told["waiting"], told["tasks"]) == ("Stalled Deals", "Requests Waiting", "Tasks")


def test_of_many_requests_that_came_back_the_last_ones_are_told(world, as_user, monkeypatch):
	monkeypatch.setattr(day, "MOST_NAMES", 1)
	for key, at in (("a", "2026-03-01"), ("b", "2026-03-05"), ("c", "2026-03-03")):
		values = {"status": "Returned", "docstatus": 2, "sales_owner": REP, "customer": world.customer}
		row(REQUEST, name=f"{key} {world.tag}", returned_on=f"{at} 09:00:00", **values)
	as_user("rep")
	assert day._returned(whose()) == [f"b {world.tag}"]


TEXTS = [
	("waiting", 0, HELP, {"status": "Open", "manager": REP, "deal_title": "Four pumps", "question": "May I?", "asked_on": NEVER_FIRST},
		("Four pumps", "May I?")),
	("waiting", 1, REQUEST, {"status": "Returned", "docstatus": 2, "sales_owner": REP, "title": "Pumps", "return_reason": "Too cheap",
		"returned_on": NEVER_FIRST}, ("Pumps", "Too cheap")),
	("late", 0, ACTIVITY, {"status": "Planned", "sales_owner": REP, "subject": "Call", "due_on": NEVER_FIRST}, ("Call", "")),
	("steps", 2, ACTIVITY, {"status": "Done", "sales_owner": REP, "next_step": "Visit", "subject": "Call", "next_step_done": 0,
		"next_step_date": "2026-03-01"}, ("Visit", "Call")),
	("cases", 0, CASE, {"status": "Open", "responsible": REP, "subject": "It leaks", "due_by": NEVER_FIRST}, ("It leaks", "")),
	("leads", 0, LEAD, {"status": "New", "sales_owner": REP, "score": 99, "title": "Pumps", "message": "Call <b>me</b>"}, ("Pumps", "Call me")),
	("leads", 1, LEAD, {"status": "Contacted", "sales_owner": REP, "score": 99, "title": "Pumps", "follow_up_date": "2026-03-01",
		"follow_up_plan": "Ring"}, ("Pumps", "Ring")),
	("tasks", 0, "ToDo", {"status": "Open", "allocated_to": REP, "description": "Ring <b>them</b>", "date": "2026-03-01"},
		("Ring them", "")),
]  # fmt: skip


@pytest.mark.parametrize(
	("section", "place", "doctype", "values", "words"), TEXTS, ids=[f"{one[0]}-{one[1]}" for one in TEXTS]
)
def test_a_row_is_called_by_what_it_is_about_with_its_words_beside_it(
	world, as_user, section, place, doctype, values, words
):
	company = {} if doctype in (ACTIVITY, "ToDo") else {"company": world.company}
	name = row(doctype, **{"name": f"a {world.tag}", "docstatus": 0, **company, **values})
	as_user("rep")
	[shown_] = [one for one in day._read(part_of(section, place))["rows"] if one.name == name]
	assert (shown_.title, shown_.text) == words

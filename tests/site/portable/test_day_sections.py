"""My Day section by section: what stands in each and what does not, what is late, and whose day somebody may look at."""

from datetime import datetime, time

import frappe
import pytest
from frappe.utils import add_days, getdate, now_datetime, nowdate

from crm_pipeline.core.registry import STATES
from crm_pipeline.my_day import day, day_people
from tests.site.conftest import USERS
from tests.site.rows import bare_deal, row, sales_people
from tests.site.world import refused

REP, OTHER, MANAGER, DESK = (USERS[who][0] for who in ("rep", "other_rep", "manager", "desk"))
ACTIVITY, LEAD, DEAL, PROJECT = "Sales Activity", "Sales Lead", "Sales Opportunity", "Sales Project"
CASE, PROMISE, REQUEST, HELP = "Customer Case", "Promise to Pay", "Sales Order Request", "Sales Help Request"
TODAY = getdate("2026-03-20")
MORNING, NEXT = datetime(2026, 3, 20), datetime(2026, 3, 21)
WHOSE = day.Whose(REP, TODAY, MORNING, NEXT)


def found(key: str, made: dict[str, str], whose=WHOSE) -> set[str]:
	"""Keys of those of these records that stand in a section."""
	shown = set()
	for part in day.SECTIONS[key](whose):
		names = frappe.get_all(part.doctype, filters=part.filters, pluck="name", order_by=part.order, limit=0)
		shown |= {one for one, name in made.items() if name in names}
	return shown


def activity(**values) -> str:
	fixed = {"subject": "Call", "status": "Planned", "sales_owner": REP, "next_step_done": 0, "docstatus": 0}
	return row(ACTIVITY, **{**fixed, **values})


def test_an_activity_is_late_when_it_had_to_be_done_before_the_day_and_on_the_day_from_its_beginning(world):
	at = lambda text: f"2026-03-{text}"  # noqa: E731
	made = {
		key: activity(starts_on=at(starts), due_on=at(due), **values)
		for key, starts, due, values in (
			("late", "10 09:00:00", "19 23:59:59", {}), ("today", "20 09:00:00", "20 10:00:00", {}),
			("first", "20 00:00:00", "20 00:00:00", {}), ("last", "20 23:59:59", "20 23:59:59", {}),
			("running", "10 09:00:00", "25 09:00:00", {}), ("tomorrow", "21 00:00:00", "21 09:00:00", {}),
			("done", "10 09:00:00", "19 09:00:00", {"status": "Done"}), ("off", "20 09:00:00", "20 09:00:00", {"status": "Cancelled"}),
			("other's", "10 09:00:00", "19 09:00:00", {"sales_owner": OTHER}),
			("other's today", "20 09:00:00", "20 09:00:00", {"sales_owner": OTHER}),
		)
	}  # fmt: skip
	assert found("late", made) == {"late"}
	assert found("today", made) == {"today", "first", "last", "running"}


def test_next_steps_are_due_of_open_deals_and_of_what_was_agreed_about_none(world):
	deal = lambda key, kind=DEAL, **values: bare_deal(  # noqa: E731
		world, key, kind, **{"sales_owner": REP, "next_step_date": "2026-03-20", "next_step": "Send it", **values}
	)
	agreed = lambda **values: activity(  # noqa: E731
		**{"status": "Done", "next_step": "Visit", "next_step_date": "2026-03-20", "starts_on": "2026-03-01", **values}
	)
	made = {
		"deal": deal("a"), "past": deal("b", next_step_date="2026-01-01"), "project": deal("c", PROJECT),
		"tomorrow": deal("d", next_step_date="2026-03-21"), "never": deal("e", next_step_date=None),
		"lost": deal("f", status="Lost"), "other's": deal("g", sales_owner=OTHER),
		"agreed": agreed(), "agreed later": agreed(next_step_date="2026-03-21"), "no day": agreed(next_step_date=None),
		"agreed, done": agreed(next_step_done=1), "only planned": agreed(status="Planned"), "theirs": agreed(sales_owner=OTHER),
	}  # fmt: skip
	assert found("steps", made) == {"deal", "past", "project", "agreed"}


def test_promises_are_due_that_are_open_and_whose_day_has_come(world):
	promise = lambda **values: row(  # noqa: E731
		PROMISE, **{"status": "Open", "sales_owner": REP, "promised_on": "2026-03-20", "docstatus": 0, **values}
	)
	made = {
		"due": promise(), "past": promise(promised_on="2026-01-01"), "later": promise(promised_on="2026-03-21"),
		"kept": promise(status="Kept"), "broken": promise(status="Broken"), "other's": promise(sales_owner=OTHER),
	}  # fmt: skip
	assert found("promises", made) == {"due", "past"}


def test_cases_are_those_that_one_is_responsible_for_until_they_are_closed(world):
	case = lambda **values: row(  # noqa: E731
		CASE, **{"name": f"{frappe.generate_hash(length=8)} {world.tag}", "responsible": REP, "docstatus": 0, **values}
	)
	made = {state: case(status=state) for state in ("Open", "In Progress", "Waiting", "Solved", "Withdrawn")}
	made |= {
		"owned": case(status="Open", responsible=OTHER, sales_owner=REP),
		"nobody's": case(status="Open", responsible=None),
	}
	assert found("cases", made) == {"Open", "In Progress", "Waiting"}


def lead(key: str, **values) -> str:
	fixed = {"title": key, "status": "New", "sales_owner": REP, "docstatus": 0}
	return row(LEAD, name=f"{key} {frappe.generate_hash(length=6)}", **{**fixed, **values})


def test_leads_wait_that_are_new_or_to_be_followed_up_and_do_not_rest(world):
	made = {
		key: lead(key, **values)
		for key, values in (
			("new", {}), ("other's", {"sales_owner": OTHER}), ("rests", {"nurture_until": "2026-03-21"}),
			("wakes", {"nurture_until": "2026-03-20"}), ("qualified", {"status": "Qualified"}),
			("contacted", {"status": "Contacted", "follow_up_date": "2026-03-20"}),
			("later", {"status": "Contacted", "follow_up_date": "2026-03-21"}), ("no day", {"status": "Contacted"}),
			("contacted, rests", {"status": "Contacted", "follow_up_date": "2026-03-20", "nurture_until": "2026-03-21"}),
			("theirs", {"status": "Contacted", "follow_up_date": "2026-03-20", "sales_owner": OTHER}),
		)
	}  # fmt: skip
	assert found("leads", made) == {"new", "wakes", "contacted"}
	[first, second] = day.SECTIONS["leads"](WHOSE)
	assert (first.label, second.label) == ("New", "Follow Up")


def test_leads_that_nobody_has_wait_for_who_may_give_them(world):
	made = {"free": lead("free", sales_owner=None), "empty": lead("empty", sales_owner=""), "owned": lead("owned")}
	made |= {state: lead(state, status=state, sales_owner=None) for state in STATES[LEAD].closed}
	made["pool"] = lead("pool", sales_owner=None, pool_since="2026-03-01 09:00:00")
	of = lambda user: day.Whose(user, TODAY, MORNING, NEXT)  # noqa: E731
	assert found("unassigned", made, of(MANAGER)) == {"free", "empty"}
	assert day.SECTIONS["unassigned"](of(REP)) == day.SECTIONS["unassigned"](of(DESK)) == []


def test_stalled_are_one_s_own_open_deals_the_worst_first(world):
	deal = lambda key, kind=DEAL, **values: bare_deal(  # noqa: E731
		world, key, kind, **{"sales_owner": REP, "is_stalled": 1, "stalled_score": 5, **values}
	)
	made = {
		"deal": deal("a"), "worse": deal("b", stalled_score=9), "project": deal("c", PROJECT), "well": deal("d", is_stalled=0),
		"won": deal("e", status="Won"), "other's": deal("f", sales_owner=OTHER),
	}  # fmt: skip
	assert found("stalled", made) == {"deal", "worse", "project"}
	[part, _projects] = day.SECTIONS["stalled"](WHOSE)
	listed = frappe.get_all(DEAL, filters=part.filters, pluck="name", order_by=part.order, limit=0)
	assert [name for name in listed if name in made.values()] == [made["worse"], made["deal"]]


def test_questions_wait_for_who_was_asked_and_requests_for_the_order_desk(world):
	ask = lambda **values: row(  # noqa: E731
		HELP, **{"status": "Open", "manager": REP, "question": "May I?", "docstatus": 0, **values}
	)
	request = lambda key, **values: row(  # noqa: E731
		REQUEST, **{"name": f"{key} {world.tag}", "status": "Requested", "sales_owner": OTHER, "customer": world.customer, **values}
	)  # fmt: skip
	made = {
		"asked": ask(), "answered": ask(status="Answered"), "other's": ask(manager=OTHER), "requested": request("a"),
		"draft": request("b", docstatus=0, status="Draft"), "not yet": request("c", docstatus=0), "accepted": request("d", status="Accepted"),
		"returned": request("e", status="Returned", sales_owner=REP, returned_on="2026-03-01 09:00:00"),
		"returned to another": request("f", status="Returned"),
	}  # fmt: skip
	frappe.set_user(REP)
	assert found("waiting", made) == {"asked", "returned"}
	assert found("waiting", made, day.Whose(DESK, TODAY, MORNING, NEXT)) == {"requested"}
	frappe.set_user("Administrator")


def test_tasks_are_open_ones_and_no_questions(world):
	task = lambda **values: row(  # noqa: E731
		"ToDo", **{"status": "Open", "allocated_to": REP, "description": "Ring", "reference_type": None, "docstatus": 0, **values}
	)  # fmt: skip
	made = {
		"own": task(), "about": task(reference_type=DEAL, reference_name="X"), "question": task(reference_type=HELP),
		"closed": task(status="Closed"), "cancelled": task(status="Cancelled"), "other's": task(allocated_to=OTHER),
	}  # fmt: skip
	assert found("tasks", made) == {"own", "about"}


def test_in_the_pool_stand_open_records_of_the_rules_by_which_one_may_claim(world, monkeypatch):
	mine, theirs = f"Mine {world.tag}", f"Theirs {world.tag}"
	monkeypatch.setattr(day.pool_rules, "may_claim_by", lambda user: [mine] if user == REP else [])
	at = "2026-03-01 09:00:00"
	records = {
		LEAD: ("", {"title": "L", "status": "New"}, {"status": "Converted"}),
		"Sales Prospect": ("", {"prospect_name": "P", "status": "Unverified"}, {"status": "Verified"}),
		"Customer": ("crm_", {"customer_name": "C", "disabled": 0}, {"disabled": 1}),
	}
	made, wanted = {}, set()
	for doctype, (prefix, is_open, over) in records.items():
		pooled = {f"{prefix}pool_since": at, f"{prefix}pool_rule": mine}
		for key, values in (
			("in", {}), ("over", over), ("out", {f"{prefix}pool_since": None}), ("theirs", {f"{prefix}pool_rule": theirs}),
		):  # fmt: skip
			name = f"{doctype} {key} {world.tag}"
			made[doctype, key] = row(doctype, name=name, docstatus=0, **{**is_open, **pooled, **values})
		wanted.add((doctype, "in"))
	assert found("pool", made) == wanted
	parts = day.SECTIONS["pool"](WHOSE)
	assert [(part.doctype, part.title, part.at) for part in parts] == [
		(LEAD, "title", "pool_since"), ("Sales Prospect", "prospect_name", "pool_since"),
		("Customer", "customer_name", "crm_pool_since"),
	]  # fmt: skip
	assert day.SECTIONS["pool"](day.Whose(OTHER, TODAY, MORNING, NEXT)) == []


def test_a_task_without_words_is_called_as_what_it_is_about(world, as_user):
	deal = bare_deal(world, "a", title="Four pumps", party_name="Quay Works", sales_owner=REP)
	about = {"reference_type": DEAL, "reference_name": deal}
	fixed = {"status": "Open", "allocated_to": REP, "docstatus": 0, "date": add_days(nowdate(), -5)}
	names = [row("ToDo", description=text, **fixed, **about) for text in ("Ring <b>them</b>", "")]
	as_user("rep")
	[section] = [section for section in day.of()["sections"] if section["key"] == "tasks"]
	told = {one.name: one for one in section["rows"] if one.name in names}
	assert [told[name].title for name in names][:1] == ["Ring them"]
	assert "Four pumps" in told[names[1]].title and told[names[1]].about == told[names[1]].title
	assert all(one.is_late and one.reference_doctype == DEAL for one in told.values())


# ---- rows


@pytest.mark.parametrize(
	("values", "late"),
	[
		({"at": datetime.combine(TODAY, time(9, 59))}, True), ({"at": datetime.combine(TODAY, time(10, 0))}, False),
		({"at": getdate("2026-03-19")}, True), ({"at": TODAY}, False), ({"at": "2026-03-19"}, True), ({"at": None}, False),
		({"at": getdate("2026-03-19"), "since": True}, False), ({"at": getdate("2026-03-19"), "doctype": CASE, "status": "Waiting"}, False),
		({"at": getdate("2026-03-19"), "doctype": CASE, "status": "Open"}, True),
		({"at": getdate("2026-03-19"), "doctype": ACTIVITY, "status": "Waiting"}, True),
	],
)  # fmt: skip
def test_late_is_what_had_to_be_done_before_now_and_not_what_only_waits_since(values, late):
	assert day._is_late(frappe._dict(values), WHOSE, datetime.combine(TODAY, time(10))) is late


def test_of_many_the_worst_are_shown_and_all_are_counted(world, monkeypatch):
	monkeypatch.setattr(day, "SHOWN", 2)
	names = [
		activity(starts_on=f"2026-03-{n:02}", due_on=f"2026-03-{n:02}", way="Phone", place="Quay") for n in (3, 1, 2)
	]
	part = day.Part(ACTIVITY, [["name", "in", names]], "due_on asc, name asc", "due_on", "subject", more=("place",))
	read = day._read(part)
	assert (read["count"], [one.name for one in read["rows"]]) == (3, [names[1], names[2]])
	[first, _second] = read["rows"]
	assert (first.doctype, first.title, first.text, first.place, first.since) == (ACTIVITY, "Call", "", "Quay", False)
	assert str(first.at).startswith("2026-03-01") and (read["doctype"], read["filters"]) == (ACTIVITY, part.filters)
	assert read["label"] == "Sales Activity" and day._read(day.Part(ACTIVITY, part.filters, "name asc", "creation", label="New"))["label"] == "New"  # fmt: skip
	assert day._read(day.Part(ACTIVITY, [["name", "in", names[:2]]], "name asc", "creation"))["rows"][0].since is True


# ---- whose


def test_one_looks_at_the_days_of_those_below_who_work_here(world, as_user):
	people = sales_people(world, North=MANAGER, Rep=REP, South=OTHER)
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 1)
	frappe.clear_document_cache("CRM Pipeline Settings", "CRM Pipeline Settings")
	users = lambda user: [one["user"] for one in day_people.below(user)]  # noqa: E731
	assert users(REP) == [REP] and users(OTHER) == [OTHER]
	assert {REP, MANAGER} <= set(users(MANAGER)) and OTHER not in users(MANAGER)
	assert {MANAGER, REP, OTHER} <= set(users("Administrator"))
	frappe.db.set_value("Sales Person", people["South"], "enabled", 0)
	assert OTHER not in day_people._everybody() and REP in day_people._everybody()
	frappe.db.set_value("User", REP, "enabled", 0)
	assert REP not in users(MANAGER)
	with refused(frappe.PermissionError, match=f"day of .*{REP}"):
		day_people.need(REP, day_people.below(MANAGER))
	frappe.db.set_value("User", REP, "enabled", 1)


def test_a_day_begins_and_ends_as_its_person_s_clock_says(world, as_user):
	whose = day.Whose.of(REP)
	assert (whose.user, whose.day) == (REP, day.user_day.today_of(REP))
	# Once a year a day has an hour more, and once an hour less.
	assert (
		23 <= (whose.ends - whose.begins).total_seconds() / 3600 <= 25 and whose.begins <= now_datetime() < whose.ends
	)
	assert str(whose.day) in (nowdate(), add_days(nowdate(), 1), add_days(nowdate(), -1))

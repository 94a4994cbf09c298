"""Whom leads are given to: by what they are about, by what their receivers may see, and by nobody's default."""

import json

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime

from crm_pipeline.assignment import assigning, leads_to_give
from crm_pipeline.chain import pending
from tests.site.conftest import USERS
from tests.site.portable.test_assignment import alone, assign, lead, owners, rule  # noqa: F401
from tests.site.portable.test_public_pool import aged
from tests.site.world import history

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))
LEAD = "Sales Lead"


def test_an_item_or_its_group_decides_who_gets_a_lead(lead, sale, world):  # noqa: F811
	group = frappe.db.get_value("Item", world.service, "item_group")
	rule(OTHER, item=world.service, position=2)
	rule(REP, item_group=group, own_filters=json.dumps([["Sales Lead", "title", "like", "%turbine%", False]]))
	service, pumps = sale.rows((world.service, 1, 80)), sale.rows((world.pump, 1, 100))
	both = lead(title="A turbine", items=service)
	one, other, none = lead(items=service), lead(items=pumps), lead(title="A turbine", items=[])
	assign(both, one, other, none)
	assert owners(both, one, other, none) == [REP, OTHER, None, None]


def test_the_items_of_leads_are_known_with_the_groups_above_them(lead, sale, world):  # noqa: F811
	first = lead(items=sale.rows((world.service, 1, 80), (world.pump, 2, 100)))
	second, bare = lead(items=sale.rows((world.pump, 1, 100))), lead(items=[])
	items, groups = leads_to_give.products_of([doc.name for doc in (first, second, bare)])
	assert items == {first.name: {world.service, world.pump}, second.name: {world.pump}}
	group = frappe.db.get_value("Item", world.pump, "item_group")
	assert set(groups) == set(items) and {group, "All Item Groups"} <= groups[second.name]
	assert leads_to_give.products_of([bare.name]) == ({}, {})


def test_who_could_not_see_a_lead_does_not_get_it(lead):  # noqa: F811
	here, there = frappe.get_all("Territory", filters={"is_group": 0}, pluck="name", order_by="name asc", limit=2)
	limit = {"doctype": "User Permission", "user": REP, "allow": "Territory", "for_value": here}
	frappe.get_doc({**limit, "apply_to_all_doctypes": 1}).insert()
	frappe.clear_cache(user=REP)
	rule(REP, OTHER)
	docs = [lead(territory=there, prospect_name=f"Mill {n}", email_id="", phone="") for n in range(2)]
	near = [lead(territory=here, prospect_name=f"Quay {n}", email_id="", phone="") for n in range(2)]
	assign(*docs, *near)
	assert owners(*docs) == [OTHER, OTHER] and REP in owners(*near)


def test_who_inserts_a_lead_owns_it_only_where_no_rule_says_otherwise(lead, as_user):  # noqa: F811
	as_user("rep")
	assert lead(sales_owner=None).sales_owner == REP
	as_user("Administrator")
	rule(OTHER)
	as_user("rep")
	left_open, own = lead(sales_owner=None), lead(sales_owner=REP)
	assert (left_open.sales_owner, own.sales_owner) == (None, REP)
	as_user("Administrator")
	assign(left_open)
	assert owners(left_open, own) == [OTHER, REP]


def test_a_lead_of_nobody_tells_nobody_and_a_given_one_its_owner(lead, as_user):  # noqa: F811
	as_user("manager")
	frappe.db.delete("Pending Update")
	frappe.local.crm_pipeline_noted = set()
	lead(sales_owner="")
	asked = {"what": pending.MOVE}
	assert frappe.get_all("Pending Update", filters=asked, order_by="name asc") == []
	lead(sales_owner=MANAGER)
	assert frappe.get_all("Pending Update", filters=asked, order_by="name asc") == []
	lead(sales_owner=REP)
	assert len(frappe.get_all("Pending Update", filters=asked, order_by="name asc")) == 1


def test_one_notice_for_each_who_got_something_and_turns_that_count(lead):  # noqa: F811
	made = rule(REP, OTHER, answer_minutes=60)
	leads = [lead() for _n in range(4)]
	frappe.db.delete("Pending Update")
	frappe.local.crm_pipeline_noted = set()
	assert assign(*leads) == 4
	assert sorted(owners(*leads)) == sorted([REP, OTHER] * 2)
	found = frappe.get_doc(LEAD, leads[0].name)
	assert found.assignment_rule == made.name and found.assigned_on and found.answer_due_on > found.assigned_on
	assert ("Owner", None, owners(leads[0])[0]) in history(LEAD, leads[0].name)
	assert len(frappe.get_all("Pending Update", filters={"what": pending.MOVE}, order_by="name asc")) == 2
	made.reload()
	assert (made.given, [row.given for row in made.members]) == (4, [2, 2])
	assert assign(*leads) == 0


def test_where_automation_of_the_site_waits_each_lead_is_written_by_itself(lead, monkeypatch):  # noqa: F811
	from crm_pipeline.assignment import giving

	made = rule(REP, title="The fair")
	docs = [lead() for _n in range(2)]
	heard = []
	monkeypatch.setattr(giving, "is_watched", lambda doctype: True)
	set_state = giving.automation.set_state
	monkeypatch.setattr(
		giving.automation, "set_state", lambda doc, *how, **more: heard.append(doc.name) or set_state(doc, *how, **more)
	)
	frappe.db.delete("Pending Update")
	frappe.local.crm_pipeline_noted = set()
	assert assign(*docs) == 2
	assert sorted(heard) == sorted(doc.name for doc in docs) and owners(*docs) == [REP, REP]
	event = frappe.get_doc("Pipeline Event", {"reference_name": docs[0].name, "kind": "Owner"})
	assert (event.from_value or None, event.to_value, event.note) == (None, REP, "The fair") and made.name
	assert len(frappe.get_all("Pending Update", filters={"what": pending.MOVE}, order_by="name asc")) == 1


def test_the_job_takes_all_that_nobody_has_in_order_and_goes_on_where_it_stopped(lead, monkeypatch):  # noqa: F811
	assert assigning.chunks(None) == [], "without a rule there is nothing to do"
	rule(OTHER)
	docs = sorted(lead(prospect_name=f"Mill {n}").name for n in range(5))
	lead(sales_owner=REP), aged(lead(), pool_since=now_datetime())
	lost = lead()
	frappe.db.set_value(LEAD, lost.name, "status", "Disqualified")
	monkeypatch.setattr(assigning, "CHUNK", 2)
	found = assigning.chunks(None)
	mine = [chunk for chunk in found if chunk[1] >= docs[0]]
	assert mine[-1][1] == docs[-1] and assigning.unassigned(docs) == docs
	assert assigning.chunks(list(found[-2]))[-1][1] == docs[-1] and len(assigning.chunks(list(found[-2]))) == 1
	assert assigning.assign_chunk(docs[1], docs[3]) == 3
	assert owners(*(frappe._dict(name=name) for name in docs)) == [None, OTHER, OTHER, OTHER, None]


def test_the_sweep_looks_a_day_back_and_the_daily_job_at_all(lead):  # noqa: F811
	new, old = lead(), lead(prospect_name="Old Mill", email_id="", phone="")
	frappe.db.set_value(LEAD, old.name, "creation", add_to_date(now_datetime(), hours=-25), update_modified=False)
	assigning.sweep()
	assert owners(new, old) == [None, None], "without a rule nobody gets anything"
	rule(OTHER)
	assigning.sweep()
	assert owners(new, old) == [OTHER, None]
	assigning.daily()
	assert owners(old) == [OTHER]


def test_one_bad_lead_keeps_no_other_from_its_owner(lead, monkeypatch):  # noqa: F811
	from crm_pipeline.assignment import giving

	rule(OTHER)
	good, bad, other = lead(), lead(), lead()
	give, logged = giving.give, []

	def fails(rows, choices, docs, roster):
		if bad.name in rows:
			raise ValueError("broken")
		return give(rows, choices, docs, roster)

	monkeypatch.setattr(giving, "give", fails)
	monkeypatch.setattr(frappe, "log_error", lambda **error: logged.append(error["title"]))
	assert assigning.assign([doc.name for doc in (good, bad, other)]) == 2
	assert owners(good, bad, other) == [OTHER, None, OTHER]
	assert logged == [f"CRM Pipeline: lead {bad.name} not assigned"]
	with pytest.raises(ValueError, match="broken"):
		assigning.assign([bad.name])


def test_a_rehearsal_says_who_would_get_what_and_why_not(lead, as_user):  # noqa: F811
	first = rule(
		REP, title="Turbines", position=0, own_filters=json.dumps([["Sales Lead", "title", "like", "%turbine%"]])
	)
	second = rule(OTHER, title="All", position=1)
	turbine, pump, owned = lead(title="A turbine"), lead(title="A pump"), lead(title="Mine", sales_owner=MANAGER)
	as_user("manager")
	rows = {row["lead"]: row for row in assigning.rehearse([doc.name for doc in (turbine, pump, owned)], 10)}
	assert (rows[turbine.name]["user"], rows[turbine.name]["rule"], rows[turbine.name]["passed"]) == (
		REP,
		first.name,
		[],
	)
	row = rows[pump.name]
	assert (row["user"], row["rule_title"], row["method"], row["owner"] or None) == (OTHER, "All", second.method, None)
	assert row["passed"] == [{"rule_title": "Turbines", "why": "own condition not met"}]
	assert row["full_name"] == frappe.utils.get_fullname(OTHER) and row["party_name"] == pump.party_name
	assert (rows[owned.name]["owner"], rows[owned.name]["title"]) == (MANAGER, "Mine")
	assert owners(turbine, pump) == [None, None], "nothing is written"
	assert len(assigning.rehearse(None, 2)) == 2 and assigning.rehearse(None, 1)[0]["lead"] == owned.name


def test_a_lead_that_nobody_would_get_has_no_name_beside_it(lead, as_user):  # noqa: F811
	rule(REP, title="Turbines", own_filters=json.dumps([["Sales Lead", "title", "like", "%turbine%"]]))
	doc = lead(title="A pump")
	as_user("manager")
	[row] = assigning.rehearse([doc.name], 10)
	assert (row["user"], row["full_name"], row["rule"], row["rule_title"], row["method"]) == (
		None,
		None,
		None,
		None,
		None,
	)


def test_who_takes_one_lead_at_a_time_gets_the_next_when_the_last_is_closed(lead):  # noqa: F811
	rule({"user": OTHER, "capacity": 1})
	held, first = lead(sales_owner=OTHER), lead()
	assign(first)
	assert owners(first) == [None]
	frappe.db.set_value(LEAD, held.name, "status", "Disqualified")
	assign(first)
	assert owners(first) == [OTHER]


def test_beside_a_lead_that_nobody_has_stands_nobody_s_name_in_a_rehearsal(lead, as_user):  # noqa: F811
	rule(REP)
	free, owned = lead(title="A pump"), lead(title="Mine", sales_owner=OTHER)
	as_user("manager")
	rows = {row["lead"]: row for row in assigning.rehearse([free.name, owned.name], 10)}
	assert (rows[free.name]["owner"] or None, rows[free.name]["owner_name"] or None) == (None, None)
	assert rows[owned.name]["owner_name"] == frappe.utils.get_fullname(OTHER)


def test_what_is_made_after_a_commit_is_given_after_the_next_one_and_nothing_twice(lead, monkeypatch):  # noqa: F811
	rule(REP)
	queued = []
	monkeypatch.setattr(assigning.pending, "queue", lambda method, **arguments: queued.append(arguments["leads"]))
	first, second = lead(), lead()
	assigning._queue()
	third = lead()
	assigning._queue()
	assert queued == [[first.name, second.name], [third.name]]
	lead()
	assigning._forget()
	assigning._queue()
	assert queued[2:] == [[]], "what was rolled back is not there"


@pytest.mark.parametrize("own", [True, False])
def test_a_lead_is_of_its_own_territory_and_industry_else_of_its_party_s(sale, monkeypatch, own):
	told = {"territory": "South", "industry": "Mills", "no_of_employees": "50"}
	doc = sale.lead(items=[])
	stored = {"territory": "North", "industry": "Docks"} if own else {"territory": None, "industry": None}
	(row,) = leads_to_give.rows_of([doc.name])
	row.update(stored)
	tree = leads_to_give.Territories(
		{"North": ("North", "All"), "South": ("South", "All")},
		{"North": "n@x.example", "South": "s@x.example"},
		frozenset(),
	)
	monkeypatch.setattr(leads_to_give, "places_of", lambda rows: {doc.name: told})
	monkeypatch.setattr(leads_to_give.Territories, "read", lambda: tree)
	(found,) = leads_to_give.read([row], [])
	assert (found.territories, found.industry, found.territory_owner, found.employees) == (
		(("North", "All"), "Docks", "n@x.example", 50) if own else (("South", "All"), "Mills", "s@x.example", 50)
	)

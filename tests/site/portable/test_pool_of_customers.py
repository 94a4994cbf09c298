"""Customers and prospects in the public pool: what falls of them, who takes them out, and what each move leaves behind."""

import json

import frappe
import pytest
from frappe.utils import add_to_date, get_datetime, now_datetime

from crm_pipeline import api
from crm_pipeline.pool import claiming, held_facts, pool_rules, pool_saves, pooling
from crm_pipeline.pool.claiming import PoolError
from tests.site import rows
from tests.site.hosts import HOST
from tests.site.portable.test_public_pool import (
	MANAGER,
	OTHER,
	REP,
	aged,
	judge,
	movements,
	no_other_rules,  # noqa: F401
	owner,
	pooled,
	rule,
)
from tests.site.world import customer, refused

CUSTOMER = "Customer"


@pytest.fixture
def team(world, as_user, monkeypatch):
	"""{user: Sales Person}; the account manager and the sales team of a customer are people of these."""
	HOST.plain_records(monkeypatch, CUSTOMER)
	as_user("Administrator")
	people = rows.sales_people(world, North=MANAGER, Rep=REP, South=OTHER)
	return {MANAGER: people["North"], REP: people["Rep"], OTHER: people["South"]}


def held(world, name: str, team: dict, *of: str, days: int = 120, **values):
	"""A customer that these people have, the first of them as its account manager where `values` do not say otherwise."""
	sales_team = [{"sales_person": team[user], "allocated_percentage": 100 / len(of)} for user in of]
	fixed = {"account_manager": of[0] if of else None, "sales_team": sales_team, **values}
	return aged(frappe.get_doc(CUSTOMER, customer(f"{name} {world.tag}", **fixed)), days)


def events(doc) -> list[tuple]:
	return frappe.get_all(
		"Pipeline Event",
		filters={"reference_doctype": doc.doctype, "reference_name": doc.name, "kind": "Owner"},
		fields=["from_value", "to_value", "customer", "note"],
		order_by="at asc, creation asc",
		as_list=True,
	)


def test_a_customer_that_nobody_works_on_is_nobody_s_and_its_history_says_whose_it_was(world, team):
	made = rule(CUSTOMER)
	doc = held(world, "Quiet", team, REP)
	assert judge(doc) == 1
	doc.reload()
	assert (doc.account_manager or None, doc.sales_team) == (None, [])
	assert (doc.crm_pool_rule, doc.crm_pool_from, doc.crm_pool_warned_on) == (made.name, REP, None)
	assert abs((now_datetime() - get_datetime(doc.crm_pool_since)).total_seconds()) < 60
	assert [tuple(event) for event in events(doc)][-1] == (REP, None, doc.name, "Public Pool")
	assert movements(doc) == [("Fell", REP, None)]
	[found] = frappe.get_all("Pool Movement", filters={"reference_name": doc.name}, fields=["*"], order_by="at asc")
	assert (found.customer, found.prospect, found.title, found.pool_rule) == (
		doc.name,
		None,
		doc.customer_name,
		made.name,
	)
	assert judge(doc) == 0 and not pooling.put_into(CUSTOMER, doc.name, made.name, "Fell")


def test_a_customer_leaves_the_pool_by_its_form_only_by_who_may_give_it(world, team, as_user):
	rule(CUSTOMER)
	doc = held(world, "Quiet", team, REP)
	judge(doc)
	for who, user in (("other_rep", OTHER), ("manager", OTHER)):
		as_user(who)
		taken = frappe.get_doc(CUSTOMER, doc.name)
		taken.account_manager = user
		if who == "manager":
			pool_saves.follow_customer(loaded(taken))
			continue
		with refused(match="in the public pool. Claim it there"):
			pool_saves.follow_customer(loaded(taken))
	assert taken.crm_pool_since is None and movements(doc)[-1] == ("Given", REP, OTHER)


def loaded(doc):
	"""As within its save."""
	doc.load_doc_before_save()
	return doc


def test_who_claims_a_customer_is_its_account_manager_and_its_team(world, team, as_user):
	made = rule(CUSTOMER, cool_down_days=0)
	mine, stays = (held(world, name, team, REP) for name in ("Quiet", "Other"))
	judge(mine)
	as_user("other_rep")
	before = now_datetime()
	api.claim_from_pool(CUSTOMER, mine.name)
	as_user("Administrator")
	mine.reload()
	assert mine.account_manager == OTHER
	assert [(row.sales_person, row.allocated_percentage) for row in mine.sales_team] == [(team[OTHER], 100)]
	assert get_datetime(mine.crm_pool_assigned_on) >= before.replace(microsecond=0)
	assert [mine.get(f"crm_{name}") for name in ("pool_since", "pool_rule", "pool_from", "pool_warned_on")] == [
		None
	] * 4
	assert [tuple(event)[:3] for event in events(mine)][-1] == (None, OTHER, mine.name)
	assert movements(mine) == [("Fell", REP, None), ("Claimed", REP, OTHER)]
	last = frappe.get_last_doc("Pool Movement", {"reference_name": mine.name, "movement": "Claimed"})
	assert (last.by, last.pool_rule, last.customer) == (OTHER, made.name, mine.name)
	assert owner(stays) == REP


def test_who_claims_a_customer_and_is_no_sales_person_has_it_without_a_team(world, team, as_user):
	rule(CUSTOMER)
	doc = held(world, "Quiet", team, REP)
	judge(doc)
	frappe.db.set_value("Sales Person", team[OTHER], "crm_user", None)
	as_user("other_rep")
	api.claim_from_pool(CUSTOMER, doc.name)
	as_user("Administrator")
	doc.reload()
	assert (doc.account_manager, doc.sales_team) == (OTHER, [])


def test_of_a_customer_without_an_account_manager_the_first_of_its_team_had_it(world, team):
	rule(CUSTOMER)
	doc = held(world, "Team", team, REP, OTHER, account_manager=None)
	frappe.db.set_value("Sales Person", team[REP], "crm_user", None)
	assert held_facts.held(CUSTOMER, [doc.name])[0].owners == [OTHER]
	judge(doc)
	assert movements(doc) == [("Fell", OTHER, None)]


def test_the_people_of_a_customer_are_its_account_manager_and_its_team_each_once(world, team):
	both = held(world, "Both", team, REP, OTHER, MANAGER)
	nobodys, out = held(world, "Free", team), held(world, "Off", team, REP, disabled=1)
	found = held_facts.held(CUSTOMER, [both.name, nobodys.name, out.name])
	assert [(row.name, row.owners[0], sorted(row.owners)) for row in found] == [
		(both.name, REP, sorted((REP, OTHER, MANAGER)))
	]
	free = held_facts.held(CUSTOMER, [nobodys.name, out.name], nobodys=True)
	assert [(row.name, row.owners) for row in free] == [(nobodys.name, [])]
	assert free[0].title == nobodys.customer_name and free[0].assigned_on == nobodys.reload().crm_pool_assigned_on


def test_a_manager_who_names_an_account_manager_has_given_it(world, team, as_user):
	made = rule(CUSTOMER)
	docs = [held(world, name, team, REP) for name in ("A", "B")]
	judge(*docs)
	for doc in docs:
		doc.reload()
	# Whoever saves a customer in the pool without naming anybody leaves it there.
	docs[1].website = "mill.example"
	docs[1].save()
	assert pooled(*docs) == [True, True] and docs[1].crm_pool_from == REP
	docs[0].account_manager = OTHER
	docs[0].save()
	assert pooled(*docs) == [False, True]
	assert movements(docs[0])[-1] == ("Given", REP, OTHER)
	assert (
		frappe.get_last_doc("Pool Movement", {"reference_name": docs[0].name, "movement": "Given"}).pool_rule
		== made.name
	)
	assert [docs[0].get(f"crm_{name}") for name in ("pool_rule", "pool_from", "pool_warned_on")] == [None] * 3
	assert docs[0].crm_pool_assigned_on
	docs[1].append("sales_team", {"sales_person": team[OTHER], "allocated_percentage": 100})
	docs[1].save()
	assert pooled(docs[1]) == [False]


def test_the_clock_of_a_customer_starts_with_its_people_and_nobody_sets_it(world, team):
	doc = held(world, "Clock", team, REP)
	doc.reload()
	since = doc.crm_pool_assigned_on
	doc.update({"website": "mill.example", "crm_pool_assigned_on": now_datetime(), "crm_last_touch_on": now_datetime()})
	doc.save()
	assert (doc.crm_pool_assigned_on, doc.crm_last_touch_on) == (since, None)
	doc.account_manager = OTHER
	doc.save()
	assert abs((now_datetime() - get_datetime(doc.crm_pool_assigned_on)).total_seconds()) < 60
	assert not doc.crm_pool_since and movements(doc) == []
	doc.update({"account_manager": None, "sales_team": []})
	doc.save()
	assert movements(doc) == []


def test_a_manager_gives_customers_of_the_pool_out(world, team, as_user):
	made = rule(CUSTOMER)
	docs = [held(world, name, team, REP) for name in ("A", "B")]
	judge(docs[0])
	as_user("manager")
	answer = api.give_from_pool(CUSTOMER, [doc.name for doc in docs], OTHER)
	assert answer["done"] == 1 and [row["name"] for row in answer["refused"]] == [docs[1].name]
	assert (
		"Somebody else was faster" in answer["refused"][0]["reason"]
		and docs[1].customer_name in answer["refused"][0]["reason"]
	)
	assert owner(docs[0]) == OTHER and movements(docs[0])[-1] == ("Given", REP, OTHER)
	assert (
		frappe.get_last_doc("Pool Movement", {"reference_name": docs[0].name, "movement": "Given"}).pool_rule
		== made.name
	)
	assert owner(docs[1]) == REP


def test_at_most_so_many_are_given_out_or_given_back_at_once(site, as_user):
	as_user("manager")
	for ask in (
		lambda: claiming.give("Sales Lead", ["x"] * 501, OTHER),
		lambda: claiming.release("Sales Lead", ["x"] * 501, "No time"),
	):
		with refused(match="at most 500 documents"):
			ask()
	rule()
	for ask in (
		lambda: claiming.give("Sales Lead", ["x"] * 500, OTHER),
		lambda: claiming.release("Sales Lead", ["x"] * 500, "No time"),
	):
		assert len(ask()["refused"]) == 500


def prospect(world, name: str, days: int = 60, **values):
	made = {"doctype": "Sales Prospect", "prospect_name": f"{name} {world.tag}", "sales_owner": REP, **values}
	return aged(frappe.get_doc(made).insert(), days)


def test_what_no_rule_is_meant_for_is_not_given_back(world, as_user):
	as_user("Administrator")
	industry = rows.row("Industry Type", name=f"Mills {world.tag}", industry=f"Mills {world.tag}", docstatus=0)
	rule("Sales Prospect", industry=industry)
	doc = prospect(world, "Far")
	as_user("rep")
	answer = api.release_to_pool("Sales Prospect", [doc.name], "No time")
	assert answer == {"done": 0, "refused": [{"name": doc.name, "reason": f"No Pool Rule is meant for {doc.name}"}]}
	assert pooled(doc) == [False]


def test_what_has_no_clock_yet_is_given_back_all_the_same(world, as_user):
	as_user("Administrator")
	rule("Sales Prospect")
	doc = prospect(world, "Far")
	frappe.db.set_value("Sales Prospect", doc.name, "assigned_on", None)
	as_user("rep")
	assert api.release_to_pool("Sales Prospect", [doc.name], "No time") == {"done": 1, "refused": []}
	assert movements(doc) == [("Released", REP, None)]


@pytest.mark.parametrize("doctype", ["Sales Lead", "Sales Prospect", CUSTOMER])
def test_one_that_is_not_there_and_one_that_was_never_in_the_pool_are_alike_to_who_may_not_see_it(
	world, sale, as_user, doctype
):
	as_user("Administrator")
	rule(doctype)
	made = {
		"Sales Lead": lambda: sale.lead(sales_owner=REP).name,
		"Sales Prospect": lambda: prospect(world, "Far").name,
		CUSTOMER: lambda: world.customer,
	}[doctype]()
	as_user("stranger")
	for name in ("Nobody", made):
		with refused(frappe.PermissionError, match="does not exist, or you have no right"):
			claiming.claim(doctype, name)
	as_user("other_rep")
	with refused(PoolError, match="is not in the public pool any more"):
		claiming.claim(doctype, made)


def test_a_colleague_who_left_claims_nothing(world, as_user):
	as_user("Administrator")
	rule("Sales Prospect")
	doc = prospect(world, "Far")
	judge(doc)
	frappe.db.set_value("User", OTHER, "enabled", 0)
	frappe.clear_document_cache("User", OTHER)
	as_user("other_rep")
	with refused(frappe.PermissionError):
		claiming.claim("Sales Prospect", doc.name)
	frappe.db.set_value("User", OTHER, "enabled", 1)
	frappe.clear_document_cache("User", OTHER)


def test_what_fell_by_a_rule_of_another_team_is_hidden_also_once_it_was_claimed(world, team, as_user):
	frappe.db.set_value("Sales Person", team[MANAGER], "crm_user", None)
	made = rule("Sales Prospect", team=team[REP], cool_down_days=0)
	doc = prospect(world, "Far")
	judge(doc)
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 1)
	pool_rules.forget()
	as_user("other_rep")
	with refused(frappe.PermissionError):
		claiming.claim("Sales Prospect", doc.name)
	as_user("rep")
	claiming.claim("Sales Prospect", doc.name)
	as_user("other_rep")
	assert made.name not in pool_rules.may_claim_by(OTHER)
	with refused(frappe.PermissionError):
		claiming.claim("Sales Prospect", doc.name)


def test_claims_of_other_days_people_and_rules_do_not_count(world, as_user):
	as_user("Administrator")
	made = rule("Sales Prospect", claims_per_day=2)
	for by, movement, of, days in (
		(OTHER, "Claimed", made.name, 0), (OTHER, "Claimed", made.name, -2), (OTHER, "Given", made.name, 0),
		(OTHER, "Claimed", "Another", 0), (REP, "Claimed", made.name, 0), (OTHER, "Claimed", made.name, 2),
	):  # fmt: skip
		at = add_to_date(now_datetime(), days=days)
		rows.row("Pool Movement", movement=movement, by=by, pool_rule=of, at=at, docstatus=0)
	assert claiming._claims_today(made.name, OTHER) == 1
	docs = [prospect(world, name) for name in ("A", "B")]
	judge(*docs)
	as_user("other_rep")
	claiming.claim("Sales Prospect", docs[0].name)
	with refused(PoolError, match="claimed 2 today"):
		claiming.claim("Sales Prospect", docs[1].name)


def test_what_one_holds_is_what_is_open_and_theirs(world, team):
	before = claiming._holds(CUSTOMER, OTHER)
	held(world, "A", team, OTHER)
	held(world, "B", team, OTHER, disabled=1)
	held(world, "C", team, REP)
	assert claiming._holds(CUSTOMER, OTHER) == before + 1


# ---- the daily job


def test_rules_of_customers_keep_what_is_asked_of_customers(world):
	group = frappe.db.get_value("Item", world.pump, "item_group")
	values = {"company": world.company, "item": world.pump, "item_group": group}
	made = rule(CUSTOMER, unsold_days=40, untouched_days=0, **values)
	assert (made.unsold_days, made.company, made.item, made.item_group) == (40, None, None, None)
	groups = {"customer_group": frappe.db.get_value("Customer", world.customer, "customer_group")}
	made = rule("Sales Lead", unsold_days=40, **groups, **values)
	assert (made.unsold_days, made.customer_group, made.item) == (0, None, world.pump)
	made = rule("Sales Prospect", unsold_days=40, **groups, **values)
	assert (made.unsold_days, made.item, made.item_group) == (0, None, None)
	assert (made.customer_group, made.company) == (groups["customer_group"], world.company)
	with refused(match="must be less than"):
		rule(CUSTOMER, unsold_days=10, untouched_days=0, warn_days=10)
	with refused(match="at least 1"):
		rule("Sales Lead", unsold_days=40, untouched_days=0)
	with refused():
		rule("User")


def test_chunks_are_of_what_somebody_can_work_on_type_by_type_and_go_on_behind_the_last(world, team, monkeypatch):
	monkeypatch.setattr(pooling, "CHUNK", 2)
	rule(CUSTOMER), rule("Sales Prospect")
	frappe.db.delete("Sales Prospect")
	frappe.db.set_value(CUSTOMER, {"name": ("is", "set")}, "disabled", 1)
	names = sorted(held(world, key, team, REP).name for key in "BAC")
	prospects = sorted(prospect(world, key).name for key in "ED")
	held(world, "Off", team, REP, disabled=1)
	found = pooling.chunks(None)
	assert found == [
		("Sales Prospect", prospects[0], prospects[1]), (CUSTOMER, names[0], names[1]), (CUSTOMER, names[2], names[2])
	]  # fmt: skip
	assert pooling.chunks(list(found[0])) == found[1:] and pooling.chunks(list(found[1])) == found[2:]
	assert pooling.chunks(["Sales Lead", "Z", "Z"]) == found
	assert pooling.judge_chunk(*found[1]) == 2
	assert pooling.chunks(None) == [found[0], (CUSTOMER, names[2], names[2])]


def test_who_has_several_is_warned_once_of_all_of_them(world, team):
	rule(CUSTOMER, warn_days=5)
	docs = [held(world, key, team, REP) for key in "AB"] + [held(world, "C", team, OTHER)]
	assert pooling.judge(CUSTOMER, [doc.name for doc in docs]) == 3
	notices = lambda user: frappe.get_all(  # noqa: E731
		"Notification Log",
		filters={"for_user": user, "document_name": ("in", [doc.name for doc in docs])},
		fields=["document_type", "document_name", "subject", "from_user", "type"],
		order_by="creation asc",
	)
	[two], [one] = notices(REP), notices(OTHER)
	assert two.subject.replace("<strong>", "").replace("</strong>", "") == (
		f"{docs[0].customer_name} and 1 more go to the public pool in 5 days unless you contact them"
	)
	assert one.subject.replace("<strong>", "").replace("</strong>", "") == (
		f"{docs[2].customer_name} goes to the public pool in 5 days unless you contact them"
	)
	assert (one.document_type, one.document_name, one.from_user, one.type) == (
		CUSTOMER,
		docs[2].name,
		"Administrator",
		"Alert",
	)
	assert pooled(*docs) == [False] * 3 and all(doc.reload().crm_pool_warned_on for doc in docs)


def test_what_rules_give_more_or_less_time_is_warned_of_apart(world, team):
	quick, slow = held(world, "Quick", team, REP), held(world, "Slow", team, REP)
	rule(CUSTOMER, warn_days=5, own_filters=json.dumps([["customer_name", "=", slow.customer_name]]))
	rule(CUSTOMER, warn_days=9, position=1)
	assert pooling.judge(CUSTOMER, [quick.name, slow.name]) == 2
	said = {
		doc.name: frappe.db.get_value("Notification Log", {"for_user": REP, "document_name": doc.name}, "subject") or ""
		for doc in (quick, slow)
	}
	assert "in 9 days" in said[quick.name] and "in 5 days" in said[slow.name], said


def test_what_was_brought_in_past_every_form_starts_its_clock_when_it_is_seen(world, team):
	rule(CUSTOMER)
	doc = held(world, "In", team, REP)
	frappe.db.set_value(CUSTOMER, doc.name, "crm_pool_assigned_on", None)
	assert judge(doc) == 0 and pooled(doc) == [False]
	assert abs((now_datetime() - get_datetime(doc.reload().crm_pool_assigned_on)).total_seconds()) < 60


def test_a_customer_is_touched_by_all_that_is_done_about_it_and_it_is_noted_when(world, team, sale):
	rule(CUSTOMER)
	doc, other = held(world, "A", team, REP), held(world, "B", team, REP)
	at = add_to_date(now_datetime().replace(microsecond=0), days=-3)
	activity = {"doctype": "Sales Activity", "subject": "Call", "customer": doc.name, "status": "Done", "starts_on": at}
	frappe.get_doc(activity).insert()
	assert judge(doc, other) == 1 and pooled(doc, other) == [False, True]
	assert get_datetime(doc.reload().crm_last_touch_on) == at

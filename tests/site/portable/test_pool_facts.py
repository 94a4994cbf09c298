"""What the public pool knows of a record that somebody holds, and which rule is meant for it; records given back and out."""

from datetime import datetime, timedelta

import frappe
import pytest
from frappe.utils import add_days, add_to_date, get_datetime, getdate, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.chain import pending
from crm_pipeline.core.pool import HeldRecord, PoolTerms
from crm_pipeline.pool import claiming, held_facts, pool_rules
from tests.site.conftest import USERS
from tests.site.portable.test_public_pool import (
	aged,
	judge,
	lead,  # noqa: F401
	movements,
	no_other_rules,  # noqa: F401
	owner,
	pooled,
	rule,
)
from tests.site.rows import row, sales_people
from tests.site.world import history, without_right

LEAD, PROSPECT, CUSTOMER = "Sales Lead", "Sales Prospect", "Customer"
REP, OTHER, MANAGER, DESK = (USERS[who][0] for who in ("rep", "other_rep", "manager", "desk"))
AT = datetime(2026, 3, 5, 10)


def node(doctype: str, name: str, above: str | None = None) -> str:
	kind = doctype.lower().replace(" ", "_")
	place = 9001 + frappe.db.count(doctype)
	values = {f"parent_{kind}": above, "lft": place, "rgt": place, "is_group": 0, "docstatus": 0}
	return row(doctype, name=name, **values)


@pytest.fixture
def places(world):
	"""A territory in another, a group of customers in another, and a group of items in another; two industries."""
	found = frappe._dict()
	for key, doctype in (("territory", "Territory"), ("group", "Customer Group"), ("items", "Item Group")):
		found[f"{key}_above"] = node(doctype, f"{key} above {world.tag}")
		found[key] = node(doctype, f"{key} {world.tag}", found[f"{key}_above"])
	for key in ("industry", "other_industry"):
		name = f"{key} {world.tag}"
		found[key] = row("Industry Type", name=name, industry=name, docstatus=0)
	return found


def known(doctype: str, *names: str, protections=None, rules=()) -> list[HeldRecord]:
	rows = held_facts.held(doctype, list(names), nobodys=True)
	assert [row.name for row in rows] == sorted(names)
	found = {one.name: one for one in held_facts.facts(doctype, rows, protections or {}, list(rules))}
	return [found[name] for name in names]


# ---- facts


def test_what_is_known_of_a_customer(world, places):
	own, bare = f"Own {world.tag}", f"Bare {world.tag}"
	fixed = {"disabled": 0, "docstatus": 0, "crm_pool_assigned_on": AT}
	values = {"territory": places.territory, "customer_group": places.group, "industry": places.industry}
	row(CUSTOMER, name=own, customer_name="Own", account_manager=REP, crm_pool_warned_on=AT + timedelta(days=9), **fixed, **values)  # fmt: skip
	row(CUSTOMER, name=bare, customer_name="Bare", **fixed)
	row("Sales Order", customer=own, transaction_date="2026-04-01")
	row("Sales Activity", subject="Call", status="Done", customer=own, starts_on="2026-04-02 09:00:00", docstatus=0)
	row("Sales Absence", user=REP, from_date=add_days(nowdate(), -1), to_date=add_days(nowdate(), 1), docstatus=0)
	found, none = known(CUSTOMER, own, bare, protections={"planned": {bare}, "protect_cases": {"Another"}})
	assert (found.territories, found.groups) == (
		(places.territory, places.territory_above), (places.group, places.group_above),
	)  # fmt: skip
	assert (found.industry, found.company, found.assigned_on) == (places.industry, None, AT)
	assert (found.last_touch, found.last_sale) == (datetime(2026, 4, 2, 9), datetime(2026, 4, 1))
	assert (found.warned_on, found.protected) == (AT + timedelta(days=9), False)
	assert found.absent == {getdate(add_days(nowdate(), -1)), getdate()}
	assert none == HeldRecord(bare, AT, protected=True)


def test_what_is_known_of_a_prospect(world, places):
	own, bare = f"Own {world.tag}", f"Bare {world.tag}"
	fixed = {"status": "Unverified", "docstatus": 0, "assigned_on": AT, "sales_owner": REP}
	values = {"territory": places.territory, "customer_group": places.group, "industry": places.industry}
	row(PROSPECT, name=own, prospect_name="Own", company=world.company, pool_warned_on=AT, **fixed, **values)
	row(PROSPECT, name=bare, prospect_name="Bare", **fixed)
	found, none = known(PROSPECT, own, bare)
	assert (found.territories, found.groups) == (
		(places.territory, places.territory_above), (places.group, places.group_above),
	)  # fmt: skip
	assert (found.industry, found.company, found.warned_on) == (places.industry, world.company, AT)
	assert none == HeldRecord(bare, AT)


def test_what_a_lead_does_not_say_of_itself_its_customer_or_prospect_does(world, places):
	tag = world.tag
	of = {"territory": places.territory, "industry": places.industry}
	party = row(CUSTOMER, name=f"Party {tag}", customer_name="Party", docstatus=0, **of)
	prospect = row(PROSPECT, name=f"Prospect {tag}", prospect_name="Prospect", docstatus=0, **of)
	fixed = {"docstatus": 0, "status": "New", "assigned_on": AT, "sales_owner": REP, "company": world.company}
	other = {"territory": places.territory_above, "industry": places.other_industry}
	names = [
		row(LEAD, name=f"{key} {tag}", title=key, **fixed, **values)
		for key, values in (
			("own", {"customer": party, **other}), ("customer", {"customer": party}), ("prospect", {"prospect": prospect}),
			("none", {}),
		)
	]  # fmt: skip
	found = known(LEAD, *names)
	below = (places.territory, places.territory_above)
	assert [one.territories for one in found] == [(places.territory_above,), below, below, ()]
	assert [one.industry for one in found] == [places.other_industry, places.industry, places.industry, None]
	assert {one.company for one in found} == {world.company} and {one.groups for one in found} == {()}


def test_products_of_a_lead_are_known_where_a_rule_asks_for_them(world, places):
	fixed = {"docstatus": 0, "status": "New", "assigned_on": AT, "sales_owner": REP}
	name, other = (row(LEAD, name=f"{key} {world.tag}", title=key, **fixed) for key in ("own", "other"))
	frappe.db.set_value("Item", world.pump, "item_group", places["items"])
	for parent, parenttype, item in (
		(name, LEAD, world.pump),
		(other, "Sales Opportunity", world.pump),
		(other, LEAD, None),
	):
		of = {"parent": parent, "parenttype": parenttype, "parentfield": "items", "idx": 1}
		row("Sales Deal Item", item_code=item, docstatus=0, **of)
	asks = lambda **values: [frappe._dict({"name": "R", "own_filters": None, "segment": None, "item": None, "item_group": None, **values})]  # noqa: E731  # fmt: skip
	for rules in (asks(item=world.pump), asks(item_group=places.items_above), [*asks(), *asks(item=world.pump)]):
		found, none = known(LEAD, name, other, rules=rules)
		assert found.items == {world.pump} and found.item_groups == {places["items"], places.items_above}
		assert none.items == none.item_groups == frozenset()
	[found] = known(LEAD, name, rules=asks())
	assert found.items == frozenset()


@pytest.mark.parametrize(("days", "protected"), [(-1, False), (0, False), (1, True)])
def test_a_lead_that_rests_until_later_is_protected(world, days, protected):
	fixed = {"docstatus": 0, "status": "New", "assigned_on": AT, "sales_owner": REP}
	name = row(LEAD, name=f"L {world.tag}", title="L", nurture_until=add_days(nowdate(), days), **fixed)
	assert known(LEAD, name)[0].protected is protected


def test_of_several_owners_all_have_to_be_away(world):
	frappe.db.delete("Sales Absence")
	people = sales_people(world, North=MANAGER, Rep=REP, South=OTHER)
	name = f"Team {world.tag}"
	row(
		CUSTOMER, name=name, customer_name="Team", disabled=0, docstatus=0, account_manager=REP, crm_pool_assigned_on=AT
	)
	of = {"parenttype": CUSTOMER, "parentfield": "sales_team", "docstatus": 0}
	row("Sales Team", parent=name, sales_person=people["South"], idx=1, **of)
	row("Sales Team", parent=name, sales_person=people["North"], idx=1, **{**of, "parenttype": "Sales Order"})
	for user, first, last in ((REP, -9, -5), (OTHER, -7, -3), (MANAGER, -20, -20)):
		dates = {"from_date": add_days(nowdate(), first), "to_date": add_days(nowdate(), last)}
		row("Sales Absence", user=user, docstatus=0, **dates)
	assert held_facts.held(CUSTOMER, [name])[0].owners == [REP, OTHER]
	assert known(CUSTOMER, name)[0].absent == {getdate(add_days(nowdate(), day)) for day in (-7, -6, -5)}


@pytest.mark.parametrize("doctype", [LEAD, PROSPECT, CUSTOMER])
def test_what_is_held_is_open_and_out_of_the_pool(world, doctype):
	owner, label = pool_rules.owner_field(doctype), {LEAD: "title", PROSPECT: "prospect_name", CUSTOMER: "customer_name"}[doctype]  # fmt: skip
	own = lambda name: pool_rules.field(doctype, name)  # noqa: E731
	is_open = {LEAD: {"status": "Nurturing"}, PROSPECT: {"status": "Unverified"}, CUSTOMER: {"disabled": 0}}[doctype]
	over = {LEAD: {"status": "Disqualified"}, PROSPECT: {"status": "Verified"}, CUSTOMER: {"disabled": 1}}[doctype]
	assigned = "crm_pool_assigned_on" if doctype == CUSTOMER else "assigned_on"
	make = lambda key, **values: row(  # noqa: E731
		doctype, **{"name": f"{key} {world.tag}", label: key, owner: REP, assigned: AT, "docstatus": 0, **is_open, **values}
	)  # fmt: skip
	names = [
		make("B", **{own("last_touch_on"): AT + timedelta(days=1)}), make("A"), make("free", **{owner: None}),
		make("over", **over), make("in", **{own("pool_since"): AT}),
	]  # fmt: skip
	make("not asked")
	found = held_facts.held(doctype, names)
	assert [(row.title, row.owners, row.owner_user) for row in found] == [("A", [REP], REP), ("B", [REP], REP)]
	assert [(row.assigned_on, row.last_touch_on) for row in found] == [(AT, None), (AT, AT + timedelta(days=1))]
	free = held_facts.held(doctype, names, nobodys=True)
	assert [(row.title, row.owners) for row in free] == [("A", [REP]), ("B", [REP]), ("free", [])]
	assert held_facts.held(doctype, []) == held_facts.held(doctype, [f"Nobody {world.tag}"]) == []


# ---- rules


@pytest.mark.parametrize("doctype", [LEAD, PROSPECT, CUSTOMER])
def test_a_rule_asks_what_there_is_of_its_records_and_what_it_leaves_open_it_does_not_ask(site, doctype):
	texts = ("company", "territory", "customer_group", "industry", "item_group", "item", "segment")
	days = {"untouched_days": 30, "unsold_days": 90, "warn_days": 5}
	whole = frappe._dict({name: name.upper() for name in texts}, name="R", document_type=doctype, working_days=1, own_filters="[1]", **days)  # fmt: skip
	asked = dict.fromkeys(texts) | {name: name.upper() for name in texts}
	asked |= {"company": None} if doctype == CUSTOMER else {"unsold_days": 0}
	asked |= {"customer_group": None} if doctype == LEAD else {}
	wanted = PoolTerms("R", doctype, **{**days, **asked}, own_condition=True, working_days=True)
	assert pool_rules.terms_of(whole) == wanted
	for empty in (None, ""):
		bare = frappe._dict(dict.fromkeys(texts, empty), name="R", document_type=doctype, own_filters=empty and " ")
		found = pool_rules.terms_of(bare)
		assert not any(getattr(found, name) for name in texts) and not found.own_condition
		assert (found.untouched_days, found.unsold_days, found.warn_days, found.working_days) == (0, 0, 0, False)
	assert pool_rules.terms_of(frappe._dict(whole, own_filters="  ")).own_condition is False


# ---- given back


def reasons(answer: dict) -> list[str]:
	return [one["reason"] for one in answer["refused"]]


def test_who_has_a_record_that_they_may_not_change_does_not_give_it_back(lead, as_user, monkeypatch):  # noqa: F811
	rule()
	doc = lead(1)
	as_user("rep")
	with monkeypatch.context() as patch:
		without_right(patch, LEAD, "write")
		answer = pool_release(doc.name)
		assert answer["done"] == 0 and "have no right to change it" in reasons(answer)[0]
	with monkeypatch.context() as patch:
		without_right(patch, LEAD, "read")
		without_right(patch, LEAD, "write")
		answer = pool_release(doc.name)
		assert answer["done"] == 0
	assert pooled(doc) == [False] and pool_release(doc.name) == {"done": 1, "refused": []}


def pool_release(*names: str, reason: str = "No time") -> dict:
	return claiming.release(LEAD, list(names), reason)


def test_a_record_is_given_back_by_the_first_rule_that_is_meant_for_it(lead, places, as_user):  # noqa: F811
	late, first = rule(position=3, industry=places.industry), rule(position=2, industry=places.industry)
	rule(position=0, industry=places.industry, disabled=1)
	rule(PROSPECT, position=0)
	other = rule(position=1, industry=places.other_industry)
	docs = [lead(1), lead(1), lead(1)]
	for doc, industry in zip(docs, (places.industry, places.other_industry, None), strict=True):
		frappe.db.set_value(LEAD, doc.name, "industry", industry)
	as_user("rep")
	answer = pool_release(*(doc.name for doc in docs), reason="Moved abroad")
	assert answer["done"] == 2 and [one["name"] for one in answer["refused"]] == [docs[2].name]
	assert reasons(answer) == [f"No Pool Rule is meant for {docs[2].name}"]
	as_user("Administrator")
	found = [frappe.get_doc(LEAD, doc.name) for doc in docs]
	assert [doc.pool_rule for doc in found] == [first.name, other.name, None] and late.name
	assert [(doc.pool_from, doc.sales_owner or None, doc.assigned_on) for doc in found[:2]] == [(REP, None, None)] * 2
	move = frappe.get_last_doc("Pool Movement", {"reference_name": docs[0].name})
	assert (move.movement, move.by, move.from_user, move.to_user) == ("Released", REP, REP, None)
	assert (move.pool_rule, move.note) == (first.name, "Moved abroad")
	assert history(LEAD, docs[0].name)[-1][:2] == ("Owner", REP)


def test_what_can_not_be_given_back_is_said_one_by_one_and_keeps_no_other_from_it(lead, as_user):  # noqa: F811
	rule(cool_down_days=30)
	docs = {key: lead(1) for key in ("closed", "theirs", "own", "in")}
	frappe.db.set_value(LEAD, docs["closed"].name, "status", "Disqualified")
	frappe.db.set_value(LEAD, docs["theirs"].name, "sales_owner", OTHER)
	as_user("rep")
	assert pool_release(docs["in"].name)["done"] == 1
	answer = pool_release(*(docs[key].name for key in ("closed", "theirs", "in")), "Nobody", docs["own"].name)
	assert answer["done"] == 1 and pooled(*docs.values()) == [False, False, True, True]
	closed, theirs, gone, nobody = reasons(answer)
	assert "is closed, has no owner or is in the public pool already" in closed and closed.startswith(
		docs["closed"].name
	)
	assert theirs == f"{docs['theirs'].name} belongs to somebody else"
	assert "in the public pool already" in gone and "does not exist, or you have no right" in nobody
	as_user("manager")
	assert pool_release(docs["theirs"].name)["done"] == 1 and movements(docs["theirs"]) == [("Released", OTHER, None)]


# ---- given out


def told_of(doc) -> bool:
	"""Whether the last change of owner is to be told somebody."""
	event = frappe.get_last_doc("Pipeline Event", {"reference_name": doc.name, "kind": "Owner", "to_value": OTHER})
	return bool(frappe.db.exists("Pending Update", {"document": event.name, "what": pending.MOVE}))


def test_who_gets_a_lead_of_the_pool_begins_anew_with_it(lead, world, as_user):  # noqa: F811
	made = rule()
	people = sales_people(world, North=MANAGER, Rep=REP, South=OTHER)
	doc, stays, other = lead(), lead(), lead()
	judge(doc, stays, other)
	old = add_to_date(now_datetime(), days=-50)
	clocks = {name: old for name in ("first_answer_on", "answer_reminded_on", "answer_escalated_on")}
	frappe.db.set_value(LEAD, doc.name, {**clocks, "pool_warned_on": old})
	as_user("manager")
	assert api.give_from_pool(LEAD, [doc.name], OTHER) == {"done": 1, "refused": []}
	as_user("Administrator")
	doc.reload()
	assert (doc.sales_owner, doc.sales_person) == (OTHER, people["South"])
	assert abs((now_datetime() - get_datetime(doc.assigned_on)).total_seconds()) < 60
	assert [doc.get(name) for name in (*clocks, "pool_since", "pool_rule", "pool_from", "pool_warned_on")] == [None] * 7
	move = frappe.get_last_doc("Pool Movement", {"reference_name": doc.name, "movement": "Given"})
	assert (move.by, move.from_user, move.to_user, move.pool_rule) == (MANAGER, REP, OTHER, made.name)
	assert history(LEAD, doc.name)[-1][2] == OTHER
	assert told_of(doc), "who gets one is told"
	as_user("other_rep")
	api.claim_from_pool(LEAD, stays.name)
	as_user("Administrator")
	assert not told_of(stays), "who claims one knows"
	assert (owner(other), pooled(other)) == (None, [True])


def test_a_manager_who_may_not_see_a_record_gives_it_to_nobody(lead, as_user, monkeypatch):  # noqa: F811
	rule()
	doc = lead()
	judge(doc)
	as_user("manager")
	asked = frappe.has_permission
	hidden = lambda doctype, ptype="read", doc=None, *args, **more: (  # noqa: E731
		(doctype, doc) != (LEAD, name) and asked(doctype, ptype, doc, *args, **more)
	)
	name = doc.name
	monkeypatch.setattr(frappe, "has_permission", hidden)
	answer = claiming.give(LEAD, [name], OTHER)
	assert answer["done"] == 0 and "does not exist, or you have no right" in reasons(answer)[0]
	assert pooled(doc) == [True]


def test_whoever_is_given_a_record_may_work_with_such_records(lead, as_user):  # noqa: F811
	rule()
	doc = aged(lead())
	judge(doc)
	as_user("manager")
	for user in (USERS["store"][0], "nobody@nowhere.example"):
		with pytest.raises(frappe.ValidationError):
			api.give_from_pool(LEAD, [doc.name], user)
	assert pooled(doc) == [True] and api.give_from_pool(LEAD, [doc.name], DESK)["done"] == 1

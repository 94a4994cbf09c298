"""What nobody works on goes to the public pool after a warning, and comes out of it to one person at a time."""

import frappe
import pytest
from frappe.utils import add_days, add_to_date, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.assignment import assigning
from crm_pipeline.chain import jobs
from crm_pipeline.my_day import day
from crm_pipeline.pool import claiming, pool_rules, pooling
from crm_pipeline.pool.claiming import PoolError
from tests.site.conftest import USERS
from tests.site.world import customer, history, refused

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))


def rule(doctype: str = "Sales Lead", **values):
	defaults = {"title": frappe.generate_hash(length=8), "position": 0, "untouched_days": 30, "warn_days": 0}
	doc = frappe.get_doc({"doctype": "Pool Rule", "document_type": doctype, **defaults, **values}).insert()
	pool_rules.forget()
	return doc


def aged(doc, days: int = 60, **values):
	"""A record that its owner has had for so long."""
	stamp = "crm_pool_assigned_on" if doc.doctype == "Customer" else "assigned_on"
	old = add_to_date(now_datetime(), days=-days)
	frappe.db.set_value(doc.doctype, doc.name, {stamp: old, **values}, update_modified=False)
	for event in frappe.get_all(
		"Pipeline Event", filters={"reference_name": doc.name}, pluck="name", order_by="name asc"
	):
		frappe.db.set_value("Pipeline Event", event, "at", old, update_modified=False)
	return doc


def judge(*docs) -> int:
	return sum(pooling.judge(doc.doctype, [doc.name]) for doc in docs)


def pooled(*docs) -> list[bool]:
	return [
		bool(frappe.db.get_value(doc.doctype, doc.name, pool_rules.field(doc.doctype, "pool_since"))) for doc in docs
	]


def owner(doc) -> str | None:
	return frappe.db.get_value(doc.doctype, doc.name, pool_rules.owner_field(doc.doctype)) or None


def movements(doc) -> list[tuple]:
	rows = frappe.get_all(
		"Pool Movement",
		filters={"reference_name": doc.name},
		fields=["movement", "from_user", "to_user"],
		order_by="at asc, creation asc",
	)
	return [tuple(row.values()) for row in rows]


@pytest.fixture(autouse=True)
def no_other_rules(site):
	for doctype in pool_rules.TYPES:
		for row in pool_rules.rules_of(doctype):
			frappe.db.set_value("Pool Rule", row.name, "disabled", 1)
	pool_rules.forget()
	yield
	pool_rules.forget()


@pytest.fixture
def lead(sale, as_user):
	as_user("Administrator")

	def make(days: int = 60, **values):
		name = f"Mill {frappe.generate_hash(length=6)}"
		found = {"sales_owner": REP, "prospect_name": name, "email_id": "", "phone": "", "items": [], **values}
		return aged(sale.lead(**found), days)

	return make


def test_a_lead_is_warned_of_then_falls_with_its_history_and_is_claimed(lead, as_user):
	made = rule(warn_days=5, cool_down_days=7)
	doc = lead()
	assert judge(doc) == 1 and judge(doc) == 0
	bells = {"for_user": REP, "document_name": doc.name, "subject": ("like", "%public pool%")}
	assert frappe.db.count("Notification Log", bells) == 1 and pooled(doc) == [False]
	frappe.db.set_value("Sales Lead", doc.name, "pool_warned_on", add_days(nowdate(), -6))
	judge(doc)
	assert pooled(doc) == [True] and owner(doc) is None
	assert ("Owner", REP, None) in history("Sales Lead", doc.name) or ("Owner", REP, "") in history(
		"Sales Lead", doc.name
	)
	as_user("rep")
	with refused(PoolError, match="had .* last"):
		api.claim_from_pool("Sales Lead", doc.name)
	as_user("other_rep")
	api.claim_from_pool("Sales Lead", doc.name)
	assert owner(doc) == OTHER and pooled(doc) == [False]
	with refused(PoolError, match="faster"):
		api.claim_from_pool("Sales Lead", doc.name)
	assert movements(doc) == [("Fell", REP, None), ("Claimed", REP, OTHER)]
	assert frappe.db.get_value("Pool Movement", {"reference_name": doc.name}, "pool_rule") == made.name
	assert judge(doc) == 0


def test_when_it_can_be_claimed_again_is_said_by_the_clock_of_who_asks(as_user):
	frappe.db.set_single_value("System Settings", "time_zone", "America/New_York")
	frappe.db.set_value("User", REP, "time_zone", "Asia/Tokyo")
	frappe.clear_document_cache("User", REP)
	as_user("rep")
	doc = frappe._dict(doctype="Sales Lead", title="Mill", pool_since="2030-01-01 20:00:00")
	with refused(PoolError, match=frappe.format("2030-01-09 10:00:00", {"fieldtype": "Datetime"})):
		claiming._refuse(claiming.pool.COOLING, doc, frappe._dict(cool_down_days=7))
	as_user("Administrator")
	frappe.db.set_value("User", REP, "time_zone", None)
	frappe.clear_document_cache("User", REP)


@pytest.mark.parametrize("doctype", ["Sales Lead", "Sales Prospect", "Customer"])
def test_what_is_in_the_pool_has_nobody_and_waits_for_nobody(site, doctype):
	now = now_datetime()
	found = pooling.pooled_values(doctype, "RULE", REP, now)
	marks = {"pool_since": now, "pool_rule": "RULE", "pool_from": REP, "pool_warned_on": None}
	nobody = dict.fromkeys(("sales_owner", "sales_person", "assigned_on"))
	waits = dict.fromkeys(("answer_due_on", "next_rule_on"))
	assert (
		found
		== {
			"Sales Lead": {**marks, **nobody, **waits},
			"Sales Prospect": {**marks, **nobody},
			"Customer": {f"crm_{name}": value for name, value in marks.items()},
		}[doctype]
	)


def test_what_was_touched_or_is_protected_stays(lead, sale, as_user):
	rule()
	quiet, called, planned, wanted, complained, fresh, closed = (lead() for _n in range(7))
	activity = {"doctype": "Sales Activity", "subject": "Call", "reference_doctype": "Sales Lead"}
	frappe.get_doc({**activity, "reference_name": called.name, "status": "Done", "starts_on": now_datetime()}).insert()
	later = add_to_date(now_datetime(), days=3)
	frappe.get_doc({**activity, "reference_name": planned.name, "status": "Planned", "starts_on": later}).insert()
	sale.opportunity(customer=None, prospect=frappe.db.get_value("Sales Lead", wanted.name, "prospect"))
	sale.case(customer=None, prospect=frappe.db.get_value("Sales Lead", complained.name, "prospect"))
	given = frappe.get_doc("Sales Lead", fresh.name)
	given.sales_owner = OTHER
	given.save()
	frappe.db.set_value("Sales Lead", closed.name, "status", "Disqualified")
	docs = (quiet, called, planned, wanted, complained, fresh, closed)
	pooling.judge("Sales Lead", [doc.name for doc in docs])
	assert pooled(*docs) == [True, False, False, False, False, False, False]
	assert frappe.db.get_value("Sales Lead", called.name, "last_touch_on")


@pytest.mark.parametrize("protected", [True, False])
def test_a_rule_protects_from_the_pool_by_what_it_has_ticked(lead, sale, protected):
	rule(protect_deals=protected, protect_cases=protected)
	wanted, complained = lead(), lead()
	sale.opportunity(customer=None, prospect=frappe.db.get_value("Sales Lead", wanted.name, "prospect"))
	sale.case(customer=None, prospect=frappe.db.get_value("Sales Lead", complained.name, "prospect"))
	judge(wanted, complained)
	assert pooled(wanted, complained) == [not protected, not protected]


def test_who_is_away_loses_nothing_and_what_was_brought_in_starts_now(lead):
	rule()
	away, brought = lead(35), lead()
	absence = {"doctype": "Sales Absence", "user": REP, "deputy": OTHER}
	frappe.get_doc({**absence, "from_date": add_days(nowdate(), -20), "to_date": add_days(nowdate(), -11)}).insert()
	frappe.db.set_value("Sales Lead", brought.name, "assigned_on", None)
	judge(away, brought)
	assert pooled(away, brought) == [False, False]
	assert frappe.db.get_value("Sales Lead", brought.name, "assigned_on")
	aged(away, 41)
	judge(away)
	assert pooled(away) == [True]


def test_limits_of_holding_and_of_claims_a_day(lead, as_user):
	made = rule(claims_per_day=2)
	docs = [lead() for _n in range(4)]
	judge(*docs)
	as_user("other_rep")
	for doc in docs[:2]:
		api.claim_from_pool("Sales Lead", doc.name)
	with refused(PoolError, match="claimed 2 today"):
		api.claim_from_pool("Sales Lead", docs[2].name)
	held = frappe.db.count("Sales Lead", {"sales_owner": OTHER, "status": ("not in", ("Converted", "Disqualified"))})
	frappe.db.set_value("Pool Rule", made.name, {"claims_per_day": 0, "hold_limit": held})
	with refused(PoolError, match="as many as one may hold"):
		api.claim_from_pool("Sales Lead", docs[2].name)
	assert owner(docs[2]) is None


def test_who_may_see_and_claim_what(lead, as_user, site):
	tag = frappe.generate_hash(length=5)
	person = {"doctype": "Sales Person", "parent_sales_person": "Sales Team", "enabled": 1}
	north = frappe.get_doc({**person, "sales_person_name": f"North {tag}", "is_group": 1}).insert()
	frappe.get_doc(
		{**person, "sales_person_name": f"Rep {tag}", "parent_sales_person": north.name, "crm_user": OTHER}
	).insert()
	frappe.get_doc({**person, "sales_person_name": f"Far {tag}", "crm_user": USERS["desk"][0]}).insert()
	rule(team=north.name)
	doc = lead()
	judge(doc)
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 1)
	for who, sees in (("other_rep", True), ("rep", False), ("manager", True)):
		as_user(who)
		pool_rules.forget()
		assert bool(frappe.get_list("Sales Lead", filters={"name": doc.name}, order_by="name asc")) is sees, who
		assert bool(frappe.has_permission("Sales Lead", doc=doc.name)) is sees, who
		shown = [row["name"] for section in day.of()["sections"] if section["key"] == "pool" for row in section["rows"]]
		assert (doc.name in shown) is sees, who
	as_user("other_rep")
	assert not frappe.has_permission("Sales Lead", "write", doc=doc.name)
	as_user("rep")
	with refused(frappe.PermissionError):
		api.claim_from_pool("Sales Lead", doc.name)
	as_user("other_rep")
	api.claim_from_pool("Sales Lead", doc.name)
	assert owner(doc) == OTHER


def test_nobody_takes_one_past_the_pool_but_a_manager_gives_it(lead, as_user):
	rule()
	one, two = lead(), lead()
	judge(one, two)
	as_user("other_rep")
	mine = frappe.get_doc("Sales Lead", one.name)
	mine.sales_owner = OTHER
	with refused(match="Claim it"):
		mine.save()
	mine = frappe.get_doc("Sales Lead", one.name)
	mine.update({"pool_since": None, "pool_rule": None, "message": "Changed"})
	with refused(match="Claim it"):
		mine.save()
	as_user("manager")
	kept = frappe.get_doc("Sales Lead", one.name)
	kept.update({"pool_since": None, "pool_rule": None, "message": "Changed"})
	kept.save()
	assert pooled(one) == [True]
	as_user("other_rep")
	with refused(frappe.PermissionError):
		api.give_from_pool("Sales Lead", [one.name], OTHER)
	as_user("manager")
	given = frappe.get_doc("Sales Lead", one.name)
	given.sales_owner = OTHER
	given.save()
	assert pooled(one) == [False] and movements(one)[-1] == ("Given", REP, OTHER)
	answer = api.give_from_pool("Sales Lead", [one.name, two.name, "No such lead"], OTHER)
	assert answer["done"] == 1 and len(answer["refused"]) == 2 and owner(two) == OTHER
	with refused(match="disabled|no right"):
		api.give_from_pool("Sales Lead", [two.name], USERS["stranger"][0])


def test_a_form_that_was_open_while_it_was_claimed_does_not_take_it_back(lead, as_user):
	rule()
	doc = lead()
	judge(doc)
	as_user("manager")
	form = frappe.get_doc("Sales Lead", doc.name)
	as_user("other_rep")
	api.claim_from_pool("Sales Lead", doc.name)
	as_user("manager")
	form.message = "Too late"
	with refused(frappe.TimestampMismatchError):
		form.save()
	assert owner(doc) == OTHER


def test_an_owner_gives_one_back(lead, as_user):
	as_user("rep")
	with refused(match="no Pool Rule"):
		api.release_to_pool("Sales Lead", ["Any"], "No time")
	as_user("Administrator")
	rule(cool_down_days=0)
	mine, others = lead(1), lead(1, sales_owner=OTHER)
	as_user("rep")
	answer = api.release_to_pool("Sales Lead", [mine.name, others.name], "No time")
	assert answer["done"] == 1 and "somebody else" in answer["refused"][0]["reason"]
	assert pooled(mine, others) == [True, False]
	assert frappe.db.get_value("Pool Movement", {"reference_name": mine.name}, ["movement", "note"]) == (
		"Released",
		"No time",
	)
	api.claim_from_pool("Sales Lead", mine.name)
	assert owner(mine) == REP


def test_a_manager_puts_there_what_nobody_has(lead, as_user):
	rule()
	doc = lead(1, sales_owner="")
	as_user("rep")
	answer = api.release_to_pool("Sales Lead", [doc.name], "Try it")
	assert "has no owner" in answer["refused"][0]["reason"]
	as_user("manager")
	assert api.release_to_pool("Sales Lead", [doc.name], "For all")["done"] == 1
	as_user("other_rep")
	api.claim_from_pool("Sales Lead", doc.name)
	assert owner(doc) == OTHER


def test_one_bad_record_keeps_no_other_from_its_turn_and_the_job_does_all(lead, monkeypatch):
	rule()
	docs = [lead() for _n in range(3)]
	seen = pooling.seconds_spent

	def stumbles(since, now):
		if abs((since - frappe.db.get_value("Sales Lead", docs[1].name, "assigned_on")).total_seconds()) < 0.5:
			raise RuntimeError("a bad record")
		return seen(since, now)

	for place, doc in enumerate(docs):
		aged(doc, 60 + place)
	monkeypatch.setattr(pooling, "seconds_spent", stumbles)
	pooling.judge("Sales Lead", [doc.name for doc in docs])
	assert pooled(*docs) == [True, False, True]
	monkeypatch.setattr(pooling, "seconds_spent", seen)
	jobs.run(pooling.JOB)
	assert pooled(*docs) == [True, True, True]


def test_what_is_in_the_pool_is_not_given_by_the_rules_of_assignment(lead):
	rule()
	doc = lead()
	judge(doc)
	frappe.get_doc(
		{"doctype": "Lead Assignment Rule", "title": "All", "position": 0, "members": [{"user": REP}]}
	).insert()
	assert assigning.assign_left([doc.name]) == 0 and owner(doc) is None


def test_a_prospect_falls_and_is_claimed(sale, as_user):
	as_user("Administrator")
	rule("Sales Prospect")
	doc = frappe.get_doc(
		{"doctype": "Sales Prospect", "prospect_name": f"Far {frappe.generate_hash(length=6)}", "sales_owner": REP}
	).insert()
	assert doc.assigned_on
	aged(doc)
	judge(doc)
	as_user("other_rep")
	api.claim_from_pool("Sales Prospect", doc.name)
	assert owner(doc) == OTHER


def test_rules_that_say_nothing_are_refused_and_history_stays(site, lead):
	with refused(match="at least 1"):
		rule(untouched_days=0)
	with refused(match="must be less than"):
		rule(warn_days=30)
	empty = frappe.get_doc({"doctype": "Sales Person", "sales_person_name": "Empty " + frappe.generate_hash(length=5), "parent_sales_person": "Sales Team"}).insert()  # fmt: skip
	with refused(match="nobody could claim"):
		rule(team=empty.name)
	rule()
	doc = lead()
	judge(doc)
	found = frappe.get_doc("Pool Movement", {"reference_name": doc.name})
	found.note = "Never"
	with refused(frappe.PermissionError):
		found.save()


def test_what_a_client_sends_for_the_pool_of_a_customer_is_put_back(world, as_user):
	as_user("Administrator")
	doc = frappe.get_doc(
		"Customer", customer(f"Sent {world.tag}", account_manager=REP, crm_pool_since="2020-01-01 00:00:00")
	)
	assert not doc.crm_pool_since and doc.crm_pool_assigned_on
	doc.update({"crm_pool_since": now_datetime(), "crm_pool_rule": "Any"})
	doc.save()
	assert not frappe.db.get_value("Customer", doc.name, "crm_pool_since")

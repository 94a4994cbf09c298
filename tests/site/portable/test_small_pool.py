# ruff: noqa: F811
"""The public pool: whose clock runs, and who takes something out of it while somebody else does."""

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime

from crm_pipeline import api
from crm_pipeline.chain import locks
from crm_pipeline.pool import claiming, pooling
from crm_pipeline.pool.claiming import PoolError
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
from tests.site.world import refused

LEAD, PROSPECT = "Sales Lead", "Sales Prospect"
REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]


@pytest.fixture
def prospect(site, as_user):
	as_user("Administrator")

	def make(days: int = 60, **values):
		name = f"Far {frappe.generate_hash(length=6)}"
		return aged(frappe.get_doc({"doctype": PROSPECT, "prospect_name": name, **values}).insert(), days)

	return make


def since(doc):
	return frappe.db.get_value(PROSPECT, doc.name, "assigned_on")


# ---- whose clock it is


def test_a_prospect_that_was_given_to_somebody_new_has_their_time(prospect):
	rule(PROSPECT)
	given, kept = prospect(sales_owner=REP), prospect(sales_owner=REP)
	begun = now_datetime()
	for doc, values in ((given, {"sales_owner": OTHER}), (kept, {"city": "Kiel"})):
		doc.reload()
		doc.update(values)
		doc.save()
	assert since(given) >= begun and since(kept) < add_to_date(begun, days=-59)
	# What was done today is a touch: only the clock of the owner is told apart here.
	for doc in (given, kept):
		old = add_to_date(now_datetime(), days=-60)
		frappe.db.set_value("Pipeline Event", {"reference_name": doc.name}, "at", old, update_modified=False)
	judge(given, kept)
	assert pooled(given, kept) == [False, True] and owner(given) == OTHER


@pytest.mark.parametrize(
	("before", "after", "anew"),
	[(REP, OTHER, True), (REP, REP, False), (None, REP, True), (REP, None, None), (REP, "", None), (None, "", None)],
)
def test_the_clock_of_a_prospect_runs_while_somebody_has_it(prospect, before, after, anew):
	doc = prospect(sales_owner=REP)
	old = add_to_date(now_datetime().replace(microsecond=0), days=-60)
	frappe.db.set_value(PROSPECT, doc.name, {"sales_owner": before, "assigned_on": old if before else None})
	doc.reload()
	doc.update({"sales_owner": after, "city": "Kiel"})
	doc.save()
	assert since(doc) == old if anew is False else bool(since(doc)) == bool(anew)
	assert not anew or since(doc) > old


# ---- claims


def test_who_claims_holds_their_own_name_before_the_record(lead, as_user, monkeypatch):
	rule()
	doc = lead()
	judge(doc)
	held, hold, lock = [], locks.hold_name, locks.lock
	monkeypatch.setattr(locks, "hold_name", lambda name: held.append(name) or hold(name))
	monkeypatch.setattr(locks, "lock", lambda *rows: held.extend(rows) or lock(*rows))
	as_user("other_rep")
	api.claim_from_pool(LEAD, doc.name)
	assert held[:2] == [f"pool {OTHER}", (LEAD, doc.name)] and owner(doc) == OTHER


def test_who_is_claiming_something_else_at_the_moment_claims_nothing(lead, as_user, monkeypatch):
	rule(claims_per_day=1)
	doc = lead()
	judge(doc)

	def busy(name):
		raise locks.BusyError(name)

	as_user("other_rep")
	with monkeypatch.context() as patch:
		patch.setattr(locks, "hold_name", busy)
		with pytest.raises(locks.BusyError):
			claiming.claim(LEAD, doc.name)
	assert pooled(doc) == [True] and not owner(doc)
	api.claim_from_pool(LEAD, doc.name)
	assert owner(doc) == OTHER
	other = lead()
	judge(other)
	as_user("other_rep")
	with refused(PoolError, match="claimed 1 today"):
		api.claim_from_pool(LEAD, other.name)


# ---- what is over while nobody has it


MARKS = ("pool_since", "pool_rule", "pool_from", "pool_warned_on")


def marks(doc) -> list[bool]:
	return [bool(value) for value in frappe.db.get_value(doc.doctype, doc.name, MARKS)]


def test_a_lead_that_a_manager_closes_in_the_pool_is_in_it_no_more(lead, as_user):
	rule()
	one, other = lead(), lead()
	judge(one, other)
	frappe.db.set_value(LEAD, {"name": ("in", (one.name, other.name))}, "pool_warned_on", now_datetime())
	reason = frappe.db.get_value("Sales Lost Reason", {"disabled": 0}, "name", order_by="name asc")
	as_user("rep")
	with refused(match="Claim it"):
		api.disqualify_lead(one.name, reason)
	as_user("manager")
	api.disqualify_lead(one.name, reason)
	assert frappe.db.get_value(LEAD, one.name, "status") == "Disqualified"
	assert (marks(one), [row[0] for row in movements(one)]) == ([False] * 4, ["Fell"]), "given to nobody"
	changed = frappe.get_doc(LEAD, other.name)
	changed.message = "Rang twice"
	changed.save()
	assert marks(other) == [True] * 4, "it is open, and still nobody's"


def test_a_prospect_in_the_pool_that_is_somebody_s_sale_leaves_it_and_is_changed_by_nobody_else(prospect, as_user):
	rule(PROSPECT)
	doc = prospect(sales_owner=REP)
	judge(doc)
	frappe.db.set_value(PROSPECT, doc.name, "pool_warned_on", now_datetime())
	as_user("other_rep")
	typed = frappe.get_doc(PROSPECT, doc.name)
	typed.city = "Kiel"
	with refused(match="Claim it"):
		typed.save()
	assert marks(doc) == [True] * 4
	won = frappe.get_doc(PROSPECT, doc.name)
	won.flags.follows = True
	won.status = "Verified"
	won.save()
	assert (marks(doc), owner(doc), [row[0] for row in movements(doc)]) == ([False] * 4, None, ["Fell"])


def test_every_day_all_that_nobody_works_on_falls_by_the_rule_for_its_type(lead, prospect, as_user):
	rule(), rule(PROSPECT, untouched_days=90)
	old, late, new = lead(), lead(20), prospect(60, sales_owner=REP)
	gone = prospect(100, sales_owner=REP)
	as_user("Administrator")
	pooling.daily()
	assert pooled(old, late, new, gone) == [True, False, False, True]
	assert [owner(doc) for doc in (old, late, new, gone)] == [None, REP, REP, None]

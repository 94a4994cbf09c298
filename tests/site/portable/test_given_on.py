# ruff: noqa: F811
"""Leads that are given one by one, handed on in order, and rehearsed for who may see them; the Desk's mark of a warm lead."""

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime

from crm_pipeline import boot
from crm_pipeline.assignment import assigning, giving, leads_to_give, time_limits
from crm_pipeline.chain import pending
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.portable.test_assignment import alone, assign, lead, owners, rule  # noqa: F401
from tests.site.portable.test_visibility import set_apart

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))
LEAD = "Sales Lead"


def events(doc) -> list[tuple]:
	found = frappe.get_all(
		"Pipeline Event",
		filters={"reference_name": doc.name, "kind": "Owner"},
		fields=["from_value", "to_value", "note"],
		order_by="at asc, creation asc",
	)
	return [(row.from_value or None, row.to_value, row.note or None) for row in found]


@pytest.mark.parametrize("is_watched", [True, False])
def test_a_lead_that_is_handed_on_tells_from_whom_to_whom_and_by_which_rule(lead, monkeypatch, is_watched):
	monkeypatch.setattr(giving, "is_watched", lambda doctype: is_watched)
	following = rule(OTHER, title="Reps of the region", position=9)
	first = rule(method="Regional Manager", next_rule=following.name, next_minutes=30, position=0)
	docs = [lead(sales_owner=MANAGER, prospect_name=f"Mill {n}", email_id="", phone="") for n in range(2)]
	for doc in docs:
		past = {"assignment_rule": first.name, "next_rule_on": add_to_date(now_datetime(), minutes=-1)}
		frappe.db.set_value(LEAD, doc.name, past)
	frappe.db.delete("Pending Update")
	frappe.local.crm_pipeline_noted = set()
	time_limits.hand_on()
	assert owners(*docs) == [OTHER, OTHER]
	assert [events(doc)[-1] for doc in docs] == [(MANAGER, OTHER, "Reps of the region")] * 2
	assert frappe.get_all(LEAD, filters={"name": docs[0].name}, pluck="next_rule_on", order_by="name asc") == [None]
	assert frappe.db.exists("Pending Update", {"what": pending.MOVE})


def test_the_lead_that_waits_longest_is_handed_on_first_and_a_closed_one_not_at_all(lead, monkeypatch):
	given = []
	monkeypatch.setattr(time_limits, "give_on", lambda name: given.append(name) or 0)
	docs = [lead(sales_owner=MANAGER, prospect_name=f"Mill {n}", email_id="", phone="") for n in range(6)]
	for doc, minutes in zip(docs, (-1, -30, -10, -20, 5, None), strict=True):
		moment = minutes and add_to_date(now_datetime(), minutes=minutes)
		frappe.db.set_value(LEAD, doc.name, "next_rule_on", moment)
	frappe.db.set_value(LEAD, docs[3].name, "status", "Disqualified")
	mine = {doc.name for doc in docs}
	time_limits.hand_on()
	assert [name for name in given if name in mine] == [docs[place].name for place in (1, 2, 0)]
	monkeypatch.setattr(time_limits, "MOST", len(given) - 1)
	given.clear()
	time_limits.hand_on()
	assert docs[1].name in given and docs[0].name not in given, "the next run takes it"


# ---- rehearsed


def test_who_may_not_see_a_lead_is_rehearsed_none_of_it(lead, as_user):
	rule(MANAGER)
	mine, theirs = (lead(sales_owner=who, prospect_name=who, email_id="", phone="") for who in (REP, OTHER))
	set_apart()
	as_user("rep")
	assert [row["lead"] for row in assigning.rehearse([mine.name, theirs.name], 1)] == [mine.name]
	assert theirs.name not in [row["lead"] for row in assigning.rehearse(None, 50)]


def test_all_leads_that_were_chosen_are_rehearsed_up_to_the_most(lead, monkeypatch):
	rule(REP)
	docs = [lead(prospect_name=f"Mill {n}", email_id="", phone="").name for n in range(4)]
	assert {row["lead"] for row in assigning.rehearse(docs, 1)} == set(docs)
	assert len(assigning.rehearse(None, 3)) == 3
	monkeypatch.setattr(assigning, "MOST_REHEARSED", 2)
	assert len(assigning.rehearse(docs, 9)) == len(assigning.rehearse(None, 9)) == 2


def test_each_reason_why_a_rule_passes_a_lead_over_is_said_in_its_own_words():
	said = assigning.reasons()
	assert len(set(said.values())) == len(said)
	for reason, word in (
		("COMPANY", "company"), ("TERRITORY", "territory"), ("INDUSTRY", "industry"), ("CHANNEL", "channel"),
		("PRODUCT", "product"), ("EMPLOYEES", "employees"), ("AMOUNT", "amount"), ("SEGMENT", "segment"),
		("OWN", "own condition"), ("NOBODY", "nobody named"), ("AWAY", "is away"), ("FULL", "as many open leads"),
	):  # fmt: skip
		assert word in said[getattr(assigning.rules, reason)], reason


# ---- by product


def test_what_a_deal_of_the_same_name_sells_is_no_item_of_the_lead(lead, sale, world):
	doc = lead(items=sale.rows((world.pump, 1, 100)))
	fixed = {"parentfield": "items", "docstatus": 0}
	rows.row("Sales Deal Item", parent=doc.name, parenttype="Sales Opportunity", item_code=world.service, **fixed)
	rows.row("Sales Deal Item", parent=doc.name, parenttype=LEAD, item_code=None, description="Words", **fixed)
	items, groups = leads_to_give.products_of([doc.name])
	assert items == {doc.name: {world.pump}} and "All Item Groups" in groups[doc.name]


# ---- the Desk


@pytest.mark.parametrize("score", [70, 35])
def test_a_list_of_leads_marks_those_from_the_score_of_the_settings_on(site, score):
	frappe.db.set_single_value("CRM Pipeline Settings", "lead_score_threshold", score)
	frappe.clear_document_cache("CRM Pipeline Settings", "CRM Pipeline Settings")
	told = frappe._dict()
	boot.extend(told)
	assert told.crm_lead_score_threshold == score

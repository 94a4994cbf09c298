"""Filters of pages and the lists that show the same documents."""

import pytest

from crm_pipeline.core.registry import DEALS, STATES
from tests.unit.desk import Js, module

filters = module("filters")
presets = module("presets")

STAGE = {"name": "Standard-Offer", "is_open": True}
TODAY, REP = "2026-11-28", "rep@example.com"


def test_what_is_empty_is_no_filter():
	assert filters.filled({"company": "Acme", "channel": "", "stalled": 0, "to_date": None}) == {"company": "Acme"}


@pytest.mark.parametrize(
	("one", "other", "same"),
	[
		({"a": "1", "b": "2"}, {"b": "2", "a": "1"}, True),
		({"a": "1", "b": ""}, {"a": "1"}, True),
		({"a": "1"}, {"a": "2"}, False),
		({"a": "1"}, {"a": "1", "b": "2"}, False),
		({}, {}, True),
	],
)
def test_choices_are_the_same_in_any_order(one, other, same):
	assert filters.same_filters(one, other) is same


def test_what_was_searched_is_forgotten():
	assert filters.lasting({"pipeline": "P", "search": "acme", "stalled": 1}) == {
		"pipeline": "P",
		"stalled": 1,
	}


def test_an_address_says_equal_plainly_and_all_else_with_its_operator():
	rules = [["status", "=", "Open"], ["amount", ">", 5], ["is_stalled", "=", 1], ["name", "in", "A,B"]]
	assert filters.address_pairs(rules) == [
		["status", "Open"], ["amount", '[">",5]'], ["is_stalled", '["=",1]'], ["name", '["in","A,B"]'],
	]  # fmt: skip


def test_a_route_keeps_every_rule_of_a_field():
	rules = [["closed_on", ">=", "2026-01-01"], ["status", "=", "Won"], ["closed_on", "<=", "2026-12-31"]]
	assert filters.route_options(rules) == {
		"closed_on": ['[">=","2026-01-01"]', '["<=","2026-12-31"]'],
		"status": ["=", "Won"],
	}


def test_the_list_of_a_column_shows_its_deals():
	asked = {
		"territory": "North",
		"sales_owner": REP,
		"search": "pump",
		"stalled": 1,
		"source_type": "Created Directly",
		"channel": "",
	}
	assert filters.stage_rules(STAGE, asked, "2026-10-29") == [
		["stage", "=", "Standard-Offer"],
		["status", "=", "Open"],
		["territory", "descendants of (inclusive)", "North"],
		["sales_owner", "=", REP],
		["title", "like", "%pump%"],
		["is_stalled", "=", 1],
		["source_type", "is", "not set"],
	]
	closed = filters.stage_rules({"name": "Won", "is_open": False}, {}, "2026-10-29")
	assert closed == [["stage", "=", "Won"], ["closed_on", ">=", "2026-10-29"]]
	assert filters.list_rule("source_type", "Sales Lead") == ["source_type", "=", "Sales Lead"]


def offered(doctype: str, *fields: str) -> dict:
	of = {"deal": doctype in DEALS, "closed": STATES[doctype].closed}
	has = Js(f"(field) => {list(fields)!r}.includes(field)")
	return {found["key"]: found["rules"] for found in presets.presets(of, has, REP, TODAY)}


def test_a_deal_offers_all_presets():
	found = offered("Sales Opportunity", "sales_person", "expected_close", "next_step", "next_step_date")
	open_ = ["status", "=", "Open"]
	assert found == {
		"mine": [["sales_owner", "=", REP]],
		"team": [],
		"overdue": [open_, ["expected_close", "<", TODAY]],
		"closing": [open_, ["expected_close", "Timespan", "this month"]],
		"unplanned": [open_, ["next_step", "is", "not set"], ["next_step_date", "is", "not set"]],
	}


def test_a_lead_is_overdue_by_its_follow_up_until_it_ends():
	found = offered("Sales Lead", "sales_person", "follow_up_date")
	open_ = ["status", "not in", ["Converted", "Disqualified"]]
	assert list(found) == ["mine", "team", "overdue", "unplanned"]
	assert found["overdue"] == [open_, ["follow_up_date", "<", TODAY]]
	assert found["unplanned"] == [open_, ["follow_up_date", "is", "not set"]]


def test_a_type_without_plan_and_team_offers_mine_alone():
	assert offered("Sales Activity") == {"mine": [["sales_owner", "=", REP]]}


@pytest.mark.parametrize(
	("place", "rules"),
	[
		(None, []),
		(
			{"name": "North", "is_group": 1, "parent_sales_person": "All"},
			[["sales_person", "descendants of (inclusive)", "North"]],
		),
		(
			{"name": "Jo", "is_group": 0, "parent_sales_person": "North"},
			[["sales_person", "descendants of (inclusive)", "North"]],
		),
	],
)
def test_a_team_is_the_group_that_one_stands_in(place, rules):
	assert presets.team_rules(place) == rules

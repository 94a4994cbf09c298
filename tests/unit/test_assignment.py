"""Who gets a lead: rules in order, fair turns, nobody over capacity, nobody who is not there."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core import assignment as rules
from crm_pipeline.core.assignment import (
	GivingRule,
	LeadToGive,
	Roster,
	RuleMember,
	choose,
	choose_all,
	circle,
	hides,
	unmet,
)

users = st.sampled_from("abcde")
members = st.lists(
	st.builds(RuleMember, users, st.integers(0, 4), st.integers(0, 6), st.booleans()),
	max_size=5,
	unique_by=lambda member: member.user,
).map(tuple)
giving = st.lists(
	st.builds(GivingRule, st.uuids().map(str), st.sampled_from(rules.METHODS), members, territory=st.sampled_from([None, "north"])),
	max_size=4,
	unique_by=lambda rule: rule.name,
)  # fmt: skip
leads = st.lists(
	st.builds(
		LeadToGive,
		st.uuids().map(str),
		territories=st.sampled_from([(), ("north", "all"), ("south", "all")]),
		territory_owner=st.none() | users,
		regional_manager=st.none() | users,
		barred=st.frozensets(users, max_size=2),
	),
	max_size=30,
)
present = st.frozensets(users)


def leads_named(count: int, **values) -> list[LeadToGive]:
	return [LeadToGive(str(n), **values) for n in range(count)]


def shares(rule: GivingRule, count: int, roster: Roster) -> Counter:
	return Counter(choice.user for choice in choose_all(leads_named(count), [rule], roster))


@given(leads, giving, present)
def test_nobody_gets_a_lead_who_is_away_paused_full_or_may_not_see_it(asked, known, here):
	roster = Roster(here)
	by_name = {rule.name: rule for rule in known}
	had = Counter()
	for lead in asked:
		choice = choose(lead, known, roster)
		if not choice.user:
			assert len(choice.passed) == len(known)
			continue
		assert choice.user in here and choice.user not in lead.barred
		rule = by_name[choice.rule]
		assert unmet(rule, lead) is None
		if rule.method in rules.BY_MEMBERS:
			[member] = [m for m in rule.members if m.user == choice.user]
			assert not member.paused and member.weight
			assert not member.capacity or had[choice.user] < member.capacity
		had[choice.user] += 1
	assert roster.leads == dict(had)
	assert sum(roster.given.values()) == sum(had.values())


@given(st.lists(st.integers(1, 5), min_size=1, max_size=5), st.integers(1, 4))
def test_rotation_gives_exactly_by_weight_in_every_round(weights, rounds):
	rule = GivingRule("r", members=tuple(RuleMember(str(n), weight) for n, weight in enumerate(weights)))
	found = shares(rule, sum(weights) * rounds, Roster(frozenset(map(str, range(5)))))
	assert found == {str(n): weight * rounds for n, weight in enumerate(weights)}


def test_turns_go_on_where_the_last_ones_ended():
	rule = GivingRule("r", members=(RuleMember("a"), RuleMember("b"), RuleMember("c")))
	one_by_one, credits = Counter(), {}
	for _n in range(9):
		roster = Roster(frozenset("abc"), credits=credits)
		one_by_one += shares(rule, 1, roster)
		credits = roster.credits
	assert one_by_one == {"a": 3, "b": 3, "c": 3}


def test_who_comes_back_gets_no_more_than_the_others():
	rule = GivingRule("r", members=(RuleMember("a"), RuleMember("b")))
	roster = Roster(frozenset("a"))
	assert shares(rule, 20, roster) == {"a": 20}
	roster.present = frozenset("ab")
	assert shares(rule, 10, roster) == {"a": 5, "b": 5}


def test_the_least_load_counts_deals_and_weight():
	rule = GivingRule("r", rules.LEAST_LOAD, (RuleMember("a"), RuleMember("b"), RuleMember("c", weight=3)))
	roster = Roster(frozenset("abc"), leads={"a": 2, "c": 9}, deals={"b": 5})
	assert [choose(lead, [rule], roster).user for lead in leads_named(3)] == ["a", "c", "a"]


def test_who_answers_at_once_is_given_no_more_than_the_others():
	rule = GivingRule("r", rules.LEAST_LOAD, (RuleMember("a"), RuleMember("b"), RuleMember("c", weight=2)))
	had, before = Counter(), {}
	for _n in range(40):
		# Each lead is answered and closed before the next one comes.
		roster = Roster(frozenset("abc"), given_before=before)
		had[choose(LeadToGive("x"), [rule], roster).user] += 1
		before = {("r", user): count for user, count in had.items()}
	assert had == {"a": 10, "b": 10, "c": 20}


def test_a_capacity_is_of_open_leads_and_none_is_no_limit():
	rule = GivingRule("r", members=(RuleMember("a", capacity=3), RuleMember("b", capacity=0)))
	assert shares(rule, 10, Roster(frozenset("ab"), leads={"a": 2, "b": 50})) == {"a": 1, "b": 9}
	alone = GivingRule("r", members=(RuleMember("a", capacity=3),))
	choice = choose(LeadToGive("x"), [alone], Roster(frozenset("a"), leads={"a": 3}))
	assert (choice.user, choice.passed) == (None, (("r", rules.FULL),))


def test_the_first_rule_that_takes_it_and_has_somebody_gives_it():
	first = GivingRule("first", members=(RuleMember("away"),), industry="Energy")
	second = GivingRule("second", members=(RuleMember("b"),))
	asked = [LeadToGive("x", industry="Energy"), LeadToGive("y", industry="Food")]
	chosen = choose_all(asked, [first, second], Roster(frozenset("b")))
	assert [(c.user, c.rule, c.passed) for c in chosen] == [
		("b", "second", (("first", rules.AWAY),)),
		("b", "second", (("first", rules.INDUSTRY),)),
	]


def test_each_condition_is_asked_and_what_is_unknown_meets_none():
	known = LeadToGive(
		"x", "C", ("city", "region", "all"), "Energy", "Web", 50, 900.0, frozenset(["I"]), frozenset(["G", "All"]),
		frozenset(["r"]),
	)  # fmt: skip
	for values, why in (
		({"company": "C"}, rules.COMPANY),
		({"territory": "region"}, rules.TERRITORY),
		({"industry": "Energy"}, rules.INDUSTRY),
		({"channel": "Web"}, rules.CHANNEL),
		({"item": "I"}, rules.PRODUCT),
		({"item_group": "All"}, rules.PRODUCT),
		({"employees": (50, 0)}, rules.EMPLOYEES),
		({"employees": (0, 50)}, rules.EMPLOYEES),
		({"amount": (900.0, 900.0)}, rules.AMOUNT),
		({"own_condition": True}, rules.OWN),
	):
		assert unmet(GivingRule("r", **values), known) is None, values
		assert unmet(GivingRule("r", **values), LeadToGive("y")) == why, values
	for limits in ((51, 0), (0, 49), (1, 49)):
		assert unmet(GivingRule("r", employees=limits), known) == rules.EMPLOYEES


def test_the_manager_of_the_region_or_the_territory_gets_it():
	lead = LeadToGive("x", territory_owner="o", regional_manager="m")
	for method, user in ((rules.TERRITORY_OWNER, "o"), (rules.REGIONAL_MANAGER, "m")):
		rule = GivingRule("r", method)
		assert choose(lead, [rule], Roster(frozenset("om"))).user == user
		assert choose(lead, [rule], Roster(frozenset())).passed == (("r", rules.AWAY),)
		assert choose(LeadToGive("y"), [rule], Roster(frozenset("om"))).passed == (("r", rules.NOBODY),)


def test_next_rules_in_a_circle_are_found():
	assert circle("a", {"a": "b", "b": "c", "c": None}) is None
	assert circle("a", {"a": "b", "b": "c", "c": "b"}) == ["a", "b", "c", "b"]
	assert circle("a", {"a": "a"}) == ["a", "a"]


def test_a_rule_behind_a_wider_one_is_hidden():
	above = {"city": ("city", "region"), "region": ("region",)}
	narrow = GivingRule("n", territory="city", industry="Energy", employees=(10, 20))
	for values in ({}, {"territory": "region"}, {"territory": "city"}, {"industry": "Energy"}, {"employees": (5, 0)}):
		assert hides(GivingRule("w", **values), narrow, above), values
	for values in ({"territory": "other"}, {"industry": "Food"}, {"employees": (11, 0)}, {"employees": (0, 19)}):
		assert not hides(GivingRule("w", **values), narrow, above), values
	assert not hides(GivingRule("w", own_condition=True), narrow, above)
	assert not hides(GivingRule("w", amount=(1.0, 0.0)), narrow, above)


@pytest.mark.parametrize(
	("wider", "narrower", "hidden"),
	[
		((0, 0), (0, 0), True), ((0, 0), (5, 9), True), ((10, 0), (10, 0), True), ((10, 0), (9, 0), False),
		((0, 50), (0, 50), True), ((0, 50), (0, 51), False), ((0, 50), (10, 0), False), ((10, 50), (20, 40), True),
		((10, 50), (0, 0), False), ((10, 50), (9, 50), False), ((10, 50), (10, 50), True),
	],
)  # fmt: skip
def test_a_rule_of_a_span_hides_rules_of_spans_within_it(wider, narrower, hidden):
	for field in ("employees", "amount"):
		assert hides(GivingRule("w", **{field: wider}), GivingRule("n", **{field: narrower}), {}) is hidden, field


@pytest.mark.parametrize("field", ["company", "industry", "channel", "item", "segment", "territory", "item_group"])
def test_a_rule_hides_those_that_ask_for_the_same_and_not_those_that_ask_for_less(field):
	above = {"A": ("A", "Root"), "B": ("B", "Root")}
	one, same, other, any_ = (GivingRule(name, **({field: name} if name else {})) for name in ("A", "A", "B", ""))
	assert hides(one, same, above) and hides(any_, one, above)
	assert not hides(one, other, above) and not hides(one, any_, above)
	root = GivingRule("r", **{field: "Root"})
	assert hides(root, one, above) is (field in ("territory", "item_group"))

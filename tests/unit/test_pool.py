"""When a record goes to the public pool, and who may take it out."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.dwell import WorkCalendar
from crm_pipeline.core.pool import (
	CLAIMED,
	COOLING,
	FALL,
	GONE,
	HOLDS,
	KEEP,
	NOT_YOURS,
	WARN,
	Claimer,
	ClaimTerms,
	HeldRecord,
	PoolTerms,
	days_idle,
	refusal,
	rule_of,
	verdict,
)
from crm_pipeline.core.pool_movement import Move, traffic

NOW = datetime(2027, 3, 31, 9)
LEAD = PoolTerms("r", "Sales Lead", untouched_days=30, warn_days=5)


def ago(days: float) -> datetime:
	return NOW - timedelta(days=days)


def record(**values) -> HeldRecord:
	return HeldRecord(**{"name": "x", "assigned_on": ago(400), **values})


@pytest.mark.parametrize(
	("values", "found"),
	[
		({"assigned_on": ago(3)}, KEEP),
		({"last_touch": ago(3)}, KEEP),
		({"last_touch": ago(24)}, KEEP),
		({"last_touch": ago(25)}, WARN),
		({"last_touch": ago(200)}, WARN),
		({"last_touch": ago(30), "warned_on": ago(5)}, FALL),
		({"last_touch": ago(30), "warned_on": ago(4)}, KEEP),
		({"last_touch": ago(29), "warned_on": ago(6)}, KEEP),
		# A warning of an earlier time counts for nothing.
		({"last_touch": ago(26), "warned_on": ago(60)}, WARN),
		# Nor does what was done for the owner before this one.
		({"assigned_on": ago(26), "last_touch": ago(300), "warned_on": ago(60)}, WARN),
		({"last_touch": ago(300), "protected": True}, KEEP),
		({"last_touch": ago(30), "warned_on": ago(5), "absent": frozenset([NOW.date()])}, KEEP),
	],
)
def test_it_is_warned_of_first_and_falls_when_the_warning_has_passed(values, found):
	assert verdict(record(**values), LEAD, NOW) == found


def test_without_a_warning_it_falls_at_once_and_without_days_never():
	assert verdict(record(), PoolTerms("r", "Sales Lead", untouched_days=30), NOW) == FALL
	assert verdict(record(), PoolTerms("r", "Sales Lead", warn_days=3), NOW) == KEEP


def test_of_contact_and_sale_both_must_be_long_ago():
	rule = PoolTerms("r", "Customer", untouched_days=30, unsold_days=90)
	assert verdict(record(last_touch=ago(31), last_sale=ago(91)), rule, NOW) == FALL
	assert verdict(record(last_touch=ago(29), last_sale=ago(91)), rule, NOW) == KEEP
	assert verdict(record(last_touch=ago(31), last_sale=ago(89)), rule, NOW) == KEEP
	unsold = PoolTerms("r", "Customer", unsold_days=90)
	assert verdict(record(last_touch=ago(1), last_sale=ago(91)), unsold, NOW) == FALL
	# A sale is a contact.
	assert verdict(record(last_sale=ago(3)), PoolTerms("r", "Customer", untouched_days=30), NOW) == KEEP


@given(st.integers(0, 90), st.sets(st.integers(0, 90)), st.sets(st.integers(0, 90)))
def test_holidays_and_absences_count_once(since, holidays, absent):
	off = WorkCalendar([ago(day).date() for day in holidays])
	away = frozenset(ago(day).date() for day in absent)
	found = days_idle(ago(since), NOW, away, off)
	assert found == len(set(range(since)) - holidays - absent)


def test_working_days_are_counted_where_the_rule_says_so():
	weekend = WorkCalendar(weekly_off=[5, 6], last=date(1999, 1, 1))
	rule = PoolTerms("r", "Sales Lead", untouched_days=10, working_days=True)
	assert verdict(record(last_touch=ago(13)), rule, NOW, weekend) == KEEP
	assert verdict(record(last_touch=ago(14)), rule, NOW, weekend) == FALL
	plain = PoolTerms("r", "Sales Lead", untouched_days=10)
	assert verdict(record(last_touch=ago(10)), plain, NOW, weekend) == FALL


def test_the_first_rule_that_is_meant_decides():
	north, rest = PoolTerms("n", "Customer", territory="north", customer_group="shops"), PoolTerms("all", "Customer")
	ours = record(territories=("city", "north"), groups=("bakers", "shops"))
	assert rule_of(ours, [north, rest]) is north
	assert rule_of(record(territories=("north",)), [north, rest]) is rest
	assert rule_of(record(company="B"), [PoolTerms("a", "Sales Lead", company="A")]) is None


@given(
	st.booleans(),
	st.integers(0, 5),
	st.integers(0, 5),
	st.integers(0, 5),
	st.integers(0, 5),
	st.integers(0, 10),
	st.integers(0, 10),
)
def test_a_claim_keeps_every_limit(in_team, holds, claims, hold_limit, per_day, cool, days):
	terms = ClaimTerms(hold_limit, per_day, cool)
	for last in ("me", "other"):
		why = refusal(Claimer("me", in_team, holds, claims), terms, ago(days), last, NOW)
		if why is None:
			assert in_team and (not hold_limit or holds < hold_limit) and (not per_day or claims < per_day)
			assert last != "me" or days >= cool
		else:
			assert why in (NOT_YOURS, COOLING, HOLDS, CLAIMED)


def test_a_limit_of_none_is_no_limit_and_what_is_gone_is_gone():
	free = ClaimTerms()
	assert refusal(Claimer("me", holds=10**6, claims=10**6), free, ago(0), "me", NOW) is None
	assert refusal(Claimer("me"), free, None, None, NOW) == GONE
	assert refusal(Claimer("me", holds=2), ClaimTerms(hold_limit=2), ago(1), None, NOW) == HOLDS
	assert refusal(Claimer("me", claims=2), ClaimTerms(claims_per_day=2), ago(1), None, NOW) == CLAIMED
	assert refusal(Claimer("me"), ClaimTerms(cool_down_days=2), ago(1), "me", NOW) == COOLING
	assert refusal(Claimer("me"), ClaimTerms(cool_down_days=2), ago(2), "me", NOW) is None


def test_traffic_of_the_pool_counts_what_came_and_left_and_how_long_it_stayed():
	moves = [
		Move("Fell", ago(20)),
		Move("Released", ago(10)),
		Move("Claimed", ago(4), since=ago(20)),
		Move("Given", ago(2), since=ago(10)),
		Move("Claimed", ago(1)),
	]
	found = traffic(moves)
	assert found.counts == {"Fell": 1, "Released": 1, "Claimed": 2, "Given": 1} and found.more == -1
	assert found.days == 12
	assert traffic([]).days is None

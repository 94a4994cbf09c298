"""Segments: who meets a behaviour, what can't be asked, when a picture is due."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core import segments
from crm_pipeline.core.segments import Behaviour

TODAY = date(2026, 3, 31)


def test_days_count_back_from_today_and_today_is_one_of_them():
	assert Behaviour("Ordered", days=1).period(TODAY) == (TODAY, TODAY)
	assert Behaviour("Ordered", days=31).period(TODAY) == (date(2026, 3, 1), TODAY)
	assert Behaviour("Ordered", first=date(2026, 1, 1)).period(TODAY) == (date(2026, 1, 1), None)
	assert Behaviour("Ordered").period(TODAY) == (None, None)


@pytest.mark.parametrize(
	("limits", "events", "quantity", "amount", "is_met"),
	[
		({}, 1, 1, 1, True),
		({}, 0, 1, 1, False),
		({}, 2, 0, 0, False),
		({}, 1, -1, 5, False),
		({"min_events": 2}, 1, 5, 5, False),
		({"min_events": 2}, 2, 5, 5, True),
		({"min_amount": 100}, 1, 1, Decimal("99.99"), False),
		({"min_amount": 100}, 1, 1, 100, True),
		({"max_amount": 100}, 1, 1, 100, True),
		({"max_amount": 100}, 1, 1, Decimal("100.01"), False),
		({"min_quantity": 2.5}, 1, 2.5, 0, True),
		({"min_quantity": 2.5}, 1, 2.4, 9, False),
	],
)
def test_what_was_bought_is_within_all_limits(limits, events, quantity, amount, is_met):
	assert Behaviour("Billed", **limits).is_met(events, quantity, amount) is is_met


def test_a_contact_has_no_quantity():
	assert Behaviour("Contacted").is_met(1)
	assert not Behaviour("Contacted", min_events=2).is_met(1)


@pytest.mark.parametrize(
	("asked", "doctype", "company", "key"),
	[
		({"kind": "Ordered"}, "Customer", None, None),
		({"kind": "Ordered"}, "Sales Lead", None, "unknown"),
		({"kind": "Open Deal"}, "Sales Lead", None, "unknown"),
		({"kind": "Contacted"}, "Sales Lead", None, None),
		({"kind": "Dreamt"}, "Customer", None, "unknown"),
		({"kind": "Ordered", "days": -1}, "Customer", None, "negative"),
		({"kind": "Ordered", "min_amount": -1}, "Customer", "A", "negative"),
		({"kind": "Ordered", "days": 40_000}, "Customer", None, "days range"),
		({"kind": "Ordered", "days": 3, "first": TODAY}, "Customer", None, "days twice"),
		({"kind": "Ordered", "first": TODAY, "last": TODAY}, "Customer", None, None),
		({"kind": "Ordered", "first": TODAY, "last": TODAY - timedelta(1)}, "Customer", None, "days order"),
		({"kind": "Open Deal", "days": 3}, "Customer", None, "no days"),
		({"kind": "Contacted", "item": "Pump"}, "Customer", None, "no products"),
		({"kind": "Billed", "min_amount": 5, "max_amount": 4}, "Customer", "A", "amount order"),
		({"kind": "Billed", "min_amount": 5}, "Customer", None, "no company"),
		({"kind": "Billed", "max_amount": 5}, "Customer", None, "no company"),
		({"kind": "Billed", "min_quantity": 5}, "Customer", None, None),
		({"kind": "Ordered"}, "Item", None, "unknown"),
	],
)
def test_what_can_not_be_asked_is_said(asked, doctype, company, key):
	assert segments.problem(Behaviour(**asked), doctype, company) == key


names = st.lists(st.sampled_from("abcdef"), unique=True)


@given(names, st.sets(st.sampled_from("abcdef")), st.sets(st.sampled_from("abcdef")))
def test_members_meet_all_behaviours_and_keep_their_order(every, did, did_not):
	met = [(Behaviour("Ordered"), did), (Behaviour("Contacted", negated=True), did_not)]
	found = segments.members(every, met)
	assert found == [name for name in every if name in did and name not in did_not]
	assert segments.members(every, []) == every


@given(st.sets(st.integers()), st.sets(st.integers()))
def test_who_joined_and_left_leads_from_one_picture_to_the_next(before, now):
	joined, left = segments.changes(before, now)
	assert (before | joined) - left == now and not joined & left


@pytest.mark.parametrize(
	("rhythm", "last", "today", "is_due"),
	[
		(None, None, TODAY, False),
		("", None, TODAY, False),
		("Hourly", None, TODAY, False),
		("Monthly", None, TODAY, True),
		("Daily", TODAY, TODAY, False),
		("Daily", TODAY - timedelta(1), TODAY, True),
		("Weekly", date(2026, 3, 30), TODAY, False),
		("Weekly", date(2026, 3, 29), TODAY, True),
		("Weekly", date(2026, 12, 31), date(2027, 1, 1), False),
		("Weekly", date(2026, 12, 31), date(2027, 1, 4), True),
		("Weekly", date(2025, 12, 28), date(2025, 12, 29), True),
		("Weekly", date(2027, 1, 3), date(2026, 12, 29), False),
		("Monthly", date(2026, 12, 31), date(2027, 1, 1), True),
		("Monthly", date(2026, 3, 1), TODAY, False),
		("Monthly", date(2026, 3, 31), date(2026, 4, 1), True),
		("Monthly", date(2025, 3, 31), TODAY, True),
		("Daily", TODAY + timedelta(1), TODAY, False),
	],
)
def test_a_picture_is_due_once_in_its_time(rhythm, last, today, is_due):
	assert segments.is_due(rhythm, last, today) is is_due

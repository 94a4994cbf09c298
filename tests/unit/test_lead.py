from itertools import pairwise, product

import pytest

from crm_pipeline.core.lead import (
	CONTACTED,
	CONVERTED,
	DISQUALIFIED,
	MOVES,
	NEEDS,
	NEW,
	QUALIFIED,
	LeadFacts,
	can_move,
	missing,
	path,
)

DECLARED = [(status, to) for status, targets in MOVES.items() for to in targets]


def test_every_state_declares_its_moves_and_its_needs():
	assert set(MOVES) == set(NEEDS) == {NEW, QUALIFIED, CONTACTED, CONVERTED, DISQUALIFIED}
	assert {to for targets in MOVES.values() for to in targets} <= set(MOVES)


@pytest.mark.parametrize(("status", "to"), list(product(MOVES, MOVES)))
def test_only_declared_moves_are_possible(status, to):
	assert can_move(status, to) == ((status, to) in DECLARED)


def test_an_unknown_state_leads_nowhere():
	assert not can_move("Whatever", NEW)
	assert not can_move(NEW, "Whatever")


def test_a_converted_lead_stays_converted():
	assert not any(can_move(CONVERTED, to) for to in MOVES)


def test_a_disqualified_lead_can_only_be_opened_again():
	assert [to for to in MOVES if can_move(DISQUALIFIED, to)] == [NEW]


@pytest.mark.parametrize(("status", "to"), DECLARED)
def test_every_path_ends_in_its_target_and_takes_only_declared_steps(status, to):
	states = (status, *path(status, to))
	assert states[-1] == to
	assert all(can_move(a, b) for a, b in pairwise(states))


@pytest.mark.parametrize(("status", "to"), DECLARED)
def test_who_may_enter_the_target_may_pass_every_state_on_the_way(status, to):
	for passed in path(status, to):
		assert set(NEEDS[passed]) <= set(NEEDS[to])


@pytest.mark.parametrize("to", [CONTACTED, CONVERTED])
def test_a_new_lead_is_qualified_on_its_way(to):
	assert path(NEW, to) == (QUALIFIED, to)


@pytest.mark.parametrize(
	("facts", "to", "expected"),
	[
		({}, NEW, ()),
		({}, QUALIFIED, ("reachable",)),
		({}, CONTACTED, ("reachable", "follow_up_plan")),
		({"reachable": True}, CONTACTED, ("follow_up_plan",)),
		({"reachable": True}, CONVERTED, ("assessed",)),
		({"reachable": True, "assessed": True}, CONVERTED, ()),
		({}, DISQUALIFIED, ("reason",)),
		({"reason": True}, DISQUALIFIED, ()),
	],
)
def test_what_is_still_missing_is_named(facts, to, expected):
	assert missing(LeadFacts(NEW, **facts), to) == expected

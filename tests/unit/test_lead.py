from itertools import pairwise

import pytest

from crm_pipeline.core.lead import (
	CONTACTED,
	CONVERTED,
	DISQUALIFIED,
	NEEDS,
	NEW,
	QUALIFIED,
	LeadFacts,
	missing,
	path,
)
from crm_pipeline.core.states import LEAD

DECLARED = [(row.name, to) for row in LEAD for to in row.to]


def test_every_state_declares_its_needs():
	assert set(NEEDS) == set(LEAD.names("open", "won", "lost")) == {NEW, QUALIFIED, CONTACTED, CONVERTED, DISQUALIFIED}


def test_a_converted_lead_stays_converted_unless_its_conversion_is_undone():
	assert not any(LEAD.may_follow(CONVERTED, to) for to in NEEDS)
	assert LEAD.may_follow(CONVERTED, QUALIFIED, undone=True)
	assert not LEAD.may_follow(CONVERTED, DISQUALIFIED, undone=True)


def test_a_disqualified_lead_can_only_be_opened_again():
	assert [to for to in NEEDS if LEAD.may_follow(DISQUALIFIED, to)] == [NEW]


def test_a_state_that_the_site_added_needs_nothing():
	assert missing(LeadFacts(NEW), "Nurturing") == ()
	assert path(NEW, "Nurturing") == ("Nurturing",)


@pytest.mark.parametrize(("status", "to"), DECLARED)
def test_every_path_ends_in_its_target_and_takes_only_declared_steps(status, to):
	states = (status, *path(status, to))
	assert states[-1] == to
	assert all(LEAD.may_follow(a, b) for a, b in pairwise(states))


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


def test_a_lead_of_a_pipeline_without_questions_has_answered_enough():
	assert missing(LeadFacts(NEW, reachable=True, assessed=True), CONVERTED) == ()
	assert missing(LeadFacts(NEW), CONVERTED) == ("reachable", "assessed")
	assert missing(LeadFacts(NEW, reachable=True, assessed=True, answered=False, enough=False), CONVERTED) == (
		"answered",
		"enough",
	)

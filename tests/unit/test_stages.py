import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.stages import (
	LOST,
	OPEN,
	WON,
	MoveRules,
	Refusal,
	Stage,
	first_of_type,
	first_open,
	refusal,
	reopened_in,
)

SALES = "Sales"
FIRST = Stage("first", SALES, 10)
SECOND = Stage("second", SALES, 20)
THIRD = Stage("third", SALES, 30)
RETIRED = Stage("retired", SALES, 15, disabled=True)
WON_STAGE = Stage("won", SALES, 40, WON, 100)
LOST_STAGE = Stage("lost", SALES, 50, LOST)
ELSEWHERE = Stage("elsewhere", "Projects", 10)
STAGES = (THIRD, LOST_STAGE, FIRST, RETIRED, WON_STAGE, SECOND)

FREE = MoveRules(allow_win_by_hand=True)
STRICT = MoveRules(allow_skip=False, allow_back=False, allow_reopen=False)


@pytest.mark.parametrize(
	("current", "target", "rules", "expected"),
	[
		(FIRST, SECOND, STRICT, None),
		(FIRST, THIRD, FREE, None),
		(FIRST, THIRD, MoveRules(allow_skip=False), Refusal.SKIPS),
		(SECOND, FIRST, FREE, None),
		(SECOND, FIRST, MoveRules(allow_back=False), Refusal.BACK),
		(FIRST, LOST_STAGE, STRICT, None),
		(WON_STAGE, LOST_STAGE, STRICT, None),
		(FIRST, WON_STAGE, MoveRules(), Refusal.WIN_BY_HAND),
		(FIRST, WON_STAGE, FREE, None),
		(FIRST, WON_STAGE, MoveRules(allow_skip=False, allow_win_by_hand=True), Refusal.SKIPS),
		(THIRD, WON_STAGE, MoveRules(allow_skip=False, allow_win_by_hand=True), None),
		(LOST_STAGE, FIRST, FREE, None),
		(LOST_STAGE, FIRST, MoveRules(allow_reopen=False), Refusal.REOPENS),
		(WON_STAGE, THIRD, MoveRules(allow_reopen=False), Refusal.REOPENS),
		(LOST_STAGE, FIRST, MoveRules(allow_skip=False, allow_back=False), None),
		(FIRST, RETIRED, FREE, Refusal.DISABLED),
		(RETIRED, SECOND, STRICT, None),
		(FIRST, ELSEWHERE, FREE, Refusal.OTHER_PIPELINE),
		(ELSEWHERE, FIRST, STRICT, None),
		(ELSEWHERE, SECOND, STRICT, Refusal.SKIPS),
		(ELSEWHERE, THIRD, FREE, None),
		(ELSEWHERE, LOST_STAGE, STRICT, None),
		(None, FIRST, STRICT, None),
		(None, THIRD, STRICT, Refusal.SKIPS),
		(None, THIRD, FREE, None),
		(None, LOST_STAGE, STRICT, None),
		(None, WON_STAGE, FREE, None),
		(None, WON_STAGE, MoveRules(allow_skip=False, allow_win_by_hand=True), Refusal.SKIPS),
		(None, RETIRED, FREE, Refusal.DISABLED),
		(None, ELSEWHERE, FREE, Refusal.OTHER_PIPELINE),
	],
)
def test_what_a_pipeline_refuses(current, target, rules, expected):
	assert refusal(current, target, STAGES, rules, SALES) == expected


@pytest.mark.parametrize("target", STAGES, ids=lambda s: s.name)
@pytest.mark.parametrize("current", [None, *STAGES], ids=lambda s: s.name if s else "new")
def test_a_contract_or_order_moves_a_deal_whatever_the_rules_say(current, target):
	assert refusal(current, target, STAGES, STRICT, SALES, by_document=True) is None


@pytest.mark.parametrize("target", [FIRST, THIRD, LOST_STAGE, WON_STAGE], ids=lambda s: s.name)
@pytest.mark.parametrize("current", [ELSEWHERE, Stage("lost there", "Projects", 50, LOST)], ids=lambda s: s.name)
def test_a_closed_deal_leaves_only_a_pipeline_that_allows_reopening(current, target):
	assert refusal(current, target, STAGES, FREE, SALES, closed=True, left=STRICT) == Refusal.LEAVES
	assert refusal(current, target, STAGES, FREE, SALES, closed=True, left=FREE) is None


def test_an_open_deal_may_leave_a_strict_pipeline():
	assert refusal(ELSEWHERE, FIRST, STAGES, FREE, SALES, left=STRICT) is None


def test_a_deal_that_is_closed_in_an_open_stage_is_reopened_all_the_same():
	assert refusal(FIRST, SECOND, STAGES, MoveRules(allow_reopen=False), SALES, closed=True) == Refusal.REOPENS
	assert refusal(SECOND, FIRST, STAGES, MoveRules(allow_back=False), SALES, closed=True) is None


def test_a_reopened_deal_skips_nothing_that_it_has_not_seen():
	assert refusal(FIRST, SECOND, STAGES, MoveRules(allow_skip=False), SALES, closed=True) is None
	assert refusal(FIRST, THIRD, STAGES, MoveRules(allow_skip=False), SALES, closed=True) == Refusal.SKIPS


SUCCESSOR = Stage("successor", SALES, 15)


@pytest.mark.parametrize(
	("closed_in", "known", "expected"),
	[
		(SECOND, STAGES, SECOND),
		(RETIRED, STAGES, FIRST),
		(RETIRED, (*STAGES, SUCCESSOR), SUCCESSOR),
		(Stage("old first", SALES, 5, disabled=True), STAGES, FIRST),
		(None, STAGES, FIRST),
		(None, (WON_STAGE, RETIRED), None),
	],
	ids=["where it was", "the one before", "what took its place", "none before", "nobody knows", "none at all"],
)
def test_where_a_deal_is_opened_again(closed_in, known, expected):
	assert reopened_in(closed_in, known) == expected


def test_not_even_a_document_moves_a_deal_into_another_pipeline():
	assert refusal(FIRST, ELSEWHERE, STAGES, FREE, SALES, by_document=True) == Refusal.OTHER_PIPELINE


def test_a_disabled_stage_in_between_is_not_skipped():
	assert refusal(FIRST, SECOND, STAGES, MoveRules(allow_skip=False), SALES) is None


def test_names_of_stages_mean_nothing():
	won_by_name = Stage("Won", SALES, 15)
	assert refusal(FIRST, won_by_name, [FIRST, won_by_name], MoveRules(), SALES) is None


stages = st.lists(
	st.builds(
		Stage,
		name=st.sampled_from("abcdefgh"),
		pipeline=st.just(SALES),
		position=st.integers(1, 9),
		type=st.sampled_from([OPEN, WON, LOST]),
		disabled=st.booleans(),
	),
	min_size=2,
	max_size=8,
	unique_by=lambda s: s.name,
)
rules = st.builds(MoveRules, st.booleans(), st.booleans(), st.booleans(), st.booleans())


@given(stages, st.data())
def test_allowing_everything_refuses_only_what_is_disabled(all_stages, data):
	current, target = (data.draw(st.sampled_from(all_stages)) for _ in "ab")
	expected = Refusal.DISABLED if target.disabled else None
	assert refusal(current, target, all_stages, FREE, SALES) == expected


@given(stages, rules, st.data())
def test_losing_is_always_possible_where_the_stage_is_enabled(all_stages, some_rules, data):
	current = data.draw(st.sampled_from(all_stages))
	lost = Stage("lost", SALES, data.draw(st.integers(1, 9)), LOST)
	assert refusal(current, lost, [*all_stages, lost], some_rules, SALES) is None


@given(stages, st.randoms(use_true_random=False))
def test_a_new_deal_starts_at_the_lowest_enabled_open_stage_in_any_order(all_stages, random):
	shuffled = list(all_stages)
	random.shuffle(shuffled)
	start = first_open(shuffled)
	enabled = [s for s in all_stages if s.type == OPEN and not s.disabled]
	assert start == first_open(all_stages)
	assert (start is None) == (not enabled)
	assert start is None or start.position == min(s.position for s in enabled)


def test_the_first_stage_of_a_type_skips_disabled_ones():
	assert first_open(STAGES) == FIRST
	assert first_of_type(STAGES, WON) == WON_STAGE
	assert first_of_type([Stage("old", SALES, 1, LOST, disabled=True), LOST_STAGE], LOST) == LOST_STAGE
	assert first_of_type([FIRST], WON) is None


def test_a_stage_at_the_same_place_is_neither_back_nor_skipped():
	beside = Stage("beside", SALES, 20)
	assert refusal(SECOND, beside, [*STAGES, beside], STRICT, SALES) is None

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.gates import (
	Facts,
	Gate,
	Kind,
	Tick,
	checklist,
	is_met,
	missing,
	next_stage,
	passed_stages,
)
from crm_pipeline.core.stages import LOST, OPEN, WON, Stage

FIELD = Gate("g1", "first", Kind.FIELD, "amount")
CHECK = Gate("g2", "first", Kind.CHECK, text="Budget confirmed")
QUOTED = Gate("g3", "second", Kind.DOCUMENT, "Quotation", submitted=True)
DRAFTED = Gate("g4", "second", Kind.DOCUMENT, "Quotation")
DECIDER = Gate("g5", "second", Kind.ROLE, "Decision Maker")
RECENT = Gate("g6", "second", Kind.ACTIVITY, days=14)
ALL = (FIELD, CHECK, QUOTED, DRAFTED, DECIDER, RECENT)

FIRST, SECOND, THIRD = (Stage(n, "Sales", p) for n, p in (("first", 10), ("second", 20), ("third", 30)))
WON_STAGE, LOST_STAGE = Stage("won", "Sales", 40, WON), Stage("lost", "Sales", 50, LOST)
STAGES = (LOST_STAGE, THIRD, FIRST, WON_STAGE, SECOND)


@pytest.mark.parametrize(
	("gate", "facts", "met"),
	[
		(FIELD, Facts(filled=frozenset({"amount"})), True),
		(FIELD, Facts(filled=frozenset({"title"})), False),
		(CHECK, Facts(ticked=frozenset({"g2"})), True),
		(CHECK, Facts(ticked=frozenset({"Budget confirmed"})), False),
		(QUOTED, Facts(documents=frozenset({"Quotation"})), False),
		(QUOTED, Facts(submitted=frozenset({"Quotation"})), True),
		(DRAFTED, Facts(documents=frozenset({"Quotation"})), True),
		(DRAFTED, Facts(documents=frozenset({"Sales Contract"})), False),
		(DECIDER, Facts(roles=frozenset({"User", "Decision Maker"})), True),
		(DECIDER, Facts(roles=frozenset({"User"})), False),
		(RECENT, Facts(idle_days=14), True),
		(RECENT, Facts(idle_days=15), False),
		(RECENT, Facts(idle_days=0), True),
		(RECENT, Facts(), False),
	],
)
def test_what_meets_a_gate(gate, facts, met):
	assert is_met(gate, facts) is met


def test_everything_that_is_missing_is_said_at_once_and_in_order():
	assert missing(ALL, Facts()) == list(ALL)
	assert missing(ALL, Facts(filled=frozenset({"amount"}), idle_days=3)) == [CHECK, QUOTED, DRAFTED, DECIDER]


def test_a_stage_without_gates_asks_nothing():
	assert missing((), Facts()) == []


words = st.sets(st.sampled_from(["amount", "g2", "Quotation", "Decision Maker", "x"])).map(frozenset)
facts = st.builds(Facts, words, words, words, words, words, st.none() | st.integers(0, 30))
gates = st.lists(st.sampled_from(ALL), unique=True)


@given(gates, facts)
def test_a_gate_is_either_met_or_missing(some, known):
	left = missing(some, known)
	assert [g for g in some if g not in left] == [g for g in some if is_met(g, known)]


@given(gates, facts, facts)
def test_whoever_shows_more_never_misses_more(some, known, more):
	days = [f.idle_days for f in (known, more) if f.idle_days is not None]
	both = Facts(
		known.filled | more.filled,
		known.ticked | more.ticked,
		known.documents | more.documents,
		known.submitted | more.submitted,
		known.roles | more.roles,
		min(days, default=None),
	)
	assert set(missing(some, both)) <= set(missing(some, known)) & set(missing(some, more))


@pytest.mark.parametrize(
	("current", "target", "passed"),
	[
		(FIRST, SECOND, ["first"]),
		(FIRST, THIRD, ["first", "second"]),
		(SECOND, THIRD, ["second"]),
		(THIRD, FIRST, []),
		(SECOND, SECOND, []),
		(FIRST, LOST_STAGE, []),
		(None, LOST_STAGE, []),
		(FIRST, WON_STAGE, ["first", "second", "third"]),
		(THIRD, WON_STAGE, ["third"]),
		(None, FIRST, []),
		(None, THIRD, ["first", "second"]),
		(WON_STAGE, THIRD, ["first", "second"]),
	],
)
def test_a_move_passes_the_gates_of_what_it_leaves_and_skips(current, target, passed):
	assert passed_stages(current, target, STAGES) == passed


def test_a_won_stage_at_an_odd_position_is_passed_to_like_any_other():
	early = Stage("won", "Sales", 5, WON)
	assert passed_stages(SECOND, early, (FIRST, SECOND, THIRD, early)) == ["second", "third"]


def test_disabled_stages_ask_nothing():
	retired = Stage("second", "Sales", 20, disabled=True)
	assert passed_stages(FIRST, THIRD, (FIRST, retired, THIRD)) == ["first"]
	assert passed_stages(retired, THIRD, (FIRST, retired, THIRD)) == []


pipelines = st.lists(
	st.builds(
		Stage,
		st.sampled_from("abcdefgh"),
		st.just("Sales"),
		st.integers(1, 9),
		st.sampled_from([OPEN, WON, LOST]),
		disabled=st.booleans(),
	),
	min_size=2,
	max_size=8,
	unique_by=(lambda s: s.name, lambda s: s.position),
)


@given(pipelines, st.data())
def test_step_by_step_passes_the_same_gates_as_one_jump(stages, data):
	opened = sorted((s for s in stages if s.type == OPEN and not s.disabled), key=lambda s: s.position)
	start, target = (data.draw(st.sampled_from(stages)) for _ in "ab")
	way = [s for s in opened if start.position < s.position < target.position]
	if start not in opened or target not in opened or start.position >= target.position:
		return
	stops = [start, *way, target]
	walked = [name for a, b in zip(stops, stops[1:], strict=False) for name in passed_stages(a, b, stages)]
	assert walked == passed_stages(start, target, stages)


@given(pipelines, st.data())
def test_moving_back_and_losing_pass_no_gate(stages, data):
	start, target = (data.draw(st.sampled_from(stages)) for _ in "ab")
	back = start.type == target.type == OPEN and target.position <= start.position
	if back or target.type == LOST:
		assert passed_stages(start, target, stages) == []


def test_the_next_stage_is_the_next_open_one_then_the_won_one():
	assert next_stage(FIRST, STAGES) == SECOND
	assert next_stage(THIRD, STAGES) == WON_STAGE
	assert next_stage(FIRST, (FIRST, Stage("b", "Sales", 20, disabled=True), LOST_STAGE)) is None


def test_a_checklist_has_a_row_for_each_check_and_keeps_what_is_ticked():
	other = Gate("g7", "second", Kind.CHECK, text="References named")
	rows = checklist([], [FIELD, CHECK, other])
	assert [(t.key, t.stage, t.text, t.done) for t in rows] == [
		("g2", "first", "Budget confirmed", False),
		("g7", "second", "References named", False),
	]
	ticked = Tick("g2", "first", "Budget confirmed", done=True)
	reworded = Gate("g2", "first", Kind.CHECK, text="Budget approved")
	assert checklist([ticked], [reworded]) == [ticked]
	assert checklist([Tick("g2", "first", "Budget confirmed")], [reworded])[0].text == "Budget approved"


def test_a_check_entered_anew_is_found_by_its_words():
	ticked = Tick("old", "first", "Budget confirmed", done=True)
	assert checklist([ticked], [CHECK]) == [Tick("g2", "first", "Budget confirmed", done=True)]


def test_a_check_that_is_no_longer_asked_stays_only_where_it_was_ticked():
	done, open_ = Tick("a", "first", "Done", done=True), Tick("b", "first", "Open")
	assert checklist([done, open_], []) == [done]


ticks = st.lists(st.builds(Tick, st.sampled_from("abc"), st.just("first"), st.sampled_from("xyz"), st.booleans()))
checks = st.lists(
	st.builds(
		Gate, st.sampled_from("abcd"), st.just("first"), st.just(Kind.CHECK), st.just(""), st.sampled_from("xyz")
	),
	unique_by=lambda g: g.key,
)


@given(ticks, checks)
def test_a_checklist_asks_each_check_once_loses_no_tick_and_settles(some, asked):
	rows = checklist(some, asked)
	assert [t.key for t in rows][: len(asked)] == [g.key for g in asked]
	assert sum(t.done for t in rows) == sum(t.done for t in some)
	assert checklist(rows, asked) == rows


def test_a_stage_beside_the_target_is_not_passed():
	first, target, beside = Stage("first", "P", 10), Stage("target", "P", 20), Stage("beside", "P", 20)
	assert passed_stages(first, target, [first, target, beside]) == ["first"]

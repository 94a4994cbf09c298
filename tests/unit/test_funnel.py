"""The funnel adds up, for whatever moves led there."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core import funnel
from crm_pipeline.core.funnel import Fate, Passage
from crm_pipeline.core.stages import LOST, OPEN, WON, Stage

STAGES = [
	Stage("a", "P", 10),
	Stage("b", "P", 20),
	Stage("c", "P", 30),
	Stage("won", "P", 40, WON, 100),
	Stage("lost", "P", 50, LOST, 0),
]
KIND = {stage.name: stage.type for stage in STAGES}
names = st.sampled_from([stage.name for stage in STAGES])
deals = st.lists(st.tuples(st.lists(names, min_size=1, max_size=9), st.integers(0, 1000)), max_size=25)


def passages_of(deals) -> list[Passage]:
	"""What the ledger of these deals says, deal by deal; a path is the stages a deal moved through."""
	found = []
	for path, amount in deals:
		closed_from = None
		for before, after in zip(path, path[1:], strict=False):
			if KIND[after] == OPEN:
				closed_from = None
			elif KIND[before] == OPEN:
				closed_from = before
		for stage in dict.fromkeys(path):
			found.append(Passage(stage, path[-1], closed_from, 1, amount))
	return found


def test_a_won_deal_went_on_wherever_its_pipeline_has_the_won_stage():
	first_of_all = Stage("won", "P", 5, WON, 100)
	for closed_from in (None, STAGES[0], STAGES[1]):
		assert funnel.fate(STAGES[1], first_of_all, closed_from) == Fate.ADVANCED


def test_a_deal_whose_stage_is_gone_counts_as_lost_where_it_was_seen_last():
	assert funnel.fate(STAGES[1], None, STAGES[0]) == Fate.LOST
	assert funnel.fate(STAGES[1], None, None) == Fate.LOST


def test_a_lost_deal_is_lost_where_it_was_closed_and_went_on_from_the_stages_before():
	lost = STAGES[4]
	fates = [funnel.fate(STAGES[1], lost, closed_from) for closed_from in (None, *STAGES[:3])]
	assert fates == [Fate.LOST, Fate.BACK, Fate.LOST, Fate.ADVANCED]


@given(deals)
def test_entered_is_advanced_lost_moved_back_and_still_here(deals):
	rows = funnel.funnel(STAGES, passages_of(deals))
	for row in rows:
		assert row.entered.documents == sum(row.count(fate) for fate in Fate)
		assert row.entered.amount == sum(row.fates[fate].amount for fate in Fate)


@given(deals)
def test_no_deal_counts_twice_in_a_stage_and_none_is_left_out(deals):
	rows = {row.stage.name: row for row in funnel.funnel(STAGES, passages_of(deals))}
	for name, row in rows.items():
		assert row.entered.documents == sum(name in path for path, _amount in deals)
		assert row.count(Fate.HERE) == sum(path[-1] == name for path, _amount in deals)


@given(deals)
def test_a_lost_deal_is_lost_out_of_one_stage_only(deals):
	rows = funnel.funnel(STAGES, passages_of(deals))
	lost = sum(KIND[path[-1]] == LOST and any(KIND[s] == OPEN for s in path) for path, _amount in deals)
	# A deal that was won before it was lost keeps the stage it was won from, which lost it as well.
	assert sum(row.count(Fate.LOST) for row in rows) >= lost
	plain = [(path, a) for path, a in deals if not (set(path[:-1]) & {"won", "lost"})]
	rows = funnel.funnel(STAGES, passages_of(plain))
	lost = sum(path[-1] == "lost" and len(path) > 1 for path, _amount in plain)
	assert sum(row.count(Fate.LOST) for row in rows) == lost


@given(deals, st.integers(1, 4))
def test_the_sum_of_the_parts_is_the_whole(deals, parts):
	split = defaultdict(list)
	for number, deal in enumerate(deals):
		split[number % parts].append(deal)
	merged = funnel.merge(p for part in split.values() for p in passages_of(part))
	whole = funnel.funnel(STAGES, passages_of(deals))
	assert [(r.entered, r.fates) for r in funnel.funnel(STAGES, merged)] == [(r.entered, r.fates) for r in whole]


@given(deals)
def test_rates_are_shares_or_unknown(deals):
	for row in funnel.funnel(STAGES, passages_of(deals)):
		for rate in (row.conversion, row.attrition, row.win_rate, row.passed):
			assert rate is None or 0 <= rate <= 1


def test_moving_on_and_back_and_losing_are_told_apart():
	rows = {
		row.stage.name: row
		for row in funnel.funnel(
			STAGES,
			passages_of(
				[
					(["a", "b", "c", "won"], 100),
					(["a", "b", "lost"], 10),
					(["a", "b", "c", "b"], 1),
					(["b", "a"], 1),
					(["a", "c"], 1),
				]
			),
		)
	}
	assert {fate.value: rows["b"].count(fate) for fate in Fate} == {
		"advanced": 1,
		"lost": 1,
		"moved_back": 1,
		"here": 1,
	}
	assert rows["c"].count(Fate.BACK) == 1 and rows["c"].count(Fate.HERE) == 1
	assert rows["b"].win_rate == 0.5 and rows["b"].entered.amount == 112
	assert rows["a"].attrition == 0


def test_a_deal_that_moved_to_another_pipeline_is_still_counted():
	elsewhere = Stage("x", "Q", 25)
	rows = funnel.funnel([*STAGES, elsewhere], [Passage("b", "x", None, 1), Passage("x", "x", None, 1)])
	assert {row.stage.name: row.entered.documents for row in rows} == {"a": 0, "b": 1, "c": 0, "x": 1}


def test_a_disabled_stage_shows_only_where_deals_have_been():
	old = Stage("old", "P", 15, disabled=True)
	assert [r.stage.name for r in funnel.funnel([*STAGES, old], [])] == ["a", "b", "c"]
	rows = funnel.funnel([*STAGES, old], [Passage("old", "b", None, 1)])
	assert [r.stage.name for r in rows] == ["a", "old", "b", "c"]


def test_the_bottleneck_lets_the_smallest_share_go_on():
	rows = funnel.funnel(STAGES, [
		Passage("a", "b", None, 8), Passage("a", "lost", "a", 2),
		Passage("b", "c", None, 3), Passage("b", "lost", "b", 5), Passage("b", "b", None, 90),
		Passage("c", "won", "c", 1), Passage("c", "lost", "c", 3),
	])  # fmt: skip
	assert funnel.bottleneck(rows, {}).stage.name == "b"  # c has too few to say anything


def test_of_equally_narrow_stages_the_slower_one_is_named():
	rows = funnel.funnel(STAGES, [
		Passage("a", "b", None, 5), Passage("a", "lost", "a", 5), Passage("b", "c", None, 5), Passage("b", "lost", "b", 5),
	])  # fmt: skip
	assert funnel.bottleneck(rows, {"a": 2.0, "b": 30.0}).stage.name == "b"


def test_where_all_go_on_nothing_is_narrow():
	assert funnel.bottleneck(funnel.funnel(STAGES, [Passage("a", "won", "a", 50)]), {}) is None
	assert funnel.bottleneck([], {}) is None


def test_a_stage_that_holds_more_than_the_one_before_is_no_funnel():
	assert funnel.no_funnel([("a", 5), ("b", 7), ("c", 7), ("d", 1)]) == [("b", "a")]
	assert funnel.no_funnel([]) == []


def test_a_stage_that_just_enough_deals_have_left_counts_as_a_bottleneck():
	narrow = [Passage("a", "b", None, funnel.ENOUGH - 1), Passage("a", "lost", "a", 1), Passage("a", "a", None, 9)]
	assert funnel.bottleneck(funnel.funnel(STAGES, narrow), {}).stage.name == "a"
	assert (
		funnel.bottleneck(funnel.funnel(STAGES, [*narrow[1:], Passage("a", "b", None, funnel.ENOUGH - 2)]), {}) is None
	)


def test_a_win_rate_is_of_won_and_lost_deals_and_knows_stages_that_are_gone():
	passages = [
		Passage("a", "won", "b", 3, 30, 15),
		Passage("a", "lost", "a", 2, 20, 10),
		Passage("a", "lost", "b", 1, 10, 5),
		Passage("a", "gone", None, 4, 40, 20),
		Passage("a", "b", None, 5, 50, 25),
		Passage("gone", "a", None, 6, 60, 30),
		Passage("won", "won", "a", 7, 70, 35),
	]
	row = funnel.funnel(STAGES, passages)[0]
	assert (row.entered.documents, row.entered.amount, row.entered.weighted) == (15, 150, 75)
	assert {kind.value: row.count(kind) for kind in Fate} == {"advanced": 9, "lost": 6, "moved_back": 0, "here": 0}
	assert (row.won, row.lost_later, row.win_rate) == (3, 3, 0.5)
	assert (row.fates[Fate.LOST].amount, row.fates[Fate.LOST].weighted) == (60, 30)

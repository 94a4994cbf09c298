"""A deal's passages: what its ledger comes to, stage by stage."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.stage_visits import Move, gaps, key_of, visits_of

START = datetime(2026, 3, 2, 9)
STAGES = ("a", "b", "c", "won", "lost")


def way(*steps: tuple[str, int]) -> list[Move]:
	"""Moves through (stage, seconds spent in the one before)."""
	moves, at, before = [], START, None
	for stage, seconds in steps:
		at += timedelta(seconds=seconds)
		moves.append(Move(before, stage, at, seconds if before else 0))
		before = stage
	return moves


ways = st.lists(st.tuples(st.sampled_from(STAGES), st.integers(0, 10_000_000)), min_size=1, max_size=12).map(
	lambda steps: way(*steps)
)


def test_a_deal_that_comes_back_has_one_row_for_both_visits():
	found = visits_of(way(("a", 0), ("b", 100), ("a", 20), ("c", 300)))
	row = found["a"]
	assert (row.visits, row.seconds, row.longest, row.went_to) == (2, 400, 300, "c")
	assert (row.first_entered, row.last_left) == (START, START + timedelta(seconds=420))
	assert (found["c"].visits, found["c"].seconds, found["c"].last_left, found["c"].went_to) == (1, 0, None, None)


def test_a_stage_that_is_left_without_having_been_entered_was_entered_all_the_same():
	moves = [Move("a", "b", START, 60), Move("c", "won", START + timedelta(hours=1), 600)]
	found = visits_of(moves)
	assert (found["a"].visits, found["a"].first_entered) == (1, START - timedelta(seconds=60))
	assert (found["c"].visits, found["c"].first_entered) == (1, START + timedelta(seconds=3000))
	assert gaps(moves, "won") == ["a", "b", "c"]


@given(ways)
def test_no_second_is_lost_or_counted_twice(moves):
	found = visits_of(moves)
	assert sum(row.seconds for row in found.values()) == sum(move.seconds for move in moves)
	assert sum(row.visits for row in found.values()) == len(moves)
	assert all(row.longest <= row.seconds for row in found.values())


@given(ways)
def test_a_whole_ledger_has_no_gaps_and_one_that_lacks_a_row_has(moves):
	standing = moves[-1].entered
	assert gaps(moves, standing) == []
	for place, move in enumerate(moves):
		if move.left != move.entered:
			assert gaps([*moves[:place], *moves[place + 1 :]], standing)


@given(ways, st.randoms())
def test_a_clock_that_is_set_back_changes_no_count_and_no_sum(moves, rng):
	shuffled = list(moves)
	rng.shuffle(shuffled)
	counts = lambda found: {s: (r.visits, r.seconds, r.longest, r.first_entered, r.last_left) for s, r in found.items()}  # noqa: E731
	assert counts(visits_of(shuffled)) == counts(visits_of(moves))


@given(ways, st.data())
def test_what_a_gap_hides_is_missing_and_nothing_else(moves, data):
	place = data.draw(st.integers(0, len(moves) - 1))
	gone, left = moves[place], [*moves[:place], *moves[place + 1 :]]
	before, after = visits_of(moves), visits_of(left)
	for stage, row in before.items():
		seconds = row.seconds - (gone.seconds if stage == gone.left else 0)
		assert after.get(stage) is None or after[stage].seconds == seconds
		if stage not in (gone.left, gone.entered):
			assert after[stage] == row


def test_of_two_departures_in_one_moment_the_later_row_says_where_it_went():
	moves = [Move(None, "a", START, 0), Move("a", "b", START, 0), Move("b", "a", START, 0), Move("a", "c", START, 0)]
	assert visits_of(moves)["a"].went_to == "c"


def test_a_stage_was_entered_when_the_ledger_says_so_not_when_its_time_would_say():
	moves = [Move(None, "a", START, 0), Move("a", "b", START + timedelta(seconds=60), 600)]
	assert visits_of(moves)["a"].first_entered == START


def test_a_key_stands_for_a_set_of_stages_in_any_order_and_fits_a_browser():
	assert key_of([]) == 0 and key_of(["a", "b", "a"]) == key_of(iter(("b", "a")))
	sets = [["a"], ["b"], ["ab"], ["a", "b"], ["a\nb", "c"], ["a", "b", "c"]]
	keys = {key_of(stages) for stages in sets}
	assert len(keys) == len(sets) and all(0 < key < 2**53 for key in keys)

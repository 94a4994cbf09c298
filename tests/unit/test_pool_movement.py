"""What went into the public pool and out of it."""

from datetime import datetime, timedelta

from crm_pipeline.core.pool_movement import CLAIMED, FELL, GIVEN, RELEASED, Move, traffic

NOW = datetime(2026, 3, 20, 12)


def ago(days: float) -> datetime:
	return NOW - timedelta(days=days)


def test_the_pool_grew_by_what_came_in_less_what_left():
	kinds = [FELL] * 4 + [RELEASED] * 2 + [CLAIMED] * 3 + [GIVEN]
	found = traffic(Move(kind, NOW) for kind in kinds)
	assert (found.counts, found.more) == ({FELL: 4, RELEASED: 2, CLAIMED: 3, GIVEN: 1}, 2)


def test_how_long_a_record_was_there_is_told_of_those_that_left():
	moves = [
		Move(CLAIMED, NOW, ago(1)),
		Move(GIVEN, NOW, ago(5)),
		Move(CLAIMED, NOW, ago(2.5)),
		Move(CLAIMED, NOW, None),
		Move(FELL, NOW, ago(90)),
		Move(RELEASED, NOW, ago(90)),
	]
	assert traffic(moves).days == 2.5


def test_where_nothing_moved_there_is_no_time_in_it():
	found = traffic([])
	assert (set(found.counts.values()), found.more, found.days) == ({0}, 0, None)

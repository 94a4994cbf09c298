"""Who had a document when, told from moves as they may come."""

from datetime import datetime, timedelta

import pytest

from crm_pipeline.core.owner_spans import Move, Span, spans

START = datetime(2026, 5, 1, 9)


def day(n: int) -> datetime:
	return START + timedelta(days=n)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_spans_follow_the_time_of_the_moves_and_not_the_order_in_which_they_come(order):
	moves = [Move(day(3), "ann", "ben", "head"), Move(day(5), "ben", None, "desk"), Move(day(9), None, "cat", "cat")]
	assert spans([moves[n] for n in order], day(0), "cat") == [
		Span("ann", day(0), day(3)), Span("ben", day(3), day(5), "head"), Span(None, day(5), day(9), "desk"),
		Span("cat", day(9), None, "cat"),
	]  # fmt: skip


def test_what_never_changed_hands_is_its_owner_s_from_the_beginning():
	assert spans([], day(0), "ann") == [Span("ann", day(0), None)]
	assert spans([]) == [Span(None, None, None)]
	assert spans([Move(day(1), "ann", "ben")]) == [Span("ann", None, day(1)), Span("ben", day(1), None)]

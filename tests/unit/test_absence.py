"""Who stands in for whom, and who had what when."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.absence import Away, clash, covered_by, stands_in
from crm_pipeline.core.owner_spans import Move, Span, spans

DAY = date(2026, 7, 10)


def away(user: str, deputy: str, first: int = 0, last: int = 0) -> Away:
	return Away(user, deputy, DAY + timedelta(days=first), DAY + timedelta(days=last))


def test_a_deputy_stands_in_from_the_first_day_to_the_last():
	one = away("a", "b", -1, 1)
	assert [stands_in([one], DAY + timedelta(days=n)) for n in (-2, -1, 1, 2)] == [{}, {"a": "b"}, {"a": "b"}, {}]


def test_a_deputy_who_is_away_is_stood_in_for_too():
	assert stands_in([away("a", "b"), away("b", "c")], DAY) == {"a": "c", "b": "c"}
	assert covered_by("c", [away("a", "b"), away("b", "c")], DAY) == ["a", "b"]


def test_a_circle_ends_somewhere():
	assert stands_in([away("a", "b"), away("b", "a")], DAY) == {"a": "b", "b": "a"}


users = st.sampled_from("abcde")
absences = st.lists(
	st.tuples(users, users).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: away(*pair)),
	max_size=6,
	unique_by=lambda row: row.user,
)


@given(absences)
def test_everybody_who_is_away_has_somebody_else(rows):
	found = stands_in(rows, DAY)
	assert set(found) == {row.user for row in rows}
	assert all(user != deputy for user, deputy in found.items())
	assert sorted(user for one in "abcde" for user in covered_by(one, rows, DAY)) == sorted(found)


def test_nobody_is_away_twice_and_two_do_not_stand_in_for_each_other():
	one = away("a", "b", 0, 3)
	assert clash(away("a", "c", 3, 5), [one]) is one and clash(away("a", "c", 4, 5), [one]) is None
	assert clash(away("b", "a", 2, 2), [one]) is one and clash(away("b", "c", 2, 2), [one]) is None


NOW = datetime(2026, 7, 1, 9)
moves = st.lists(
	st.tuples(st.integers(0, 99), users).map(lambda t: Move(NOW + timedelta(hours=t[0]), None, t[1])),
	min_size=1,
	max_size=6,
)


@given(moves)
def test_spans_follow_each_other_without_a_gap(rows):
	found = spans(rows, NOW)
	assert found[0].since == NOW and found[-1].until is None
	assert all(one.until == other.since for one, other in zip(found, found[1:], strict=False))


def test_without_moves_the_owner_had_it_all_the_time():
	assert spans([], NOW, "a") == [Span("a", NOW, None)]
	assert spans([Move(NOW, "a", "b", "m")]) == [Span("a", None, NOW), Span("b", NOW, None, "m")]

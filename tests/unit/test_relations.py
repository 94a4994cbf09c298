"""Posts and relations: periods, trees that never close, and the right word for each side."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core import relations
from crm_pipeline.core.relations import Above, Period

DAYS = st.integers(0, 40).map(lambda n: date(2026, 1, 1) + timedelta(n))
ENDS = st.none() | DAYS
PERIODS = st.builds(Period, ENDS, ENDS).filter(lambda period: period.is_ordered)
NAMES = st.sampled_from("abcde")


@given(PERIODS, PERIODS, DAYS)
def test_a_day_is_shared_when_both_hold_it(one, other, day):
	both = one.shared(other)
	assert (one.holds(day) and other.holds(day)) == bool(both and both.holds(day))
	assert one.shared(other) == other.shared(one)


def test_a_period_includes_its_first_and_last_day():
	week = Period(date(2026, 1, 5), date(2026, 1, 11))
	assert week.holds(date(2026, 1, 5)) and week.holds(date(2026, 1, 11))
	assert not week.holds(date(2026, 1, 4)) and not week.holds(date(2026, 1, 12))
	assert week.shared(Period(date(2026, 1, 12))) is None
	assert relations.day_before(date(2026, 3, 1)) == date(2026, 2, 28)


@given(st.lists(st.tuples(NAMES, NAMES, PERIODS), max_size=12))
def test_whatever_is_added_step_by_step_no_day_has_a_circle(edges):
	"""Edges that the rule lets in, one above at a time: on each day whoever goes up comes to an end."""
	kept: list[tuple[str, str, Period]] = []

	def steps_up(name):
		return [Above(above, period) for below, above, period in kept if below == name]

	for below, above, period in edges:
		if below == above or any(b == below and p.shared(period) for b, _a, p in kept):
			continue
		path = relations.circle(below, Above(above, period), steps_up)
		closes = any(_goes_round([*kept, (below, above, period)], day) for day in _days(period))
		assert bool(path) == closes
		if not path:
			kept.append((below, above, period))


def _days(period):
	return [day for n in range(-1, 42) if period.holds(day := date(2026, 1, 1) + timedelta(n))]


def _goes_round(edges, day) -> bool:
	up = {below: above for below, above, period in edges if period.holds(day)}
	for start in up:
		name, steps = start, 0
		while name in up and steps <= len(up):
			name, steps = up[name], steps + 1
		if steps > len(up):
			return True
	return False


def test_a_circle_over_different_years_is_none():
	held = {"b": [Above("a", Period(last=date(2025, 12, 31)))]}
	later = Above("b", Period(date(2026, 1, 1)))
	assert relations.circle("a", later, lambda name: held.get(name, [])) == []
	assert relations.circle("a", Above("b"), lambda name: held.get(name, [])) == ["b", "a"]


@given(st.dictionaries(NAMES, NAMES, max_size=5), NAMES)
def test_a_way_up_ends_however_it_was_written(above, start):
	path = relations.path_up(start, above.get)
	assert len(path) == len(set(path)) and path[0] == start


def test_who_reports_to_somebody_who_left_reports_to_the_one_above():
	above = {"clerk": "head", "head": "chief"}
	periods = {"head": Period(last=date(2026, 1, 31))}
	asked = {
		day: relations.superior_on(day, "clerk", above.get, lambda name: periods.get(name, Period()))
		for day in (date(2026, 1, 31), date(2026, 2, 1))
	}
	assert list(asked.values()) == ["head", "chief"]
	gone = {"head": Period(last=date(2026, 1, 1)), "chief": Period(last=date(2026, 1, 1))}
	assert relations.superior_on(date(2026, 2, 1), "clerk", above.get, lambda name: gone.get(name, Period())) is None


def test_each_side_has_its_word():
	assert relations.word("Parent", "Subsidiary", True) == "Parent"
	assert relations.word("Parent", "Subsidiary", False) == "Subsidiary"


def test_who_decides_and_weighs_most_goes_first():
	people = [
		("User", "High"),
		("Decision Maker", "Low"),
		(None, None),
		("Decision Maker", "High"),
		("Gatekeeper", "Low"),
	]
	assert sorted(people, key=lambda one: relations.importance(*one)) == [
		("Decision Maker", "High"), ("Decision Maker", "Low"), ("User", "High"), ("Gatekeeper", "Low"), (None, None),
	]  # fmt: skip


def test_ways_that_meet_again_above_are_gone_once():
	"""Two owners of the same parent: each way up is followed, and none of them twice."""
	asked = []
	above = {"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": ["e"]}

	def steps_up(name):
		asked.append(name)
		return [Above(up) for up in above.get(name, ())]

	assert relations.circle("x", Above("a"), steps_up) == []
	assert sorted(asked) == ["a", "b", "c", "d", "e"]
	assert set(relations.circle("e", Above("a"), steps_up)) >= {"a", "d", "e"}


def test_who_is_above_oneself_in_the_end_reports_to_nobody():
	above = {"clerk": "head", "head": "clerk"}
	gone = Period(last=date(2026, 1, 1))
	day = date(2026, 2, 1)
	assert relations.superior_on(day, "clerk", above.get, lambda name: gone if name == "head" else Period()) is None
	assert relations.superior_on(day, "clerk", above.get, lambda name: Period()) == "head"
	assert relations.superior_on(day, "head", {}.get, lambda name: Period()) is None

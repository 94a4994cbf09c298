"""Who takes over what: nothing is left out, a party stays together, the load is even, the rule is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.distribution import EVENLY, INDUSTRY, ONE, RULES, TERRITORY, Receiver, Unit, distribute

names = st.sampled_from("abcdef")
places = st.sampled_from(("north", "south", "east"))
units = st.lists(
	st.builds(Unit, st.uuids().map(str), st.integers(1, 9), st.lists(places, max_size=2).map(tuple), places),
	max_size=20,
)
receivers = st.lists(
	st.builds(Receiver, names, st.integers(0, 20), st.lists(places, max_size=1).map(tuple), st.lists(places, max_size=1).map(tuple)),
	min_size=1,
	max_size=4,
	unique_by=lambda receiver: receiver.user,
)  # fmt: skip


@given(st.sampled_from(RULES), units, receivers)
def test_everything_goes_to_somebody_who_takes_over_whatever_the_order(rule, found, who):
	answer = distribute(rule, found, who)
	assert set(answer) == {unit.key for unit in found}
	assert set(answer.values()) <= {receiver.user for receiver in who}
	assert distribute(rule, found[::-1], who[::-1]) == answer


@given(units, receivers)
def test_an_even_load_differs_by_no_more_than_the_heaviest_unit(found, who):
	answer = distribute(EVENLY, found, [Receiver(receiver.user) for receiver in who])
	loads = {receiver.user: 0 for receiver in who}
	for unit in found:
		loads[answer[unit.key]] += unit.weight
	assert max(loads.values()) - min(loads.values()) <= max((unit.weight for unit in found), default=0)


def test_it_is_documents_that_are_counted_and_not_parties():
	answer = distribute(EVENLY, [Unit("x", 5), *(Unit(str(n)) for n in range(5))], [Receiver("a"), Receiver("b")])
	assert answer == {"x": "a", **{str(n): "b" for n in range(5)}}


def test_who_has_much_already_gets_less():
	found = [Unit(str(n)) for n in range(4)]
	answer = distribute(EVENLY, found, [Receiver("a", load=4), Receiver("b")])
	assert list(answer.values()) == ["b"] * 4


@given(units, receivers)
def test_the_nearest_territory_decides(found, who):
	answer = distribute(TERRITORY, found, who)
	for unit in found:
		for territory in unit.territories:
			takers = {receiver.user for receiver in who if territory in receiver.territories}
			if takers:
				assert answer[unit.key] in takers
				break


@given(units, receivers)
def test_an_industry_goes_to_who_takes_it(found, who):
	answer = distribute(INDUSTRY, found, who)
	for unit in found:
		takers = {receiver.user for receiver in who if unit.industry in receiver.industries}
		assert not takers or answer[unit.key] in takers


def test_what_no_rule_names_goes_to_who_has_no_territory():
	who = [Receiver("a", territories=("north",)), Receiver("b")]
	found = [Unit("x", territories=("north",)), Unit("y", territories=("south",)), Unit("z")]
	assert distribute(TERRITORY, found, who) == {"x": "a", "y": "b", "z": "b"}
	assert set(distribute(TERRITORY, found, who[:1]).values()) == {"a"}


def test_one_person_takes_all():
	assert set(distribute(ONE, [Unit("x"), Unit("y")], [Receiver("a")]).values()) == {"a"}


def test_where_nobody_takes_over_nothing_is_given():
	with pytest.raises(ValueError):
		distribute(ONE, [Unit("x")], [])


def test_what_somebody_has_already_counts_for_an_even_load_alone():
	who = [Receiver("a", load=9, industries=("energy",)), Receiver("b", industries=("energy",))]
	assert distribute(INDUSTRY, [Unit("x", industry="energy")], who) == {"x": "a"}
	assert distribute(EVENLY, [Unit("x", industry="energy")], who) == {"x": "b"}

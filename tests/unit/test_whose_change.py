"""Whose change counts while two systems are used side by side."""

from datetime import date, datetime

from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.whose_change import Followed, changes, one, signs_of

NAMES = ("a", "b", "c")
RECORDS = st.fixed_dictionaries({name: st.sampled_from(("", "1", "2")) for name in NAMES})


def test_what_changed_there_alone_comes():
	assert changes({"a": "1"}, {"a": "2"}, {"a": "1"}) == (["a"], [])


def test_what_changed_on_both_sides_is_told():
	assert changes({"a": "1"}, {"a": "2"}, {"a": "3"}) == ([], ["a"])


def test_the_same_change_on_both_sides_is_none():
	assert changes({"a": "1"}, {"a": "2"}, {"a": "2"}) == ([], [])


def test_what_changed_here_alone_is_nobodys_business():
	assert changes({"a": "1"}, {"a": "1"}, {"a": "2"}) == ([], [])


def test_what_the_last_move_did_not_know_has_not_changed():
	assert changes({}, {"a": "2"}, {"a": "1"}) == ([], [])


@given(RECORDS, RECORDS, RECORDS)
def test_doing_it_again_changes_nothing(moved, there, here):
	taken, kept = changes(moved, there, here)
	then = {**here, **{name: there[name] for name in taken}}
	known = {**there, **{name: moved[name] for name in kept}}
	assert changes(known, there, then) == ([], kept)
	assert {name for name in NAMES if then[name] != here[name]} == set(taken)


def test_nothing_is_nothing_however_it_is_stored_and_numbers_and_days_are_what_they_are():
	fields = [one("a"), Followed("b", ("b", "c"))]
	assert signs_of({"a": None, "b": 0, "c": ""}, fields) == signs_of({"a": "", "b": None, "c": 0.0}, fields)
	assert signs_of({"a": 1, "b": 2.0, "c": None}, fields) == signs_of({"a": 1.0, "b": 2, "c": ""}, fields)
	assert signs_of({"a": datetime(2024, 1, 2, 3, 4, 5, 6), "b": date(2024, 1, 2)}, fields) == {
		"a": "2024-01-02 03:04:05", "b": "2024-01-02\n",
	}  # fmt: skip


def test_a_long_text_is_kept_short_and_still_differs():
	one_sign, other = (signs_of({"a": "x" * 10_000 + end}, [one("a")])["a"] for end in "ab")
	assert one_sign != other and len(one_sign) == len(other) == 40

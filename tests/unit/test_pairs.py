"""Records that may be one: scored, blocked, merged; and what is wrong with data. As sentences and as properties."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core import merging, pairs, quality
from crm_pipeline.core.matching import PERSON, Identity
from crm_pipeline.core.merging import Side
from crm_pipeline.core.quality import Record

TEXTS = st.sampled_from(["", "Acme GmbH", "ACME", "Acme Nord", "Blue Water Ltd", "Bluewater", "Ines Marlow", "x"])
MAILS = st.lists(st.sampled_from(["a@acme.de", "b@acme.de", "me@gmail.com"]), max_size=2).map(tuple)
PHONES = st.lists(st.sampled_from(["030 901820", "+49 30 901820", "040 777777"]), max_size=2).map(tuple)
PARTIES = st.builds(
	Identity, name=st.sampled_from("ab"), label=TEXTS, kind=st.sampled_from(["Organisation", PERSON]),
	tax_id=st.sampled_from(["", "DE1", "DE2"]), emails=MAILS, phones=PHONES, country=st.just("DE"),
)  # fmt: skip


def party(label, kind="Organisation", **values):
	return Identity(name=label, label=label, kind=kind, country="DE", **values)


@given(PARTIES, PARTIES)
def test_a_score_does_not_depend_on_who_is_asked_first(one, other):
	assert pairs.score(one, other) == pairs.score(other, one)
	assert 0 <= pairs.score(one, other).value <= 100


@given(PARTIES, PARTIES)
def test_another_tax_id_is_another_party_and_the_same_one_is_the_same(one, other):
	assert pairs.score(replace(one, tax_id="DE-1"), replace(other, tax_id="DE 2")).value == 0
	assert pairs.score(replace(one, tax_id="DE-1"), replace(other, tax_id="de1")).value == 100


@given(PARTIES, PARTIES)
def test_a_shared_address_never_speaks_against_two_being_one(one, other):
	shared = ("sales@harbour.example",)
	more = pairs.score(replace(one, emails=shared), replace(other, emails=shared))
	apart = pairs.score(replace(one, emails=()), replace(other, emails=()))
	assert more.value >= apart.value


@pytest.mark.parametrize(
	("one", "other"),
	[
		(party("Blue Water Trading Ltd"), party("Bluewater Trading")),
		(party("Northwind Traders"), party("Nortwind Traders GmbH")),
		(party("Traders Northwind"), party("Northwind Traders")),
		(party("Ines Marlow", PERSON, phones=("030 901820",)), party("Marlow, Ines", PERSON, phones=("+49 30 901820",))),
		(party("", emails=("a@acme.de",)), party("Acme", emails=("A@acme.de",), phones=("030 901820",))),
		(party("Müller Bäckerei"), party("Mueller Baeckerei", emails=("x@mueller.de",))),
	],
)  # fmt: skip
def test_what_somebody_should_look_at_is_suspected(one, other):
	assert pairs.score(one, other).is_suspected, pairs.score(one, other)


@pytest.mark.parametrize(
	("one", "other"),
	[
		(party("Northwind"), party("Southwind")),
		(party("Ines Marlow", PERSON), party("Ines Marlow", PERSON)),
		(party("Acme", emails=("a@acme.de",)), party("Beta Works", emails=("b@acme.de",))),
		(party("Tom Blake", PERSON, phones=("030 901820",)), party("Ines Marlow", PERSON, phones=("030 901820",))),
		(party("Schreinerei Huber"), party("Bäckerei Huber")),
		(party(""), party("")),
		# An agency writes and calls for many.
		(
			party("Northwind", emails=("a@gmail.com",), phones=("030 901820",), towns=("Kiel",)),
			party("Quay Cafe", emails=("a@gmail.com",), phones=("030 901820",), towns=("Kiel",)),
		),
	],
)
def test_what_is_common_to_many_is_not_suspected(one, other):
	assert not pairs.score(one, other).is_suspected, pairs.score(one, other)


KEYS = st.lists(
	st.tuples(st.sampled_from(["acmea", "acmeb", "acmex", "blue", ""]), st.text("abc", min_size=1)), max_size=40
)


@given(KEYS, st.integers(1, 5))
def test_candidates_grow_with_the_records_and_not_with_their_square(keys, window):
	found = list(pairs.neighbours(sorted(keys), window))
	assert len(found) <= len(keys) * window
	grouped = list(pairs.together({"phone": [name for _key, name in keys]}, 12))
	assert len(grouped) <= 12 * 11 / 2


def test_a_number_of_many_is_a_switchboard():
	assert list(pairs.together({"phone": list("abc")}, 3)) == [("a", "b"), ("a", "c"), ("b", "c")]
	assert list(pairs.together({"phone": list("abcd")}, 3)) == []


# ---- merging

VALUES = st.sampled_from([None, "", "a", "b", 0, 1])


@given(VALUES, VALUES)
def test_nothing_known_is_lost_where_only_one_knows_it(kept, gone):
	stays = merging.preferred(kept, gone)
	assert stays in (kept, gone)
	assert stays not in merging.EMPTY or (kept in merging.EMPTY and gone in merging.EMPTY)


def test_a_field_is_asked_about_where_both_say_something_else():
	kept, gone = {"a": "x", "b": "", "c": 1, "d": "1"}, {"a": "y", "b": "z", "c": 1, "d": 1}
	assert merging.differing("abcd", kept, gone) == ["a"]


@given(st.lists(st.sampled_from("abcd")), st.lists(st.sampled_from("abcd")))
def test_rows_of_both_stand_once(kept, gone):
	rows = merging.missing_rows([{"k": k} for k in kept], [{"k": k} for k in gone], lambda row: row["k"])
	added = [row["k"] for row in rows]
	assert sorted(set(kept) | set(gone)) == sorted({*kept, *added}) and not set(added) & set(kept)
	assert len(added) == len(set(added))


def test_what_can_not_be_merged_is_said_of_each_company():
	gone = Side("A", currencies=frozenset({("C", "USD"), ("D", "EUR")}), accounts=frozenset({("C", "Debtors")}))
	kept = Side("B", currencies=frozenset({("C", "EUR"), ("D", "EUR")}), accounts=frozenset({("C", "Debtors")}))
	assert [(o.kind, o.company, o.one, o.other) for o in merging.obstacles(gone, kept)] == [
		("currency", "C", "USD", "EUR")
	]
	other = Side("B", accounts=frozenset({("C", "Other")}))
	assert [o.kind for o in merging.obstacles(gone, other)] == ["account"]
	assert merging.obstacles(gone, Side("B")) == []
	assert [o.kind for o in merging.obstacles(gone, gone)] == ["same"]


def test_a_lead_that_was_converted_is_the_one_that_stays():
	assert [o.kind for o in merging.obstacles(Side("A", is_converted=True), Side("B"))] == ["converted"]
	assert merging.obstacles(Side("A"), Side("B", is_converted=True)) == []
	both = Side("A", is_converted=True), Side("B", is_converted=True)
	assert [o.kind for o in merging.obstacles(*both)] == ["both converted"]
	prospects = Side("A", customer="X"), Side("B", customer="Y")
	assert [o.kind for o in merging.obstacles(*prospects)] == ["customer"]


@pytest.mark.parametrize(
	("gone", "kept", "stops"),
	[("X", "Y", True), ("X", "X", False), ("X", "", False), ("", "Y", False), ("", "", False)],
)
def test_two_prospects_of_different_customers_alone_stay_two(gone, kept, stops):
	found = merging.obstacles(Side("A", customer=gone), Side("B", customer=kept))
	assert [(o.kind, o.one, o.other) for o in found] == ([("customer", "X", "Y")] if stops else [])


# ---- data quality

TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
	("record", "kinds"),
	[
		(Record(emails=("a@b.de",), phones=("030 901820",), country="DE", contacts=1, last=TODAY), []),
		(Record(emails=("a@b",), contacts=1), [quality.BAD_EMAIL]),
		(Record(emails=("a b@c.de",)), [quality.BAD_EMAIL]),
		(Record(phones=("12",), country="DE"), [quality.BAD_PHONE]),
		(Record(phones=("+49 30 1",)), [quality.BAD_PHONE]),
		(Record(phones=("call me",)), [quality.BAD_PHONE]),
		(Record(contacts=0), [quality.NO_CONTACT, quality.NO_REACH]),
		(Record(emails=(" ",), phones=("", "  ")), [quality.NO_REACH]),
		(Record(emails=("", " a@b.de "), phones=(" ",)), []),
		(Record(phones=(" +49 30 1234567 ", "\t"), country="DE"), []),
		(Record(emails=("A@b.de",), bounced=("a@b.de",)), [quality.BOUNCED]),
		(Record(emails=("a@b.de",), empty=("Territory",), doubles=2), [quality.INCOMPLETE, quality.DOUBLED]),
		(Record(emails=("a@b.de",), last=date(2026, 6, 1)), [quality.OUTDATED]),
		(Record(emails=("a@b.de",), last=date(2026, 6, 2)), []),
	],
)
def test_what_is_wrong_with_a_record(record, kinds):
	assert [kind for kind, _detail in quality.faults(record, TODAY, 180)] == kinds


@given(
	st.builds(Record, emails=MAILS, phones=PHONES, contacts=st.none() | st.integers(0, 2), last=st.none() | st.dates())
)
def test_faults_are_listed_in_one_order(record):
	found = [quality.KINDS.index(kind) for kind, _detail in quality.faults(record, TODAY, 30)]
	assert len(set(found)) <= len(found) and set(found) <= set(range(len(quality.KINDS)))


def test_candidates_stand_near_each_other_and_begin_alike():
	keys = [("", "A"), ("", "B"), ("acme gmbh", "C"), ("acme ltd", "D"), ("acorn", "E"), ("acr", "F"), ("acr", "G")]
	assert list(pairs.neighbours(keys, 5)) == [("C", "D"), ("F", "G")]
	assert list(pairs.neighbours(keys, 5, 2)) == [
		("C", "D"), ("C", "E"), ("C", "F"), ("C", "G"), ("D", "E"), ("D", "F"), ("D", "G"), ("E", "F"), ("E", "G"), ("F", "G"),
	]  # fmt: skip
	near = list(pairs.neighbours([("acme", name) for name in "ABCD"], 2))
	assert near == [("A", "B"), ("A", "C"), ("B", "C"), ("B", "D"), ("C", "D")]


def test_who_shares_a_number_twice_is_one_pair_of_it():
	groups = {"1": ["b", "a", "b", "b"], "2": ["c"], "3": ["a", "d"]}
	assert list(pairs.together(groups, 2)) == [("a", "b"), ("a", "d")]

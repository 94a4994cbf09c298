"""What is owed, by age: the parts of a balance, and their buckets."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.ageing import (
	LIMITS,
	Balance,
	Document,
	Part,
	Term,
	_taken_off,
	ages,
	bucket,
	by_age,
	labels,
	overdue,
	parts,
)

DAY = date(2026, 3, 1)
amounts = st.integers(0, 10_000).map(lambda cents: cents / 100)
days = st.integers(-200, 200).map(lambda n: DAY + timedelta(days=n))
terms = st.lists(st.builds(lambda due, amount, share: Term(due, amount, round(amount * share, 2)), days, amounts, st.sampled_from([0, 0, 0.5, 1])), max_size=5)  # fmt: skip


def due(n: int) -> date:
	return DAY - timedelta(days=n)


def close(one: float, other: float) -> bool:
	return abs(one - other) < 0.011


@given(amounts, amounts, amounts, terms, amounts)
def test_the_parts_add_up_to_what_is_outstanding(invoiced, paid, credited, found, advance):
	balance = Balance(invoiced, paid, credited)
	assert close(sum(part.amount for part in parts(balance, found, DAY, advance)), balance.outstanding)


@given(terms)
def test_of_an_invoice_of_which_nothing_is_paid_each_term_is_open_on_its_day(found):
	found = [Term(term.due, term.amount) for term in found if term.amount]
	total = sum(term.amount for term in found)
	assert [(p.due, p.amount) for p in parts(Balance(total), found, DAY)] == [
		(term.due, term.amount) for term in sorted(found, key=lambda term: term.due)
	]


@given(terms, amounts)
def test_money_goes_to_the_first_terms_first(found, paid):
	found = [Term(term.due, term.amount) for term in found if term.amount]
	total = sum(term.amount for term in found)
	open_parts = [part for part in parts(Balance(total, min(paid, total)), found, DAY) if part.amount > 0.01]
	whole = {(term.due, round(term.amount, 2)) for term in found}
	assert all((part.due, round(part.amount, 2)) in whole for part in open_parts[1:])


def test_a_payment_for_a_term_is_taken_from_it_and_not_from_an_earlier_one():
	found = [Term(due(60), 50), Term(due(30), 50, paid=50)]
	assert parts(Balance(100, 50), found, DAY) == [Part(due(60), 50)]


def test_other_money_goes_to_terms_that_nothing_was_paid_of_as_accounts_receivable_has_it():
	found = [Term(due(60), 50, paid=20), Term(due(30), 50)]
	assert parts(Balance(100, 40), found, DAY) == [Part(due(60), 30), Part(due(30), 30)]


def test_payments_of_later_days_are_not_believed_on_an_earlier_day():
	found = [Term(due(60), 50, paid=50), Term(due(30), 50, paid=50)]
	assert parts(Balance(100, 30), found, DAY) == [Part(due(60), 20), Part(due(30), 50)]


def test_an_advance_stands_before_the_schedule():
	found = [Term(due(60), 40), Term(due(30), 40)]
	assert parts(Balance(100, 20), found, DAY, advance=20) == [Part(due(60), 40), Part(due(30), 40)]


def test_a_credit_note_takes_from_the_first_term():
	found = [Term(due(60), 40), Term(due(30), 60)]
	assert parts(Balance(100, 0, 50), found, DAY) == [Part(due(30), 50)]


def test_what_was_paid_too_much_falls_due_with_the_invoice():
	assert parts(Balance(100, 130), [Term(due(60), 100)], DAY) == [Part(DAY, -30)]
	assert parts(Balance(0, 30), (), DAY) == [Part(DAY, -30)]


def test_the_limits_of_the_buckets():
	assert [bucket(due(n), DAY) for n in (-1, 0, 30, 31, 60, 61, 90, 91, 120, 121, 999)] == [
		None, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4,
	]  # fmt: skip
	assert labels() == ["0-30", "31-60", "61-90", "91-120", "121+"]
	assert labels((10,)) == ["0-10", "11+"]


@given(st.lists(st.builds(Part, days, amounts), max_size=8), days)
def test_what_is_due_stands_in_exactly_one_bucket(found, day):
	ages = by_age(found, day)
	assert len(ages) == len(LIMITS) + 1
	assert close(sum(ages), sum(part.amount for part in found if part.due <= day))


@pytest.mark.parametrize(
	("days", "place"),
	[(0, 0), (1, 0), (30, 0), (31, 1), (60, 1), (61, 2), (90, 2), (91, 3), (120, 3), (121, 4), (4000, 4)],
)
def test_an_amount_stands_in_the_bucket_of_its_age(days, place):
	found = ages([Part(due(days), 7)], DAY)
	assert (found.buckets[place], found.past_due, found.not_due) == (7, 7, 0)


def test_what_is_due_tomorrow_is_not_due():
	found = ages([Part(due(-1), 7), Part(DAY, 5)], DAY)
	assert (found.not_due, found.past_due, found.outstanding) == (7, 5, 12)


@given(st.lists(st.tuples(st.integers(-200, 400), st.integers(-10_000, 10_000))))
def test_all_ages_together_are_what_is_outstanding(drawn):
	found = ages([Part(due(days), amount) for days, amount in drawn], DAY)
	assert found.outstanding == sum(amount for _days, amount in drawn)


# ---- what is overdue


def bill(name: str, *open_parts: tuple[int, float], against: str | None = None) -> Document:
	return Document(name, tuple(Part(due(days), amount) for days, amount in open_parts), against)


def test_what_falls_due_today_is_overdue_tomorrow():
	assert overdue([bill("A", (0, 50))], DAY) is None
	found = overdue([bill("A", (0, 50))], DAY + timedelta(days=1))
	assert (found.amount, found.documents, found.oldest, found.name) == (50, 1, DAY, "A")


def test_of_several_the_one_that_is_due_longest_is_named():
	found = overdue([bill("A", (3, 10)), bill("B", (40, 20), (-5, 30)), bill("C", (9, 5))], DAY)
	assert (found.amount, found.documents, found.oldest, found.name) == (35, 3, due(40), "B")


def test_a_credit_note_is_taken_off_its_own_invoice_first():
	found = overdue([bill("A", (40, 100)), bill("B", (9, 80)), bill("N", (1, -80), against="B")], DAY)
	assert (found.amount, found.documents, found.name) == (100, 1, "A")


def test_what_is_left_of_a_credit_note_is_taken_off_what_is_due_longest():
	found = overdue([bill("A", (40, 100)), bill("B", (9, 80)), bill("N", (1, -95), against="B")], DAY)
	assert (found.amount, found.documents, found.name) == (85, 1, "A")


def test_a_credit_note_of_an_invoice_that_is_not_due_is_money_all_the_same():
	found = overdue([bill("A", (40, 100)), bill("B", (-9, 80)), bill("N", (1, -30), against="B")], DAY)
	assert found.amount == 70


def test_money_on_account_is_taken_off_what_is_due_longest():
	found = overdue([bill("A", (40, 100)), bill("B", (9, 80)), bill("P", (2, -120))], DAY)
	assert (found.amount, found.documents, found.oldest, found.name) == (60, 1, due(9), "B")
	assert overdue([bill("A", (40, 100)), bill("P", (2, -100))], DAY) is None


def test_a_credit_note_is_taken_off_the_first_parts_of_its_invoice_each_once():
	found = [Part(due(40), 100.0, "On signature"), Part(due(20), 50.0, "On delivery"), Part(due(5), 10.0, "Rest")]
	left, rest = _taken_off(found, 120.0)
	assert ([(part.due, part.amount, part.label) for part in left], rest) == (
		[(due(20), 30.0, "On delivery"), (due(5), 10.0, "Rest")],
		0.0,
	)
	assert _taken_off(found, 200.0) == ([], 40.0)
	assert _taken_off(found, 0.0) == (found, 0.0)
	assert _taken_off(found[:1], 99.996)[0] == [], "less than half a cent is nothing"
	assert _taken_off([Part(due(1), 0.1 + 0.2)], 0.3) == ([], 0.0)


def test_less_than_half_a_cent_is_not_overdue():
	assert overdue([bill("A", (40, 0.004))], DAY) is None
	assert overdue([bill("A", (40, 0.1 + 0.2)), bill("P", (2, -0.3))], DAY) is None


@given(st.lists(st.tuples(days, st.integers(-10_000, 10_000)), max_size=8))
def test_what_is_overdue_is_what_was_due_less_all_credits(drawn):
	documents = [Document(str(place), (Part(day, cents / 100),)) for place, (day, cents) in enumerate(drawn)]
	late = sum(cents for day, cents in drawn if cents > 0 and day < DAY)
	credits = sum(cents for _day, cents in drawn if cents < 0)
	found = overdue(documents, DAY)
	assert close(found.amount if found else 0.0, max(late + credits, 0) / 100)
	if found:
		assert found.oldest < DAY and found.documents <= len(drawn)


def test_a_credit_note_for_a_part_of_its_invoice_leaves_the_rest_of_it():
	found = overdue([bill("A", (40, 10)), bill("B", (9, 50), (5, 30)), bill("N", (1, -60), against="B")], DAY)
	assert (found.amount, found.documents, found.oldest) == (30, 2, due(40))
	found = overdue([bill("B", (9, 50), (5, 30)), bill("N", (1, -60), against="B")], DAY)
	assert (found.amount, found.oldest) == (20, due(5))

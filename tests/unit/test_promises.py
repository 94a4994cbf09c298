"""Promises to pay: which are kept, which are broken, and that no money counts twice."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.promises import (
	BROKEN,
	KEPT,
	OPEN,
	WITHDRAWN,
	Owed,
	Promise,
	Verdict,
	is_to_escalate,
	promised,
	still_promised,
	verdicts,
)

FIRST = date(2026, 1, 1)


def on(day: int) -> date:
	return FIRST + timedelta(days=day)


def promise(name: str, amount: float, by: int, made: int = 0, outstanding: float = 300, **values) -> Promise:
	return Promise(name, on(made), on(by), amount, outstanding, **values)


def after(*changes: tuple[int, float]) -> Owed:
	"""300 were charged before the first day; then (day, amount) each."""
	return Owed([(on(-9), 300.0), *((on(day), amount) for day, amount in changes)])


def states(promises, owed, today: int) -> dict[str, str]:
	return {name: verdict.status for name, verdict in verdicts(promises, owed, on(today)).items()}


def test_a_promise_is_open_until_its_day_is_over_and_broken_after_it():
	made = [promise("a", 100, by=5)]
	assert [states(made, after(), day)["a"] for day in (0, 5, 6)] == [OPEN, OPEN, BROKEN]


def test_money_on_the_last_day_keeps_it_and_a_day_later_does_not():
	made = [promise("a", 100, by=5)]
	assert states(made, after((5, -100)), 9)["a"] == KEPT
	assert states(made, after((6, -100)), 9)["a"] == BROKEN
	assert verdicts(made, after((2, -60), (4, -60)), on(9))["a"] == Verdict(KEPT, 100, on(4))


def test_money_counts_for_the_promise_that_was_due_first():
	made = [promise("a", 100, by=5), promise("b", 200, by=9)]
	assert states(made, after((3, -150)), 20) == {"a": KEPT, "b": BROKEN}
	assert states(made, after((3, -150), (9, -150)), 20) == {"a": KEPT, "b": KEPT}
	assert states(made, after((7, -200)), 20) == {"a": BROKEN, "b": KEPT}


def test_a_new_promise_for_the_same_money_begins_anew():
	made = [promise("a", 300, by=5), promise("b", 300, by=15, made=7)]
	assert states(made, after((10, -300)), 20) == {"a": BROKEN, "b": KEPT}


def test_nothing_owed_keeps_all_that_were_made():
	made = [promise("a", 300, by=5), promise("b", 300, by=8)]
	assert states(made, after((2, -300)), 20) == {"a": KEPT, "b": KEPT}


def test_what_was_paid_before_a_promise_counts_for_none():
	made = [promise("a", 100, by=5, made=3, outstanding=200)]
	assert states(made, after((1, -100)), 9)["a"] == BROKEN
	assert states(made, after((1, -100), (4, -100)), 9)["a"] == KEPT


def test_a_payment_that_was_cancelled_is_no_payment():
	made = [promise("a", 100, by=5)]
	assert states(made, after((2, -100), (4, 100)), 9)["a"] == BROKEN


def test_a_withdrawn_promise_takes_no_money_from_another_one():
	made = [promise("a", 100, by=5, withdrawn=True), promise("b", 100, by=6)]
	assert states(made, after((3, -100)), 9) == {"a": WITHDRAWN, "b": KEPT}


def test_what_is_still_promised():
	made = [promise("a", 100, by=5), promise("b", 100, by=9)]
	assert promised(made, verdicts(made, after((1, -130)), on(2))) == 70
	assert promised(made, verdicts(made, after(), on(6))) == 100


def test_the_manager_hears_of_what_is_broken_for_so_many_days():
	broken, kept = Verdict(BROKEN), Verdict(KEPT)
	assert [is_to_escalate(broken, on(5), on(day), 3) for day in (7, 8, 30)] == [False, True, True]
	assert not is_to_escalate(kept, on(5), on(30), 3) and not is_to_escalate(broken, on(5), on(30), 0)


days = st.integers(0, 30)
made = st.lists(
	st.tuples(st.integers(1, 100), days, days).map(lambda t: (t[0], min(t[1:]), max(t[1:]))), min_size=1, max_size=5
)
payments = st.lists(st.tuples(days, st.integers(1, 120)), max_size=6)


def told(rows, paid) -> tuple[list[Promise], Owed]:
	owed = after(*((day, -float(amount)) for day, amount in paid))
	# A promise is made in the morning: what is paid on that day comes after it.
	found = [
		promise(str(n), amount, by, start, outstanding=owed.on(on(start - 1)))
		for n, (amount, start, by) in enumerate(rows)
	]
	return found, owed


@given(made, payments, days)
def test_no_money_counts_twice(rows, paid, today):
	found, owed = told(rows, paid)
	settled = sum(verdict.settled for verdict in verdicts(found, owed, on(today)).values())
	assert settled <= sum(amount for day, amount in paid if day <= today) + 0.01


@given(made, payments)
def test_each_promise_ends_as_kept_or_broken_and_stays_so(rows, paid):
	found, owed = told(rows, paid)
	end = verdicts(found, owed, on(31))
	assert {verdict.status for verdict in end.values()} <= {KEPT, BROKEN}
	assert verdicts(found, owed, on(99)) == end


@given(made, payments, days)
def test_a_kept_promise_was_paid_or_nothing_was_owed(rows, paid, today):
	found, owed = told(rows, paid)
	for name, verdict in verdicts(found, owed, on(today)).items():
		one = found[int(name)]
		if verdict.status == KEPT:
			assert verdict.settled >= one.amount - 0.01 or owed.on(min(one.promised_on, on(today))) <= 0.01
			assert one.made_on <= verdict.settled_on <= one.promised_on


def test_what_is_still_to_come_is_of_open_promises_and_never_less_than_nothing():
	assert still_promised(100, Verdict(OPEN, 30)) == 70
	assert still_promised(100, Verdict(OPEN, 130)) == 0
	assert [still_promised(100, Verdict(state, 30)) for state in (KEPT, BROKEN, WITHDRAWN)] == [0, 0, 0]

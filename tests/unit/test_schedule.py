from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.pricing import rounded
from crm_pipeline.core.schedule import Due, amounts_of, redated

JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))


def days(rows, then=JAN, now=FEB):
	return [due for due, _passed in redated(rows, then, now)]


def test_a_date_by_a_term_follows_the_term_again():
	assert redated([Due(date(2026, 1, 31), date(2026, 1, 31), date(2026, 3, 3))], JAN, FEB) == [
		(date(2026, 3, 3), False)
	]


def test_a_date_fixed_by_hand_stays_also_where_the_row_has_a_term():
	assert redated([Due(MAR), Due(APR, date(2026, 1, 31), date(2026, 3, 3))], JAN, FEB) == [(MAR, False), (APR, False)]


def test_a_term_never_gives_a_day_before_the_document():
	assert redated([Due(MAR, MAR, date(2026, 1, 31))], JAN, FEB) == [(FEB, False)]


def test_a_fixed_date_that_has_passed_is_due_at_once_and_said_so():
	assert redated([Due(date(2026, 1, 20)), Due(MAR)], JAN, FEB) == [(FEB, True), (MAR, False)]


def test_what_was_due_at_once_is_due_at_once_and_nothing_has_passed():
	assert redated([Due(JAN)], JAN, FEB) == [(FEB, False)]


def test_two_that_have_passed_do_not_fall_on_one_day():
	assert days([Due(date(2026, 1, 20)), Due(date(2026, 1, 10)), Due(FEB)]) == [
		FEB + timedelta(days=1),
		FEB,
		FEB + timedelta(days=2),
	]


day = st.dates(date(2025, 1, 1), date(2027, 12, 31))


@given(
	st.lists(st.builds(Due, date=day, by_term_then=st.none() | day, by_term_now=st.none() | day), max_size=6), day, day
)
def test_no_date_comes_twice_or_before_the_document_and_the_order_stays(rows, one, other):
	then, now = sorted((one, other))
	moved = days(rows, then, now)
	assert len(set(moved)) == len(moved) and all(due >= now for due in moved)
	fixed = [(row.date, due) for row, due in zip(rows, moved, strict=True) if row.by_term_then != row.date]
	assert all(a[1] < b[1] for a in fixed for b in fixed if a[0] < b[0])


def test_a_fixed_date_of_the_very_day_has_not_passed():
	assert redated([Due(FEB)], JAN, FEB) == [(FEB, False)]


def test_parts_of_a_cent_more_or_less_come_to_the_whole():
	assert amounts_of(5.47, [33.34, 33.33, 33.33], 2, rounded) == [1.82, 1.83, 1.82]
	assert amounts_of(100, [50, 50], 2, rounded) == [50, 50]
	assert amounts_of(10, [100], 0, rounded) == [10] and amounts_of(10, [], 2, rounded) == []
	# Portions may add up to almost a hundred.
	assert amounts_of(1_000_000, [33.333, 33.333, 33.333], 2, rounded) == [333_330, 333_330, 333_340]


@given(st.integers(0, 10**8), st.lists(st.integers(1, 10**4), min_size=1, max_size=12))
def test_parts_come_to_the_whole_and_each_is_no_more_than_a_cent_off_its_own(cents, weights):
	portions = [weight / sum(weights) * 100 for weight in weights]
	found = amounts_of(cents / 100, portions, 2, rounded)
	assert round(sum(found), 2) == cents / 100
	for amount, portion in zip(found, portions, strict=True):
		assert abs(amount - cents / 100 * portion / 100) < 0.0101

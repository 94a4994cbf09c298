from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.schedule import Due, redated

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

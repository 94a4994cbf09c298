from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.dwell import seconds_spent

moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1))


def test_the_first_entry_has_no_time_behind_it():
	assert seconds_spent(None, datetime(2024, 5, 1)) == 0


def test_time_is_counted_in_whole_seconds():
	assert seconds_spent(datetime(2024, 5, 1, 9, 0, 0, 400_000), datetime(2024, 5, 2, 9, 0, 1)) == 86_400


@given(moments, moments)
def test_history_that_runs_backwards_counts_as_nothing(entered, left):
	assert seconds_spent(entered, left) >= 0
	assert left > entered or seconds_spent(entered, left) == 0


@given(moments, st.integers(0, 10**9), st.integers(0, 10**9))
def test_two_stays_in_a_row_add_up(entered, first, second):
	between = entered + timedelta(seconds=first)
	left = between + timedelta(seconds=second)
	assert seconds_spent(entered, between) + seconds_spent(between, left) == seconds_spent(entered, left)

"""Open amounts by age: nothing gets lost between the buckets."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.receivable_ages import OpenVoucher, ages

TODAY = date(2026, 5, 10)


@pytest.mark.parametrize(
	("days", "place"),
	[(0, 0), (1, 0), (30, 0), (31, 1), (60, 1), (61, 2), (90, 2), (91, 3), (120, 3), (121, 4), (4000, 4)],
)
def test_an_amount_stands_in_the_bucket_of_its_age(days, place):
	found = ages([OpenVoucher(TODAY - timedelta(days=days), 7)], TODAY)
	assert (found.buckets[place], found.past_due, found.not_due) == (7, 7, 0)


def test_what_is_due_tomorrow_is_not_due():
	found = ages([OpenVoucher(TODAY + timedelta(days=1), 7), OpenVoucher(TODAY, 5)], TODAY)
	assert (found.not_due, found.past_due, found.outstanding) == (7, 5, 12)


@given(st.lists(st.tuples(st.integers(-200, 400), st.integers(-10_000, 10_000))))
def test_all_parts_together_are_what_is_outstanding(drawn):
	found = ages([OpenVoucher(TODAY - timedelta(days=days), amount) for days, amount in drawn], TODAY)
	assert found.outstanding == sum(amount for _days, amount in drawn)

"""What became of leads, in numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core import lead_metrics
from crm_pipeline.core.lead_metrics import LeadResult

results = st.lists(
	st.builds(
		LeadResult,
		hours=st.none() | st.floats(0, 10**6),
		in_time=st.none() | st.booleans(),
		contacted=st.booleans(),
		qualified=st.booleans(),
		converted=st.booleans(),
		won=st.booleans(),
	)
)


def test_of_nothing_there_is_no_rate():
	none = lead_metrics.summarised([])
	assert (none.leads, none.median_hours, none.contact_rate, none.in_time_share) == (0, None, None, None)
	assert none.qualified_rate is None and none.conversion_rate is None


def test_rates_are_of_all_leads_and_in_time_of_those_with_a_limit():
	found = lead_metrics.summarised(
		[
			LeadResult(2.0, True, contacted=True, qualified=True, converted=True, won=True),
			LeadResult(4.0, False, contacted=True, qualified=True),
			LeadResult(None, False),
			LeadResult(),
		]
	)
	assert (found.leads, found.answered, found.median_hours) == (4, 2, 3.0)
	assert (found.in_time, found.limited, round(found.in_time_share, 1)) == (1, 3, 33.3)
	assert (found.contact_rate, found.qualified_rate, found.conversion_rate, found.won) == (50, 50, 25, 1)


@given(results, results)
def test_groups_add_up(one, other):
	parts, whole = [lead_metrics.summarised(part) for part in (one, other)], lead_metrics.summarised(one + other)
	for field in ("leads", "answered", "in_time", "limited", "contacted", "qualified", "converted", "won"):
		assert sum(getattr(part, field) for part in parts) == getattr(whole, field)
	assert all(rate is None or 0 <= rate <= 100 for rate in (whole.contact_rate, whole.in_time_share))


@pytest.mark.parametrize(
	("days", "band"),
	[
		(-1, "0-1"),
		(0, "0-1"),
		(1, "0-1"),
		(2, "2-7"),
		(7, "2-7"),
		(8, "8-30"),
		(30, "8-30"),
		(31, "31-90"),
		(90, "31-90"),
		(91, "91+"),
		(9999, "91+"),
	],
)
def test_every_age_has_one_band(days, band):
	assert lead_metrics.age_band(days) == band

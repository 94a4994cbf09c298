"""What is short in stock and over a credit limit when an order is taken."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.dwell import WorkCalendar
from crm_pipeline.core.readiness import over_limit, rows_short, shortages

quantities = st.floats(0, 1e6)
PUMP, SEAL, TRAINING = ([(name, 1)] for name in ("pump", "seal", "training"))


def test_rows_of_one_item_share_what_is_there():
	assert shortages([(PUMP, 3), (PUMP, 4)], {"pump": 5}) == [0.0, 2.0]


def test_a_row_that_gets_nothing_leaves_nothing_behind_for_the_next():
	assert shortages([(PUMP, 8), (PUMP, 1)], {"pump": 5}) == [3.0, 1.0]


def test_a_service_is_not_counted():
	assert shortages([(TRAINING, 2), (PUMP, 1)], {"pump": 1}) == [None, 0.0]
	assert rows_short([None]) is None
	assert rows_short([None, 0.0]) == 0
	assert rows_short([None, 0.0, 2.0]) == 1


def test_what_is_reserved_beyond_the_stock_is_not_taken_from_anybody_else():
	assert shortages([(PUMP, 1), (SEAL, 1)], {"pump": -4, "seal": 1}) == [1.0, 0.0]


@given(asked=st.lists(quantities, max_size=8), free=quantities)
def test_what_is_short_is_what_is_asked_less_what_is_there(asked, free):
	missing = sum(shortages([(PUMP, quantity) for quantity in asked], {"pump": free}))
	expected = max(sum(asked) - free, 0.0)
	assert abs(missing - expected) <= 1e-6 * (1 + expected)


def test_a_bundle_is_short_by_what_its_scarcest_part_lacks():
	bundle = [("pump", 1), ("seal", 4), ("training", 1)]
	assert shortages([(bundle, 3)], {"pump": 5, "seal": 8}) == [1.0]
	# The seals that one bundle takes are not there for another row.
	assert shortages([(bundle, 2), (SEAL, 1)], {"pump": 5, "seal": 8}) == [0.0, 1.0]


def test_a_credit_limit_may_be_used_to_the_last_cent():
	assert over_limit(1000, 400, 600) == 0
	assert over_limit(1000, 400, 600.5) == 0.5
	assert over_limit(1000, 1400, 0) == 400


# ---- the usual day of delivery


WEEKENDS = WorkCalendar(
	holidays=[date(2026, 12, 25)], weekly_off={5, 6}, first=date(2027, 1, 1), last=date(2027, 12, 31)
)


def test_the_usual_day_of_delivery_is_one_on_which_people_work():
	assert WEEKENDS.working_day_from(date(2026, 12, 5)) == date(2026, 12, 7)
	assert WEEKENDS.working_day_from(date(2026, 12, 7)) == date(2026, 12, 7)
	# Christmas is a Friday, and the weekend comes after it.
	assert WEEKENDS.working_day_from(date(2026, 12, 25)) == date(2026, 12, 28)


def test_where_nobody_ever_works_the_day_stays():
	assert WorkCalendar(weekly_off=range(7), last=date(2020, 1, 1)).working_day_from(date(2026, 3, 1)) == date(
		2026, 3, 1
	)


@given(day=st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_no_day_is_skipped_on_which_people_work(day):
	found = WEEKENDS.working_day_from(day)
	between = [day + timedelta(days=n) for n in range((found - day).days)]
	assert found >= day and not any(WEEKENDS.working_day_from(one) == one for one in between)

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.stalled import SIGNALS, Facts, Thresholds, judge

WEIGHTS = {signal: 2**place for place, signal in enumerate(SIGNALS)}
THRESHOLDS = Thresholds(weights=WEIGHTS, stalled_from=3)
FINE = Facts(
	days_in_stage=3,
	stage_limit=10,
	usual_days=8,
	silent_days=5,
	times_pushed=1,
	days_overdue=-20,
	stage_probability=90,
	amount=1000,
	won_amounts={900: 2, 1100: 3},
)


def signals(facts: Facts, thresholds: Thresholds = THRESHOLDS) -> dict:
	return {reason.signal: dict(reason.details) for reason in judge(facts, thresholds).reasons}


def test_a_deal_that_moves_along_shows_nothing():
	assert judge(FINE, THRESHOLDS).score == 0
	assert judge(Facts(), THRESHOLDS).reasons == ()


@pytest.mark.parametrize(
	("changes", "expected"),
	[
		({"days_in_stage": 8}, {}),
		({"days_in_stage": 8.05}, {"over_dwell": {"days": 8.05, "usual": 8}}),
		({"days_in_stage": 10.9, "usual_days": 9.96}, {"over_dwell": {"days": 10, "usual": 9.9}}),
		({"days_in_stage": 7.16, "usual_days": 7.11}, {"over_dwell": {"days": 7.16, "usual": 7.11}}),
		({"days_in_stage": 10.8, "usual_days": None}, {"over_dwell": {"days": 10.8, "limit": 10}}),
		({"days_in_stage": 10, "usual_days": None}, {}),
		({"days_in_stage": 12.6, "usual_days": 15}, {"over_dwell": {"days": 12, "limit": 10}}),
		({"days_in_stage": 99, "usual_days": None, "stage_limit": None}, {}),
		({"days_in_stage": 99, "usual_days": 200, "stage_limit": 0}, {}),
		({"silent_days": 20}, {}),
		({"silent_days": 21}, {"silent": {"days": 21}}),
		({"times_pushed": 2}, {}),
		({"times_pushed": 3}, {"pushed": {"times": 3}}),
		({"days_overdue": 0}, {}),
		({"days_overdue": None}, {}),
		({"days_overdue": 1}, {"overdue_close": {"days": 1}}),
		({"has_next_step": False}, {"no_next_step": {}}),
		({"next_step_late": 4}, {"no_next_step": {"days": 4}}),
		({"has_decision_maker": False}, {"no_decision_maker": {}}),
		({"has_decision_maker": False, "stage_probability": 49}, {}),
		({"has_quotation": False}, {"no_quotation": {}}),
		({"has_quotation": False, "stage_probability": 74}, {}),
		({"has_quotation": False, "quotation_expected": False}, {}),
		({"amount": 4900}, {}),
		({"amount": 6000}, {"odd_amount": {"amount": 6000, "above": 1}}),
		({"amount": 100}, {"odd_amount": {"amount": 100, "above": 0}}),
		({"amount": 0}, {}),
		({"amount": 6000, "won_amounts": {1100: 2}}, {}),
		({"amount": 6000, "won_amounts": {1100: 2, 0: 50}}, {}),
		# This customer buys small and large: nothing is odd.
		({"amount": 6000, "won_amounts": {10: 5, 1000: 5, 100000: 5}}, {}),
	],
)
def test_when_a_signal_speaks_and_what_it_says(changes, expected):
	assert signals(replace(FINE, **changes)) == expected


facts = st.builds(
	Facts,
	days_in_stage=st.floats(0, 1000),
	stage_limit=st.none() | st.floats(0, 100),
	usual_days=st.none() | st.floats(0, 100),
	silent_days=st.integers(0, 400),
	times_pushed=st.integers(0, 9),
	days_overdue=st.none() | st.integers(-100, 100),
	has_next_step=st.booleans(),
	next_step_late=st.none() | st.integers(1, 100),
	stage_probability=st.floats(0, 100),
	has_decision_maker=st.booleans(),
	quotation_expected=st.booleans(),
	has_quotation=st.booleans(),
	amount=st.floats(0, 1e9),
	won_amounts=st.dictionaries(st.floats(0, 1e9), st.integers(1, 9), max_size=8),
)


@given(facts)
def test_the_score_is_the_sum_of_the_reasons_heaviest_first(deal):
	verdict = judge(deal, THRESHOLDS)
	weights = [reason.weight for reason in verdict.reasons]
	assert verdict.score == sum(weights)
	assert weights == sorted(weights, reverse=True)
	assert verdict.stalled == (verdict.score >= 3)


@given(facts)
def test_who_is_told_of_a_long_stay_sees_that_it_is_longer(deal):
	told = signals(deal).get("over_dwell")
	bounds = [bound for bound in (deal.usual_days, deal.stage_limit or None) if bound is not None]
	if told:
		assert told["days"] > told.get("usual", told.get("limit"))
		assert any(deal.days_in_stage > bound for bound in bounds)
	else:
		assert not any(deal.days_in_stage > bound + 0.001 for bound in bounds)


@given(facts, st.sampled_from(list(SIGNALS)))
def test_a_signal_of_weight_0_is_silent_and_the_others_are_not_touched(deal, off):
	without = judge(deal, replace(THRESHOLDS, weights={**WEIGHTS, off: 0}))
	expected = [reason for reason in judge(deal, THRESHOLDS).reasons if reason.signal != off]
	assert list(without.reasons) == expected


@given(facts)
def test_with_nothing_set_nothing_is_stalled(deal):
	nothing = Thresholds({}, stalled_from=0, silent_days=0, times_pushed=0, amount_factor=0, amount_min_won=0)
	assert not judge(deal, nothing).stalled
	assert not judge(deal, replace(nothing, weights=WEIGHTS)).stalled


@given(facts, st.floats(1e-3, 1e3))
def test_an_amount_is_as_odd_in_any_currency(deal, rate):
	won = {1000.0 * rate: 3, 1200.0 * rate: 2}
	here = replace(deal, amount=deal.amount * rate, won_amounts=won)
	there = replace(deal, won_amounts={1000.0: 3, 1200.0: 2})
	ratio = deal.amount / 1000 if deal.amount else 0
	if ratio and min(abs(ratio - 5), abs(1 / ratio - 5)) > 1e-6:
		assert ("odd_amount" in signals(here)) == ("odd_amount" in signals(there))
	assert "odd_amount" not in signals(replace(deal, won_amounts={}))


@pytest.mark.parametrize(
	("changes", "thresholds", "shown"),
	[
		({"silent_days": 0}, {"silent_days": 0}, set()),
		({"times_pushed": 0}, {"times_pushed": 0}, set()),
		({"has_decision_maker": False, "stage_probability": 50}, {}, {"no_decision_maker"}),
		({"has_quotation": False, "stage_probability": 75}, {}, {"no_quotation"}),
		({"amount": 6000, "won_amounts": {1000: 3}}, {}, {"odd_amount"}),
		({"amount": 1500, "won_amounts": {1000: 3}}, {"amount_factor": 1.0}, set()),
	],
)
def test_a_signal_speaks_from_its_threshold_on_and_one_of_nothing_is_silent(changes, thresholds, shown):
	assert set(signals(replace(FINE, **changes), replace(THRESHOLDS, **thresholds))) == shown


@pytest.mark.parametrize(
	("days", "tolerance", "weighs"), [(10.5, 0, True), (12.9, 2, False), (13, 2, True), (10.5, 1, False), (12, 1, True)]
)
def test_whole_days_over_a_limit_that_are_tolerated_weigh_nothing(days, tolerance, weighs):
	facts = replace(FINE, days_in_stage=days, usual_days=None)
	assert bool(judge(facts, replace(THRESHOLDS, tolerance_days=tolerance)).score) is weighs


@pytest.mark.parametrize(
	("days", "usual", "limit", "weighs"),
	[(14, None, 10, False), (15, None, 10, True), (30, 20, 10, True), (29, 20, 10, False), (29, 10, 20, False), (12, 8, None, True)],
)  # fmt: skip
def test_a_stay_is_measured_by_the_longer_one_of_limit_and_usual_time_with_a_margin(days, usual, limit, weighs):
	facts = replace(FINE, days_in_stage=days, usual_days=usual, stage_limit=limit)
	verdict = judge(facts, replace(THRESHOLDS, dwell_margin=0.5))
	assert [(r.signal, bool(r.weight)) for r in verdict.reasons] == [("over_dwell", weighs)]


@pytest.mark.parametrize(
	("talked", "ahead", "spared"), [(20, True, "worked_on"), (21, True, ""), (20, False, ""), (None, True, "")]
)
def test_a_deal_is_worked_on_while_it_has_a_step_to_come_and_the_customer_is_not_silent(talked, ahead, spared):
	facts = replace(FINE, in_touch_days=talked, step_ahead=ahead)
	assert judge(facts, replace(THRESHOLDS, silent_days=21)).spared == spared


@pytest.mark.parametrize(("short", "stalled"), [(1, True), (0, True), (-1, False)])
def test_a_deal_is_stalled_from_the_score_on_that_was_set(short, stalled):
	facts = replace(FINE, silent_days=21)
	assert judge(facts, replace(THRESHOLDS, stalled_from=WEIGHTS["silent"] - short)).stalled is stalled


@pytest.mark.parametrize(
	("facts", "spared"),
	[
		({"age_days": 6}, "new"),
		({"age_days": 7}, ""),
		({"in_touch_days": 2}, "in_touch"),
		({"in_touch_days": 3}, ""),
		({}, ""),
	],
)
def test_a_deal_is_new_and_in_touch_for_as_many_days_as_were_set(facts, spared):
	assert judge(replace(FINE, **facts), replace(THRESHOLDS, new_days=7, in_touch_days=3)).spared == spared

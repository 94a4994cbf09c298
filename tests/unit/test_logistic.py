"""Logistic regression, and how good probabilities are."""

import math
import random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crm_pipeline.core import logistic


def drawn(count: int, weights: list[float], seed=7):
	chance = random.Random(seed)
	rows, outcomes = [], []
	for _n in range(count):
		row = [(column, float(chance.random() < 0.5)) for column in range(1, len(weights))]
		rows.append([part for part in row if part[1]])
		outcomes.append(chance.random() < logistic.probability(logistic.log_odds(weights, row)))
	return rows, outcomes


def test_it_finds_the_weights_that_made_the_outcomes():
	true = [-1.0, 2.0, -1.5, 0.0]
	found = logistic.fit(*drawn(6000, true), width=4, ridge=0.01)
	assert all(abs(a - b) < 0.25 for a, b in zip(found, true, strict=True)), found


def test_of_one_mark_it_is_the_log_odds_of_the_counts():
	# 30 of 40 with it, 20 of 60 without: what can be counted by hand.
	rows = [[(1, 1.0)]] * 40 + [[]] * 60
	outcomes = [True] * 30 + [False] * 10 + [True] * 20 + [False] * 40
	base, more = logistic.fit(rows, outcomes, 2, ridge=0.0)
	assert base == pytest.approx(math.log(20 / 40)) and base + more == pytest.approx(math.log(3))


def test_a_mark_that_tells_all_apart_does_not_run_away():
	weights = logistic.fit([[(1, 1.0)]] * 50 + [[]] * 50, [True] * 50 + [False] * 50, 2)
	assert all(math.isfinite(weight) and abs(weight) < 20 for weight in weights)
	assert weights[1] > 2


def test_columns_that_say_the_same_share_their_weight():
	rows, outcomes = drawn(500, [-0.5, 1.5])
	twice = [[*row, *((2, value) for _column, value in row)] for row in rows]
	weights = logistic.fit(twice, outcomes, 3)
	assert weights[1] == pytest.approx(weights[2], abs=1e-6)


@pytest.mark.parametrize("outcomes", [[], [True], [False] * 5])
def test_one_outcome_teaches_nothing(outcomes):
	with pytest.raises(ValueError):
		logistic.fit([[]] * len(outcomes), outcomes, 1)
	with pytest.raises(ValueError):
		logistic.auc([1.0] * len(outcomes), outcomes)


@settings(max_examples=40)
@given(
	st.lists(
		st.tuples(st.dictionaries(st.integers(1, 4), st.floats(-50, 50), max_size=4), st.booleans()),
		min_size=2,
		max_size=40,
	)
)
def test_the_slope_is_flat_where_it_stops(examples):
	outcomes = [outcome for _row, outcome in examples]
	assume(0 < sum(outcomes) < len(outcomes))
	rows = [sorted(row.items()) for row, _outcome in examples]
	weights = logistic.fit(rows, outcomes, 5, ridge=1.0, steps=200)
	left = [
		bool(outcome) - logistic.probability(logistic.log_odds(weights, row))
		for row, outcome in zip(rows, outcomes, strict=True)
	]
	slope = [sum(left)] + [
		sum(rest * dict(row).get(column, 0.0) for rest, row in zip(left, rows, strict=True)) - weights[column]
		for column in range(1, 5)
	]
	assert all(abs(part) < 0.01 for part in slope), slope


def test_auc_is_the_chance_to_rank_two_rightly():
	assert logistic.auc([0.1, 0.4, 0.35, 0.8], [False, False, True, True]) == 0.75
	assert logistic.auc([1, 1, 1, 1], [True, False, True, False]) == 0.5
	assert logistic.auc([2, 1], [False, True]) == 0.0


@given(st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=2, max_size=30))
def test_auc_counts_pairs(pairs):
	with_it = [score for score, outcome in pairs if outcome]
	without = [score for score, outcome in pairs if not outcome]
	assume(with_it and without)
	counted = sum((a > b) + (a == b) / 2 for a in with_it for b in without) / (len(with_it) * len(without))
	assert logistic.auc(*zip(*pairs, strict=True)) == pytest.approx(counted)


def test_brier_and_calibration():
	assert logistic.brier([1.0, 0.0], [True, False]) == 0.0
	assert logistic.brier([0.5, 0.5], [True, False]) == 0.25
	table = logistic.calibration([0.1] * 10 + [0.9] * 10, [False] * 9 + [True] * 10 + [False], groups=2)
	assert [(count, round(mean, 9), share) for count, mean, share in table] == [(10, 0.1, 0.1), (10, 0.9, 0.9)]
	assert sum(count for count, _m, _s in logistic.calibration([0.2] * 7, [True] * 7)) == 7


def test_scores_that_point_the_wrong_way_are_no_use():
	outcomes = [True] * 50 + [False] * 50
	shift, slope = logistic.calibrator([-1.0] * 50 + [1.0] * 50, outcomes)
	assert slope == 0.0 and logistic.probability(shift) == pytest.approx(0.5)
	_shift, slope = logistic.calibrator([1.0] * 50 + [-1.0] * 50, outcomes)
	assert slope > 1


def test_probabilities_stay_between_0_and_1_however_far():
	assert 0 < logistic.probability(-1e9) < 1e-9 and 1 - 1e-9 < logistic.probability(1e9) < 1


def test_a_step_that_goes_too_far_is_shortened(monkeypatch):
	rows, outcomes = drawn(400, [-1.0, 2.0])
	right = logistic.fit(rows, outcomes, 2)
	step = logistic._newton_step
	monkeypatch.setattr(logistic, "_newton_step", lambda *args: [40 * part for part in step(*args)])
	assert logistic.fit(rows, outcomes, 2, steps=300) == pytest.approx(right, abs=0.02)

"""Logistic regression with a ridge, small and sparse, by Newton's method (iteratively reweighted least squares).

A row is a list of (column, value), columns from 1 on; column 0 is the intercept, which the ridge leaves alone.
McCullagh and Nelder, Generalized Linear Models, 2nd ed., 4.4; Platt, Probabilistic Outputs (1999) for calibration.
"""

import math
from collections import Counter
from collections.abc import Sequence

Row = Sequence[tuple[int, float]]
# Beyond this a probability is 0 or 1 to any eye, and its weight in the next step would vanish.
FAR = 30.0


def probability(log_odds: float) -> float:
	log_odds = max(-FAR, min(FAR, log_odds))
	return 1.0 / (1.0 + math.exp(-log_odds))


def log_odds(weights: Sequence[float], row: Row) -> float:
	return weights[0] + sum(weights[column] * value for column, value in row)


def fit(rows: Sequence[Row], outcomes: Sequence[bool], width: int, ridge: float = 1.0, steps: int = 50) -> list[float]:
	"""`width` weights, the intercept first, that make the outcomes likeliest, less ridge/2 times their squares.

	Raises ValueError where there is nothing to learn from: no rows, or one outcome only.
	"""
	if not 0 < sum(map(bool, outcomes)) < len(outcomes):
		raise ValueError("both outcomes are needed")
	grouped = list(Counter((tuple(row), bool(outcome)) for row, outcome in zip(rows, outcomes, strict=True)).items())
	weights = [0.0] * width
	likely = _likelihood(weights, grouped, ridge)
	for _step in range(steps):
		change = _newton_step(weights, grouped, width, ridge)
		length = 1.0
		# A full step may overshoot: half of it until it helps.
		while length > 1e-4:
			tried = [weight + length * part for weight, part in zip(weights, change, strict=True)]
			now = _likelihood(tried, grouped, ridge)
			if now >= likely:
				break
			length /= 2
		else:
			break
		weights, gained, likely = tried, now - likely, now
		if gained < 1e-9 * max(abs(likely), 1.0):
			break
	return weights


def _likelihood(weights: Sequence[float], grouped: list, ridge: float) -> float:
	total = -ridge / 2 * sum(weight * weight for weight in weights[1:])
	for (row, outcome), count in grouped:
		value = log_odds(weights, row)
		signed = value if outcome else -value
		# log(1 / (1 + exp(-signed))), which overflows nowhere.
		total -= count * (max(-signed, 0.0) + math.log1p(math.exp(-abs(signed))))
	return total


def _newton_step(weights: Sequence[float], grouped: list, width: int, ridge: float) -> list[float]:
	slope = [0.0] + [-ridge * weight for weight in weights[1:]]
	bend = [[0.0] * width for _column in range(width)]
	for column in range(1, width):
		bend[column][column] = ridge
	# However sure it is, the intercept can be solved for.
	bend[0][0] = 1e-9
	for (row, outcome), count in grouped:
		likely = probability(log_odds(weights, row))
		left = count * ((1.0 if outcome else 0.0) - likely)
		heavy = count * likely * (1.0 - likely)
		full = ((0, 1.0), *row)
		for column, value in full:
			slope[column] += left * value
			line, scaled = bend[column], heavy * value
			for other, with_value in full:
				line[other] += scaled * with_value
	return _solved(bend, slope)


def _solved(matrix: list[list[float]], values: list[float]) -> list[float]:
	"""x of matrix x = values, for a symmetric positive definite matrix (Cholesky)."""
	size = len(values)
	lower = [[0.0] * size for _line in range(size)]
	for i in range(size):
		for j in range(i + 1):
			rest = matrix[i][j] - sum(lower[i][k] * lower[j][k] for k in range(j))
			lower[i][j] = math.sqrt(max(rest, 1e-12)) if i == j else rest / lower[j][j]
	middle = [0.0] * size
	for i in range(size):
		middle[i] = (values[i] - sum(lower[i][k] * middle[k] for k in range(i))) / lower[i][i]
	found = [0.0] * size
	for i in reversed(range(size)):
		found[i] = (middle[i] - sum(lower[k][i] * found[k] for k in range(i + 1, size))) / lower[i][i]
	return found


# ---- how good probabilities are


def auc(scores: Sequence[float], outcomes: Sequence[bool]) -> float:
	"""Chance that one with the outcome has the higher score than one without (ties: half). Raises ValueError with one
	outcome only."""
	with_it = sum(map(bool, outcomes))
	without = len(outcomes) - with_it
	if not with_it or not without:
		raise ValueError("both outcomes are needed")
	ranked = sorted(zip(scores, outcomes, strict=True), key=lambda pair: pair[0])
	place, total = 0, 0.0
	while place < len(ranked):
		end = place
		while end < len(ranked) and ranked[end][0] == ranked[place][0]:
			end += 1
		rank = (place + 1 + end) / 2
		total += rank * sum(1 for _score, outcome in ranked[place:end] if outcome)
		place = end
	return (total - with_it * (with_it + 1) / 2) / (with_it * without)


def brier(probabilities: Sequence[float], outcomes: Sequence[bool]) -> float:
	"""Mean square of what was missed, between 0 (always right and sure) and 1."""
	return sum((p - bool(outcome)) ** 2 for p, outcome in zip(probabilities, outcomes, strict=True)) / len(outcomes)


def calibration(
	probabilities: Sequence[float], outcomes: Sequence[bool], groups: int = 5
) -> list[tuple[int, float, float]]:
	"""[(how many, mean probability, share with the outcome)] of groups of equal size, the least likely first."""
	ranked = sorted(zip(probabilities, outcomes, strict=True), key=lambda pair: pair[0])
	edges = [round(len(ranked) * group / groups) for group in range(groups + 1)]
	parts = [ranked[start:end] for start, end in zip(edges, edges[1:], strict=False) if end > start]
	return [
		(len(part), sum(p for p, _o in part) / len(part), sum(bool(o) for _p, o in part) / len(part)) for part in parts
	]


def calibrator(scores: Sequence[float], outcomes: Sequence[bool]) -> tuple[float, float]:
	"""(a, b) by which a + b x score are the log odds of the outcome (Platt); b is 0 where scores say nothing."""
	weights = fit([((1, score),) for score in scores], outcomes, 2, ridge=1e-3)
	# Scores that say the opposite of what they should are not turned round: they are no use.
	return (weights[0], weights[1]) if weights[1] > 0 else (fit([()] * len(scores), outcomes, 1)[0], 0.0)

"""Forecasts from a monthly history alone: seasonal naive, exponential smoothing, regression.

Histories are lists of one value per month, oldest first, without gaps; answers are one value per month to
come, never below zero. All is standard library: sixty numbers need no more, and a numerical stack of nearly
400 MB that pins other packages of the site would be a high price for two formulas. The tests hold both
against results of statsmodels.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from crm_pipeline.core.forecast import add_months, months_between
from crm_pipeline.core.least_squares import solve

SEASON = 12
# Below this many months there is no trend to speak of; below two seasons no season.
SHORTEST = 6
SEASONAL = 2 * SEASON
# What came in more than this long ago says nothing about next month.
LONGEST = 60

NAIVE, SMOOTHING, REGRESSION = "naive", "smoothing", "regression"
# A trend fades by this factor per month: nothing grows for ever.
DAMPING = 0.98


@dataclass(frozen=True)
class Outlook:
	"""`values` of the coming months, or None with the reason why; `model` says what was done, in short."""

	values: tuple[float, ...] | None
	model: str = ""
	reason: str = ""


def monthly(found: Mapping[date, float], last: date) -> list[float]:
	"""Values from the first known month to `last` (firsts of months), gaps as 0, at most `LONGEST`.

	Months after `last` are left out. Without any value up to there: an empty list.
	"""
	known = [month for month in found if month <= last]
	if not known:
		return []
	first = max(min(known), add_months(last, 1 - LONGEST))
	return [float(found.get(add_months(first, n)) or 0.0) for n in range(months_between(first, last) + 1)]


def naive(history: Sequence[float], steps: int) -> Outlook:
	"""The same month of the year before; with less than a year, the latest month again. The one to beat."""
	if not history:
		return Outlook(None, reason="no history")
	if len(history) < SEASON:
		return Outlook(_whole([history[-1]] * steps), "latest month")
	return Outlook(_whole([history[-SEASON + n % SEASON] for n in range(steps)]), "same month a year before")


def smoothing(history: Sequence[float], steps: int) -> Outlook:
	"""Exponential smoothing with a damped trend; with two seasons of history also additive seasons."""
	short = _too_short(history, steps)
	if short:
		return short
	seasonal = len(history) >= SEASONAL
	candidates = [
		(alpha, beta, gamma)
		for alpha in (0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 0.95)
		for beta in (0.0, 0.05, 0.15, 0.3)
		for gamma in ((0.0, 0.1, 0.25, 0.5) if seasonal else (0.0,))
	]
	runs = ((smooth(history, *weights, seasonal=seasonal), weights) for weights in candidates)
	_squares, level, trend, seasons = min(runs, key=lambda run: run[0][0])[0]
	values, growth = [], 0.0
	for step in range(steps):
		growth += DAMPING ** (step + 1)
		values.append(level + growth * trend + (seasons[(len(history) + step) % SEASON] if seasonal else 0.0))
	return Outlook(_whole(values), "trend and seasons" if seasonal else "trend")


def smooth(
	history: Sequence[float], alpha: float, beta: float, gamma: float, seasonal: bool
) -> tuple[float, float, float, list[float]]:
	"""One run over the history: (squared one-step misses, level, trend, seasons by month index)."""
	level, trend, seasons = _start(history, seasonal)
	squares = 0.0
	for index, value in enumerate(history):
		season = seasons[index % SEASON] if seasonal else 0.0
		expected = level + DAMPING * trend
		squares += (value - expected - season) ** 2
		new_level = alpha * (value - season) + (1 - alpha) * expected
		trend = beta * (new_level - level) + (1 - beta) * DAMPING * trend
		if seasonal:
			seasons[index % SEASON] = gamma * (value - expected) + (1 - gamma) * season
		level = new_level
	return squares, level, trend, seasons


def _start(history: Sequence[float], seasonal: bool) -> tuple[float, float, list[float]]:
	"""Level and trend before the first month, and the seasons seen around the trend line."""
	shown = history[: (len(history) // SEASON) * SEASON] if seasonal else history[:SEASON]
	slope = _slope(shown)
	middle = sum(shown) / len(shown)
	line = [middle + slope * (n - (len(shown) - 1) / 2) for n in range(len(shown))]
	seasons = [0.0] * SEASON
	if seasonal:
		years = len(shown) // SEASON
		seasons = [sum(shown[n::SEASON][y] - line[n::SEASON][y] for y in range(years)) / years for n in range(SEASON)]
	return line[0] - slope, slope, seasons


def _slope(values: Sequence[float]) -> float:
	middle = (len(values) - 1) / 2
	mean = sum(values) / len(values)
	return sum((n - middle) * (value - mean) for n, value in enumerate(values)) / sum(
		(n - middle) ** 2 for n in range(len(values))
	)


def regression(history: Sequence[float], steps: int) -> Outlook:
	"""Least squares on a straight line; with two seasons of history also on the months of the year."""
	short = _too_short(history, steps)
	if short:
		return short
	seasonal = len(history) >= SEASONAL
	weights = fitted(history)
	coming = range(len(history), len(history) + steps)
	values = [sum(w * x for w, x in zip(weights, _features(n, seasonal), strict=True)) for n in coming]
	return Outlook(_whole(values), "line and months" if seasonal else "line")


def fitted(history: Sequence[float]) -> list[float]:
	"""Coefficients: constant, growth per month and, with two seasons, the months 2 to 12 against the first."""
	seasonal = len(history) >= SEASONAL
	return solve([_features(n, seasonal) for n in range(len(history))], history)


def _features(index: int, seasonal: bool) -> list[float]:
	base = [1.0, float(index)]
	return base + [float(index % SEASON == month) for month in range(1, SEASON)] if seasonal else base


def _too_short(history: Sequence[float], steps: int) -> Outlook | None:
	if len(history) < SHORTEST:
		return Outlook(None, reason="too short")
	if not any(history):
		return Outlook(_whole([0.0] * steps), "nothing came in")
	return None


def _whole(values: Sequence[float]) -> tuple[float, ...]:
	return tuple(max(float(value), 0.0) for value in values)


METHODS: dict[str, Callable[[Sequence[float], int], Outlook]] = {
	NAIVE: naive,
	SMOOTHING: smoothing,
	REGRESSION: regression,
}

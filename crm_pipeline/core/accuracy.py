"""How far off forecasts were, and which method was least."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# A method is only proposed on at least this many comparisons.
ENOUGH = 3


@dataclass(frozen=True)
class Error:
	"""Errors of one method at one horizon, as shares (0.2 is 20 %); None where nothing real came in.

	`wape`: sum of misses / sum of what came in. `mape`: mean of the misses' shares, over periods in which
	something came in. `bias`: (forecast - real) / real over all; above zero the method promises too much.
	"""

	count: int
	wape: float | None
	mape: float | None
	bias: float | None


def error_of(pairs: Iterable[tuple[float, float]]) -> Error:
	"""The error of (forecast, real) pairs. Periods in which nothing came in weigh in `wape` and `bias`."""
	pairs = list(pairs)
	real = sum(abs(actual) for _forecast, actual in pairs)
	shares = [abs(forecast - actual) / abs(actual) for forecast, actual in pairs if actual]
	return Error(
		count=len(pairs),
		wape=sum(abs(forecast - actual) for forecast, actual in pairs) / real if real else None,
		mape=sum(shares) / len(shares) if shares else None,
		bias=sum(forecast - actual for forecast, actual in pairs) / real if real else None,
	)


def best(errors: Mapping[str, Error]) -> str | None:
	"""The method with the lowest `wape`, by name where equal; None where none was compared often enough."""
	known = {method: error.wape for method, error in errors.items() if error.wape is not None and error.count >= ENOUGH}
	return min(known, key=lambda method: (known[method], method)) if known else None


def span(value: float, wape: float | None, floor: float = 0.0) -> tuple[float, float] | None:
	"""Forecast less and plus its usual miss, never below `floor` (what is signed already). None: not measured."""
	if wape is None:
		return None
	return max(value * (1 - wape), min(floor, value)), value * (1 + wape)

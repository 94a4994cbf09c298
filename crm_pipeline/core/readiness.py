"""Whether an order can be taken as it is: what is short in stock, and what goes over a credit limit."""

from collections.abc import Hashable, Iterable, Mapping

TOLERANCE = 1e-9


def shortages(asked: Iterable[tuple[Hashable, float]], free: Mapping[Hashable, float]) -> list[float | None]:
	"""By how much each row is short, in order: `asked` are (place, quantity), `free` what each place has. Rows of one place
	share what is there, the first ones first. None for a place that is not counted, such as a service."""
	left, found = {place: max(quantity, 0.0) for place, quantity in free.items()}, []
	for place, quantity in asked:
		if place not in left:
			found.append(None)
			continue
		missing = max(quantity - left[place], 0.0)
		left[place] = max(left[place] - quantity, 0.0)
		found.append(missing if missing > TOLERANCE else 0.0)
	return found


def rows_short(shortages: Iterable[float | None]) -> int | None:
	"""How many rows are short; None where none is counted at all."""
	counted = [missing for missing in shortages if missing is not None]
	return sum(missing > 0 for missing in counted) if counted else None


def over_limit(limit: float, used: float, amount: float) -> float:
	"""By how much another order of `amount` goes over a credit limit; 0 within it."""
	return max(used + amount - limit, 0.0)

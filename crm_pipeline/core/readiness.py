"""Whether an order can be taken as it is: what is short in stock, and what goes over a credit limit."""

from collections.abc import Hashable, Iterable, Mapping

TOLERANCE = 1e-9


# A place in stock and how much of it one unit of a row takes; a bundle takes of several.
Needs = Iterable[tuple[Hashable, float]]


def shortages(asked: Iterable[tuple[Needs, float]], free: Mapping[Hashable, float]) -> list[float | None]:
	"""By how much each row is short, in order and in its own units: `asked` are (needs, quantity), `free` what each place
	has. Rows of one place share what is there, the first ones first. None where nothing that a row needs is counted, such
	as a service."""
	left, found = {place: max(quantity, 0.0) for place, quantity in free.items()}, []
	for needs, quantity in asked:
		counted = [(place, share) for place, share in needs if place in left and share > 0]
		missing = max((quantity - left[place] / share for place, share in counted), default=0.0)
		for place, share in counted:
			left[place] = max(left[place] - quantity * share, 0.0)
		found.append((missing if missing > TOLERANCE else 0.0) if counted else None)
	return found


def rows_short(shortages: Iterable[float | None]) -> int | None:
	"""How many rows are short; None where none is counted at all."""
	counted = [missing for missing in shortages if missing is not None]
	return sum(missing > 0 for missing in counted) if counted else None


def over_limit(limit: float, used: float, amount: float) -> float:
	"""By how much another order of `amount` goes over a credit limit; 0 within it."""
	return max(used + amount - limit, 0.0)

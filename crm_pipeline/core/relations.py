"""Posts and relations: periods, trees without circles, and the word for each side. Days are dates; an open end is None."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Period:
	"""From the first to the last day, both included."""

	first: date | None = None
	last: date | None = None

	@property
	def is_ordered(self) -> bool:
		return not (self.first and self.last and self.last < self.first)

	def holds(self, day: date) -> bool:
		return (not self.first or self.first <= day) and (not self.last or day <= self.last)

	def shared(self, other: "Period") -> "Period | None":
		"""The days of both; None where there are none."""
		first = max((d for d in (self.first, other.first) if d), default=None)
		last = min((d for d in (self.last, other.last) if d), default=None)
		both = Period(first, last)
		return both if both.is_ordered else None


@dataclass(frozen=True)
class Above:
	"""One step up a tree: who is above, and when."""

	name: str
	period: Period = Period()


def path_up(start: str | None, above_of: Callable[[str], str | None]) -> list[str]:
	"""`start` and everybody above, nearest first. Ends where a step comes back."""
	path: list[str] = []
	while start and start not in path:
		path.append(start)
		start = above_of(start)
	return path


def circle(node: str, above: Above, steps_up: Callable[[str], Iterable[Above]]) -> list[str]:
	"""Names on the way from `above` up to `node` that would close a circle on some day; empty where none would."""
	seen: set[tuple[str, Period]] = set()
	waiting = [(above.name, above.period, (above.name,))]
	while waiting:
		name, period, path = waiting.pop()
		if name == node:
			return list(path)
		if (name, period) in seen:
			continue
		seen.add((name, period))
		for step in steps_up(name):
			both = period.shared(step.period)
			if both:
				waiting.append((step.name, both, (*path, step.name)))
	return []


def superior_on(day: date, post: str, above_of: Callable[[str], str | None], period_of: Callable[[str], Period]):
	"""The nearest post above that is held on a day: who reports to somebody who left reports to the one above."""
	for name in path_up(above_of(post), above_of):
		if name == post:
			return None
		if period_of(name).holds(day):
			return name
	return None


def word(label: str, inverse_label: str, from_first_side: bool) -> str:
	"""What the other one is, seen from one side: B is the Parent of A, A the Subsidiary of B."""
	return label if from_first_side else inverse_label


def day_before(day: date) -> date:
	return day - timedelta(days=1)


# How far up somebody of a role stands in a list of key people.
ROLES = ("Decision Maker", "Buyer", "Payer", "Influencer", "User", "Gatekeeper")
INFLUENCE = ("High", "Medium", "Low")


def importance(role: str | None, influence: str | None) -> tuple[int, int]:
	"""Sort key of key people: who decides and who weighs most first."""
	return (
		ROLES.index(role) if role in ROLES else len(ROLES),
		INFLUENCE.index(influence) if influence in INFLUENCE else len(INFLUENCE),
	)

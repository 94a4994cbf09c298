"""Who stands in for whom on a day. A deputy who is away is stood in for by their own deputy; never in a circle."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Away:
	"""Both days included."""

	user: str
	deputy: str
	first: date
	last: date

	def is_on(self, day: date) -> bool:
		return self.first <= day <= self.last

	def meets(self, other: "Away") -> bool:
		return self.first <= other.last and other.first <= self.last


def stands_in(absences: Iterable[Away], day: date) -> dict[str, str]:
	"""{user who is away: who is there for them}; who has only people who are away has the nearest of them."""
	deputies = {away.user: away.deputy for away in absences if away.is_on(day)}
	found = {}
	for user, deputy in deputies.items():
		seen = {user}
		while deputy in deputies and deputy not in seen:
			seen.add(deputy)
			deputy = deputies[deputy]
		found[user] = deputy if deputy not in seen else deputies[user]
	return found


def covered_by(user: str, absences: Iterable[Away], day: date) -> list[str]:
	"""For whom a user stands in on a day."""
	return sorted(away for away, deputy in stands_in(absences, day).items() if deputy == user and away != user)


def clash(new: Away, others: Iterable[Away]) -> Away | None:
	"""An absence that this one can't stand beside: another one of the same user, or one of the deputy's in which this user
	is the deputy."""
	for other in others:
		if new.meets(other) and (other.user == new.user or (other.user == new.deputy and other.deputy == new.user)):
			return other
	return None

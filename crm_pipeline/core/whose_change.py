"""A record that moved in while people go on in both systems: whose change counts. Pure.

A record is told by signs: {name of a field, or of some that belong together: what stands there, as a short text}. `moved` are
the signs of what moved last, `there` those of what would move today, `here` those of what stands here.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

LONGEST = 140


@dataclass(frozen=True)
class Followed:
	"""Fields that follow the other system together: `name` is what people call them by, those `compared` decide whether
	something changed, those of `written` come along."""

	name: str
	compared: tuple[str, ...]
	written: tuple[str, ...] = ()

	@property
	def fields(self) -> tuple[str, ...]:
		return (*self.compared, *self.written)


def one(name: str, *written: str) -> Followed:
	return Followed(name, (name,), written)


def signs_of(row: Mapping[str, object], followed: Iterable[Followed]) -> dict[str, str]:
	return {one.name: _sign([row.get(field) for field in one.compared]) for one in followed}


def changes(moved: Mapping[str, str], there: Mapping[str, str], here: Mapping[str, str]) -> tuple[list, list]:
	"""(names that changed there alone, names that changed on both sides). What the last move did not know has not changed."""
	news = [name for name, sign in there.items() if moved.get(name, sign) != sign and here[name] != sign]
	alone = [name for name in news if here[name] == moved[name]]
	return alone, [name for name in news if name not in alone]


def _sign(values: list) -> str:
	text = "\n".join(map(_text, values))
	return text if len(text) <= LONGEST else hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _text(value: object) -> str:
	"""Nothing is nothing, however it is stored; what the database counts is counted here."""
	if value in (None, "", 0):
		return ""
	if isinstance(value, datetime):
		return value.replace(microsecond=0).isoformat(" ")
	if isinstance(value, date):
		return value.isoformat()
	return f"{value:.6f}" if isinstance(value, (int, float)) else str(value)

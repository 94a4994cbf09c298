"""Who takes over what of somebody who leaves: by territory, by industry, by even load, or all to one.

What belongs to one party stays together: a unit is a customer or prospect with all that is about it. Who was chosen by hand
for a unit stays chosen. Nothing is left out: what no rule says goes to whoever has the least.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

TERRITORY, INDUSTRY, EVENLY, ONE = RULES = ("Territory", "Industry", "Even Load", "One Person")


@dataclass(frozen=True)
class Unit:
	"""`weight` documents; `territories`: its territory and those above it, the nearest first."""

	key: str
	weight: int = 1
	territories: tuple[str, ...] = ()
	industry: str | None = None


@dataclass(frozen=True)
class Receiver:
	"""`load`: documents that they have already. `territories` and `industries` that they take; none for whatever is left."""

	user: str
	load: int = 0
	territories: tuple[str, ...] = field(default=())
	industries: tuple[str, ...] = field(default=())


def distribute(rule: str, units: Iterable[Unit], receivers: Iterable[Receiver]) -> dict[str, str]:
	"""{unit's key: user}. The same units and receivers give the same answer, in whatever order they come. Raises
	ValueError without a receiver."""
	receivers = sorted(receivers, key=lambda receiver: receiver.user)
	if not receivers:
		raise ValueError("nobody takes over")
	loads = {receiver.user: receiver.load if rule == EVENLY else 0 for receiver in receivers}
	found: dict[str, str] = {}
	rest = []
	for unit in sorted(units, key=lambda unit: (-unit.weight, unit.key)):
		meant = _meant(rule, unit, receivers)
		if len(meant) == 1:
			_give(unit, meant[0], found, loads)
		else:
			rest.append((unit, meant or _takers(rule, receivers)))
	for unit, able in rest:
		_give(unit, min(able, key=lambda user: (loads[user], user)), found, loads)
	return found


def _give(unit: Unit, user: str, found: dict[str, str], loads: dict[str, int]) -> None:
	found[unit.key] = user
	loads[user] += unit.weight


def _meant(rule: str, unit: Unit, receivers: list[Receiver]) -> list[str]:
	"""Users that the rule names for a unit: those of its nearest territory, or of its industry."""
	if rule == TERRITORY:
		for territory in unit.territories:
			found = [receiver.user for receiver in receivers if territory in receiver.territories]
			if found:
				return list(dict.fromkeys(found))
	if rule == INDUSTRY and unit.industry:
		return list(dict.fromkeys(r.user for r in receivers if unit.industry in r.industries))
	return []


def _takers(rule: str, receivers: list[Receiver]) -> list[str]:
	"""Who takes what no rule names: those without a territory or industry of their own, else everybody."""
	named = {TERRITORY: "territories", INDUSTRY: "industries"}.get(rule)
	free = [receiver.user for receiver in receivers if named and not getattr(receiver, named)]
	return free or [receiver.user for receiver in receivers]

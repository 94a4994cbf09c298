"""Two records that become one: what stands in the way, and which value stays where both have one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Side:
	"""What decides of one of the two. `currencies` and `accounts` are (company, currency or account) of what was posted
	and what is set; `customer` is whom a prospect was verified as; `is_converted` whether a deal was made of a lead."""

	name: str
	currencies: frozenset[tuple[str, str]] = frozenset()
	accounts: frozenset[tuple[str, str]] = frozenset()
	customer: str = ""
	is_converted: bool = False


@dataclass(frozen=True)
class Obstacle:
	"""Why two can't be merged: its kind, and what of the one contradicts what of the other."""

	kind: str
	company: str = ""
	one: str = ""
	other: str = ""


SAME, CURRENCY, ACCOUNT, CUSTOMER, CONVERTED, BOTH_CONVERTED = (
	"same", "currency", "account", "customer", "converted", "both converted",
)  # fmt: skip


def obstacles(gone: Side, kept: Side) -> list[Obstacle]:
	"""What stands in the way of merging `gone` into `kept`; empty where nothing does."""
	found: list[Obstacle] = []
	if gone.name == kept.name:
		found.append(Obstacle(SAME))
	for kind, one, other in ((CURRENCY, gone.currencies, kept.currencies), (ACCOUNT, gone.accounts, kept.accounts)):
		found += _contradictions(kind, one, other)
	if gone.customer and kept.customer and gone.customer != kept.customer:
		found.append(Obstacle(CUSTOMER, one=gone.customer, other=kept.customer))
	if gone.is_converted:
		found.append(Obstacle(BOTH_CONVERTED if kept.is_converted else CONVERTED))
	return found


def _contradictions(kind: str, one: Iterable[tuple[str, str]], other: Iterable[tuple[str, str]]) -> list[Obstacle]:
	there: dict[str, set[str]] = {}
	for company, value in other:
		there.setdefault(company, set()).add(value)
	return [
		Obstacle(kind, company, value, ", ".join(sorted(there[company])))
		for company, value in sorted(one)
		if company in there and value not in there[company]
	]


EMPTY = (None, "", 0, 0.0)


def preferred(kept, gone):
	"""The value that stays where nobody chose: the one of the record that stays, else what the other one knows."""
	return gone if kept in EMPTY else kept


def differing(fields: Iterable[str], kept: dict, gone: dict) -> list[str]:
	"""Fields in which both say something, and not the same."""
	return [
		field
		for field in fields
		if kept.get(field) not in EMPTY and gone.get(field) not in EMPTY and str(kept[field]) != str(gone[field])
	]


def missing_rows(kept: list[dict], gone: list[dict], key: Callable[[dict], object]) -> list[dict]:
	"""Rows of the one that goes which the one that stays has not, by what identifies a row; each once."""
	seen, found = {key(row) for row in kept}, []
	for row in gone:
		if key(row) not in seen:
			seen.add(key(row))
			found.append(row)
	return found

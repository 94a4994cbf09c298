"""What the words of another CRM on the same site probably mean here; a person may say otherwise. Pure."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from crm_pipeline.core import lead as lead_rules
from crm_pipeline.core.stages import LOST, OPEN, WON

# ERPNext's stages have no order of their own; this is the one in which it ships them.
ERPNEXT_STAGES = (
	*("Prospecting", "Qualification", "Needs Analysis", "Value Proposition", "Identifying Decision Makers"),
	*("Perception Analysis", "Proposal/Price Quote", "Negotiation/Review"),
)
# States of an ERPNext Opportunity that end it, whatever its stage.
ERPNEXT_ENDS = {"Converted": WON, "Lost": LOST, "Closed": LOST}
ERPNEXT_LEADS = {
	**dict.fromkeys(("Lead", "Open"), lead_rules.NEW),
	**dict.fromkeys(("Replied", "Interested"), lead_rules.CONTACTED),
	**dict.fromkeys(("Opportunity", "Quotation", "Lost Quotation", "Converted"), lead_rules.CONVERTED),
	"Do Not Contact": lead_rules.DISQUALIFIED,
}
FRAPPE_LEADS = {
	"New": lead_rules.NEW,
	**dict.fromkeys(("Contacted", "Nurture"), lead_rules.CONTACTED),
	"Qualified": lead_rules.QUALIFIED,
	**dict.fromkeys(("Unqualified", "Junk"), lead_rules.DISQUALIFIED),
}
FRAPPE_LEAD_TYPES = {
	"Open": lead_rules.NEW,
	**dict.fromkeys(("Ongoing", "On Hold"), lead_rules.CONTACTED),
	"Won": lead_rules.CONVERTED,
	"Lost": lead_rules.DISQUALIFIED,
}
FRAPPE_ENDS = {"Won": WON, "Lost": LOST}


@dataclass(frozen=True)
class OldStage:
	"""A stage of the other system; `ends` is Won or Lost, or "" for one in which a deal is open."""

	value: str
	ends: str = ""


def guess_stages(old: Iterable[OldStage], stages: Iterable[tuple[str, str]]) -> dict[str, str]:
	"""{value of the other system: label of a stage here}. `stages` are (label, type), both lists in their order.

	Ends go by type. An open one is that whose label has its first word, else the one of the stage before it.
	"""
	stages = list(stages)
	firsts = {kind: next((label for label, one in stages if one == kind), "") for kind in (OPEN, WON, LOST)}
	found, before = {}, firsts[OPEN]
	for stage in old:
		if stage.ends:
			found[stage.value] = firsts[stage.ends]
			continue
		words = _words(stage.value)
		same = [label for label, kind in stages if kind == OPEN and words and words[0] in _words(label)]
		before = found[stage.value] = next(iter(same), before)
	return found


def _words(text: str) -> list[str]:
	return re.findall(r"\w+", text.casefold())


def in_order(values: Iterable[str], order: Iterable[str]) -> list[str]:
	"""Values in a known order; those that it does not have come last, by name."""
	places = {value: place for place, value in enumerate(order)}
	return sorted(values, key=lambda value: (places.get(value, len(places)), value))


def probability(value: float | None) -> float | None:
	"""The chance that somebody entered: 100 is what ERPNext sets by itself, 0 is none."""
	return value if value and 0 < value < 100 else None


def amount_of(items: float, deal: float) -> tuple[float, float]:
	"""(what a deal is worth, by how much its own amount differs from its items): items count where there are some."""
	if not items:
		return deal, 0.0
	return items, (deal - items if deal else 0.0)


def version_moves(data: str, at: datetime, stage_field: str, ends: Iterable[str]) -> list[tuple[str, str, date]]:
	"""(stage before, stage after, day) of one stored version of a deal: moves of its stage, and how it ended. The stage
	before is "" where the version does not tell it; nothing for a version that can't be read."""
	try:
		changed = json.loads(data or "{}").get("changed") or []
	except (ValueError, AttributeError):
		return []
	moves = []
	for change in changed:
		if not (isinstance(change, list) and len(change) == 3):
			continue
		field, before, after = change
		if field == stage_field and after:
			moves.append((str(before or ""), str(after), at.date()))
		elif field == "status" and after in ends:
			moves.append(("", str(after), at.date()))
	return moves


def lines(*facts: tuple[str, object]) -> str:
	"""Facts that have no field here, as lines of text: those that are there."""
	return "\n".join(f"{name}: {value}" for name, value in facts if value not in (None, "", 0, "0"))


def same_firm(names: dict[str, str], known: Iterable[str] = ()) -> dict[str, str]:
	"""{record: the one that stands for its firm}: {record: name of the firm} in their order; a firm that is `known` stands
	for itself, one without a name is its own."""
	firsts = {_firm(name): name for name in known}
	found = {}
	for record, name in names.items():
		found[record] = firsts.setdefault(_firm(name), record) if _firm(name) else record
	return found


def _firm(name: str) -> str:
	return " ".join((name or "").split()).casefold()

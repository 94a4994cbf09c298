"""The ribbon over a document: every step of the chain with its state.

State of a step: 'done' (a document is there and settled), 'current' (there and running), 'lost',
'cancelled', 'part' (delivered, billed or paid in part), 'open' (still to come) or 'skipped' (not
needed: a later step exists without it, or the pipeline leaves it out).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from crm_pipeline.core.fulfilment import Fulfilment
from crm_pipeline.core.registry import CHAIN, STATES
from crm_pipeline.core.states import CANCELLED, LOST, OPEN, WON

FULFILMENT_STEPS = (("delivered", "Delivered"), ("billed", "Billed"), ("paid", "Paid"))

# Group of a state -> what it makes of a step.
SHOWN = {OPEN: "current", WON: "done", LOST: "lost", CANCELLED: "cancelled"}


@dataclass(frozen=True)
class Node:
	"""A document of the chain as the ribbon shows it."""

	doctype: str
	name: str
	state: str = ""
	title: str = ""


@dataclass(frozen=True)
class Step:
	key: str
	label: str
	state: str
	nodes: tuple[Node, ...] = ()
	percent: float = 0.0


def node_state(node: Node) -> str:
	return SHOWN[STATES[node.doctype].group_of(node.state)]


Key = tuple[str, str]


def leading_on(nodes: Iterable[Node], sources: Mapping[Key, Key]) -> set[Key]:
	"""The documents, (doctype, name) each, of which something came that is settled or still runs.

	`sources` maps a document to the one it came from.
	"""
	found: set[Key] = set()
	for node in nodes:
		if node_state(node) not in ("current", "done"):
			continue
		key = sources.get((node.doctype, node.name))
		while key and key not in found:
			found.add(key)
			key = sources.get(key)
	return found


def _document_state(nodes: tuple[Node, ...]) -> str:
	states = {node_state(n) for n in nodes}
	return next((s for s in ("current", "done", "lost", "cancelled") if s in states), "open")


def _waiting(nodes: tuple[Node, ...], onward: Collection[Key] | None) -> bool:
	"""Whether one of these documents runs and nothing came of it yet."""
	return onward is not None and any(
		node_state(node) == "current" and (node.doctype, node.name) not in onward for node in nodes
	)


def _last(found: list[Step], states: tuple[str, ...]) -> int:
	"""Index of the last step that is in one of `states`, -1 when none is."""
	return max((i for i, step in enumerate(found) if step.nodes and step.state in states), default=-1)


def steps(
	nodes: Iterable[Node],
	step_settings: Mapping[str, str],
	fulfilment: Fulfilment | None,
	reached: Mapping[str, str] | None = None,
	onward: Collection[Key] | None = None,
) -> list[Step]:
	"""The ribbon of a chain.

	`onward` are the documents that led on, see leading_on(): a step with one that still runs and led nowhere is not
	done, however far others of its kind came. Where it is None all did.

	`step_settings` maps Sales Lead, Quotation and Sales Contract to Off, Optional or Required.
	`fulfilment` is None while no Sales Order exists; `reached` is what core/fulfilment.py's `progress` says of it.
	"""
	by_type: dict[str, list[Node]] = {}
	for node in nodes:
		by_type.setdefault(node.doctype, []).append(node)
	result = []
	for kind in CHAIN:
		found = tuple(by_type.get(kind.name, ()))
		if not found and (kind.shown_when_present or step_settings.get(kind.name) == "Off"):
			continue
		result.append(Step(kind.name, kind.step, _document_state(found) if found else "open", found))
	last = _last(result, ("current", "done", "lost"))
	last_alive = _last(result, ("current", "done"))
	result = [
		replace(s, state="skipped")
		if i < last and not s.nodes
		else replace(s, state="done")
		if i < last_alive and s.state == "current" and not _waiting(s.nodes, onward)
		else s
		for i, s in enumerate(result)
	]
	amounts = fulfilment or Fulfilment()
	for field, label in FULFILMENT_STEPS:
		state = {"none": "open", "part": "part", "full": "done"}[(reached or {}).get(field, "none")]
		result.append(Step(field, label, state, (), round(min(amounts.percent(field), 999.0), 1)))
	return result

"""Requests that came back from the order desk and wait for sales."""

from collections.abc import Iterable

import frappe

from crm_pipeline.chain import graph
from crm_pipeline.core import states
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.registry import DEALS, STATES

REQUEST = "Sales Order Request"


def returned_from(doctype: str, name: str) -> list[dict]:
	"""Of the requests that came from a document those that were returned and still wait, with the reason:
	[{"name", "return_reason", "who", "returned_on"}]. Only what the user may read."""
	names = [ref.name for ref in graph.descendants(doctype, name) if ref.doctype == REQUEST]
	return waiting(names) if names else []


def waiting(names: list[str]) -> list[dict]:
	"""The same of these requests."""
	if not frappe.has_permission(REQUEST, "read"):
		return []
	found = frappe.get_list(
		REQUEST,
		filters={"name": ("in", names), "status": "Returned"},
		fields=["name", "return_reason", "returned_by", "returned_on"],
		order_by="returned_on asc",
		limit=0,
	)
	done = settled(row.name for row in found)
	return [{**row, "who": frappe.utils.get_fullname(row.returned_by)} for row in found if row.name not in done]


def sent_again(names: list[str]) -> set[str]:
	"""Those of these requests that were amended."""
	again = {"amended_from": ("in", names)}
	return set(
		frappe.get_all(REQUEST, filters=again, pluck="amended_from", order_by="name asc", limit=0) if names else ()
	)


def settled(names: Iterable[str]) -> set[str]:
	"""Those of these requests that wait for nobody: amended, or of a deal that was lost or a contract that ended since."""
	names = list(names)
	if not names:
		return set()
	lines = graph.lines_of([Ref(REQUEST, name) for name in names])
	ended = _ended({ref for line in lines.values() for ref in line})
	return sent_again(names) | {request.name for request, line in lines.items() if ended & set(line)}


def _ended(refs: set[Ref]) -> set[Ref]:
	found = set()
	for doctype in (*DEALS, "Sales Contract"):
		names = sorted(ref.name for ref in refs if ref.doctype == doctype)
		if names:
			ways = STATES[doctype].names(states.LOST, states.CANCELLED)
			filters = {"name": ("in", names), "status": ("in", ways)}
			rows = frappe.get_all(doctype, filters=filters, pluck="name", order_by="name asc", limit=0)
			found |= {Ref(doctype, name) for name in rows}
	return found

"""What the ribbon over a form shows: the chain with states, links only where the user may read."""

from dataclasses import asdict

import frappe
from frappe import _

from crm_pipeline.chain import graph
from crm_pipeline.chain.pipelines import steps_of
from crm_pipeline.core import ribbon
from crm_pipeline.core.chain import CREATED_DIRECTLY, Ref
from crm_pipeline.core.registry import BY_NAME, DEALS
from crm_pipeline.core.ribbon import Node
from crm_pipeline.erp import flow, order_figures


def ribbon_of(doctype: str, name: str) -> dict:
	"""The ribbon of a document: {"source": text, "steps": [...], "amounts": {...}}.

	Works for every document of the chain and for Delivery Note, Sales Invoice and Payment Entry,
	whose chain is that of their Sales Orders. Amounts are in company currency, net of tax, of the orders
	that the reader may open; what was delivered, billed and paid is said of those alone.
	"""
	starts = [Ref(doctype, name)] if doctype not in flow.DOWNSTREAM else flow.orders_of(doctype, name)
	refs = list(dict.fromkeys(ref for start in starts for ref in graph.whole_chain(start.doctype, start.name)))
	if not refs:
		return {"source": None, "steps": [], "amounts": None, "currency": None}
	nodes, sources = _nodes(refs)
	may_read = readable(refs)
	orders = [r.name for r in refs if r.doctype == "Sales Order" and r in may_read]
	amounts = order_figures.of_orders(orders) if orders else None
	reached = order_figures.progress_of(orders) if orders else None
	onward = ribbon.leading_on(nodes, sources)
	steps = ribbon.steps(nodes, _step_settings(refs), amounts, reached, onward)
	return {
		"source": _source_text(doctype, name),
		"steps": [_step_as_dict(step, may_read) for step in steps],
		"amounts": asdict(amounts) if amounts else None,
		"currency": _company_currency(orders[0]) if amounts else None,
	}


def onload(doc) -> None:
	"""Event of ERPNext's documents: say in `__onload` whether there is a chain to ask for."""
	try:
		doc.set_onload("crm_chain", bool(doc.name and not doc.is_new() and in_chain(doc)))
	except Exception:
		# A form of ERPNext opens whatever happens to us.
		frappe.logger("crm_pipeline", allow_site=True).exception(
			f"CRM Pipeline: chain of {doc.doctype} {doc.name} not found"
		)


def in_chain(doc) -> bool:
	"""Whether an ERPNext document came from another one, or something came from it."""
	if doc.doctype in flow.DOWNSTREAM:
		orders = [ref.name for ref in flow.orders_of(doc.doctype, doc.name)]
		return bool(orders) and bool(
			frappe.db.exists("Sales Order", {"name": ("in", orders), "crm_source_name": ("is", "set")})
		)
	return bool(graph.source_of(doc) or graph.descendants(doc.doctype, doc.name))


def _step_as_dict(step: ribbon.Step, may_read: set[Ref]) -> dict:
	return {
		"key": step.key,
		"label": _(step.label),
		"state": step.state,
		"percent": step.percent,
		"nodes": [
			{
				"doctype": node.doctype,
				"name": node.name,
				"title": node.title,
				"state": _(node.state, context=node.doctype),
				"kind": ribbon.node_state(node),
			}
			for node in step.nodes
			if Ref(node.doctype, node.name) in may_read
		],
	}


def _by_type(refs: list[Ref]) -> dict[str, list[str]]:
	result: dict[str, list[str]] = {}
	for ref in refs:
		result.setdefault(ref.doctype, []).append(ref.name)
	return result


def _nodes(refs: list[Ref]) -> tuple[list[Node], dict[ribbon.Key, ribbon.Key]]:
	"""The documents as nodes, and what each came from."""
	nodes, sources = [], {}
	for doctype, names in _by_type(refs).items():
		title = BY_NAME[doctype].title_field
		rows = frappe.get_all(
			doctype,
			filters={"name": ("in", names)},
			fields=["name", "status", title, *_source_columns(doctype)],
			order_by="creation asc",
			limit=0,
		)
		nodes += [Node(doctype, row.name, row.status or "", row.get(title) or "") for row in rows]
		sources |= {(doctype, row.name): (row.came_from, row.source) for row in rows if row.get("source")}
	return nodes, sources


def _source_columns(doctype: str) -> list[str]:
	if doctype == "Sales Campaign":
		# A campaign starts chains; it has no source fields.
		return []
	type_field, name_field = graph.source_fields(doctype)
	return [f"{type_field} as came_from", f"{name_field} as source"]


def readable(refs: list[Ref]) -> set[Ref]:
	"""Those documents that the current user may open."""
	found = set()
	for doctype, names in _by_type(refs).items():
		if frappe.has_permission(doctype, "read"):
			rows = frappe.get_list(doctype, filters={"name": ("in", names)}, pluck="name", order_by="name asc", limit=0)
			found |= {Ref(doctype, name) for name in rows}
	return found


def _step_settings(refs: list[Ref]) -> dict[str, str]:
	"""Which steps the pipeline of this chain asks for; the default pipeline where no deal is in it yet."""
	pipeline = None
	for ref in refs:
		if ref.doctype in DEALS:
			pipeline = frappe.db.get_value(ref.doctype, ref.name, "pipeline") or pipeline
			if ref.doctype == "Sales Opportunity":
				break
	return steps_of(pipeline)


def _company_currency(order: str) -> str | None:
	company = frappe.db.get_value("Sales Order", order, "company")
	return frappe.get_cached_value("Company", company, "default_currency") if company else None


def _source_text(doctype: str, name: str) -> str | None:
	if doctype in flow.DOWNSTREAM:
		return None
	source = graph.source_of(frappe.get_doc(doctype, name))
	return f"{_(source.doctype)} {source.name}" if source else _(CREATED_DIRECTLY)

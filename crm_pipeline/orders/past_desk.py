"""Orders that ERPNext's own buttons make, past any request: where the pipeline does not allow it they are refused."""

import frappe
from frappe import _

from crm_pipeline.chain import graph, optional_steps
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.registry import DEALS
from crm_pipeline.orders import acceptance
from crm_pipeline.wording import bold

REQUEST = "Sales Order Request"


def refuse(order) -> None:
	"""Raise where a Sales Order that becomes one of a deal leaves out a step that the pipeline requires, or is not the order desk's
	where the pipeline leaves orders to it. What was made before stays, and so does what amends it."""
	source, before = graph.source_of(order), order.get_doc_before_save()
	if not source or source.doctype == REQUEST or order.get("amended_from"):
		return
	if before and graph.source_of(before) == source:
		return
	optional_steps.require_before(order, "Sales Contract")
	optional_steps.require_before(order, "Quotation")
	pipeline = desk_pipeline(order)
	if pipeline:
		frappe.throw(
			_("Orders of pipeline {0} are made by the order desk. Make a {1} instead.").format(
				bold(pipeline), _("Sales Order Request")
			),
			frappe.PermissionError,
			title=_("Ask the Order Desk"),
		)


def tell_other_deals(order) -> None:
	"""An order that ERPNext has filled from quotations of several deals counts for the one that it came from. Say which ones
	it leaves out, when such rows come in."""
	quotations, before, source = _quotations(order), order.get_doc_before_save(), graph.source_of(order)
	if len(quotations) < 2 or not source or (before and _quotations(before) == quotations):
		return
	counts_for = {source, *graph.ancestors(source.doctype, source.name)}
	for quotation, line in graph.lines_of(Ref("Quotation", name) for name in sorted(quotations)).items():
		deal = next((ref for ref in line if ref.doctype in DEALS), None)
		if not deal or deal in counts_for:
			continue
		frappe.msgprint(
			_(
				"Rows of Quotation {0} are a sale of {1} {2}, but this order counts for {3} {4} alone. Make another order of them, or win {2} by hand."
			).format(bold(quotation.name), _(deal.doctype), bold(deal.name), _(source.doctype), bold(source.name)),
			title=_("Another Deal"),
			indicator="orange",
		)


def _quotations(order) -> set[str]:
	return {row.prevdoc_docname for row in order.get("items") if row.get("prevdoc_docname")}


def desk_pipeline(doc) -> str | None:
	"""The pipeline of a document's deal where it leaves orders to the order desk and the user is not of it."""
	if acceptance.ORDER_DESK in frappe.get_roles():
		return None
	deal = optional_steps.deal_before(doc)[0]
	if not deal or deal.doctype not in DEALS:
		return None
	pipeline = frappe.db.get_value(deal.doctype, deal.name, "pipeline")
	return pipeline if pipeline and frappe.get_cached_value("Sales Pipeline", pipeline, "orders_by_desk") else None

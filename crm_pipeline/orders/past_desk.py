"""Orders that ERPNext's own buttons make, past any request: where the pipeline does not allow it they are refused."""

import frappe
from frappe import _

from crm_pipeline.chain import graph, optional_steps
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


def desk_pipeline(doc) -> str | None:
	"""The pipeline of a document's deal where it leaves orders to the order desk and the user is not of it."""
	if acceptance.ORDER_DESK in frappe.get_roles():
		return None
	deal = optional_steps.deal_before(doc)[0]
	if not deal or deal.doctype not in DEALS:
		return None
	pipeline = frappe.db.get_value(deal.doctype, deal.name, "pipeline")
	return pipeline if pipeline and frappe.get_cached_value("Sales Pipeline", pipeline, "orders_by_desk") else None

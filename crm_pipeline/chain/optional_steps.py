"""Steps that a pipeline asks for or leaves out: lead, quotation, contract."""

import frappe
from frappe import _

from crm_pipeline.chain import graph, pipelines
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.registry import DEALS
from crm_pipeline.wording import bold


class StepError(frappe.ValidationError):
	"""The pipeline leaves this step out, or requires one that is not there."""


def require_before(doc, step: str) -> None:
	"""Raise StepError when the deal's pipeline requires `step` and the chain before `doc` has none."""
	deal, before = deal_before(doc)
	pipeline = doc.get("pipeline") or (deal and frappe.db.get_value(deal.doctype, deal.name, "pipeline"))
	if not pipeline or pipelines.steps_of(pipeline)[step] != "Required":
		return
	if step not in {ref.doctype for ref in before}:
		frappe.throw(
			_("Pipeline {0} requires a {1} before a {2}").format(bold(pipeline), _(step), _(doc.doctype)),
			StepError,
			title=_("Step Missing"),
		)


def refuse_if_off(doc, step: str, deal: Ref | None = None) -> None:
	"""Raise StepError when the pipeline leaves `step` out: that of `deal`, or the default one without a deal."""
	pipeline = (
		frappe.db.get_value(deal.doctype, deal.name, "pipeline")
		if deal
		else pipelines.default_pipeline("Sales Opportunity", doc.get("company"))
	)
	if pipeline and pipelines.steps_of(pipeline)[step] == "Off":
		frappe.throw(
			_("Pipeline {0} works without the step {1}").format(bold(pipeline), _(step)),
			StepError,
			title=_("Step Switched Off"),
		)


def deal_before(doc) -> tuple[Ref | None, list[Ref]]:
	"""The opportunity or project a document came from, and everything before the document."""
	source = graph.source_of(doc)
	if not source:
		return None, []
	before = [source, *graph.ancestors(source.doctype, source.name)]
	deal = next((ref for ref in before if ref.doctype in DEALS), None)
	return deal, before

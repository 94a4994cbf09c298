"""Open opportunities of one company by stage."""

import frappe
from frappe.query_builder.functions import Count, Sum

from crm_pipeline.analytics.scope import Scope
from crm_pipeline.core.stages import OPEN

DOCTYPE = "Sales Opportunity"


def by_stage(asked: Scope) -> list[dict]:
	"""{"stage", "label", "pipeline", "documents", "amount", "weighted"} per stage that holds open opportunities that the
	user may see, in order of pipeline and position. `label` is as it is stored."""
	deal, stage = frappe.qb.DocType(DOCTYPE), frappe.qb.DocType("Pipeline Stage")
	query = (
		frappe.qb.from_(deal)
		.join(stage)
		.on(stage.name == deal.stage)
		.select(
			deal.stage,
			stage.label,
			deal.pipeline,
			Count("*").as_("documents"),
			Sum(deal.base_amount).as_("amount"),
			Sum(deal.base_amount * deal.probability / 100).as_("weighted"),
		)
		.where(deal.status == OPEN)
		.groupby(deal.stage, stage.label, deal.pipeline, stage.position)
		.orderby(deal.pipeline, stage.position)
	)
	return asked.narrow(query, DOCTYPE).run(as_dict=True)

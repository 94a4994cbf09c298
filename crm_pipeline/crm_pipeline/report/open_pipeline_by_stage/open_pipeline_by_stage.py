"""Open opportunities of one company by stage: how many, their amount, and that amount weighted by probability."""

import frappe
from frappe import _
from frappe.query_builder.functions import Count, Sum

from crm_pipeline.analytics import scope
from crm_pipeline.api.door import report
from crm_pipeline.core.stages import OPEN

DOCTYPE = "Sales Opportunity"


@report
def execute(filters: dict | None = None):
	company = scope.company_of(filters)
	data = rows(company, filters.pipeline)
	return columns(), data, None, chart(data, scope.currency_of(company))


def columns() -> list[dict]:
	return [
		{"fieldname": "label", "fieldtype": "Data", "label": _("Stage"), "width": 200},
		{
			"fieldname": "pipeline",
			"fieldtype": "Link",
			"options": "Sales Pipeline",
			"label": _("Pipeline"),
			"width": 180,
		},
		{"fieldname": "documents", "fieldtype": "Int", "label": _("Opportunities"), "width": 120},
		{"fieldname": "amount", "fieldtype": "Currency", "options": "currency", "label": _("Amount"), "width": 160},
		{
			"fieldname": "weighted",
			"fieldtype": "Currency",
			"options": "currency",
			"label": _("Weighted Amount"),
			"width": 160,
		},
	]


def rows(company: str, pipeline: str | None = None) -> list[dict]:
	"""One row per stage that holds open opportunities the user may see, in order of pipeline and position."""
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
	found = scope.narrowed(query, DOCTYPE, {"company": company, "pipeline": pipeline}).run(as_dict=True)
	currency = scope.currency_of(company)
	return [{**row, "label": _(row.label), "currency": currency} for row in found]


def chart(data: list[dict], currency: str | None) -> dict | None:
	"""Bars by stage; the pipeline is named only where there are several."""
	if not data:
		return None
	several = len({row["pipeline"] for row in data}) > 1
	labels = [f"{row['label']} ({row['pipeline']})" if several else row["label"] for row in data]
	return {
		"type": "bar",
		"data": {
			"labels": labels,
			"datasets": [
				{"name": _("Amount"), "values": [row["amount"] for row in data]},
				{"name": _("Weighted Amount"), "values": [row["weighted"] for row in data]},
			],
		},
		"colors": ["#7fb3ec", "#2f6fb5"],
		"fieldtype": "Currency",
		"options": "currency",
		"currency": currency,
	}

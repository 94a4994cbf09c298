"""Open opportunities of one company by stage: how many, their amount, and that amount weighted by probability."""

from frappe import _

from crm_pipeline.analytics import chart_colours as colours
from crm_pipeline.analytics import drill, open_pipeline
from crm_pipeline.analytics.scope import Scope
from crm_pipeline.api.door import report
from crm_pipeline.core.stages import OPEN


@report
def execute(filters: dict | None = None):
	asked = Scope.of(filters)
	data = rows(asked)
	return columns(), data, None, chart(data, asked.currency)


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


def rows(asked: Scope) -> list[dict]:
	found = open_pipeline.by_stage(asked)
	ours = [*drill.shared(asked), ("status", "=", OPEN)]
	return [
		{
			**row,
			"label": _(row["label"]),
			"currency": asked.currency,
			"filters": [*ours, drill.equal("pipeline", row["pipeline"]), ("stage", "=", row["stage"])],
		}
		for row in found
	]


def chart(data: list[dict], currency: str | None) -> dict | None:
	"""Bars by stage; the pipeline is named only where there are several."""
	if not data:
		return None
	of_amount = [{"doctype": open_pipeline.DOCTYPE, "filters": row["filters"]} for row in data]
	of_weighted = [{**ask, "weighted": 1} for ask in of_amount]
	several = len({row["pipeline"] for row in data}) > 1
	labels = [f"{row['label']} ({row['pipeline']})" if several else row["label"] for row in data]
	return {
		"type": "bar",
		"data": {
			"labels": labels,
			"datasets": [
				{"name": _("Amount"), "values": [row["amount"] for row in data], "asks": of_amount},
				{"name": _("Weighted Amount"), "values": [row["weighted"] for row in data], "asks": of_weighted},
			],
		},
		"colors": [colours.WHOLE, colours.PART],
		"fieldtype": "Currency",
		"options": "currency",
		"currency": currency,
	}

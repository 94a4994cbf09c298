"""How long deals stay in each stage: median, 90th percentile, average, and how many reach the stage's limit."""

from frappe import _

from crm_pipeline.analytics import chart_colours as colours
from crm_pipeline.analytics import drill, stage_durations
from crm_pipeline.analytics.stage_durations import DwellScope
from crm_pipeline.api.door import report
from crm_pipeline.core.dwell import Spread, median, quantile, share_from
from crm_pipeline.core.stages import OPEN
from crm_pipeline.erp import holidays


@report
def execute(filters: dict | None = None):
	asked = DwellScope.of(filters)
	data = rows(asked)
	return columns(), data, None, chart(data), summary(data, asked)


def columns() -> list[dict]:
	def days(fieldname: str, label: str) -> dict:
		return {"fieldname": fieldname, "fieldtype": "Float", "precision": 1, "label": label, "width": 120}

	return [
		{"fieldname": "label", "fieldtype": "Data", "label": _("Stage"), "width": 180},
		{
			"fieldname": "pipeline",
			"fieldtype": "Link",
			"options": "Sales Pipeline",
			"label": _("Pipeline"),
			"width": 160,
		},
		{"fieldname": "documents", "fieldtype": "Int", "label": _("Deals"), "width": 90},
		{"fieldname": "standing", "fieldtype": "Int", "label": _("In It Now"), "width": 100},
		days("median", _("Median (Days)")),
		days("ninetieth", _("90th Percentile (Days)")),
		days("average", _("Average (Days)")),
		{"fieldname": "limit", "fieldtype": "Int", "label": _("Expected (Days)"), "width": 120},
		{"fieldname": "over", "fieldtype": "Int", "label": _("Over Limit"), "width": 100},
		{"fieldname": "over_share", "fieldtype": "Percent", "precision": 1, "label": _("Over Limit (%)"), "width": 110},
	]


def rows(asked: DwellScope) -> list[dict]:
	"""One row per open stage in which deals were, in order of pipeline and position."""
	stays = stage_durations.stays_of(asked)
	if asked.working_days:
		calendar = holidays.required_of_company(asked.company)
		unit, spreads = 1, stays.in_working_days(calendar)
	else:
		unit, spreads = stage_durations.HOURS_PER_DAY, stays.in_hours()
	standing = stage_durations.standing_in(stays)
	facts = stage_durations.stages_of({*spreads, *standing})
	return [
		row(stage, spreads.get(stage.name, Spread()), standing.get(stage.name, 0), unit, asked)
		for stage in facts
		if stage.stage_type == OPEN
	]


def row(stage, spread: Spread, standing: int, unit: int, asked: DwellScope) -> dict:
	limit = stage.expected_dwell_days or 0
	over = share_from(spread.histogram, limit * unit) if limit else None
	in_days = lambda value: None if value is None else value / unit  # noqa: E731
	return {
		"stage": stage.name,
		"label": _(stage.label),
		"pipeline": stage.pipeline,
		"documents": spread.count,
		"standing": standing,
		"median": in_days(median(spread.histogram)),
		"ninetieth": in_days(quantile(spread.histogram, 0.9)),
		"average": in_days(spread.average),
		"limit": limit or None,
		"over": over,
		"over_share": round(100 * over / spread.count, 1) if over is not None and spread.count else None,
		"doctype": asked.doctype,
		"routes": {"standing": [*standing_list(asked), ("stage", "=", stage.name)]},
	}


def standing_list(asked: DwellScope) -> list[tuple]:
	"""Filters of the list of the deals that stand in any stage."""
	return [*drill.shared(asked), *drill.sales(asked.doctype), ("status", "=", OPEN)]


def chart(data: list[dict]) -> dict | None:
	if not any(row["documents"] for row in data):
		return None
	several = len({row["pipeline"] for row in data}) > 1
	values = lambda key: [round(row[key] or 0, 1) for row in data]  # noqa: E731
	asks = [_ask(row["doctype"], stage=row["stage"]) for row in data]
	return {
		"type": "bar",
		"data": {
			"labels": [f"{row['label']} ({row['pipeline']})" if several else row["label"] for row in data],
			"datasets": [
				{"name": _("Median (Days)"), "values": values("median"), "asks": asks},
				{"name": _("90th Percentile (Days)"), "values": values("ninetieth"), "asks": asks},
			],
		},
		"colors": [colours.USUAL, colours.LONGEST],
	}


def _ask(doctype: str, **args) -> dict:
	"""How the documents of a number are asked for; see public/js/shared/report_figures.js."""
	return {"doctype": doctype, "method": "get_documents_of_dwell", "args": args}


def summary(data: list[dict], asked: DwellScope) -> list[dict]:
	"""The slowest stage by its median, and how many stays reached their limit."""
	timed = [row for row in data if row["median"] is not None]
	if not timed:
		return []
	slowest = max(timed, key=lambda row: row["median"])
	over, standing = sum(row["over"] or 0 for row in data), sum(row["standing"] for row in data)
	of_slowest, of_over = _ask(asked.doctype, stage=slowest["stage"]), _ask(asked.doctype, over_limit=1)
	of_standing = {"doctype": asked.doctype, "filters": standing_list(asked)}
	median_days = round(slowest["median"], 1)
	return [
		{"value": slowest["label"], "label": _("Slowest Stage"), "datatype": "Data", "ask": of_slowest},
		{"value": median_days, "label": _("Its Median (Days)"), "datatype": "Float", "ask": of_slowest},
		{"value": over, "label": _("Stays Over Their Limit"), "datatype": "Int", "ask": of_over},
		{"value": standing, "label": _("Open Deals"), "datatype": "Int", "ask": of_standing},
	]

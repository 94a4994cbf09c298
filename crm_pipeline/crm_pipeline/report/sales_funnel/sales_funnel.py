"""The funnel as a table: per stage what entered, and what became of it, for the whole or by month, team, source."""

from frappe import _
from frappe.utils import formatdate

from crm_pipeline.analytics import chart_colours as colours
from crm_pipeline.analytics import funnel_facts as facts
from crm_pipeline.analytics import funnel_picture, scope
from crm_pipeline.analytics.funnel_cohort import MONTH, TEAM, Cohort, FunnelScope, depths_of_teams
from crm_pipeline.analytics.funnel_ways import endings
from crm_pipeline.api.door import report
from crm_pipeline.core import funnel
from crm_pipeline.core.chain import CREATED_DIRECTLY
from crm_pipeline.core.funnel import Fate


@report
def execute(filters: dict | None = None):
	asked = FunnelScope.of(filters)
	cohort, group_by = Cohort(asked), asked.group_by
	data = rows(cohort, group_by)
	shown = None if group_by else chart(data, cohort.doctype)
	return columns(group_by), data, message(cohort, group_by), shown, summary(data, cohort.doctype)


def columns(group_by: str | None) -> list[dict]:
	counts = (
		("entered", _("Entered")),
		("advanced", _("Advanced", context="Funnel")),
		("lost", _("Lost")),
		("moved_back", _("Moved Back")),
		("here", _("Still Here")),
	)
	rates = [("conversion", _("Conversion")), ("attrition", _("Attrition")), ("win_rate", _("Win Rate of Entered"))]
	before = (("entered_before", _("Entered Before")),) if compares(group_by) else ()
	if before:
		rates.append(("conversion_before", _("Conversion Before")))
	days = (("median_days", _("Median Days")), ("p90_days", _("90th Percentile Days")))
	amounts = (
		("amount", _("Amount Entered")),
		("here_amount", _("Amount Still Here")),
		("weighted", _("Weighted Amount")),
	)
	group = [{"fieldname": "group", "fieldtype": "Data", "label": _(group_by), "width": 160}] if group_by else []
	return [
		*group,
		{"fieldname": "label", "fieldtype": "Data", "label": _("Stage"), "width": 170},
		*({"fieldname": name, "fieldtype": "Int", "label": label, "width": 100} for name, label in (*counts, *before)),
		*(
			{"fieldname": name, "fieldtype": "Percent", "precision": 1, "label": label, "width": 100}
			for name, label in rates
		),
		*(
			{"fieldname": name, "fieldtype": "Float", "precision": 1, "label": label, "width": 110}
			for name, label in days
		),
		*(
			{"fieldname": name, "fieldtype": "Currency", "options": "currency", "label": label, "width": 140}
			for name, label in amounts
		),
	]


def rows(cohort: Cohort, group_by: str | None) -> list[dict]:
	"""One row per stage, or per group and stage, beside the same of the period before."""
	stages, split, hours = cohort.stages, facts.passages(cohort, group_by), facts.dwell(cohort, group_by)
	earlier = cohort.before() if compares(group_by) else None
	was = facts.passages(earlier, group_by) if earlier else {}
	depths = depths_of_teams(split) if group_by == TEAM else {}
	currency = scope.currency_of(cohort.company)
	found = []
	for value in split if depths else sorted(split, key=in_order):
		before = {r.stage.name: r for r in funnel.funnel(stages, was.get(value, []))}
		part = {
			"group": "\u2003" * depths.get(value, 0) + group_label(group_by, value),
			"part": {"split": group_by, "value": list(value)} if group_by else None,
			"inside": bool(depths.get(value)),
			"days_before": {"from_date": str(earlier.first), "to_date": str(earlier.last)} if earlier else None,
			"currency": currency,
			"doctype": cohort.doctype,
		}
		for r in funnel.funnel(stages, split[value]):
			if r.stage.pipeline == cohort.pipeline:
				dwelt = hours.get(value, {}).get(r.stage.name) or {}
				found.append({**row(r, dwelt, before.get(r.stage.name)), **part})
	labels = funnel_picture.labels_of([r["stage"] for r in found])
	return [{**r, "label": labels.get(r["stage"], {}).get("label", r["stage"])} for r in found]


def in_order(value: tuple) -> tuple:
	return tuple(str(part or "").zfill(4) for part in value)


def compares(group_by: str | None) -> bool:
	"""A month is not in the period before."""
	return group_by != MONTH


def row(r: funnel.StageRow, hours: dict[int, int], before: funnel.StageRow | None) -> dict:
	answer = funnel_picture.stage_answer(r, hours) | funnel_picture.before_answer(before)
	rates = ("conversion", "attrition", "win_rate", "conversion_before")
	return {
		**answer,
		**{name: None if answer[name] is None else 100 * answer[name] for name in rates},
		"here_amount": answer["amounts"][Fate.HERE.value],
	}


def message(cohort: Cohort, group_by: str | None) -> str | None:
	opened = funnel_picture.outcome(endings(cohort))["opened"]
	lines = funnel_picture.left_out(facts.elsewhere(cohort, is_empty=not opened))
	if compares(group_by):
		before = cohort.before()
		lines.insert(0, _("Compared with {0} to {1}").format(formatdate(before.first), formatdate(before.last)))
	return "<br>".join(lines) or None


def group_label(group_by: str | None, value: tuple) -> str:
	if not group_by:
		return ""
	if group_by == "Month":
		return f"{value[0]}-{value[1]:02d}" if value[0] else _("Without a Date")
	if group_by == "Source":
		return _(value[0] or CREATED_DIRECTLY)
	if group_by == "Channel" and value[0]:
		return _(value[0])
	return value[0] or _("Not Set")


def chart(data: list[dict], doctype: str) -> dict | None:
	"""What entered each stage, and the part of it that went on."""
	if not any(r["entered"] for r in data):
		return None
	return {
		"type": "bar",
		"data": {
			"labels": [r["label"] for r in data],
			"datasets": [
				bars(data, doctype, "entered", _("Entered")),
				bars(data, doctype, "advanced", _("Advanced", context="Funnel")),
				bars(data, doctype, "lost", _("Lost")),
			],
		},
		"colors": [colours.WHOLE, colours.ADVANCED, colours.LOST],
		"fieldtype": "Int",
	}


def bars(data: list[dict], doctype: str, kind: str, label: str) -> dict:
	asks = [_ask(doctype, kind=kind, stage=r["stage"]) for r in data]
	return {"name": label, "values": [r[kind] for r in data], "asks": asks}


def _ask(doctype: str, **args) -> dict:
	"""How the documents of a number are asked for; see public/js/shared/report_figures.js."""
	return {"doctype": doctype, "method": "get_funnel_documents", "args": args}


def summary(data: list[dict], doctype: str) -> list[dict]:
	"""What the table adds up to; a deal that was in several stages stands in several rows, so entered is not summed.
	Teams inside another one are in its numbers already."""
	data = [r for r in data if not r.get("inside")]
	lost, here = (sum(r[name] for r in data) for name in ("lost", "here"))
	return [
		{"label": _("Lost"), "value": lost, "datatype": "Int", "ask": _ask(doctype, kind="lost_in_stages")},
		{"label": _("Still in a Stage"), "value": here, "datatype": "Int", "ask": _ask(doctype, kind="here_in_stages")},
		{
			"label": _("Weighted Amount"),
			"value": sum(r["weighted"] for r in data),
			"datatype": "Currency",
			"currency": data[0]["currency"] if data else None,
			"ask": _ask(doctype, kind="here_in_stages", weighted=1),
		},
	]

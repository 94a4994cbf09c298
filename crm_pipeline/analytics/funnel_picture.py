"""The funnel as a page and a report show it: facts from funnel_facts.py and funnel_ways.py, arithmetic from core/funnel.py."""

from collections.abc import Container

import frappe
from frappe import _
from frappe.utils import formatdate

from crm_pipeline.analytics import drill, funnel_facts, scope
from crm_pipeline.analytics.funnel_cohort import OPENED, Cohort
from crm_pipeline.analytics.funnel_ways import endings
from crm_pipeline.core import dwell as spans
from crm_pipeline.core import funnel as core
from crm_pipeline.core.funnel import Fate, StageRow, Tally
from crm_pipeline.core.lead import CONVERTED, DISQUALIFIED
from crm_pipeline.core.stages import LOST, OPEN, WON

HOURS_PER_DAY = 24


def picture(cohort: Cohort) -> dict:
	"""Everything the funnel page draws: what outline() and flow() answer, in one."""
	found = outline(cohort)
	current = {stage: numbers["documents"] for stage, numbers in found["standing"].items() if stage}
	return found | flow(cohort, current)


def outline(cohort: Cohort) -> dict:
	"""What is read from the deals' own columns, quickly; amounts are in the company's currency, rates shares from 0 to 1.

	{"company", "currency", "pipeline", "doctype", "basis", "from_date", "to_date",
	 "stages": [{"stage", "label", "color"}], "standing": {stage: {documents, customers, amount, weighted}, "": all},
	 "outcome": {"opened", "won", "lost", "open", "won_amount", "win_rate", "cycle_median", "cycle_p90"},
	 "elsewhere": what funnel_facts.elsewhere() answers, in words as "lines",
	 "leads": {"entered", "advanced", "lost", "here"} or {},
	 "lead_lists": the same keys with the filters of the list of exactly those leads,
	 "orders": [{"step", "documents", "amount"}]}
	"""
	standing, (days, ordered) = funnel_facts.standing(cohort), funnel_facts.won_deals(cohort)
	ended = outcome(endings(cohort))
	elsewhere = funnel_facts.elsewhere(cohort, is_empty=not ended["opened"])
	return {
		"company": cohort.company,
		"currency": scope.currency_of(cohort.company),
		"pipeline": cohort.pipeline,
		"doctype": cohort.doctype,
		"basis": cohort.basis,
		"from_date": str(cohort.first),
		"to_date": str(cohort.last),
		"scope_text": scope.line(cohort.asked.replaced(from_date=None, to_date=None), _which_deals(cohort)),
		"stages": open_stages(cohort.pipeline, standing),
		"standing": {stage or "": numbers for stage, numbers in standing.items()},
		"outcome": ended | cycle(days),
		"elsewhere": elsewhere | {"lines": left_out(elsewhere)},
		"leads": lead_row(funnel_facts.leads(cohort)),
		"lead_lists": lead_lists(cohort),
		"orders": [{"step": step, "documents": deals, "amount": amount} for step, (deals, amount) in ordered.items()],
	}


def _which_deals(cohort: Cohort) -> str:
	text = _("deals opened from {0} to {1}, by where they stand today")
	if cohort.basis != OPENED:
		text = _("deals that entered a stage from {0} to {1}, by where they stand today")
	return text.format(formatdate(cohort.first), formatdate(cohort.last))


def left_out(found: dict) -> list[str]:
	"""In words, what elsewhere() found."""
	lines = []
	if found["first"]:
		period = (formatdate(found["first"]), formatdate(found["last"]))
		lines.append(
			_("No deal was opened in this period. The deals that are here were opened from {0} to {1}.").format(*period)
		)
	if found["without_day"]:
		lines.append(
			_("{0} imported deals are left out: nobody knows on which day they were opened.").format(
				found["without_day"]
			)
		)
	return lines


def flow(cohort: Cohort, current: dict[str, int] | None = None) -> dict:
	"""What is read from the ledger: how deals went through the stages, beside the period before; `current` is what
	standing_by_stage() answers, where it is known.

	{"stages": [row of stage_answer() with label, color, "entered_before", "conversion_before"],
	 "bottleneck": {"stage", "passed"} or None, "no_funnel": [{"stage", "before", "of": "standing" or "entered"}],
	 "before": the outcome of the period before but for its cycle, "period_before": its days}
	"""
	standing = funnel_facts.standing_by_stage(cohort) if current is None else current
	rows, times = _rows(cohort, funnel_facts.passages(cohort), standing), funnel_facts.dwell(cohort).get((), {})
	before = cohort.before()
	was = {row.stage.name: row for row in _rows(before, funnel_facts.passages(before))}
	medians = {stage: spans.median(hours) for stage, hours in times.items()}
	labels = labels_of([row.stage.name for row in rows])
	narrowest = core.bottleneck(rows, medians)
	return {
		"stages": [
			stage_answer(row, times.get(row.stage.name) or {})
			| labels.get(row.stage.name, {})
			| before_answer(was.get(row.stage.name))
			for row in rows
		],
		"bottleneck": {"stage": narrowest.stage.name, "passed": narrowest.passed} if narrowest else None,
		"no_funnel": _shapes(rows, standing),
		"before": outcome(endings(before)),
		"period_before": {"from_date": str(before.first), "to_date": str(before.last)},
	}


def _rows(cohort: Cohort, found: dict, standing: Container = ()) -> list[StageRow]:
	return [
		row for row in core.funnel(cohort.stages, found.get((), []), standing) if row.stage.pipeline == cohort.pipeline
	]


def stage_answer(row: StageRow, hours: dict[int, int]) -> dict:
	"""One stage: counts and amounts of what entered and what became of it, rates, dwell in days."""
	return {
		"stage": row.stage.name,
		"entered": row.entered.documents,
		**{fate.value: row.count(fate) for fate in Fate},
		"amount": row.entered.amount,
		"amounts": {fate.value: row.fates[fate].amount for fate in Fate},
		"weighted": row.fates[Fate.HERE].weighted,
		"conversion": row.conversion,
		"attrition": row.attrition,
		"win_rate": row.win_rate,
		"median_days": _days(spans.median(hours)),
		"p90_days": _days(spans.quantile(hours, 0.9)),
	}


def before_answer(row: StageRow | None) -> dict:
	return {"entered_before": row.entered.documents if row else 0, "conversion_before": row.conversion if row else None}


def _days(hours: float | None) -> float | None:
	return None if hours is None else hours / HOURS_PER_DAY


def labels_of(stages: list[str]) -> dict[str, dict]:
	return {row.name: _worded(row) for row in _stages({"name": ("in", stages or [""])})}


def open_stages(pipeline: str, occupied: Container[str]) -> list[dict]:
	"""The open stages of a pipeline in order: {"stage", "label", "color"}; a disabled one where deals stand in it."""
	rows = _stages({"pipeline": pipeline, "stage_type": OPEN})
	return [{"stage": row.name, **_worded(row)} for row in rows if not row.disabled or row.name in occupied]


def _stages(filters: dict) -> list[dict]:
	fields = ["name", "label", "color", "disabled"]
	return frappe.get_all("Pipeline Stage", filters=filters, fields=fields, order_by="position asc, name asc", limit=0)


def _worded(row: dict) -> dict:
	return {"label": _(row.label), "color": row.color}


def outcome(ended: dict[str | None, Tally]) -> dict:
	"""How the deals of a cohort ended: counts, amounts and the win rate."""
	held, lost, won = (ended.get(how) or Tally() for how in (None, LOST, WON))
	closed = won.documents + lost.documents
	return {
		"opened": closed + held.documents,
		"open": held.documents,
		"won": won.documents,
		"lost": lost.documents,
		"open_amount": held.amount,
		"weighted": held.weighted,
		"won_amount": won.amount,
		"lost_amount": lost.amount,
		"win_rate": won.documents / closed if closed else None,
	}


def cycle(days: dict[int, int]) -> dict:
	"""How long deals took from opening to winning, in days; `days` as won_deals() counts them."""
	return {"cycle_median": spans.median(days), "cycle_p90": spans.quantile(days, 0.9)}


def lead_row(by_status: dict[str, int]) -> dict:
	"""Leads in front of the funnel, which add up the same way; a lead never moves back."""
	if not by_status:
		return {}
	advanced, lost = by_status.get(CONVERTED, 0), by_status.get(DISQUALIFIED, 0)
	entered = sum(by_status.values())
	return {"entered": entered, "advanced": advanced, "lost": lost, "here": entered - advanced - lost}


def lead_lists(cohort: Cohort) -> dict[str, list]:
	both = [
		*drill.shared(cohort.asked.replaced(pipeline=None)),
		("creation", "between", [str(cohort.first), str(cohort.last)]),
	]
	ended = [CONVERTED, DISQUALIFIED]
	return {
		"entered": both,
		"advanced": [*both, ("status", "=", CONVERTED)],
		"lost": [*both, ("status", "=", DISQUALIFIED)],
		"here": [*both, ("status", "not in", ended)],
	}


def _shapes(rows: list[StageRow], standing: dict) -> list[dict]:
	today = [(row.stage.name, standing.get(row.stage.name, 0)) for row in rows]
	entered = [(row.stage.name, row.entered.documents) for row in rows]
	return [
		{"stage": stage, "before": before, "of": which}
		for which, counts in (("standing", today), ("entered", entered))
		for stage, before in core.no_funnel(counts)
	]

"""What is known of many open deals at once, for core/stalled.py: a fixed number of queries, however many deals."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import frappe
from frappe.utils import flt, getdate

from crm_pipeline.analytics import scope
from crm_pipeline.analytics.deal_dwell import days_in_stage, usual_dwell
from crm_pipeline.analytics.deal_events import (
	last_contact,
	pipelines_without_quotations,
	planned_of,
	pushes_of,
	quoted_of,
	with_decision_maker,
	won_amounts_of,
)
from crm_pipeline.analytics.stalled_rules import Rules
from crm_pipeline.core.chain import SALE_TYPES
from crm_pipeline.core.stages import OPEN
from crm_pipeline.core.stalled import Facts
from crm_pipeline.leads.origins import LEAD, leads_of
from crm_pipeline.user_day import user_day_of

PROJECT, OPPORTUNITY = scope.PROJECT, "Sales Opportunity"


def gather(
	doctype: str, names: list[str], how: Rules, now: datetime, projects: dict[str, str] | None = None
) -> dict[str, Facts]:
	"""{name: facts} of those of these deals that are open and judged by themselves. `projects` is what projects_of()
	answers, where it is known already.

	Left out: closed deals, projects that are no sale, and opportunities that run as a sales project, which is
	judged in their place.
	"""
	deals = _deals(doctype, names)
	if not deals:
		return {}
	names = [deal.name for deal in deals]
	if projects is None:
		projects = projects_of(names) if doctype == OPPORTUNITY else {}
	run_as_project = projects.values()
	deals = [deal for deal in deals if deal.name not in run_as_project]
	known = _known_of(doctype, names, deals, how, now)
	# A day that somebody typed is not late while it lasts for the reader.
	today, typed_today = getdate(now), min(getdate(now), user_day_of(now))
	return {deal.name: _facts_of(deal, known, how, today, typed_today) for deal in deals}


@dataclass(frozen=True, slots=True)
class _Known:
	"""What was asked for many deals at once: by name of the deal, where nothing else is said."""

	stages: dict  # by stage
	usual: dict  # by pipeline, by stage
	dwell: dict
	contact: dict
	good: dict
	planned: set[str]
	pushes: dict
	won: dict  # by customer and company
	deciders: set[str]
	quoted: set[str]
	without_quotations: set[str]  # pipelines


def _known_of(doctype: str, names: list[str], deals: list, how: Rules, now: datetime) -> _Known:
	stages = _stages(deals)
	# What was recorded on the opportunity, before or since, says as much about the project that runs it.
	origins = {deal.name: deal.source_name for deal in deals if deal.source_type == OPPORTUNITY and deal.source_name}

	def here_or_before(ask: Callable, of: list[str]) -> set[str]:
		before = ask(OPPORTUNITY, sorted({origins[name] for name in of if name in origins})) if origins else ()
		return ask(doctype, of) | {name for name in of if origins.get(name) in before}

	def from_probability(limit: float) -> list[str]:
		"""The deals far enough for a signal: most saves can spare the questions behind it."""
		return [deal.name for deal in deals if flt((stages.get(deal.stage) or {}).get("probability")) >= limit]

	leads = leads_of(doctype, names, deals)
	contact, good = _contact_of(doctype, names, origins, leads, now)
	planned = here_or_before(lambda doctype, names: planned_of(doctype, names, now), names)
	near_end = from_probability(how.thresholds.quotation_from)
	return _Known(
		stages=stages,
		usual={p: usual_dwell(doctype, p, how) for p in {deal.pipeline for deal in deals}},
		dwell=days_in_stage(doctype, deals, how, now),
		contact=contact,
		good=good,
		planned=planned | _planned_on_leads(leads, now),
		pushes=pushes_of(doctype, names),
		won=won_amounts_of(doctype, deals),
		deciders=here_or_before(with_decision_maker, from_probability(how.thresholds.decision_maker_from)),
		quoted=here_or_before(quoted_of, near_end),
		without_quotations=pipelines_without_quotations() if near_end else set(),
	)


def _facts_of(deal, known: _Known, how: Rules, today: date, typed_today: date) -> Facts:
	stage, dwell = known.stages.get(deal.stage) or frappe._dict(), known.dwell[deal.name]
	good, planned = known.good.get(deal.name), deal.name in known.planned
	# What an import does not tell is unknown, and nobody has had time to add it.
	unknown = bool(deal.external_id) and _days_since(deal.creation, today) < how.thresholds.silent_days
	began = deal.creation if deal.external_id else deal.opened_on or deal.creation
	return Facts(
		days_in_stage=dwell,
		age_days=max(_days_since(deal.opened_on or deal.creation, today), dwell),
		in_touch_days=_days_since(good, today) if good else None,
		acknowledged=bool(deal.not_stalled_until and getdate(deal.not_stalled_until) >= typed_today),
		stage_limit=stage.expected_dwell_days or None,
		usual_days=known.usual[deal.pipeline].get(deal.stage),
		silent_days=_days_since(known.contact.get(deal.name) or began, today),
		times_pushed=known.pushes.get(deal.name, 0),
		days_overdue=(typed_today - getdate(deal.expected_close)).days if deal.expected_close else None,
		has_next_step=unknown or planned or bool(deal.next_step or deal.next_step_date),
		next_step_late=None if planned else _late(deal.next_step_date, typed_today),
		step_ahead=planned or _is_ahead(deal.next_step_date, typed_today),
		stage_probability=flt(stage.probability),
		has_decision_maker=unknown or deal.name in known.deciders,
		quotation_expected=deal.pipeline not in known.without_quotations,
		has_quotation=unknown or deal.name in known.quoted,
		amount=flt(deal.base_amount),
		won_amounts=known.won.get((deal.customer, deal.company), {}) if deal.customer else {},
	)


def _contact_of(doctype: str, names: list[str], origins: dict, leads: dict, now: datetime) -> tuple[dict, dict]:
	"""As last_contact(), with what was said on the leads and the opportunity that a deal came from."""
	contact, good = last_contact(doctype, names, now)
	before, good_before = last_contact(OPPORTUNITY, sorted(set(origins.values())), now) if origins else ({}, {})
	if all_leads := _all(leads):
		of_leads, good_of_leads = last_contact(LEAD, all_leads, now)
		before, good_before = before | of_leads, good_before | good_of_leads
	for name in names:
		earlier = (*leads.get(name, ()), *([origins[name]] if name in origins else ()))
		for times, older in ((contact, before), (good, good_before)):
			moments = [older[origin] for origin in earlier if origin in older]
			if moments:
				times[name] = max([*moments, times.get(name) or moments[0]])
	return contact, good


def _planned_on_leads(leads: dict[str, list[str]], now: datetime) -> set[str]:
	"""The deals on whose leads an activity is planned."""
	planned = planned_of(LEAD, all_leads, now) if (all_leads := _all(leads)) else set()
	return {name for name, found in leads.items() if planned & set(found)}


def _all(leads: dict[str, list[str]]) -> list[str]:
	return sorted({lead for found in leads.values() for lead in found})


def _days_since(moment, today: date) -> int:
	return max((today - getdate(moment)).days, 0)


def _late(due, today: date) -> int | None:
	return (today - getdate(due)).days if due and getdate(due) < today else None


def _is_ahead(due, today: date) -> bool:
	return bool(due) and getdate(due) >= today


def _deals(doctype: str, names: list[str]) -> list[dict]:
	filters = {"name": ("in", names), "status": OPEN}
	if doctype == PROJECT:
		filters["project_type"] = ("in", SALE_TYPES)
	return frappe.get_all(
		doctype,
		filters=filters,
		fields=[
			"name", "pipeline", "stage", "customer", "company", "base_amount", "expected_close", "next_step",
			"next_step_date", "opened_on", "creation", "not_stalled_until", "stage_entered_on", "source_type", "source_name",
			"external_id",
		],
		order_by="name asc",
		limit=0,
	)  # fmt: skip


def projects_of(opportunities: list[str]) -> dict[str, str]:
	"""{project: opportunity that it runs}; a lost project runs none."""
	rows = frappe.get_all(
		PROJECT,
		filters={"source_type": OPPORTUNITY, "source_name": ("in", opportunities), "status": ("!=", "Lost")},
		fields=["name", "source_name"],
		order_by="name asc",
		limit=0,
	)
	return {row.name: row.source_name for row in rows}


def _stages(deals: list[dict]) -> dict[str, dict]:
	rows = frappe.get_all(
		"Pipeline Stage",
		filters={"name": ("in", sorted({deal.stage for deal in deals if deal.stage}) or [""])},
		fields=["name", "probability", "expected_dwell_days"],
		order_by="name asc",
		limit=0,
	)
	return {row.name: row for row in rows}

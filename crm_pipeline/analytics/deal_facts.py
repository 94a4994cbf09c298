"""What is known of many open deals at once, for core/stalled.py: a fixed number of queries, however many deals."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import frappe
from frappe.query_builder.functions import Count, Max
from frappe.utils import cint, flt, get_datetime, getdate

from crm_pipeline.analytics import scope
from crm_pipeline.analytics.sql_terms import is_won
from crm_pipeline.analytics.stage_durations import HOUR, Stays
from crm_pipeline.chain import standard_kinds
from crm_pipeline.core.chain import SALE_TYPES
from crm_pipeline.core.dwell import SECONDS_PER_DAY, WorkCalendar, quantile, seconds_spent
from crm_pipeline.core.kinds import ACTIVITY_TYPE, TOGETHER
from crm_pipeline.core.stages import OPEN
from crm_pipeline.core.stalled import SIGNALS, Facts, Thresholds
from crm_pipeline.erp import holidays
from crm_pipeline.leads.origins import LEAD, leads_of
from crm_pipeline.user_day import user_day_of

SETTINGS = "CRM Pipeline Settings"
PROJECT, OPPORTUNITY = scope.PROJECT, "Sales Opportunity"

# The customer did not take part.
NOT_REACHED = "Not Reached"
# They were reached, and it did not help.
SAID_NO = ("Not Interested", "Postponed")

USUAL_KEY = "crm_pipeline_usual_dwell"
USUAL_KEPT_SECONDS = 24 * HOUR


@dataclass(frozen=True)
class Rules:
	"""Thresholds as an admin set them, and how dwell is counted."""

	thresholds: Thresholds
	dwell_quantile: float
	dwell_min_won: int
	working_days: bool


def rules() -> Rules:
	settings = frappe.get_cached_doc(SETTINGS)
	return Rules(
		thresholds=Thresholds(
			weights={signal: cint(settings.get(f"weight_{signal}")) for signal in SIGNALS},
			stalled_from=cint(settings.stalled_from_score),
			new_days=cint(settings.stalled_new_days),
			in_touch_days=cint(settings.stalled_in_touch_days),
			tolerance_days=cint(settings.stalled_tolerance_days),
			silent_days=cint(settings.stalled_silent_days),
			times_pushed=cint(settings.stalled_times_pushed),
			decision_maker_from=flt(settings.decision_maker_from_probability),
			quotation_from=flt(settings.quotation_from_probability),
			amount_factor=flt(settings.odd_amount_factor),
			amount_min_won=cint(settings.odd_amount_min_won),
		),
		dwell_quantile=min(max(flt(settings.stalled_dwell_quantile), 0.0), 100.0) / 100,
		dwell_min_won=cint(settings.stalled_dwell_min_won),
		working_days=bool(settings.dwell_in_working_days),
	)


def gather(doctype: str, names: list[str], how: Rules, now: datetime) -> dict[str, Facts]:
	"""{name: facts} of those of these deals that are open and judged by themselves.

	Left out: closed deals, projects that are no sale, and opportunities that run as a sales project, which is
	judged in their place.
	"""
	deals = _deals(doctype, names)
	if not deals:
		return {}
	names = [deal.name for deal in deals]
	run_as_project = projects_of(names).values() if doctype == OPPORTUNITY else ()
	deals = [deal for deal in deals if deal.name not in run_as_project]
	stages, dwell = _stages(deals), _days_in_stage(doctype, deals, how, now)
	usual = {p: usual_dwell(doctype, p, how) for p in {deal.pipeline for deal in deals}}
	# What was recorded on the opportunity, before or since, says as much about the project that runs it.
	origins = {deal.name: deal.source_name for deal in deals if deal.source_type == OPPORTUNITY and deal.source_name}

	def here_or_before(ask: Callable, of: list[str]) -> set[str]:
		before = ask(OPPORTUNITY, sorted({origins[name] for name in of if name in origins})) if origins else ()
		return ask(doctype, of) | {name for name in of if origins.get(name) in before}

	contact, good = _last_contact(doctype, names, now)
	before, good_before = _last_contact(OPPORTUNITY, sorted(set(origins.values())), now) if origins else ({}, {})
	planned = here_or_before(lambda doctype, names: _planned(doctype, names, now), names)
	leads = leads_of(doctype, names)
	all_leads = sorted({lead for found in leads.values() for lead in found})
	on_leads = _last_contact(LEAD, all_leads, now) if all_leads else ({}, {})
	before |= on_leads[0]
	good_before |= on_leads[1]
	planned_on_leads = _planned(LEAD, all_leads, now) if all_leads else set()
	for name in names:
		earlier = (*leads.get(name, ()), *([origins[name]] if name in origins else ()))
		for times, older in ((contact, before), (good, good_before)):
			moments = [older[origin] for origin in earlier if origin in older]
			if moments:
				times[name] = max([*moments, times.get(name) or moments[0]])
	planned |= {name for name, found in leads.items() if planned_on_leads & set(found)}
	pushes, won = _pushes(doctype, names), _won_amounts(doctype, deals)

	def from_probability(limit: float) -> list[str]:
		"""The deals far enough for a signal: most saves can spare the questions behind it."""
		return [deal.name for deal in deals if flt((stages.get(deal.stage) or {}).get("probability")) >= limit]

	deciders = here_or_before(_with_decision_maker, from_probability(how.thresholds.decision_maker_from))
	near_end = from_probability(how.thresholds.quotation_from)
	quoted, without_quotations = (
		here_or_before(_quoted, near_end),
		_pipelines_without_quotations() if near_end else set(),
	)
	today = getdate(now)
	# A day that somebody typed is not late while it lasts for the reader.
	typed_today = min(today, user_day_of(now))
	found = {}
	for deal in deals:
		stage = stages.get(deal.stage) or frappe._dict()
		planned_step = deal.name in planned
		found[deal.name] = Facts(
			days_in_stage=dwell[deal.name],
			age_days=max(_days_since(deal.opened_on or deal.creation, today), dwell[deal.name]),
			in_touch_days=_days_since(good[deal.name], today) if deal.name in good else None,
			acknowledged=bool(deal.not_stalled_until and getdate(deal.not_stalled_until) >= typed_today),
			stage_limit=stage.expected_dwell_days or None,
			usual_days=usual[deal.pipeline].get(deal.stage),
			silent_days=_days_since(contact.get(deal.name) or deal.opened_on or deal.creation, today),
			times_pushed=pushes.get(deal.name, 0),
			days_overdue=(typed_today - getdate(deal.expected_close)).days if deal.expected_close else None,
			has_next_step=planned_step or bool(deal.next_step or deal.next_step_date),
			next_step_late=None if planned_step else _late(deal.next_step_date, typed_today),
			stage_probability=flt(stage.probability),
			has_decision_maker=deal.name in deciders,
			quotation_expected=deal.pipeline not in without_quotations,
			has_quotation=deal.name in quoted,
			amount=flt(deal.base_amount),
			won_amounts=won.get((deal.customer, deal.company), {}) if deal.customer else {},
		)
	return found


def _days_since(moment, today: date) -> int:
	return max((today - getdate(moment)).days, 0)


def _late(due, today: date) -> int | None:
	return (today - getdate(due)).days if due and getdate(due) < today else None


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


# ---- dwell


def _days_in_stage(doctype: str, deals: list[dict], how: Rules, now: datetime) -> dict[str, float]:
	"""Days of each deal in the stage it stands in: the running visit and all earlier ones to the same stage."""
	companies = {deal.company for deal in deals} if how.working_days else ()
	calendars = {company: holidays.calendar_of(company) or WorkCalendar() for company in companies}

	def days(deal: dict, entered: datetime, left: datetime) -> float:
		if how.working_days:
			return calendars[deal.company].days_between(entered, left)
		return seconds_spent(entered, left) / SECONDS_PER_DAY

	by_name = {deal.name: deal for deal in deals}
	found = {deal.name: days(deal, get_datetime(deal.stage_entered_on or now), now) for deal in deals}
	earlier = _earlier_seconds(doctype, list(by_name))
	if not how.working_days:
		for name, seconds in earlier.items():
			found[name] += seconds / SECONDS_PER_DAY
		return found
	for row in _earlier_visits(doctype, list(earlier)):
		left = get_datetime(row.at)
		deal = by_name[row.name]
		found[row.name] += days(deal, left - timedelta(seconds=row.seconds_spent or 0), left)
	return found


def _earlier_seconds(doctype: str, names: list[str]) -> dict[str, int]:
	"""Of those of these deals that stand in a stage again, the seconds of their visits before."""
	deal, passage = frappe.qb.DocType(doctype), frappe.qb.DocType("Stage Passage")
	rows = (
		frappe.qb.from_(deal)
		.join(passage)
		.on((passage.reference_name == deal.name) & (passage.stage == deal.stage))
		.select(deal.name, passage.seconds)
		.where(deal.name.isin(names or [""]))
		.where((passage.reference_doctype == doctype) & passage.last_left.isnotnull())
	).run()
	return dict(rows)


def _earlier_visits(doctype: str, names: list[str]) -> list[dict]:
	deal, event = frappe.qb.DocType(doctype), frappe.qb.DocType("Pipeline Event")
	return (
		frappe.qb.from_(deal)
		.join(event)
		.on((event.reference_name == deal.name) & (event.from_value == deal.stage))
		.select(deal.name, event.at, event.seconds_spent)
		.where(deal.name.isin(names or [""]))
		.where((event.reference_doctype == doctype) & (event.kind == "Stage"))
	).run(as_dict=True)


def usual_dwell(doctype: str, pipeline: str, how: Rules) -> dict[str, float]:
	"""{stage: days}: a quantile of what the won deals of a pipeline took in each stage, where there are enough.

	Kept for a day: it moves slowly, and every save of a deal asks for it.
	"""
	key = f"{pipeline}:{how.dwell_quantile}:{how.dwell_min_won}:{cint(how.working_days)}"
	kept = frappe.cache.hget(USUAL_KEY, key)
	if kept and kept["until"] > frappe.utils.now():
		return kept["days"]
	days = _usual_dwell(doctype, pipeline, how)
	until = frappe.utils.now_datetime() + timedelta(seconds=USUAL_KEPT_SECONDS)
	frappe.cache.hset(USUAL_KEY, key, {"days": days, "until": str(until)})
	return days


def forget_usual_dwell() -> None:
	frappe.cache.delete_value(USUAL_KEY)


def _usual_dwell(doctype: str, pipeline: str, how: Rules) -> dict[str, float]:
	deal = frappe.qb.DocType(doctype)
	stays = Stays(doctype, lambda query: _of_won(query.where(deal.pipeline == pipeline), doctype))
	if how.working_days:
		company = frappe.get_cached_value("Sales Pipeline", pipeline, "company") or _company_of_site()
		spreads, unit = stays.in_working_days(holidays.calendar_of(company) or WorkCalendar()), 1
	else:
		spreads, unit = stays.in_hours(), 24
	return {
		stage: quantile(spread.histogram, how.dwell_quantile) / unit
		for stage, spread in spreads.items()
		if stage and spread.count >= max(how.dwell_min_won, 1)
	}


def _of_won(query, doctype: str):
	"""The sales that were won: of projects also those that were completed since."""
	return scope.sales(query, doctype).where(is_won(frappe.qb.DocType(doctype)))


def _company_of_site() -> str | None:
	return frappe.db.get_single_value("Global Defaults", "default_company")


# ---- what happened on a deal


def _about(table, doctype: str, names: list[str]):
	return (table.reference_doctype == doctype) & table.reference_name.isin(names)


def _last_contact(doctype: str, names: list[str], now: datetime) -> tuple[dict[str, datetime], dict[str, datetime]]:
	"""When the customer last took part: an inbound or common activity, one that reached them, or a mail of theirs; and
	when they last did so without a no."""
	activity, mail = frappe.qb.DocType("Sales Activity"), frappe.qb.DocType("Communication")
	took_part = (
		(activity.direction == "Inbound")
		| activity.way.isin(standard_kinds.names_of(ACTIVITY_TYPE, TOGETHER))
		| (activity.result.isnotnull() & (activity.result != ""))
	)
	activities = (
		frappe.qb.from_(activity)
		.select(activity.reference_name, activity.result, Max(activity.starts_on).as_("at"))
		.where(_about(activity, doctype, names) & (activity.status == "Done") & took_part)
		.where(activity.result.isnull() | (activity.result != NOT_REACHED))
		.where(activity.starts_on <= str(now))
		.groupby(activity.reference_name, activity.result)
	)
	mails = (
		frappe.qb.from_(mail)
		.select(mail.reference_name, Max(mail.communication_date).as_("at"))
		.where(_about(mail, doctype, names) & (mail.sent_or_received == "Received"))
		.where(mail.communication_type == "Communication")
		.where(mail.communication_date <= str(now))
		.groupby(mail.reference_name)
	)
	found: dict[str, datetime] = {}
	good: dict[str, datetime] = {}
	for name, result, at in [*activities.run(), *((name, None, at) for name, at in mails.run())]:
		for times in (found,) if result in SAID_NO else (found, good):
			times[name] = max(get_datetime(at), times.get(name) or get_datetime(at))
	return found, good


def _planned(doctype: str, names: list[str], now: datetime) -> set[str]:
	"""Deals with an activity still to come: that is a next step as well."""
	return set(
		frappe.get_all(
			"Sales Activity",
			filters={
				"reference_doctype": doctype,
				"reference_name": ("in", names),
				"status": "Planned",
				"starts_on": (">=", str(getdate(now))),
			},
			pluck="reference_name",
			order_by="reference_name asc",
			limit=0,
		)
	)


def _pushes(doctype: str, names: list[str]) -> dict[str, int]:
	"""How often the expected close was moved to a later day; both are stored as ISO dates."""
	event = frappe.qb.DocType("Pipeline Event")
	rows = (
		frappe.qb.from_(event)
		.select(event.reference_name, Count("*"))
		.where(_about(event, doctype, names) & (event.kind == "Expected Close"))
		.where(event.to_value > event.from_value)
		.groupby(event.reference_name)
	).run()
	return dict(rows)


def _with_decision_maker(doctype: str, names: list[str]) -> set[str]:
	if not names:
		return set()
	return set(
		frappe.get_all(
			"Sales Deal Contact",
			filters={"parenttype": doctype, "parent": ("in", names), "role": "Decision Maker"},
			pluck="parent",
			order_by="parent asc",
			limit=0,
		)
	)


# ---- quotations and what else was agreed


def _pipelines_without_quotations() -> set[str]:
	return set(
		frappe.get_all("Sales Pipeline", filters={"quotation_step": "Off"}, pluck="name", order_by="name asc", limit=0)
	)


def _quoted(doctype: str, names: list[str]) -> set[str]:
	"""Deals with a submitted quotation, or already beyond it with a contract or an order request."""
	if not names:
		return set()
	quotation = frappe.get_all(
		"Quotation",
		filters={"crm_source_type": doctype, "crm_source_name": ("in", names), "docstatus": 1},
		pluck="crm_source_name",
		order_by="crm_source_name asc",
		limit=0,
	)
	found = set(quotation)
	for later in ("Sales Contract", "Sales Order Request"):
		found.update(
			frappe.get_all(
				later,
				filters={"source_type": doctype, "source_name": ("in", names), "docstatus": ("<", 2)},
				pluck="source_name",
				order_by="source_name asc",
				limit=0,
			)
		)
	return found


def _won_amounts(doctype: str, deals: list[dict]) -> dict[tuple[str, str], dict[float, int]]:
	"""{(customer, company): {amount: how often}} of what the customers of these deals bought before."""
	customers = sorted({deal.customer for deal in deals if deal.customer})
	deal = frappe.qb.DocType(doctype)
	rows = (
		_of_won(frappe.qb.from_(deal), doctype)
		.select(deal.customer, deal.company, deal.base_won_amount, Count("*"))
		.where(deal.customer.isin(customers or [""]))
		.groupby(deal.customer, deal.company, deal.base_won_amount)
	).run()
	found: dict[tuple, dict[float, int]] = defaultdict(dict)
	for customer, company, amount, count in rows:
		found[customer, company][flt(amount)] = count
	return dict(found)

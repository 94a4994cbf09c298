"""How long open deals have been in their stage, and what the won deals of their pipeline usually took there."""

from datetime import datetime, timedelta

import frappe
from frappe.utils import cint, get_datetime

from crm_pipeline.analytics.deal_events import of_won
from crm_pipeline.analytics.stage_durations import HOUR, Stays
from crm_pipeline.analytics.stalled_rules import Rules
from crm_pipeline.core.dwell import SECONDS_PER_DAY, WorkCalendar, quantile, seconds_spent
from crm_pipeline.erp import holidays

USUAL_KEY = "crm_pipeline_usual_dwell"
USUAL_KEPT_SECONDS = 24 * HOUR


def days_in_stage(doctype: str, deals: list[dict], how: Rules, now: datetime) -> dict[str, float]:
	"""Days of each deal in the stage it stands in: the running visit and all earlier ones to the same stage."""
	companies = {deal.company for deal in deals} if how.working_days else ()
	calendars = {company: holidays.calendar_of(company) or WorkCalendar() for company in companies}

	def days(deal: dict, entered: datetime, left: datetime) -> float:
		if how.working_days:
			return calendars[deal.company].days_between(entered, left)
		return seconds_spent(entered, left) / SECONDS_PER_DAY

	found = {deal.name: days(deal, watched_since(deal, now), now) for deal in deals}
	# Of what was before it came here nobody knows how it was.
	by_name = {deal.name: deal for deal in deals if not deal.external_id}
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


def watched_since(deal: dict, now: datetime) -> datetime:
	"""Since when a deal stands in its stage, as far as it is judged by that: one that was imported since it came here."""
	entered = get_datetime(deal.stage_entered_on or now)
	return max(entered, get_datetime(deal.creation)) if deal.external_id else entered


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
	stays = Stays(doctype, lambda query: of_won(query.where(deal.pipeline == pipeline), doctype))
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


def _company_of_site() -> str | None:
	return frappe.db.get_single_value("Global Defaults", "default_company")

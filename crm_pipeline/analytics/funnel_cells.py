"""The documents behind a number of the funnel: the very ones that were counted there."""

import frappe
from frappe import _
from frappe.query_builder.functions import Coalesce, Count
from pypika import Criterion, Order

from crm_pipeline.analytics import funnel_facts
from crm_pipeline.analytics.funnel_cohort import Cohort
from crm_pipeline.analytics.sql_terms import is_lost, is_won
from crm_pipeline.core import funnel as core
from crm_pipeline.core.stages import OPEN
from crm_pipeline.wording import bold

# What a cell may show beside the fates of core.funnel.
ENTERED, STANDING = "entered", "standing"
OUTCOMES = ("opened", "open", "won", "lost", *funnel_facts.ORDER_STEPS)
# What the rows of a funnel add up to.
ADDED_UP = {"lost_in_stages": core.Fate.LOST.value, "here_in_stages": core.Fate.HERE.value}


def largest(queries: list, deal, value, most: int) -> list[tuple[str, float]]:
	"""(name, value) of the first deals of queries that don't overlap, by the term `value` and then by name."""
	rows: list[tuple] = []
	for query in queries:
		rows += query.select(deal.name, value).orderby(value, order=Order.desc).orderby(deal.name).limit(most).run()
	return sorted(rows, key=lambda row: (-(row[1] or 0), row[0]))[:most]


def count(queries: list) -> int:
	return sum(query.select(Count("*")).run()[0][0] for query in queries)


def cell(cohort: Cohort, stage: str | None, kind: str) -> list:
	"""Queries on the deals of a cell that don't overlap. Raises DoesNotExistError for what is no cell.

	`kind` is a fate or "entered" of a stage, "standing" in it today (anywhere without a stage), or an outcome of the whole
	cohort: "opened", "open", "won", "lost", "ordered", "delivered", "billed", "paid"; or what all stages add up to:
	"lost_in_stages", "here_in_stages".
	"""
	deal = cohort.deal
	if kind == STANDING:
		query = frappe.qb.from_(deal).where(deal.status == OPEN)
		return [cohort.of_deals(query.where(deal.stage == stage) if stage else query)]
	if kind in OUTCOMES and not stage:
		return [cohort.narrow(_of_outcome(deal, kind))]
	known = {s.name: s for s in cohort.stages}
	if kind in ADDED_UP and not stage:
		own = [s.name for s in cohort.stages if s.pipeline == cohort.pipeline and s.type == OPEN]
		return [query for name in own for query in _of_stage(cohort, known, name, ADDED_UP[kind])]
	if stage not in known or kind not in (ENTERED, *(fate.value for fate in core.Fate)):
		frappe.throw(_("The funnel has no number {0} of {1}").format(bold(kind), bold(stage)), frappe.DoesNotExistError)
	return _of_stage(cohort, known, stage, kind)


def _of_stage(cohort: Cohort, known: dict, stage: str, kind: str) -> list:
	return [
		entries.query.where(entries.stage == stage).where(ways)
		for entries in funnel_facts.entered(cohort)
		if (ways := _ways(entries.query, cohort, entries.stage, known, stage, kind)) is not None
	]


def _of_outcome(deal, kind: str):
	query = frappe.qb.from_(deal)
	if kind == "open":
		return query.where(deal.status == OPEN)
	if kind == "lost":
		return query.where(is_lost(deal))
	if kind == "opened":
		return query
	query = query.where(is_won(deal))
	return query if kind == "won" else query.where(deal[funnel_facts.ORDER_STEPS[kind]] > 0)


def _ways(query, cohort: Cohort, term, known: dict, stage: str, kind: str):
	"""The ways of standing (stage now, closed from) that count for this cell, as a condition; None without any."""
	deal = cohort.deal
	found = query.select(deal.stage, deal.closed_from).where(term == stage).groupby(deal.stage, deal.closed_from)
	ways = [
		(row.stage, row.closed_from)
		for row in found.run(as_dict=True)
		if kind == ENTERED
		or core.fate(known[stage], known.get(row.stage), known.get(row.closed_from or "")).value == kind
	]
	conditions = [
		(deal.stage == now) & (deal.closed_from == closed_from if closed_from else Coalesce(deal.closed_from, "") == "")
		for now, closed_from in ways
	]
	return Criterion.any(conditions) if conditions else None

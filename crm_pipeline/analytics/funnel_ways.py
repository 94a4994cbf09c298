"""The deals of a cohort by the way that they went: which stages they left, where they stand, how they ended."""

from collections import defaultdict
from dataclasses import dataclass
from zlib import crc32

import frappe
from frappe.query_builder.functions import Count, Min, Sum

from crm_pipeline.analytics.funnel_cohort import Cohort, named
from crm_pipeline.analytics.sql_terms import Crc32, value_of
from crm_pipeline.core.funnel import Passage, Tally
from crm_pipeline.core.stages import LOST, WON


@dataclass(frozen=True)
class Way:
	"""Deals that went the same way: those that left the stages `passed` and stand in `now` (of closed ones `closed_from` is
	their last open stage). `outcome` is None for open ones, `value` that of the split."""

	passed: tuple[str, ...]
	now: str | None
	closed_from: str | None
	outcome: str | None
	value: tuple
	documents: int
	amount: float
	weighted: float


def ways_of(cohort: Cohort, split: str | None = None) -> list[Way]:
	"""The deals of a cohort by the way that they went; asked once per cohort, and kept with it."""
	if split not in cohort.ways:
		cohort.ways[split] = _ask(cohort, split)
	return cohort.ways[split]


def _ask(cohort: Cohort, split: str | None) -> list[Way]:
	"""An index of the deals answers: no passage is read but those of one deal per set of stages.

	Stages are grouped by their numbers: by names of 140 characters the database would need ten times the memory for its
	groups, and several times as long.
	"""
	deal, by = cohort.deal, named(cohort.split_columns(split))
	value = value_of(deal)
	keys = [
		deal.passed_stages,
		Crc32(deal.stage).as_("now"),
		Crc32(deal.closed_from).as_("last"),
		Crc32(deal.outcome).as_("ended"),
		*by,
	]
	numbers = (Count("*"), Sum(value), Sum(value * deal.probability) / 100, Min(deal.name))
	rows = cohort.narrow(frappe.qb.from_(deal)).select(*keys, *numbers).groupby(*keys).run()
	examples = {row[0]: row[-1] for row in rows if row[0]}
	left = _stages_left(cohort, list(examples.values()))
	names = {crc32(stage.name.encode()): stage.name for stage in cohort.stages}
	known = set(names.values())
	return [
		Way(
			tuple(stage for stage in left.get(examples.get(key), ()) if stage in known),
			names.get(now),
			names.get(last),
			_OUTCOMES.get(ended),
			tuple(part or None for part in rest[:-4]),
			*(number or 0 for number in rest[-4:-1]),
		)
		for key, now, last, ended, *rest in rows
	]


_OUTCOMES = {crc32(outcome.encode()): outcome for outcome in (WON, LOST)}


def _stages_left(cohort: Cohort, deals: list[str]) -> dict[str, tuple[str, ...]]:
	"""{deal: the stages that it has left, some time}."""
	passage, found = cohort.passage, defaultdict(tuple)
	rows = (
		frappe.qb.from_(passage)
		.select(passage.reference_name, passage.stage)
		.where((passage.reference_doctype == cohort.doctype) & passage.reference_name.isin(deals or [""]))
		.where(passage.last_left.isnotnull())
		.orderby(passage.reference_name)
		.orderby(passage.stage)
	).run()
	for deal, stage in rows:
		found[deal] += (stage,)
	return found


def passages_of(ways: list[Way]) -> dict[tuple, list[Passage]]:
	"""{value of the split: passages}: a stage that deals have left, or in which open ones stand, is one."""
	found: dict[tuple, list[Passage]] = defaultdict(list)
	for way in ways:
		place = (way.now, way.closed_from)
		passed = [Passage(stage, *place, way.documents, way.amount) for stage in way.passed if stage != way.now]
		if way.now and way.outcome is None:
			passed.append(Passage(way.now, *place, way.documents, way.amount, way.weighted))
		if passed:
			found[way.value] += passed
	return dict(found)


def endings(cohort: Cohort) -> dict[str | None, Tally]:
	"""{outcome, None for those that are open: the deals of the cohort}."""
	found: dict[str | None, Tally] = defaultdict(Tally)
	for way in ways_of(cohort):
		found[way.outcome].add(way.documents, way.amount, way.weighted)
	return dict(found)

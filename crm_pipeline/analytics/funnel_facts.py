"""The funnel's facts from the site: which deals entered which stage, where they stand, and how long it took.

Every query answers aggregates, a few hundred rows however many deals there are.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from zlib import crc32

import frappe
from frappe.query_builder.functions import Coalesce, Count, Max, Min, Sum
from frappe.utils import add_days, now_datetime
from pypika.queries import QueryBuilder
from pypika.terms import Case, Criterion, Term

from crm_pipeline.analytics.funnel_cohort import MONTH, OPENED, TEAM, Cohort, by_team, named
from crm_pipeline.analytics.funnel_ways import passages_of, ways_of
from crm_pipeline.analytics.sql_terms import Crc32, DateDiff, UnixTime, is_won, value_of
from crm_pipeline.analytics.stage_durations import COARSE, HOUR, in_hours
from crm_pipeline.core.dwell import SECONDS_PER_DAY, UNKNOWN
from crm_pipeline.core.funnel import Passage, merge
from crm_pipeline.core.stages import OPEN

# What came of the deals that were won: {name: column that the orders roll up to}.
ORDER_STEPS = {
	"ordered": "ordered_amount",
	"delivered": "delivered_amount",
	"billed": "billed_amount",
	"paid": "paid_amount",
}


# What a funnel counts of deals everywhere; amounts in company currency.
MEASURES = ("documents", "amount", "weighted")


def tally(row) -> tuple[int, float, float]:
	return row.documents or 0, row.amount or 0.0, row.weighted or 0.0


@dataclass(frozen=True)
class Entries:
	"""A query on deals and stages that they entered; `stage` is its term for the stage, `moved_on` that for the moment of
	entering (None where that does not count), `seconds` how long the deal was in it (None where dwell() counts it by moves), `is_long`
	a condition that is true for none but longer stays than COARSE."""

	query: QueryBuilder
	stage: Term
	moved_on: Term | None = None
	seconds: Term | None = None
	is_long: Criterion | None = None


def passages(cohort: Cohort, split: str | None = None) -> dict[tuple, list[Passage]]:
	"""{value of the split: passages}, the value as a tuple: (2026, 3) for a month, () without a split."""
	if cohort.basis == OPENED:
		found = passages_of(ways_of(cohort, split))
	else:
		found = _counted(cohort, split)
	return by_team(found, lambda lists: merge(p for one in lists for p in one)) if split == TEAM else found


def _counted(cohort: Cohort, split: str | None) -> dict[tuple, list[Passage]]:
	"""Passages of the deals that entered stages in the period."""
	deal, names = cohort.deal, {crc32(stage.name.encode()): stage.name for stage in cohort.stages}
	found: dict[tuple, list[Passage]] = defaultdict(list)
	for entries in entered(cohort):
		by = named(cohort.split_columns(split, entries.moved_on))
		keys = [
			Crc32(entries.stage).as_("entered"),
			Crc32(deal.stage).as_("now"),
			Crc32(deal.closed_from).as_("last"),
			*by,
		]
		value = value_of(deal)
		numbers = (Count("*"), Sum(value), Sum(value * deal.probability) / 100)
		for entered_in, now, last, *rest in entries.query.select(*keys, *numbers).groupby(*keys).run():
			if name := names.get(entered_in):
				place = tuple(part or None for part in rest[:-3])
				sums = (number or 0 for number in rest[-3:])
				found[place].append(Passage(name, names.get(now), names.get(last), *sums))
	return dict(found)


def _whole_hours(seconds, is_long=None):
	"""The seconds of whole hours, from ten days on of whole days, as in_hours() counts them; without a division, which the
	database does ten times as slowly. `is_long` is a condition that is quicker to see, true for none but longer ones."""
	days = seconds - seconds % SECONDS_PER_DAY
	case = Case().when(is_long, days) if is_long else Case()
	return case.when(seconds < COARSE, seconds - seconds % HOUR).else_(days)


def entered(cohort: Cohort) -> list[Entries]:
	"""The deals of a cohort and the stages that they entered; none overlap."""
	return _opened(cohort) if cohort.basis == OPENED else _entered(cohort)


def _opened(cohort: Cohort) -> list[Entries]:
	"""The stages that a deal has left, by its passages, and the one it stands in, which it says itself."""
	deal, passage = cohort.deal, cohort.passage
	left = (
		frappe.qb.from_(deal)
		.join(passage)
		.on((passage.reference_name == deal.name) & (passage.reference_doctype == cohort.doctype))
		.where(passage.last_left.isnotnull() & (passage.stage != deal.stage))
	)
	here = frappe.qb.from_(deal).where(deal.outcome.isnull() | (deal.outcome == ""))
	now = now_datetime()
	running = UnixTime(str(now)) - UnixTime(deal.stage_entered_on)
	is_long = deal.stage_entered_on <= str(now - timedelta(seconds=COARSE))
	return [
		# Of a stay of which nobody knows when it began there is no time.
		Entries(cohort.narrow(left), passage.stage, seconds=Case().when(passage.visits > 0, passage.seconds)),
		Entries(cohort.narrow(here), deal.stage, seconds=running + deal.earlier_seconds, is_long=is_long),
	]


def _entered(cohort: Cohort) -> list[Entries]:
	"""The stages that a deal entered in the period, each once, by the first time; the ledger knows every single move."""
	deal, event = cohort.deal, cohort.event
	entries = (
		cohort.arrivals()
		.select(event.reference_name, event.to_value, Min(event.at).as_("first_at"))
		.groupby(event.reference_name, event.to_value)
	).as_("entries")
	query = frappe.qb.from_(deal).join(entries).on(entries.reference_name == deal.name)
	return [Entries(cohort.of_deals(query, entries.first_at), entries.to_value, entries.first_at)]


def departures(cohort: Cohort, by: Iterable = ()):
	"""One row per deal and stage that it has left (and `by`), with the seconds of all its visits."""
	event = cohort.event
	return (
		cohort.leavings()
		.where(event.seconds_spent != UNKNOWN)
		.select(event.reference_name, event.from_value.as_("stage"), Sum(event.seconds_spent).as_("seconds"), *by)
		.groupby(event.reference_name, event.from_value, *by)
	).as_("departed")


def _value(row, by: list) -> tuple:
	# A value that is empty in two ways (NULL and "") is one value.
	return tuple(row[f"split_{i}"] or None for i in range(len(by)))


def dwell(cohort: Cohort, split: str | None = None) -> dict[tuple, dict[str, Counter]]:
	"""{value of the split: {stage: {hours in it, as dwell.in_hours counts them: documents}}}, all visits of a deal
	together, the running one included.

	Where the moves of a period count, that is the visits which ended in it or began in it and run; a visit then
	belongs to the month in which it ended, the running one to that in which it began.
	"""
	if cohort.basis == OPENED:
		return _dwell_of_opened(cohort, split)
	deal, event = cohort.deal, cohort.event
	by_move = split == MONTH
	by = named(cohort.split_columns(split, event.at))
	departed = departures(cohort, by if by_move else ())
	by_gone = named([departed[term.alias] for term in by]) if by_move else by
	by_here = named(cohort.split_columns(split, deal.stage_entered_on))
	gone = frappe.qb.from_(deal).join(departed).on(departed.reference_name == deal.name)
	here = frappe.qb.from_(deal).where((deal.status == OPEN) & deal.stage_entered_on.isnotnull())
	running = UnixTime(frappe.utils.now()) - UnixTime(deal.stage_entered_on)
	since = (deal.stage_entered_on >= str(cohort.first)) & (deal.stage_entered_on < str(add_days(cohort.last, 1)))
	queries = (
		(cohort.of_deals(gone), departed.stage, departed.seconds, by_gone),
		(cohort.of_deals(here.where(since)), deal.stage, running, by_here),
	)
	found: dict[tuple, dict[str, Counter]] = defaultdict(lambda: defaultdict(Counter))
	for query, stage, seconds, by in queries:
		hours = in_hours(seconds)
		query = query.select(stage.as_("entered"), hours.as_("hours"), Count("*").as_("documents"), *by)
		for row in query.groupby(stage, hours, *by).run(as_dict=True):
			found[_value(row, by)][row.entered][max(int(row.hours), 0)] += row.documents
	return by_team(found, _added) if split == TEAM else dict(found)


def _dwell_of_opened(cohort: Cohort, split: str | None) -> dict[tuple, dict[str, Counter]]:
	names = {crc32(stage.name.encode()): stage.name for stage in cohort.stages}
	found: dict[tuple, dict[str, Counter]] = defaultdict(lambda: defaultdict(Counter))
	for entries in _opened(cohort):
		by = named(cohort.split_columns(split))
		keys = [Crc32(entries.stage).as_("entered"), _whole_hours(entries.seconds, entries.is_long).as_("spent"), *by]
		# Thousands of rows: as plain tuples.
		for entered_in, spent, *rest in entries.query.select(*keys, Count("*")).groupby(*keys).run():
			name = names.get(entered_in)
			if name is not None and spent is not None:
				place = tuple(part or None for part in rest[:-1])
				found[place][name][max(int(spent) // HOUR, 0)] += rest[-1]
	return by_team(found, _added) if split == TEAM else dict(found)


def _added(histograms: list[dict[str, Counter]]) -> dict[str, Counter]:
	found: dict[str, Counter] = defaultdict(Counter)
	for one in histograms:
		for stage, hours in one.items():
			found[stage].update(hours)
	return found


def won_deals(cohort: Cohort) -> tuple[Counter, dict[str, tuple[int, float]]]:
	"""Of the won deals of the cohort: {days from opening to winning: deals}, 0 where one was won before it was opened, and
	{step of ORDER_STEPS: (deals with anything of it, amount)}."""
	deal, lengths, orders = cohort.deal, Counter(), dict.fromkeys(ORDER_STEPS, (0, 0.0))
	days = DateDiff(deal.closed_on, deal.opened_on)
	fields = [deal[field] for field in ORDER_STEPS.values()]
	query = frappe.qb.from_(deal).where(is_won(deal)).groupby(days)
	query = query.select(days, Count("*"), *(Sum(field > 0) for field in fields), *(Sum(field) for field in fields))
	for length, documents, *rest in cohort.narrow(query).run():
		if length is not None:
			lengths[max(int(length), 0)] += documents
		for step, (deals, amount) in zip(ORDER_STEPS, zip(rest[:4], rest[4:], strict=True), strict=True):
			orders[step] = (orders[step][0] + int(deals or 0), orders[step][1] + (amount or 0.0))
	return lengths, orders


def standing(cohort: Cohort) -> dict[str | None, dict]:
	"""Where open deals stand today, whenever they were opened: {stage: {documents, customers, amount, weighted}}.

	None holds the whole: a customer with deals in two stages counts once there.
	"""
	deal, opened = cohort.deal, _open_today(cohort)
	# Of open deals their own amount counts, and an index holds it.
	amount, weighted = Sum(deal.base_amount), Sum(deal.base_amount * deal.probability) / 100
	counted = (Count("*").as_("documents"), amount.as_("amount"), weighted.as_("weighted"))
	rows = opened.select(deal.stage, *counted).groupby(deal.stage).run(as_dict=True)
	found = {row.stage: dict(zip(MEASURES, tally(row), strict=True)) for row in rows}
	found[None] = {name: sum(numbers[name] for numbers in found.values()) for name in MEASURES}
	# Customers apart from the sums, which an index answers, and in one pass for all stages.
	party = Coalesce(deal.customer, deal.prospect)
	of_stages = (Count(Case().when(deal.stage == stage, party) if stage else party).distinct() for stage in found)
	counts = opened.select(*(count.as_(f"stage_{i}") for i, count in enumerate(of_stages))).run()[0]
	return {
		stage: {**numbers, "customers": count} for (stage, numbers), count in zip(found.items(), counts, strict=True)
	}


def standing_by_stage(cohort: Cohort) -> dict[str, int]:
	"""{stage: open deals that stand in it today}; an index answers."""
	deal = cohort.deal
	return dict(_open_today(cohort).select(deal.stage, Count("*")).groupby(deal.stage).run())


def _open_today(cohort: Cohort):
	return cohort.of_deals(frappe.qb.from_(cohort.deal).where(cohort.deal.status == OPEN))


def elsewhere(cohort: Cohort, is_empty: bool) -> dict:
	"""Deals that the period can't show: {"without_day": those from elsewhere of which nobody knows when they were opened,
	"first", "last": where the period `is_empty`, the days on which the deals that there are were opened}."""
	deal, found = cohort.deal, {"without_day": 0, "first": None, "last": None}
	if cohort.basis != OPENED:
		return found
	unknown = cohort.of_deals(frappe.qb.from_(deal)).where(deal.opened_on.isnull()).select(Count("*")).run()
	found["without_day"] = unknown[0][0]
	if is_empty:
		days = cohort.of_deals(frappe.qb.from_(deal)).select(Min(deal.opened_on), Max(deal.opened_on)).run()[0]
		found["first"], found["last"] = (str(day) if day else None for day in days)
	return found


def leads(cohort: Cohort) -> dict[str, int]:
	"""{status: leads that came in during the period}; empty for a user who may not read leads."""
	if cohort.doctype != "Sales Opportunity" or not frappe.has_permission("Sales Lead", "read"):
		return {}
	lead = frappe.qb.DocType("Sales Lead")
	query = (
		frappe.qb.from_(lead)
		.select(lead.status, Count("*").as_("documents"))
		.where((lead.creation >= str(cohort.first)) & (lead.creation < str(add_days(cohort.last, 1))))
		.groupby(lead.status)
	)
	rows = cohort.asked.replaced(pipeline=None).narrow(query, "Sales Lead").run(as_dict=True)
	return {row.status: row.documents for row in rows}

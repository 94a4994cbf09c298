"""The funnel's facts from the site: which deals entered which stage, where they stand, and how long it took.

Every query answers aggregates, a few hundred rows however many deals there are.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar
from zlib import crc32

import frappe
from frappe import _
from frappe.query_builder.functions import Coalesce, Count, Min, Sum
from frappe.utils import add_days, add_months, get_first_day
from pypika.functions import NullIf
from pypika.queries import QueryBuilder
from pypika.terms import Case, Term

from crm_pipeline.analytics import scope
from crm_pipeline.analytics.sql_terms import Crc32, DateDiff, Month, UnixTime, Year, is_won, value_of
from crm_pipeline.analytics.stage_durations import COARSE, HOUR, in_hours
from crm_pipeline.chain import pipelines
from crm_pipeline.core.dwell import SECONDS_PER_DAY
from crm_pipeline.core.funnel import Passage, merge
from crm_pipeline.core.stages import OPEN, Stage
from crm_pipeline.core.tree import with_all_below
from crm_pipeline.core.win_loss import period_before
from crm_pipeline.user_day import latest_today
from crm_pipeline.wording import bold

OPENED, ENTERED = "Opened in Period", "Entered Stage in Period"
MONTH, TEAM = "Month", "Team"
Found = TypeVar("Found")

# What a funnel may be split by: {value of the filter: field of the deal}. A month is that of opening, or where the
# moves of a period count that of the move; a team is a Sales Person with all below it.
SPLITS = {
	MONTH: "opened_on",
	"Territory": "territory",
	TEAM: "sales_person",
	"Sales Person": "sales_person",
	"Sales Owner": "sales_owner",
	"Source": "source_type",
	"Channel": "channel",
	"Campaign": "campaign",
}

# What came of the deals that were won: {name: column that the orders roll up to}.
ORDER_STEPS = {
	"ordered": "ordered_amount",
	"delivered": "delivered_amount",
	"billed": "billed_amount",
	"paid": "paid_amount",
}


class Cohort:
	"""The deals of one funnel: a pipeline, filters, and a period with a meaning (`basis`).

	OPENED takes the deals opened in the period, ENTERED per stage those that entered it in the period.
	`filters`: those of scope.narrowed, `from_date`, `to_date` (the last twelve months by default), `basis`,
	and `part` for one value of a split: {"split": a key of SPLITS, "value": as passages() gives it}.
	"""

	def __init__(self, filters=None):
		self.filters = frappe._dict(filters or {})
		self.filters.company = self.company = scope.company_of(self.filters)
		self.filters.pipeline = self.pipeline = self.filters.pipeline or self._default_pipeline()
		self.doctype = frappe.get_cached_value("Sales Pipeline", self.pipeline, "applies_to")
		if not self.doctype:
			frappe.throw(
				_("{0} {1} does not exist").format(_("Sales Pipeline"), bold(self.pipeline)), frappe.DoesNotExistError
			)
		self.basis = self.filters.basis or OPENED
		today = latest_today()
		self.first, self.last = scope.period(self.filters, (get_first_day(add_months(today, -11)), today))
		self.deal, self.event = frappe.qb.DocType(self.doctype), frappe.qb.DocType("Pipeline Event")
		self.passage = frappe.qb.DocType("Stage Passage")

	def _default_pipeline(self) -> str:
		found = pipelines.default_pipeline("Sales Opportunity", self.company)
		if not found:
			frappe.throw(
				_("There is no enabled Sales Pipeline for {0}. Please create one.").format(_("Sales Opportunity")),
				title=_("Pipeline Missing"),
			)
		return found

	def before(self) -> "Cohort":
		"""The same of the period before, which is as many whole months or days long."""
		first, last = period_before(self.first, self.last)
		return Cohort({**self.filters, "from_date": first, "to_date": last})

	@cached_property
	def stages(self) -> list[Stage]:
		"""Stages of every pipeline, for a deal may have moved on to another one."""
		return pipelines.all_stages(self.doctype)

	def narrow(self, query):
		"""Filters, sight and period on a query on the deals."""
		deal = self.deal
		if self.basis == OPENED:
			query = query.where(deal.opened_on[self.first : self.last])
		else:
			query = query.where(deal.name.isin(self.arrivals().select(self.event.reference_name)))
		return self.of_deals(query)

	def of_deals(self, query, moved_on=None):
		"""Filters and sight only, whatever the period; `moved_on` is when a stage was entered, where that counts."""
		part = self.filters.part
		terms = self.split_columns(part["split"], moved_on) if part else []
		if part and len(terms) != len(part["value"]):
			frappe.throw(
				_("{0} is not a grouping of this report").format(bold(part["split"])), title=_("Unknown Grouping")
			)
		if part and part["split"] == TEAM and part["value"][0]:
			query = query.where(scope.within(self.deal.sales_person, "Sales Person", part["value"][0]))
		elif part:
			for term, value in zip(terms, part["value"], strict=True):
				query = query.where(term == value if value not in (None, "") else Coalesce(term, "") == "")
		return scope.sales(query, self.doctype).where(self._criterion)

	@cached_property
	def _criterion(self):
		return scope.criterion(self.doctype, self.filters)

	def split_columns(self, split: str | None, moved_on=None) -> list:
		"""The terms of a split; a month is its year and its number."""
		if not split:
			return []
		if split not in SPLITS:
			frappe.throw(_("{0} is not a grouping of this report").format(bold(split)), title=_("Unknown Grouping"))
		if split == MONTH and self.basis == ENTERED and moved_on is not None:
			return [Year(moved_on), Month(moved_on)]
		field = self.deal[SPLITS[split]]
		return [Year(field), Month(field)] if split == MONTH else [field]

	def arrivals(self):
		"""Ledger events by which deals came into a stage of this pipeline."""
		return self.moves("Created", "Stage").where(self.event.pipeline == self.pipeline)

	def leavings(self):
		"""Ledger events by which deals left a stage of this pipeline; one that left the pipeline carries the next one's."""
		own = [stage.name for stage in self.stages if stage.pipeline == self.pipeline]
		return self.moves("Stage").where(self.event.from_value.isin(own or [""]))

	def moves(self, *kinds: str):
		"""Ledger events of these kinds; those of the period where it is the moves that count."""
		event = self.event
		query = frappe.qb.from_(event).where(event.reference_doctype == self.doctype).where(event.kind.isin(kinds))
		if self.basis == ENTERED:
			query = query.where((event.at >= str(self.first)) & (event.at < str(add_days(self.last, 1))))
		return query


# What is told of deals everywhere in a funnel; amounts in company currency.
MEASURES = ("documents", "amount", "weighted")


def sums(deal) -> tuple:
	return (
		Count("*").as_("documents"),
		Sum(value_of(deal)).as_("amount"),
		(Sum(value_of(deal) * deal.probability) / 100).as_("weighted"),
	)


def tally(row) -> tuple[int, float, float]:
	return row.documents or 0, row.amount or 0.0, row.weighted or 0.0


@dataclass(frozen=True)
class Entries:
	"""A query on deals and stages that they entered; `stage` is its term for the stage, `moved_on` that for the moment of
	entering (None where that does not count), `seconds` how long the deal was in it (None where dwell() tells); `value` is
	what a deal counts with, `weighted` says whether any of them still stands there."""

	query: QueryBuilder
	stage: Term
	moved_on: Term | None = None
	seconds: Term | None = None
	value: Term | None = None
	weighted: bool = True


def passages(cohort: Cohort, split: str | None = None, amounts: bool = True) -> dict[tuple, list[Passage]]:
	"""{value of the split: passages}, the value as a tuple: (2026, 3) for a month, () without a split."""
	return _read(cohort, split, timed=False, amounts=amounts)[0]


def passages_and_dwell(cohort: Cohort, split: str | None = None) -> tuple[dict, dict]:
	"""What passages() and dwell() answer, in one go where both are of the same deals and stages."""
	if cohort.basis == OPENED:
		return _read(cohort, split, timed=True)
	return passages(cohort, split), dwell(cohort, split)


def _read(cohort: Cohort, split: str | None, timed: bool, amounts: bool = True) -> tuple[dict, dict]:
	"""Passages and, where they are `timed`, dwell by value of the split; without `amounts` numbers of documents alone.

	Stages are grouped by their numbers: by names of 140 characters the database would need ten times the memory for its
	groups, and several times as long.
	"""
	deal, names = cohort.deal, {crc32(stage.name.encode()): stage.name for stage in cohort.stages}
	found: dict[tuple, list[Passage]] = defaultdict(list)
	hours: dict[tuple, dict[str, Counter]] = defaultdict(lambda: defaultdict(Counter))
	for entries in entered(cohort):
		by = _named(cohort.split_columns(split, entries.moved_on))
		stage, now, closed_from = (
			Crc32(entries.stage).as_("entered"),
			Crc32(deal.stage).as_("now"),
			Crc32(deal.closed_from).as_("last"),
		)
		keys = [stage, now, closed_from, *by, *([_whole_hours(entries.seconds).as_("spent")] if timed else [])]
		numbers = [Count("*").as_("documents")]
		if amounts:
			value = value_of(deal) if entries.value is None else entries.value
			numbers.append(Sum(value).as_("amount"))
			numbers += [(Sum(value * deal.probability) / 100).as_("weighted")] if entries.weighted else []
		# Thousands of rows: as plain tuples.
		for entered_in, now_in, last_in, *row in entries.query.select(*keys, *numbers).groupby(*keys).run():
			name = names.get(entered_in)
			if name is None:
				continue
			value = tuple(part or None for part in row[: len(by)])
			spent, result = (row[len(by)], row[len(by) + 1 :]) if timed else (None, row[len(by) :])
			found[value].append(
				Passage(name, names.get(now_in), names.get(last_in), *(number or 0 for number in result))
			)
			if spent is not None:
				hours[value][name][max(int(spent) // HOUR, 0)] += result[0]
	if split == TEAM:
		return _by_team(found, lambda lists: merge(p for one in lists for p in one)), _by_team(hours, _added)
	return dict(found), dict(hours)


def _whole_hours(seconds):
	"""The seconds of whole hours, from ten days on of whole days, as in_hours() counts them; without a division, which the
	database does ten times as slowly."""
	return Case().when(seconds < COARSE, seconds - seconds % HOUR).else_(seconds - seconds % SECONDS_PER_DAY)


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
	running = UnixTime(frappe.utils.now()) - UnixTime(deal.stage_entered_on)
	return [
		Entries(cohort.narrow(left), passage.stage, seconds=passage.seconds, weighted=False),
		Entries(cohort.narrow(here), deal.stage, seconds=running + deal.earlier_seconds, value=deal.base_amount),
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
		.select(event.reference_name, event.from_value.as_("stage"), Sum(event.seconds_spent).as_("seconds"), *by)
		.groupby(event.reference_name, event.from_value, *by)
	).as_("departed")


def _named(terms: list) -> list:
	"""The terms of a split as columns split_0, split_1 …"""
	return [term.as_(f"split_{i}") for i, term in enumerate(terms)]


def _value(row, by: list) -> tuple:
	# A value that is empty in two ways (NULL and "") is one value.
	return tuple(row[f"split_{i}"] or None for i in range(len(by)))


def _by_team(of_persons: dict[tuple, Found], together: Callable[[list[Found]], Found]) -> dict[tuple, Found]:
	"""What was found of persons as that of each node of the tree with all below it, in the order of the tree; what is
	of nobody comes last."""
	teams = {
		(name,): together([of_persons[(person,)] for person in below])
		for name, _depth, below in _team_tree(value[0] for value in of_persons)
	}
	return teams | {value: found for value, found in of_persons.items() if value not in teams}


def depths_of_teams(values: Iterable[tuple]) -> dict[tuple, int]:
	"""How deep in the tree the teams of a split are."""
	return {(name,): depth for name, depth, _below in _team_tree(value[0] for value in values)}


def _team_tree(persons: Iterable[str | None]) -> list[tuple[str, int, list[str]]]:
	nodes = frappe.get_all("Sales Person", fields=["name", "lft", "rgt"], order_by="lft asc", limit=0)
	return with_all_below(((row.name, row.lft, row.rgt) for row in nodes), set(persons))


def dwell(cohort: Cohort, split: str | None = None) -> dict[tuple, dict[str, Counter]]:
	"""{value of the split: {stage: {hours in it, as dwell.in_hours counts them: documents}}}, all visits of a deal
	together, the running one included.

	Where the moves of a period count, that is the visits which ended in it or began in it and run; a visit then
	belongs to the month in which it ended, the running one to that in which it began.
	"""
	if cohort.basis == OPENED:
		return _read(cohort, split, timed=True)[1]
	deal, event = cohort.deal, cohort.event
	by_move = split == MONTH
	by = _named(cohort.split_columns(split, event.at))
	departed = departures(cohort, by if by_move else ())
	by_gone = _named([departed[term.alias] for term in by]) if by_move else by
	by_here = _named(cohort.split_columns(split, deal.stage_entered_on))
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
	return _by_team(found, _added) if split == TEAM else dict(found)


def _added(histograms: list[dict[str, Counter]]) -> dict[str, Counter]:
	found: dict[str, Counter] = defaultdict(Counter)
	for one in histograms:
		for stage, hours in one.items():
			found[stage].update(hours)
	return found


def endings(cohort: Cohort, orders: bool = False) -> list[dict]:
	"""How the deals of the cohort stand or ended: a row per outcome, None for those that are open.

	{"outcome", "documents", "amount", "weighted"}, with `orders` also "STEP_documents" and "STEP_amount" of ORDER_STEPS.
	"""
	deal, columns = cohort.deal, []
	for step, field in ORDER_STEPS.items() if orders else ():
		columns += [Sum(deal[field] > 0).as_(f"{step}_documents"), Sum(deal[field]).as_(f"{step}_amount")]
	outcome = NullIf(deal.outcome, "")
	query = frappe.qb.from_(deal).select(outcome.as_("outcome"), *sums(deal), *columns)
	return cohort.narrow(query.groupby(outcome)).run(as_dict=True)


def days_to_win(cohort: Cohort) -> Counter:
	"""{days from opening to winning: won deals of the cohort}; 0 where a deal was won before it was opened."""
	deal, found = cohort.deal, Counter()
	days = DateDiff(deal.closed_on, deal.opened_on)
	won = frappe.qb.from_(deal).where(is_won(deal))
	for length, documents in cohort.narrow(won.select(days, Count("*")).groupby(days)).run():
		if length is not None:
			found[max(int(length), 0)] += documents
	return found


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
	rows = scope.narrowed(query, "Sales Lead", {**cohort.filters, "pipeline": None}).run(as_dict=True)
	return {row.status: row.documents for row in rows}

"""The funnel's facts from the site: which deals entered which stage, where they stand, and how long it took.

Every query answers aggregates, a few hundred rows however many deals there are.
"""

from collections import Counter, defaultdict

import frappe
from frappe import _
from frappe.query_builder.functions import Coalesce, Count, Floor, Sum
from frappe.utils import add_days, add_months, get_first_day, nowdate
from pypika.terms import Case

from crm_pipeline.chain import pipelines
from crm_pipeline.core.funnel import Passage, Tally
from crm_pipeline.core.stages import LOST, OPEN, Stage
from crm_pipeline.core.win_loss import period_before
from crm_pipeline.figures import scope
from crm_pipeline.figures.terms import DateDiff, Month, UnixTime, Year

OPENED, ENTERED = "Opened in Period", "Entered Stage in Period"
HOUR = 3600

# What a funnel may be split by: {value of the filter: field of the deal}.
SPLITS = {
	"Month": "opened_on",
	"Territory": "territory",
	"Sales Person": "sales_person",
	"Sales Owner": "sales_owner",
	"Source": "source_type",
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
				_("{0} {1} does not exist").format(_("Sales Pipeline"), self.pipeline), frappe.DoesNotExistError
			)
		self.basis = self.filters.basis or OPENED
		self.first, self.last = scope.period(self.filters, (get_first_day(add_months(nowdate(), -11)), nowdate()))
		self.deal, self.event = frappe.qb.DocType(self.doctype), frappe.qb.DocType("Pipeline Event")

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

	def stages(self) -> list[Stage]:
		"""Stages of every pipeline, for a deal may have moved on to another one."""
		return pipelines.all_stages(self.doctype)

	def narrow(self, query):
		"""Filters, sight and period on a query on the deals."""
		deal = self.deal
		if self.basis == OPENED:
			query = query.where(deal.opened_on[self.first : self.last])
		else:
			query = query.where(deal.name.isin(self.moves("Created", "Stage").select(self.event.reference_name)))
		return self.of_deals(query)

	def of_deals(self, query):
		"""Filters and sight only, whatever the period."""
		part = self.filters.part
		if part:
			for term, value in zip(_split_columns(self.deal, part["split"]), part["value"], strict=True):
				query = query.where(term == value if value not in (None, "") else Coalesce(term, "") == "")
		return scope.narrowed(scope.sales(query, self.doctype), self.doctype, self.filters)

	def moves(self, *kinds: str):
		"""Ledger events of these kinds; those of the period where it is the moves that count."""
		event = self.event
		query = (
			frappe.qb.from_(event)
			.where(event.reference_doctype == self.doctype)
			.where(event.kind.isin(kinds))
			.where(event.pipeline == self.pipeline)
		)
		if self.basis == ENTERED:
			query = query.where((event.at >= str(self.first)) & (event.at < str(add_days(self.last, 1))))
		return query


def sums(deal) -> tuple:
	return (
		Count("*").as_("documents"),
		Sum(deal.base_amount).as_("amount"),
		Sum(deal.base_amount * deal.probability / 100).as_("weighted"),
	)


def tally(row) -> tuple[int, float, float]:
	return row.documents or 0, row.amount or 0.0, row.weighted or 0.0


def passages(cohort: Cohort, split: str | None = None) -> dict[tuple, list[Passage]]:
	"""{value of the split: passages}, the value as a tuple: (2026, 3) for a month, () without a split."""
	deal, by = cohort.deal, _split_terms(cohort.deal, split)
	found: dict[tuple, list[Passage]] = defaultdict(list)
	for query, stage in entered(cohort):
		query = query.select(stage.as_("entered"), deal.stage.as_("now"), deal.closed_from, *sums(deal), *by)
		for row in query.groupby(stage, deal.stage, deal.closed_from, *by).run(as_dict=True):
			key = tuple(row[f"split_{i}"] for i in range(len(by)))
			found[key].append(Passage(row.entered, row.now, row.closed_from, *tally(row)))
	return dict(found)


def entered(cohort: Cohort) -> list[tuple]:
	"""Queries on the deals and the stages they entered, each with its term for the stage; none overlap."""
	return _opened(cohort) if cohort.basis == OPENED else _entered(cohort)


def _opened(cohort: Cohort) -> list[tuple]:
	"""The stages that a deal has left, and the one it stands in."""
	deal, departed = cohort.deal, departures(cohort)
	left = frappe.qb.from_(deal).join(departed).on(departed.reference_name == deal.name)
	return [
		(cohort.narrow(left.where(departed.stage != deal.stage)), departed.stage),
		(cohort.narrow(frappe.qb.from_(deal).where(deal.status == OPEN)), deal.stage),
	]


def _entered(cohort: Cohort) -> list[tuple]:
	"""The stages that a deal entered in the period, each once."""
	deal, event = cohort.deal, cohort.event
	entries = (
		cohort.moves("Created", "Stage")
		.select(event.reference_name, event.to_value)
		.groupby(event.reference_name, event.to_value)
	).as_("entries")
	query = frappe.qb.from_(deal).join(entries).on(entries.reference_name == deal.name)
	return [(cohort.of_deals(query), entries.to_value)]


def departures(cohort: Cohort):
	"""One row per deal and stage that it has left, with the seconds of all its visits."""
	event = cohort.event
	return (
		cohort.moves("Stage")
		.select(event.reference_name, event.from_value.as_("stage"), Sum(event.seconds_spent).as_("seconds"))
		.groupby(event.reference_name, event.from_value)
	).as_("departed")


def _split_terms(deal, split: str | None) -> list:
	"""Columns split_0, split_1 … of a split; a month is its year and its number."""
	return [term.as_(f"split_{i}") for i, term in enumerate(_split_columns(deal, split))]


def _split_columns(deal, split: str | None) -> list:
	if not split:
		return []
	if split not in SPLITS:
		frappe.throw(_("{0} is no grouping of this report").format(frappe.bold(split)), title=_("Unknown Grouping"))
	field = deal[SPLITS[split]]
	return [Year(field), Month(field)] if split == "Month" else [field]


def dwell(cohort: Cohort) -> dict[str, Counter]:
	"""{stage: {whole hours in it: documents}}, all visits of a deal together, the running one included.

	Where the moves of a period count, that is the visits which ended in it or have been running since.
	"""
	deal, departed = cohort.deal, departures(cohort)
	gone = frappe.qb.from_(deal).join(departed).on(departed.reference_name == deal.name)
	here = frappe.qb.from_(deal).where((deal.status == OPEN) & deal.stage_entered_on.isnotnull())
	running = UnixTime(frappe.utils.now()) - UnixTime(deal.stage_entered_on)
	if cohort.basis == OPENED:
		queries = (
			(cohort.narrow(gone.where(departed.stage != deal.stage)), departed.stage, departed.seconds),
			(cohort.narrow(here), deal.stage, running + deal.earlier_seconds),
		)
	else:
		since = (deal.stage_entered_on >= str(cohort.first)) & (deal.stage_entered_on < str(add_days(cohort.last, 1)))
		queries = (
			(cohort.of_deals(gone), departed.stage, departed.seconds),
			(cohort.of_deals(here.where(since)), deal.stage, running),
		)
	found: dict[str, Counter] = defaultdict(Counter)
	for query, stage, seconds in queries:
		hours = Floor(seconds / HOUR)
		query = query.select(stage.as_("entered"), hours.as_("hours"), Count("*").as_("documents"))
		for row in query.groupby(stage, hours).run(as_dict=True):
			found[row.entered][max(int(row.hours), 0)] += row.documents
	return dict(found)


def cycle(cohort: Cohort) -> Counter:
	"""{days from opening to winning: documents} of the deals won; 0 where a deal was won before it was opened."""
	deal = cohort.deal
	days = DateDiff(deal.closed_on, deal.opened_on)
	query = (
		frappe.qb.from_(deal)
		.select(days.as_("days"), Count("*").as_("documents"))
		.where(deal.status.notin((OPEN, LOST)) & deal.closed_on.isnotnull() & deal.opened_on.isnotnull())
		.groupby(days)
	)
	found: Counter = Counter()
	for row in cohort.narrow(query).run(as_dict=True):
		found[max(int(row.days), 0)] += row.documents
	return found


def outcome(cohort: Cohort) -> dict[str, Tally]:
	"""{status: how many of the cohort have it today}."""
	deal = cohort.deal
	query = frappe.qb.from_(deal).select(deal.status, *sums(deal)).groupby(deal.status)
	return {row.status: Tally(*tally(row)) for row in cohort.narrow(query).run(as_dict=True)}


def standing(cohort: Cohort) -> dict[str | None, dict]:
	"""Where open deals stand today, whenever they were opened: {stage: {documents, customers, amount, weighted}}.

	None holds the whole: a customer with deals in two stages counts once there.
	"""
	deal = cohort.deal
	party = Count(Coalesce(deal.customer, deal.prospect)).distinct().as_("customers")

	def narrowed(query):
		return cohort.of_deals(query.where(deal.status == OPEN)).run(as_dict=True)

	found = {row.stage: row for row in narrowed(frappe.qb.from_(deal).select(deal.stage, party, *sums(deal)).groupby(deal.stage))}
	found[None] = narrowed(frappe.qb.from_(deal).select(party, *sums(deal)))[0]
	return {
		stage: {"documents": row.documents, "customers": row.customers, "amount": row.amount or 0.0, "weighted": row.weighted or 0.0}
		for stage, row in found.items()
	}


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


def orders(cohort: Cohort) -> dict[str, Tally]:
	"""Of the cohort's won deals, those with something ordered, delivered, billed, paid, and how much of it."""
	deal = cohort.deal
	columns = []
	for step, field in ORDER_STEPS.items():
		columns.append(Sum(Case().when(deal[field] > 0, 1).else_(0)).as_(f"{step}_documents"))
		columns.append(Sum(deal[field]).as_(f"{step}_amount"))
	query = frappe.qb.from_(deal).select(*columns).where(deal.status.notin((OPEN, LOST)))
	row = cohort.narrow(query).run(as_dict=True)[0]
	return {
		step: Tally(int(row[f"{step}_documents"] or 0), row[f"{step}_amount"] or 0.0, 0.0) for step in ORDER_STEPS
	}


"""How long deals stay in a stage: all their visits added up, the running one included.

The database answers histograms: {stage: {hours: deals}}, or by working days {stage: {days: deals}}. A visit
belongs to the period in which it ended, the running one to today.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta

import frappe
from frappe.query_builder.functions import Coalesce, Count, Floor, Max, Sum
from frappe.utils import add_days, get_datetime, getdate, now_datetime, nowdate
from pypika import Case, CustomFunction

from crm_pipeline.chain import ledger
from crm_pipeline.core.dwell import SECONDS_PER_DAY, Spread, WorkCalendar, seconds_spent
from crm_pipeline.core.stages import OPEN
from crm_pipeline.erp import holidays
from crm_pipeline.figures import scope

HOUR = 3600
HOURS_PER_DAY = 24
UnixTime = CustomFunction("UNIX_TIMESTAMP", ["at"])
DateDiff = CustomFunction("DATEDIFF", ["later", "earlier"])
Date = CustomFunction("DATE", ["at"])
EPOCH = "1970-01-01"
# A list of names has to fit into an address.
MOST_NAMES = 200


class Stays:
	"""Stays of the deals of one type. `narrow(query)` narrows a query on their table; dates are both included."""

	def __init__(self, doctype: str, narrow: Callable, first=None, last=None, now: datetime | None = None):
		self.doctype, self.narrow = doctype, narrow
		self.first, self.last = first, last
		self.now = get_datetime(now or now_datetime())
		self.deal = frappe.qb.DocType(doctype)
		self.event = frappe.qb.DocType("Pipeline Event")
		# Seconds of the running visit: a clock that was set back makes none.
		running = UnixTime(str(self.now)) - UnixTime(self.deal.stage_entered_on)
		self.running = Case().when(running > 0, Floor(running)).else_(0)

	# ---- the two kinds of stays

	@property
	def includes_today(self) -> bool:
		today = getdate(self.now)
		return (not self.first or getdate(self.first) <= today) and (not self.last or getdate(self.last) >= today)

	def visits(self):
		"""Ended visits of the period, narrowed: a query on the ledger and the deals."""
		deal, event = self.deal, self.event
		query = (
			frappe.qb.from_(event)
			.join(deal)
			.on(deal.name == event.reference_name)
			.where(event.reference_doctype == self.doctype)
			.where(event.kind == "Stage")
		)
		return self.narrow(self.in_period(query))

	def in_period(self, query):
		if self.first:
			query = query.where(self.event.at >= str(getdate(self.first)))
		if self.last:
			query = query.where(self.event.at < str(add_days(getdate(self.last), 1)))
		return query

	def standing(self):
		"""Open deals, narrowed: they stay where they are."""
		return self.narrow(frappe.qb.from_(self.deal).where(self.deal.status == OPEN))

	def ended_stays(self):
		"""One row per deal and stage that it does not stand in now: stage, document, seconds."""
		deal, event = self.deal, self.event
		query = self.visits().select(
			event.from_value.as_("stage"), deal.name.as_("document"), Sum(event.seconds_spent).as_("seconds")
		)
		if self.includes_today:
			query = query.where((deal.status != OPEN) | (deal.stage != event.from_value))
		return query.groupby(event.from_value, deal.name)

	def running_stays(self):
		"""One row per open deal: its stage, with earlier visits of the period to that stage added."""
		deal, event = self.deal, self.event
		earlier = (
			(event.reference_name == deal.name)
			& (event.reference_doctype == self.doctype)
			& (event.kind == "Stage")
			& (event.from_value == deal.stage)
		)
		if self.first:
			earlier &= event.at >= str(getdate(self.first))
		return (
			self.standing()
			.left_join(event)
			.on(earlier)
			.select(
				deal.stage,
				deal.name.as_("document"),
				(Coalesce(Sum(event.seconds_spent), 0) + Max(self.running)).as_("seconds"),
			)
			.groupby(deal.stage, deal.name)
		)

	def both(self) -> list:
		return [self.ended_stays(), *([self.running_stays()] if self.includes_today else [])]

	# ---- figures

	def in_hours(self) -> dict[str, Spread]:
		"""{stage: spread in hours}, hours begun rounded down; the average is exact."""
		found: dict[str, Spread] = defaultdict(Spread)
		for stays in self.both():
			stays = stays.as_("stays")
			hours = Floor(stays.seconds / HOUR)
			rows = (
				frappe.qb.from_(stays)
				.select(stays.stage, hours.as_("hours"), Count("*").as_("deals"), Sum(stays.seconds).as_("seconds"))
				.groupby(stays.stage, hours)
			).run(as_dict=True)
			for row in rows:
				found[row.stage].add(int(row.hours), row.deals, float(row.seconds) / HOUR)
		return dict(found)

	def in_working_days(self, calendar: WorkCalendar) -> dict[str, Spread]:
		"""{stage: spread in working days}. Stays of one visit come by the days they began and ended on,
		only those of several visits one by one."""
		found: dict[str, Spread] = defaultdict(Spread)
		several: dict[tuple, int] = defaultdict(int)
		for row in self._days_of_visits():
			days = calendar.days_between(_date(row.left_on - row.days), _date(row.left_on))
			if row.document:
				several[row.stage, row.document] += days * row.visits
			else:
				found[row.stage].add(days, row.visits, days * row.visits)
		for (stage, _document), days in several.items():
			found[stage].add(days, 1, days)
		return dict(found)

	def _days_of_visits(self) -> list[dict]:
		"""Rows of stage, document (None for stays of a single visit), left_on and days (midnights between), visits."""
		deal, event, again = self.deal, self.event, self._several_visits()
		left_on = DateDiff(event.at, EPOCH)
		since_midnight = UnixTime(event.at) - UnixTime(Date(event.at))
		midnights = Floor((event.seconds_spent - since_midnight + SECONDS_PER_DAY - 1) / SECONDS_PER_DAY)
		ended = (
			self.visits()
			.left_join(again)
			.on((again.document == deal.name) & (again.stage == event.from_value))
			.select(
				event.from_value.as_("stage"),
				again.document,
				left_on.as_("left_on"),
				midnights.as_("days"),
				Count("*").as_("visits"),
			)
			.groupby(event.from_value, again.document, left_on, midnights)
		)
		rows = ended.run(as_dict=True)
		if self.includes_today:
			today = (getdate(self.now) - getdate(EPOCH)).days
			stood = DateDiff(str(getdate(self.now)), deal.stage_entered_on)
			running = (
				self.standing()
				.left_join(again)
				.on((again.document == deal.name) & (again.stage == deal.stage))
				.select(deal.stage, again.document, stood.as_("days"), Count("*").as_("visits"))
				.groupby(deal.stage, again.document, stood)
			)
			rows += [frappe._dict(row, left_on=today) for row in running.run(as_dict=True)]
		return [frappe._dict(row, days=max(int(row.days or 0), 0), left_on=int(row.left_on)) for row in rows]

	def _several_visits(self):
		"""Deals that were in one stage more than once, the running visit counted: document, stage."""
		deal, event = self.deal, self.event
		here = Case().when((deal.status == OPEN) & (deal.stage == event.from_value), 1).else_(0)
		return (
			self.visits()
			.select(deal.name.as_("document"), event.from_value.as_("stage"))
			.groupby(deal.name, event.from_value)
			.having(Count("*") + Max(here) > 1)
		).as_("again")

	def documents(self, stage: str, at_least_days: int = 0, limit: int = MOST_NAMES) -> list[str]:
		"""Names of the deals behind one stage's figures, those that stayed longest first."""
		found = []
		for stays in self.both():
			stays = stays.as_("stays")
			found += (
				frappe.qb.from_(stays)
				.select(stays.document, stays.seconds)
				.where(stays.stage == stage)
				.where(stays.seconds >= at_least_days * SECONDS_PER_DAY)
				.orderby(stays.seconds, order=frappe.qb.desc)
				.orderby(stays.document)
				.limit(limit)
			).run()
		found.sort(key=lambda row: (-row[1], row[0]))
		return [name for name, _seconds in found[:limit]]


def _date(days_since_epoch: int) -> date:
	return getdate(EPOCH) + timedelta(days=days_since_epoch)


def stages_of(names) -> list[dict]:
	"""Facts of these stages as rows, in order of pipeline and position. Stages deleted since are left out."""
	return frappe.get_all(
		"Pipeline Stage",
		filters={"name": ("in", sorted(names) or [""])},
		fields=["name", "label", "pipeline", "position", "stage_type", "expected_dwell_days"],
		order_by="pipeline asc, position asc, name asc",
		limit=0,
	)


# ---- by the filters of a report


def doctype_of(filters) -> str:
	"""The deals of the chosen pipeline, else those of the chosen kind."""
	if filters.get("pipeline"):
		return frappe.get_cached_value("Sales Pipeline", filters["pipeline"], "applies_to") or "Sales Opportunity"
	chosen = filters.get("document_type")
	return "Sales Project" if chosen == "Sales Project" else "Sales Opportunity"


def stays_of(filters) -> Stays:
	doctype = doctype_of(filters)
	first, last = scope.period(filters, (EPOCH, nowdate()))
	return Stays(
		doctype,
		lambda query: scope.narrowed(query, doctype, filters),
		first if filters.get("from_date") else None,
		last if filters.get("to_date") else None,
	)


def documents_behind(filters, stage: str, over_limit: bool) -> dict:
	"""Names of the deals behind one stage of a report: {"names": longest stays first, "more": there are more}."""
	limit = (frappe.db.get_value("Pipeline Stage", stage, "expected_dwell_days") or 0) if over_limit else 0
	names = stays_of(filters).documents(stage, limit, MOST_NAMES + 1)
	return {"names": names[:MOST_NAMES], "more": len(names) > MOST_NAMES}


# ---- one deal


def of_document(doctype: str, name: str, now: datetime | None = None) -> list[dict]:
	"""The stages a deal has been in, in the order of its first visits.

	Rows: {"stage", "label", "seconds", "working_days" (None without a holiday list), "visits", "running",
	"limit_days" (0: none), "closed" (a won or lost stage)}.
	"""
	now = get_datetime(now or now_datetime())
	deal = frappe.db.get_value(doctype, name, ["stage", "status", "stage_entered_on", "company"], as_dict=True)
	calendar = WorkCalendar(days) if (days := holidays.of_company(deal.company)) else None
	found: dict[str, dict] = {}

	def stay(stage: str, entered: datetime, left: datetime, running: bool = False) -> None:
		row = found.setdefault(stage, {"stage": stage, "seconds": 0, "working_days": 0, "visits": 0, "running": False})
		row["seconds"] += seconds_spent(entered, left)
		row["working_days"] = row["working_days"] + calendar.days_between(entered, left) if calendar else None
		row["visits"] += 1
		row["running"] = running

	for event in ledger.history(doctype, name):
		if event.kind == "Stage" and event.from_value:
			left = get_datetime(event.at)
			stay(event.from_value, left - timedelta(seconds=event.seconds_spent or 0), left)
	if deal.status == OPEN and deal.stage:
		stay(deal.stage, get_datetime(deal.stage_entered_on or now), now, running=True)
	facts = {row.name: row for row in stages_of(found)}
	for stage, row in found.items():
		known = facts.get(stage) or frappe._dict(label=stage, expected_dwell_days=0, stage_type=OPEN)
		row.update(label=known.label, limit_days=known.expected_dwell_days or 0, closed=known.stage_type != OPEN)
	return list(found.values())

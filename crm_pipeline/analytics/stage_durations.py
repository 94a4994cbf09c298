"""How long deals stay in a stage: all their visits added up, the running one included.

The database answers histograms: {stage: {hours: deals}}, or by working days {stage: {days: deals}}. A visit
belongs to the period in which it ended, the running one to today.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import frappe
from frappe.query_builder.functions import Coalesce, Count, Floor, Sum
from frappe.utils import add_days, get_datetime, getdate, now_datetime
from pypika import Case

from crm_pipeline.analytics import scope
from crm_pipeline.analytics.sql_terms import Date, DateDiff, UnixTime
from crm_pipeline.chain import ledger
from crm_pipeline.core.dwell import SECONDS_PER_DAY, UNKNOWN, Spread, WorkCalendar, seconds_spent
from crm_pipeline.core.stages import OPEN
from crm_pipeline.erp import holidays
from crm_pipeline.user_day import latest_today

HOUR = 3600
HOURS_PER_DAY = 24
EPOCH = date(1970, 1, 1)
CHUNK = 1000
# From here on a day is precise enough: a histogram of thousands of hours would be slow.
COARSE = 10 * SECONDS_PER_DAY
# More days than a stay can have.
DAYS_APART = 100_000


def in_hours(seconds):
	"""The place of a time in a histogram of hours: hours begun, from ten days on days begun; a term for the database."""
	days = Floor(seconds / SECONDS_PER_DAY) * HOURS_PER_DAY
	return Case().when(seconds < COARSE, Floor(seconds / HOUR)).else_(days)


class Stays:
	"""Stays of the deals of one type. `narrow(query)` narrows a query on their table; dates are both included."""

	def __init__(self, doctype: str, narrow: Callable, first=None, last=None, now: datetime | None = None):
		self.doctype, self.narrow = doctype, narrow
		self.first, self.last = first, last
		self.now = get_datetime(now or now_datetime())
		self.deal = frappe.qb.DocType(doctype)
		self.event, self.passage = frappe.qb.DocType("Pipeline Event"), frappe.qb.DocType("Stage Passage")
		# Seconds of the running visit: a clock that was set back makes none.
		running = UnixTime(str(self.now)) - UnixTime(self.deal.stage_entered_on)
		self.running = Case().when(running > 0, Floor(running)).else_(0)

	# ---- the two kinds of stays

	@property
	def includes_today(self) -> bool:
		today = getdate(self.now)
		return (not self.first or getdate(self.first) <= today) and (not self.last or getdate(self.last) >= today)

	def single_visits(self):
		"""Stays of one visit that ended in the period, narrowed: a query on the passages and the deals."""
		passage = self.passage
		query = self._passages().where((passage.visits == 1) & ~self._is_there())
		if self.first:
			query = query.where(passage.last_left >= str(getdate(self.first)))
		if self.last:
			query = query.where(passage.last_left < str(add_days(getdate(self.last), 1)))
		return self.narrow(query.where(passage.last_left.isnotnull()))

	def _passages(self):
		deal, passage = self.deal, self.passage
		return (
			frappe.qb.from_(passage)
			.join(deal)
			.on(deal.name == passage.reference_name)
			.where(passage.reference_doctype == self.doctype)
		)

	def _is_there(self):
		return (self.deal.status == OPEN) & (self.deal.stage == self.passage.stage)

	def visits(self):
		"""Single visits that ended in the period, narrowed: a query on the ledger and the deals."""
		deal, event = self.deal, self.event
		query = (
			frappe.qb.from_(event)
			.join(deal)
			.on(deal.name == event.reference_name)
			.where(event.reference_doctype == self.doctype)
			.where((event.kind == "Stage") & (event.seconds_spent != UNKNOWN))
		)
		if self.first:
			query = query.where(event.at >= str(getdate(self.first)))
		if self.last:
			query = query.where(event.at < str(add_days(getdate(self.last), 1)))
		return self.narrow(query)

	def standing(self):
		"""Open deals, narrowed: they stay where they are. Those from elsewhere of which nobody knows since when are left
		out."""
		known = (self.deal.status == OPEN) & self.deal.stage_entered_on.isnotnull()
		return self.narrow(frappe.qb.from_(self.deal).where(known))

	def _kinds(self, ended, running) -> list[tuple]:
		"""Queries of ended stays of one visit and of running visits: (query, term of the stage, term of the time)."""
		deal, passage = self.deal, self.passage
		kinds = [(self.single_visits(), passage.stage, ended)]
		if self.includes_today:
			kinds.append((self.standing(), deal.stage, running))
		return kinds

	def _stages(self) -> list[str]:
		pipelines = frappe.get_all(
			"Sales Pipeline", filters={"applies_to": self.doctype}, pluck="name", order_by="name asc", limit=0
		)
		return frappe.get_all(
			"Pipeline Stage",
			filters={"pipeline": ("in", pipelines or [""]), "stage_type": OPEN},
			pluck="name",
			order_by="name asc",
			limit=0,
		)

	def returns(self) -> set[tuple[str, str]]:
		"""(deal, stage) of stays of several visits, the running one counted, whenever they were."""
		passage = self.passage
		several = (passage.visits > 1) | (passage.last_left.isnotnull() & self._is_there())
		found = self.narrow(self._passages().where(several)).select(passage.reference_name, passage.stage)
		return set(found.run())

	def _visits_of_returns(self, ended, running) -> list[tuple]:
		"""Every single visit of stays of several visits: (stage, time, deal, is it running). They are few beside the others."""
		deal, event, pairs = self.deal, self.event, self.returns()
		names, rows = sorted({name for name, _stage in pairs}), []
		for start in range(0, len(names), CHUNK):
			some = deal.name.isin(names[start : start + CHUNK])
			rows += [
				(*row, False) for row in self.visits().where(some).select(event.from_value, ended, deal.name).run()
			]
			if self.includes_today:
				rows += [
					(*row, True) for row in self.standing().where(some).select(deal.stage, running, deal.name).run()
				]
		return [row for row in rows if (row[2], row[0]) in pairs]

	# ---- figures

	def in_hours(self) -> dict[str, Spread]:
		"""{stage: spread in hours}: hours begun, from ten days on days begun; the average is exact.

		The database counts stays of one visit, and running visits as if each were a stay; where a deal came back, its
		running visit is taken out again and the sum of all its visits is put in.
		"""
		found: dict[str, Spread] = defaultdict(Spread)
		for query, stage, time in self._kinds(self.passage.seconds, self.running):
			place = in_hours(time)
			counted = query.select(
				stage.as_("stage"), place.as_("hours"), Count("*").as_("stays"), Sum(time).as_("seconds")
			)
			for row in counted.groupby(stage, place).run(as_dict=True):
				found[row.stage].add(int(row.hours), row.stays, float(row.seconds) / HOUR)
		stays: dict[tuple, float] = defaultdict(float)
		for stage, time, document, runs in self._visits_of_returns(self.event.seconds_spent, self.running):
			if runs:
				found[stage].add(_hours(time), -1, -float(time) / HOUR)
			stays[stage, document] += float(time)
		for (stage, _document), total in stays.items():
			found[stage].add(_hours(total), 1, total / HOUR)
		return dict(found)

	def in_working_days(self, calendar: WorkCalendar) -> dict[str, Spread]:
		"""{stage: spread in working days}; the database counts visits by the days they began and ended on."""
		found: dict[str, Spread] = defaultdict(Spread)
		running = self._running_days()
		# Stage by stage: grouped by a number alone the database needs no table on its disk.
		open_stages = self._stages()
		for query, stage, time in self._kinds(_days_ended(self.passage.last_left, self.passage.seconds), running):
			for name in open_stages:
				counted = query.where(stage == name).select(time.as_("time"), Count("*").as_("stays")).groupby(time)
				for when, count in counted.run():
					days = _working_days(calendar, when)
					found[name].add(days, count, days * count)
		stays: dict[tuple, int] = defaultdict(int)
		for stage, time, document, runs in self._visits_of_returns(
			_days_ended(self.event.at, self.event.seconds_spent), running
		):
			if stage not in open_stages:
				continue
			days = _working_days(calendar, time)
			if runs:
				found[stage].add(days, -1, -days)
			stays[stage, document] += days
		for (stage, _document), days in stays.items():
			found[stage].add(days, 1, days)
		return dict(found)

	def documents(self, least: dict[str, int], calendar: WorkCalendar | None = None) -> list[str]:
		"""Names of the deals behind the figures of stages, the longest stays first: {stage: the days that a stay has to have
		come to}, working days with a calendar. A deal stands there once per stage."""
		deal, passage, stages = self.deal, self.passage, list(least) or [""]
		running, ended, visited = self.running, passage.seconds, self.event.seconds_spent
		if calendar:
			running, ended = self._running_days(), _days_ended(passage.last_left, passage.seconds)
			visited = _days_ended(self.event.at, self.event.seconds_spent)
		kinds = [(self.single_visits().where(passage.stage.isin(stages)), passage.stage, ended)]
		if self.includes_today:
			kinds.append((self.standing().where(deal.stage.isin(stages)), deal.stage, running))
		spent_in = (lambda time: _working_days(calendar, time)) if calendar else float
		stays: dict[tuple, float] = defaultdict(float)
		for query, stage, time in kinds:
			stays.update(
				((name, of), spent_in(spent)) for of, name, spent in query.select(stage, deal.name, time).run()
			)
		for of, time, name, runs in self._visits_of_returns(visited, running):
			if of in least and not runs:
				stays[name, of] += spent_in(time)
		unit = 1 if calendar else SECONDS_PER_DAY
		found = [stay for stay, spent in stays.items() if spent >= least[stay[1]] * unit]
		return [name for name, _stage in sorted(found, key=lambda stay: (-stays[stay], stay))]

	def _running_days(self):
		"""The running visit as _days_ended() says a visit that ended today."""
		today, stood = getdate(self.now), DateDiff(str(getdate(self.now)), self.deal.stage_entered_on)
		return (today - EPOCH).days * DAYS_APART + Coalesce(Case().when(stood > 0, stood).else_(0), 0)


def _days_ended(at, seconds):
	"""One number that says both of a visit: the day it ended on, and how many days before that it began."""
	since_midnight = UnixTime(at) - UnixTime(Date(at))
	midnights = Floor((seconds - since_midnight + SECONDS_PER_DAY - 1) / SECONDS_PER_DAY)
	return DateDiff(at, str(EPOCH)) * DAYS_APART + midnights


def _working_days(calendar: WorkCalendar, visit) -> int:
	"""The working days of a visit as _days_ended() says it."""
	left, days = divmod(int(visit), DAYS_APART)
	return calendar.days_between(_date(left - days), _date(left))


def _hours(seconds: float) -> int:
	"""Like the database does it in `in_hours`."""
	if seconds < COARSE:
		return int(seconds // HOUR)
	return int(seconds // SECONDS_PER_DAY) * HOURS_PER_DAY


def _date(days_since_epoch: int) -> date:
	return EPOCH + timedelta(days=days_since_epoch)


def stages_of(names) -> list[dict]:
	"""Facts of these stages as rows, in order of pipeline and position. Stages deleted since are left out."""
	return frappe.get_all(
		"Pipeline Stage",
		filters={"name": ("in", sorted(filter(None, names)) or [""])},
		fields=["name", "label", "pipeline", "position", "stage_type", "expected_dwell_days"],
		order_by="pipeline asc, position asc, name asc",
		limit=0,
	)


# ---- by the filters of a report


@dataclass(frozen=True)
class DwellScope(scope.Scope):
	"""`working_days` (1): days of the company's calendar count."""

	document_type: str | None = None
	working_days: int = 0

	@property
	def doctype(self) -> str:
		"""The deals of the chosen pipeline, else those of the chosen kind."""
		if self.pipeline:
			return frappe.get_cached_value("Sales Pipeline", self.pipeline, "applies_to") or "Sales Opportunity"
		return scope.PROJECT if self.document_type == scope.PROJECT else "Sales Opportunity"


def stays_of(asked: DwellScope) -> Stays:
	# Asked for one of its ends alone, the period still must have days.
	asked.period(EPOCH, latest_today())
	return Stays(
		asked.doctype,
		lambda query: asked.narrow(scope.sales(query, asked.doctype), asked.doctype),
		asked.from_date,
		asked.to_date,
	)


def standing_in(stays: Stays) -> dict[str, int]:
	"""{stage: open deals that stand in it}."""
	deal = stays.deal
	return dict(stays.standing().select(deal.stage, Count("*")).groupby(deal.stage).run())


def names_behind(asked: DwellScope, stage: str | None, over_limit: bool) -> list[str]:
	"""Names of the deals behind one stage of a report, or behind all of them, the longest stays first; with `over_limit`
	of the stays that reached the limit of their stage."""
	rows = frappe.get_all(
		"Pipeline Stage",
		filters={"name": stage} if stage else {"stage_type": OPEN},
		fields=["name", "expected_dwell_days"],
		order_by="name asc",
		limit=0,
	)
	limits = {row.name: row.expected_dwell_days or 0 for row in rows}
	least = {name: limit if over_limit else 0 for name, limit in limits.items() if limit or not over_limit}
	calendar = holidays.required_of_company(asked.company) if over_limit and asked.working_days else None
	return stays_of(asked).documents(least, calendar)


# ---- one deal


def of_document(doctype: str, name: str, now: datetime | None = None) -> list[dict]:
	"""The stages a deal has been in, in the order of its first visits.

	Rows: {"stage", "label", "seconds", "working_days" (None without a holiday list), "visits", "running",
	"limit_days" (0: none), "closed" (a won or lost stage)}.
	"""
	now = get_datetime(now or now_datetime())
	deal = frappe.db.get_value(doctype, name, ["stage", "status", "stage_entered_on", "company"], as_dict=True)
	calendar = holidays.calendar_of(deal.company)
	found: dict[str, dict] = {}

	def stay(stage: str, entered: datetime, left: datetime, running: bool = False) -> None:
		row = found.setdefault(stage, {"stage": stage, "seconds": 0, "working_days": 0, "visits": 0, "running": False})
		row["seconds"] += seconds_spent(entered, left)
		row["working_days"] = row["working_days"] + calendar.days_between(entered, left) if calendar else None
		row["visits"] += 1
		row["running"] = running

	for event in ledger.history(doctype, name):
		if event.kind == "Stage" and event.from_value and event.seconds_spent != UNKNOWN:
			left = get_datetime(event.at)
			stay(event.from_value, left - timedelta(seconds=event.seconds_spent or 0), left)
	if deal.status == OPEN and deal.stage and deal.stage_entered_on:
		stay(deal.stage, get_datetime(deal.stage_entered_on), now, running=True)
	facts = {row.name: row for row in stages_of(found)}
	for stage, row in found.items():
		known = facts.get(stage) or frappe._dict(label=stage, expected_dwell_days=0, stage_type=OPEN)
		row.update(label=known.label, limit_days=known.expected_dwell_days or 0, closed=known.stage_type != OPEN)
	return list(found.values())

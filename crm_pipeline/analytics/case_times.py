"""How long customers wait: cases that were opened in a period, by severity, channel, team, person or kind."""

from dataclasses import dataclass
from datetime import date, datetime

import frappe
from frappe import _
from frappe.utils import add_days, get_datetime, get_fullname, getdate, now_datetime

from crm_pipeline.analytics import drill
from crm_pipeline.analytics.scope import Scope
from crm_pipeline.core.cases import CaseTimes, TimesSummary, is_overdue, summarised

CASE = "Customer Case"
WAITING, WITHDRAWN = "Waiting", "Withdrawn"
DAYS = 90
# Choice of the report -> field of a case.
GROUPINGS = {
	"Severity": "severity",
	"Channel": "way",
	"Team": "sales_person",
	"Responsible": "responsible",
	"Kind": "kind",
}

# What a case may be narrowed by beside the scope of all figures.
NARROWED = ("severity", "kind", "way", "responsible")


@dataclass(frozen=True)
class CaseScope(Scope):
	group_by: str = "Severity"
	severity: str | None = None
	kind: str | None = None
	way: str | None = None
	responsible: str | None = None

	@property
	def field(self) -> str:
		if self.group_by not in GROUPINGS:
			frappe.throw(_("{0} is not one of: {1}").format(_("Group By"), ", ".join(_(name) for name in GROUPINGS)))
		return GROUPINGS[self.group_by]

	def of_cases(self) -> "CaseScope":
		"""Without what a case has no field for."""
		return self.replaced(pipeline=None, campaign=None, channel=None, source_type=None, territory=None)

	def days(self) -> tuple[date, date]:
		"""The days asked for, the last three months where none are."""
		today = getdate()
		return self.period(min(add_days(self.to_date or today, -DAYS), today), max(today, self.from_date or today))


@dataclass(frozen=True)
class CaseGroup:
	"""Cases with the same value of the field that they are grouped by; None for those without one."""

	key: str | None
	label: str
	times: TimesSummary


def groups(asked: CaseScope, now: datetime | None = None) -> tuple[list[CaseGroup], TimesSummary]:
	"""The groups, in their order, and all of them together. Those that were withdrawn are left out."""
	rows = _rows(asked)
	now = now or now_datetime()
	by_key: dict[str | None, list[CaseTimes]] = {}
	for row in rows:
		by_key.setdefault(row.key or None, []).append(_times(row, now))
	found = [CaseGroup(key, _label(asked, key), summarised(times)) for key, times in by_key.items()]
	return _sorted(asked, found), summarised(times for group in by_key.values() for times in group)


def _rows(asked: CaseScope) -> list[dict]:
	case = frappe.qb.DocType(CASE)
	first, last = asked.days()
	query = (
		frappe.qb.from_(case)
		.select(
			case[asked.field].as_("key"),
			case.status,
			case.opened_on,
			case.first_answer_on,
			case.solved_on,
			case.due_by,
			case.satisfaction,
		)
		.where((case.opened_on >= first) & (case.opened_on < add_days(last, 1)) & (case.status != WITHDRAWN))
	)
	for field in NARROWED:
		if getattr(asked, field):
			query = query.where(case[field] == getattr(asked, field))
	return asked.of_cases().narrow(query, CASE).orderby(case.opened_on).orderby(case.name).run(as_dict=True)


def _times(row: dict, now: datetime) -> CaseTimes:
	opened, answered, solved, due = (
		get_datetime(row[field]) if row[field] else None
		for field in ("opened_on", "first_answer_on", "solved_on", "due_by")
	)
	return CaseTimes(
		to_answer=_hours(opened, answered),
		to_solve=_hours(opened, solved),
		overdue=row.status != WAITING and is_overdue(due, solved, now),
		satisfaction=row.satisfaction or None,
	)


def _hours(start: datetime, end: datetime | None) -> float | None:
	return None if end is None else max((end - start).total_seconds(), 0.0) / 3600


def _label(asked: CaseScope, key: str | None) -> str:
	if not key:
		return _("Not Set")
	if asked.field == "responsible":
		return get_fullname(key)
	return _(key, context=CASE) if asked.field == "kind" else _(key)


def _sorted(asked: CaseScope, found: list[CaseGroup]) -> list[CaseGroup]:
	"""Severities from the worst on, all else by number."""
	places = {}
	if asked.field == "severity":
		rows = frappe.get_all("Case Severity", pluck="name", order_by="position asc, name asc", limit=0)
		places = {name: place for place, name in enumerate(rows)}
	return sorted(found, key=lambda group: (places.get(group.key, len(places)), -group.times.cases, group.label))


def list_filters(asked: CaseScope, key: str | None = None, whole: bool = False) -> list[tuple]:
	"""Filters of the list of the cases of a group, or of all of them."""
	found = [
		*drill.shared(asked.of_cases()),
		drill.between("opened_on", *asked.days()),
		("status", "!=", WITHDRAWN),
		*(drill.equal(field, getattr(asked, field)) for field in NARROWED if getattr(asked, field)),
	]
	return found if whole else [*found, drill.equal(asked.field, key)]

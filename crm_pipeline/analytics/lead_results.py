"""What became of the leads of a period, by channel, campaign, territory, person or week: how fast they were answered, and how
many were contacted, qualified, converted and won. And of the prospects of a period, how many became customers.

A lead counts in the day that it came, whatever happened to it later; so rates of the last weeks still grow.
"""

from dataclasses import dataclass
from datetime import date, datetime

import frappe
from frappe import _
from frappe.utils import add_days, formatdate, get_datetime, get_fullname, getdate, now_datetime

from crm_pipeline.analytics import drill
from crm_pipeline.analytics.scope import Scope, visible
from crm_pipeline.analytics.sql_terms import is_won
from crm_pipeline.core import lead as states
from crm_pipeline.core.lead_metrics import LeadResult, LeadSummary, summarised
from crm_pipeline.core.registry import DEALS
from crm_pipeline.user_day import week_of

LEAD, PROSPECT, EVENT, OPPORTUNITY = "Sales Lead", "Sales Prospect", "Pipeline Event", "Sales Opportunity"
DAYS = 90
WEEK = "Week"
# Choice of the report -> field of the record.
GROUPINGS = {
	"Channel": "channel",
	"Campaign": "campaign",
	"Territory": "territory",
	"Owner": "sales_owner",
	WEEK: "creation",
}
# What a lead in a state has behind it.
CONTACTED = (states.CONTACTED, states.CONVERTED)
QUALIFIED = (states.QUALIFIED, *CONTACTED)
CHUNK = 1000


@dataclass(frozen=True)
class LeadScope(Scope):
	group_by: str = "Channel"

	@property
	def field(self) -> str:
		if self.group_by not in GROUPINGS:
			frappe.throw(_("{0} is not one of: {1}").format(_("Group By"), ", ".join(_(name) for name in GROUPINGS)))
		return GROUPINGS[self.group_by]

	@property
	def label(self) -> str:
		"""What the groups are, for people. ERPNext's word for an owner is that of a thing in other languages."""
		return _("Sales Owner") if self.group_by == "Owner" else _(self.group_by)

	def of_records(self) -> "LeadScope":
		"""Without what leads and prospects have no field for."""
		return self.replaced(pipeline=None, source_type=None)

	def days(self) -> tuple[date, date]:
		"""The days asked for, the last three months where none are."""
		today = getdate()
		return self.period(min(add_days(self.to_date or today, -DAYS), today), max(today, self.from_date or today))


@dataclass(frozen=True)
class LeadGroup:
	"""Leads with the same value of the field that they are grouped by, None for those without one; of a week its first day."""

	key: str | None
	label: str
	found: LeadSummary


def groups(asked: LeadScope) -> tuple[list[LeadGroup], LeadSummary]:
	"""The groups, the largest first (weeks in their order), and all leads together."""
	rows = _leads(asked)
	qualified, won, now = _once_qualified(rows), _won(rows), now_datetime()
	by_key: dict[str | None, list[LeadResult]] = {}
	for row in rows:
		by_key.setdefault(_key(asked, row), []).append(_result(row, row.name in qualified, row.name in won, now))
	found = [LeadGroup(key, label(asked, key), summarised(results)) for key, results in by_key.items()]
	if asked.group_by == WEEK:
		found.sort(key=lambda group: group.key)
	else:
		found.sort(key=lambda group: (-group.found.leads, group.label))
	return found, summarised(result for results in by_key.values() for result in results)


def _leads(asked: LeadScope) -> list[dict]:
	lead = frappe.qb.DocType(LEAD)
	query = frappe.qb.from_(lead).select(
		lead.name,
		lead[asked.field].as_("key"),
		lead.creation,
		lead.status,
		lead.first_answer_on,
		lead.answer_due_on,
		lead.joined_opportunity,
	)
	query = _in_days(query, lead, asked)
	return asked.of_records().narrow(query, LEAD).orderby(lead.creation).orderby(lead.name).run(as_dict=True)


def _in_days(query, table, asked: LeadScope):
	first, last = asked.days()
	return query.where((table.creation >= first) & (table.creation < add_days(last, 1)))


def _result(row: dict, was_qualified: bool, won: bool, now: datetime) -> LeadResult:
	answer = get_datetime(row.first_answer_on) if row.first_answer_on else None
	due = get_datetime(row.answer_due_on) if row.answer_due_on else None
	return LeadResult(
		hours=None if answer is None else max((answer - get_datetime(row.creation)).total_seconds(), 0.0) / 3600,
		in_time=_is_in_time(answer, due, now),
		contacted=bool(answer) or row.status in CONTACTED,
		qualified=was_qualified or row.status in QUALIFIED,
		converted=row.status == states.CONVERTED,
		won=won,
	)


def _is_in_time(answer: datetime | None, due: datetime | None, now: datetime) -> bool | None:
	"""None without a limit, and of a lead that waits for its answer within it."""
	if due is None or (answer is None and now <= due):
		return None
	return answer is not None and answer <= due


def _once_qualified(rows: list[dict]) -> set[str]:
	"""Leads that were disqualified, and qualified before that."""
	names = [row.name for row in rows if row.status not in QUALIFIED]
	found = set()
	for start in range(0, len(names), CHUNK):
		events = frappe.get_all(
			EVENT,
			filters={
				"reference_doctype": LEAD,
				"reference_name": ("in", names[start : start + CHUNK]),
				"kind": "State",
				"to_value": ("in", QUALIFIED),
			},
			pluck="reference_name",
			order_by="reference_name asc",
			limit=0,
		)
		found.update(events)
	return found


def _won(rows: list[dict]) -> set[str]:
	"""Leads whose deal was won, as far as the reader sees the deal."""
	names = {row.name for row in rows if row.status == states.CONVERTED}
	joined = {row.joined_opportunity: row.name for row in rows if row.joined_opportunity}
	found = set()
	for doctype in DEALS:
		if not frappe.has_permission(doctype, "read"):
			continue
		deal = frappe.qb.DocType(doctype)
		made = frappe.qb.from_(deal).select(deal.source_name).where((deal.source_type == LEAD) & is_won(deal))
		found.update(name for (name,) in visible(made, doctype).run() if name in names)
		if doctype == OPPORTUNITY and joined:
			query = frappe.qb.from_(deal).select(deal.name).where(deal.name.isin(list(joined)) & is_won(deal))
			won = {name for (name,) in visible(query, doctype).run()}
			found.update(row.name for row in rows if row.joined_opportunity in won)
	return found


def _key(asked: LeadScope, row: dict) -> str | None:
	if asked.group_by == WEEK:
		return week_of(getdate(row.key)).isoformat()
	return row.key or None


def label(asked: LeadScope, key: str | None) -> str:
	if not key:
		return _("Not Set")
	if asked.group_by == WEEK:
		return _("Week of {0}").format(formatdate(key))
	return get_fullname(key) if asked.group_by == "Owner" else _(key)


# ---- prospects


@dataclass(frozen=True)
class ProspectGroup:
	key: str | None
	label: str
	prospects: int
	customers: int


def prospect_groups(asked: LeadScope) -> list[ProspectGroup]:
	"""Prospects of the period, and those of them that are customers by now; the largest group first, weeks in their order."""
	prospect = frappe.qb.DocType(PROSPECT)
	is_week = asked.group_by == WEEK
	field = prospect[asked.field]
	query = frappe.qb.from_(prospect).select(field.as_("key"), prospect.customer)
	counts: dict[str | None, list[int]] = {}
	for row in asked.of_records().narrow(_in_days(query, prospect, asked), PROSPECT).run(as_dict=True):
		count = counts.setdefault(_key(asked, row), [0, 0])
		count[0] += 1
		count[1] += bool(row.customer)
	found = [ProspectGroup(key, label(asked, key), *count) for key, count in counts.items()]
	return sorted(found, key=(lambda one: one.key) if is_week else (lambda one: (-one.prospects, one.label)))


# ---- the records behind a number


def list_filters(asked: LeadScope, key: str | None = None, whole: bool = False) -> list[tuple]:
	"""Filters of the list of the records of a group, or of all of them."""
	first, last = asked.days()
	if not whole and asked.group_by == WEEK:
		first, last = max(first, getdate(key)), min(last, add_days(getdate(key), 6))
	found = [*drill.shared(asked.of_records()), drill.between("creation", first, last)]
	return found if whole or asked.group_by == WEEK else [*found, drill.equal(asked.field, key)]

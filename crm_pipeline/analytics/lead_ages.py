"""Open leads by age, and how many of them nobody has answered: what waits the longest is lost first."""

from dataclasses import dataclass

import frappe
from frappe.utils import getdate

from crm_pipeline.analytics import drill
from crm_pipeline.analytics.lead_results import LEAD, LeadScope, label
from crm_pipeline.core.lead_metrics import AGES, age_band
from crm_pipeline.core.registry import STATES


@dataclass(frozen=True)
class AgeGroup:
	"""Open leads of one value of the field that they are grouped by: in all, unanswered, by band of age, days of the oldest."""

	key: str | None
	label: str
	leads: int
	unanswered: int
	bands: dict[str, int]
	oldest: int


def groups(asked: LeadScope) -> list[AgeGroup]:
	"""The largest group first. The period is not asked for: all that is open."""
	lead = frappe.qb.DocType(LEAD)
	query = (
		frappe.qb.from_(lead)
		.select(lead[asked.field].as_("key"), lead.creation, lead.first_answer_on)
		.where(lead.status.notin(STATES[LEAD].closed))
	)
	today = getdate()
	rows: dict[str | None, list[dict]] = {}
	for row in asked.of_records().narrow(query, LEAD).run(as_dict=True):
		row.days = (today - getdate(row.creation)).days
		rows.setdefault(row.key or None, []).append(row)
	found = [_group(key, label(asked, key), of_key) for key, of_key in rows.items()]
	return sorted(found, key=lambda group: (-group.leads, group.label))


def _group(key: str | None, name: str, rows: list[dict]) -> AgeGroup:
	bands = dict.fromkeys((band for band, _end in AGES), 0)
	for row in rows:
		bands[age_band(row.days)] += 1
	unanswered = sum(not row.first_answer_on for row in rows)
	return AgeGroup(key, name, len(rows), unanswered, bands, max(row.days for row in rows))


def list_filters(asked: LeadScope, key: str | None = None, whole: bool = False) -> list[tuple]:
	"""Filters of the list of the open leads of a group, or of all of them."""
	found = [*drill.shared(asked.of_records()), ("status", "not in", sorted(STATES[LEAD].closed))]
	return found if whole else [*found, drill.equal(asked.field, key)]

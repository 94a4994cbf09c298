"""What went into the public pool and out of it in a period: by week, rule, person or type of record."""

from dataclasses import dataclass
from datetime import date, datetime

import frappe
from frappe import _
from frappe.utils import add_days, formatdate, get_fullname, getdate

from crm_pipeline.analytics import drill
from crm_pipeline.analytics.scope import Scope, visible
from crm_pipeline.core.pool_movement import INTO, OUT_OF, Move, Traffic, traffic
from crm_pipeline.user_day import week_of

MOVEMENT = "Pool Movement"
DAYS = 90
WEEK, PERSON = "Week", "Person"
# Choice of the report -> field of the movement; a person is who lost a record, or who got it.
GROUPINGS = {WEEK: "at", "Rule": "pool_rule", PERSON: None, "Document Type": "reference_doctype"}
CHUNK = 1000


@dataclass(frozen=True)
class PoolScope(Scope):
	group_by: str = WEEK

	def checked(self) -> str:
		if self.group_by not in GROUPINGS:
			frappe.throw(_("{0} is not one of: {1}").format(_("Group By"), ", ".join(_(name) for name in GROUPINGS)))
		return self.group_by

	def days(self) -> tuple[date, date]:
		"""The days asked for, the last three months where none are."""
		today = getdate()
		return self.period(min(add_days(self.to_date or today, -DAYS), today), max(today, self.from_date or today))


@dataclass(frozen=True)
class PoolGroup:
	key: str | None
	label: str
	found: Traffic


def groups(asked: PoolScope) -> tuple[list[PoolGroup], Traffic]:
	"""The groups, weeks in their order, else those with most movements first; and all movements together."""
	group_by = asked.checked()
	rows = _rows(asked)
	since = _came(rows)
	by_key: dict[str | None, list[Move]] = {}
	moves = []
	for row in rows:
		move = Move(row.movement, row.at, since.get(row.name))
		moves.append(move)
		by_key.setdefault(_key(group_by, row), []).append(move)
	found = [PoolGroup(key, _label(group_by, key), traffic(own)) for key, own in by_key.items()]
	if group_by == WEEK:
		found.sort(key=lambda group: group.key)
	else:
		found.sort(key=lambda group: (-sum(group.found.counts.values()), group.label))
	return found, traffic(moves)


def _rows(asked: PoolScope) -> list[dict]:
	table = frappe.qb.DocType(MOVEMENT)
	first, last = asked.days()
	query = (
		frappe.qb.from_(table)
		.select(
			*(table[field] for field in ("name", "movement", "at", "from_user", "to_user", "pool_rule")),
			table.reference_doctype,
			table.reference_name,
		)
		.where((table.at >= first) & (table.at < add_days(last, 1)))
		# Customers belong to no company.
		.where(table.company.isnull() | table.company.isin((asked.company, "")))
	)
	return visible(query, MOVEMENT).orderby(table.at).orderby(table.name).run(as_dict=True)


def _came(rows: list[dict]) -> dict[str, datetime]:
	"""{movement out of the pool: when its record had come into it}."""
	names = sorted({row.reference_name for row in rows if row.movement in OUT_OF})
	came: dict[tuple[str, str], list[datetime]] = {}
	for start in range(0, len(names), CHUNK):
		found = frappe.get_all(
			MOVEMENT,
			filters={"reference_name": ("in", names[start : start + CHUNK]), "movement": ("in", INTO)},
			fields=["reference_doctype", "reference_name", "at"],
			order_by="at asc",
			limit=0,
		)
		for row in found:
			came.setdefault((row.reference_doctype, row.reference_name), []).append(row.at)
	return {
		row.name: max(earlier)
		for row in rows
		if row.movement in OUT_OF
		and (earlier := [at for at in came.get((row.reference_doctype, row.reference_name), ()) if at <= row.at])
	}


def _key(group_by: str, row: dict) -> str | None:
	if group_by == WEEK:
		return week_of(getdate(row.at)).isoformat()
	if group_by == PERSON:
		return (row.from_user if row.movement in INTO else row.to_user) or None
	return row[GROUPINGS[group_by]] or None


def _label(group_by: str, key: str | None) -> str:
	if not key:
		return _("Not Set")
	if group_by == WEEK:
		return _("Week of {0}").format(formatdate(key))
	return get_fullname(key) if group_by == PERSON else _(key) if group_by == "Document Type" else key


def list_filters(asked: PoolScope, movement: str, key: str | None = None, whole: bool = False) -> list[tuple]:
	"""Filters of the list of the movements of one kind, of a group or of all of them."""
	first, last = asked.days()
	found = [("movement", "=", movement), ("company", "in", [asked.company, ""])]
	if not whole and asked.group_by == WEEK:
		first, last = max(first, getdate(key)), min(last, add_days(getdate(key), 6))
	elif not whole:
		person = "from_user" if movement in INTO else "to_user"
		found.append(drill.equal(GROUPINGS[asked.group_by] or person, key))
	return [*found, drill.between("at", first, last)]

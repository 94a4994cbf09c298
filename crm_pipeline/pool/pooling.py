"""The daily job of the public pool: who is warned, and what falls; by hand, what is released.

Chunks of records are judged and moved in a few statements each. A chunk that can't be done as a whole is done record by
record, so that one bad record keeps no other from its turn.
"""

import frappe
from frappe import _
from frappe.desk.doctype.notification_log.notification_log import enqueue_create_notification
from frappe.query_builder import Case
from frappe.utils import get_datetime, now_datetime

from crm_pipeline.assignment.giving import is_watched
from crm_pipeline.chain import automation, jobs, ledger, locks
from crm_pipeline.core import pool as rules
from crm_pipeline.core.dwell import seconds_spent
from crm_pipeline.erp import holidays
from crm_pipeline.pool import held_facts, pool_rules
from crm_pipeline.pool.movements import record, record_many
from crm_pipeline.pool.pool_rules import CUSTOMER, FELL, PROTECTIONS, TYPES, field, owner_field
from crm_pipeline.wording import bold

JOB = "Public Pool"
CHUNK = 1000


def daily() -> None:
	jobs.run(JOB)


def chunks(after: list | None) -> list[tuple[str, str, str]]:
	"""(DocType, first, last) of all chunks of records that somebody holds, or of those that follow `after`."""
	found = []
	for doctype in TYPES:
		if not pool_rules.rules_of(doctype):
			continue
		names = frappe.get_all(
			doctype,
			filters={**pool_rules.open_filters(doctype), field(doctype, "pool_since"): ("is", "not set")},
			pluck="name",
			order_by="name asc",
			limit=0,
		)
		found += [(doctype, names[at], names[min(at + CHUNK, len(names)) - 1]) for at in range(0, len(names), CHUNK)]
	if not after:
		return found
	place = (TYPES.index(after[0]), after[1])
	return [chunk for chunk in found if (TYPES.index(chunk[0]), chunk[1]) > place]


def judge_chunk(doctype: str, first: str, last: str) -> int:
	"""Part of the job: judge the records from one name to another; answers how many were warned of or fell."""
	names = frappe.get_all(
		doctype, filters=[["name", ">=", first], ["name", "<=", last]], pluck="name", order_by="name asc", limit=0
	)
	return judge(doctype, names)


def judge(doctype: str, names: list[str]) -> int:
	point = f"crm_pool_{frappe.generate_hash(length=8)}"
	frappe.db.savepoint(point)
	try:
		return _judge(doctype, names)
	except Exception as error:
		if _ends_all(error) or len(names) == 1:
			raise
		frappe.db.rollback(save_point=point)
		frappe.clear_messages()
	done = 0
	for name in names:
		frappe.db.savepoint(point)
		try:
			done += _judge(doctype, [name])
		except Exception as error:
			if _ends_all(error):
				raise
			frappe.db.rollback(save_point=point)
			frappe.clear_messages()
			frappe.log_error(title=f"CRM Pipeline: {doctype} {name} not judged for the pool"[:140])
	return done


def _ends_all(error: Exception) -> bool:
	return locks.is_lost_race(error) or locks.is_lost_connection(error) or type(error).__name__ == "JobTimeoutException"


def _judge(doctype: str, names: list[str]) -> int:
	rows = held_facts.held(doctype, names)
	_start_clocks(doctype, [row for row in rows if not row.assigned_on])
	rows = {row.name: row for row in rows if row.assigned_on}
	if not rows:
		return 0
	shields = held_facts.protected(doctype, list(rows.values()))
	known = pool_rules.rules_of(doctype)
	records = held_facts.facts(doctype, list(rows.values()), {"planned": shields["planned"]}, known)
	_note_touches(doctype, rows, records)
	terms = [pool_rules.terms_of(row) for row in known]
	by_name = {row.name: row for row in known}
	calendars: dict = {}
	now = now_datetime()
	warned, fallen = [], []
	for one in records:
		rule = rules.rule_of(one, terms)
		if not rule or any(by_name[rule.name][box] and one.name in shields[box] for box in PROTECTIONS):
			continue
		found = rules.verdict(one, rule, now, _calendar(rule, one.company, calendars))
		(warned if found == rules.WARN else fallen if found == rules.FALL else []).append((rows[one.name], rule))
	_warn(doctype, warned)
	return len(warned) + _fall(doctype, fallen)


def _calendar(rule, company: str | None, known: dict):
	if not rule.working_days:
		return None
	company = company or frappe.db.get_single_value("Global Defaults", "default_company")
	if company not in known:
		known[company] = holidays.calendar_of(company)
	return known[company]


def _start_clocks(doctype: str, rows: list[dict]) -> None:
	"""Of what was brought in past every form the clock starts when it is seen first."""
	if rows:
		stamp = field(doctype, "pool_assigned_on") if doctype == CUSTOMER else "assigned_on"
		locks.set_named(doctype, [row.name for row in rows], {stamp: now_datetime()})


def _note_touches(doctype: str, rows: dict[str, dict], records: list) -> None:
	new = {}
	for one in records:
		touch = max(filter(None, (one.last_touch, one.last_sale)), default=None)
		stored = rows[one.name].last_touch_on
		if touch and (not stored or abs((get_datetime(stored) - touch).total_seconds()) >= 1):
			new[one.name] = touch
	if new:
		table, touched = frappe.qb.DocType(doctype), Case()
		for name, touch in new.items():
			touched = touched.when(table.name == name, touch)
		locks.set_named(doctype, list(new), {field(doctype, "last_touch_on"): touched})


# ---- warning


def _warn(doctype: str, warned: list[tuple]) -> None:
	if not warned:
		return
	locks.set_named(doctype, [row.name for row, _rule in warned], {field(doctype, "pool_warned_on"): now_datetime()})
	told: dict[tuple[str, int], list] = {}
	for row, rule in warned:
		for user in row.owners:
			told.setdefault((user, rule.warn_days), []).append(row)
	for (user, days), found in told.items():
		row = found[0]
		language = frappe.db.get_value("User", user, "language")
		text = _("{0} goes to the public pool in {1} days unless you contact them", language)
		if len(found) > 1:
			text = _("{0} and {2} more go to the public pool in {1} days unless you contact them", language)
		enqueue_create_notification(
			[user],
			{
				"type": "Alert",
				"document_type": doctype,
				"document_name": row.name,
				"subject": text.format(bold(row.title or row.name), days, len(found) - 1),
				"from_user": "Administrator",
			},
		)


# ---- falling


def _fall(doctype: str, fallen: list[tuple]) -> int:
	if not fallen:
		return 0
	if doctype == CUSTOMER or is_watched(doctype):
		return sum(_fall_alone(doctype, row, rule) for row, rule in fallen)
	locked = set(locks.lock_named(doctype, sorted(row.name for row, _rule in fallen)))
	# Whoever works on one at this moment keeps it.
	fallen = [(row, rule) for row, rule in fallen if row.name in locked]
	now = now_datetime()
	groups: dict[tuple[str, str], list[str]] = {}
	for row, rule in fallen:
		groups.setdefault((rule.name, row.owner_user), []).append(row.name)
	for (rule, user), names in groups.items():
		stamps = {"modified": now, "modified_by": frappe.session.user}
		locks.set_named(doctype, names, {**pooled_values(doctype, rule, user, now), **stamps})
	note = _("Public Pool")
	ledger.record_owners(
		doctype, [(row, row.owner_user, None, note, seconds_spent(row.assigned_on, now)) for row, _rule in fallen]
	)
	record_many(doctype, [(row, FELL, row.owner_user, None, rule.name, None) for row, rule in fallen])
	return len(fallen)


def pooled_values(doctype: str, rule: str, user: str | None, now) -> dict:
	"""What a record in the pool has."""
	values = {"pool_since": now, "pool_rule": rule, "pool_from": user, "pool_warned_on": None}
	found = {field(doctype, name): value for name, value in values.items()}
	if doctype == CUSTOMER:
		return found
	found |= {"sales_owner": None, "sales_person": None, "assigned_on": None}
	if doctype == "Sales Lead":
		found |= {"answer_due_on": None, "next_rule_on": None}
	return found


def _fall_alone(doctype: str, row: dict, rule) -> int:
	return int(put_into(doctype, row.name, rule.name, FELL))


def put_into(doctype: str, name: str, rule: str, movement: str, reason: str | None = None) -> bool:
	"""Move one record into the pool, whoever asks; rights are asked for where somebody does it by hand."""
	doc = locks.locked_doc(doctype, name)
	owner = doc.get(owner_field(doctype))
	if doc.get(field(doctype, "pool_since")):
		return False
	values = pooled_values(doctype, rule, owner or next(iter(_team_users(doc)), None), now_datetime())
	if doctype == CUSTOMER:
		doc.update({**values, "account_manager": None, "sales_team": []})
		doc.flags.follows = True
		# The job acts for nobody, and an owner who gives a customer back has asked for the right to it before.
		doc.save(ignore_permissions=True)
		event = ledger.record(doc, "Owner", values[field(doctype, "pool_from")], None, note=_("Public Pool"))
		frappe.db.set_value("Pipeline Event", event, "customer", name, update_modified=False)
	else:
		doc.flags.notices = []
		automation.set_state(doc, values, event=("Owner", owner, None), note=_("Public Pool"))
	record(doc, movement, values[field(doctype, "pool_from")], None, rule, reason)
	return True


def _team_users(doc) -> list[str]:
	if doc.doctype != CUSTOMER:
		return []
	persons = [row.sales_person for row in doc.sales_team]
	users = frappe.get_all(
		"Sales Person", filters={"name": ("in", persons or [""])}, pluck="crm_user", order_by="lft asc", limit=0
	)
	return [user for user in users if user]

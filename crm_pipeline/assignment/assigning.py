"""Leads without an owner are given by the rules: after the commit that made them, and what is left over by a job.

Whoever gives leads holds all rules until the end of the transaction: two at once give no lead twice, and turns and loads
count once. A chunk that can't be done as a whole is done lead by lead, so that one bad lead keeps no other from its owner.
"""

import frappe
from frappe import _
from frappe.utils import add_to_date, now_datetime

from crm_pipeline.assignment import giving, leads_to_give, rule_records
from crm_pipeline.assignment.rule_records import LEAD, RULE
from crm_pipeline.chain import jobs, locks, pending
from crm_pipeline.core import assignment as rules
from crm_pipeline.core.registry import STATES

JOB = "Lead Assignment"
CHUNK = 1000
# Of so many leads at once the rehearsal shows who gets them.
MOST_REHEARSED = 500
# Hours that the sweep of every few minutes looks back; older ones wait for the daily job.
RECENT, MOST_SWEPT = 24, 2000


# ---- what is there to give


def _unassigned():
	table = frappe.qb.DocType(LEAD)
	nobodys = (table.sales_owner.isnull() | (table.sales_owner == "")) & table.pool_since.isnull()
	return table, nobodys & table.status.notin(STATES[LEAD].closed)


def unassigned(names: list[str] | None = None, limit: int = MOST_SWEPT, since=None) -> list[str]:
	"""Open leads without an owner, the oldest first."""
	table, condition = _unassigned()
	query = frappe.qb.from_(table).select(table.name).where(condition)
	if names is not None:
		query = query.where(table.name.isin(names or [""]))
	if since:
		query = query.where(table.creation >= since)
	return [row[0] for row in query.orderby(table.creation).orderby(table.name).limit(limit).run()]


def chunks(after: list | None) -> list[tuple[str, str]]:
	"""(first, last) names of the chunks of all open leads without an owner that follow `after`."""
	if not rule_records.names():
		return []
	table, condition = _unassigned()
	query = frappe.qb.from_(table).select(table.name).where(condition).orderby(table.name)
	if after:
		query = query.where(table.name > after[1])
	names = [row[0] for row in query.run()]
	return [(names[at], names[min(at + CHUNK, len(names)) - 1]) for at in range(0, len(names), CHUNK)]


def assign_chunk(first: str, last: str) -> int:
	"""Part of the job: give the leads from one name to another."""
	table, condition = _unassigned()
	query = frappe.qb.from_(table).select(table.name).where(condition & table.name[first:last])
	return assign([row[0] for row in query.orderby(table.creation).orderby(table.name).run()])


# ---- giving


def assign(names: list[str], asked: list | None = None, owned: bool = False) -> int:
	"""Give these leads by the rules (`asked`: by those alone); answers how many. Those that got an owner meanwhile are left
	alone, unless they are `owned` and meant to go on to somebody else."""
	if not names:
		return 0
	point = f"crm_assign_{frappe.generate_hash(length=8)}"
	_hold_rules()
	docs = rule_records.docs()
	if not docs:
		return 0
	frappe.db.savepoint(point)
	try:
		return _give(names, docs, asked, owned)
	except Exception as error:
		if locks.is_lost_race(error) or locks.is_lost_connection(error) or len(names) == 1 or _is_timeout(error):
			raise
		frappe.db.rollback(save_point=point)
		frappe.clear_messages()
	return _one_by_one(names, asked, owned)


def _hold_rules() -> None:
	locks.lock(*((RULE, name) for name in rule_records.names()))


def _give(names: list[str], docs: list, asked: list | None, owned: bool) -> int:
	locked = set(locks.lock_named(LEAD, sorted(names)))
	rows = [row for row in leads_to_give.rows_of(names) if row.name in locked and (owned or not row.sales_owner)]
	chosen, roster = leads_to_give.choices(rows, docs, asked)
	by_name = {row.name: row for row in rows}
	return giving.give(by_name, [c for c in chosen if c.user != by_name[c.lead].sales_owner], docs, roster)


def _one_by_one(names: list[str], asked: list | None, owned: bool) -> int:
	done = 0
	for name in names:
		point = f"crm_assign_{frappe.generate_hash(length=8)}"
		frappe.db.savepoint(point)
		try:
			done += _give([name], rule_records.docs(), asked, owned)
		except Exception as error:
			if locks.is_lost_race(error) or locks.is_lost_connection(error) or _is_timeout(error):
				raise
			frappe.db.rollback(save_point=point)
			frappe.clear_messages()
			frappe.log_error(title=f"CRM Pipeline: lead {name} not assigned"[:140])
	return done


def _is_timeout(error: Exception) -> bool:
	return type(error).__name__ == "JobTimeoutException"


# ---- when


def note(doc) -> None:
	"""after_insert() of a lead: whoever it belongs to is found after the commit. What no job does, the sweep does."""
	if doc.sales_owner:
		return
	noted = getattr(frappe.local, "crm_pipeline_unassigned", None)
	if noted is None:
		noted = frappe.local.crm_pipeline_unassigned = []
	if not noted:
		frappe.db.after_commit.add(_queue)
		frappe.db.after_rollback.add(_forget)
	noted.append(doc.name)


def _queue() -> None:
	names = frappe.local.crm_pipeline_unassigned
	_forget()
	if frappe.db.exists(RULE, {"disabled": 0}):
		pending.queue("crm_pipeline.assignment.assigning.assign_new", leads=names)


def _forget() -> None:
	frappe.local.crm_pipeline_unassigned = []


def assign_new(leads: list[str]) -> jobs.Result:
	"""Background job: give what was made a moment ago."""
	records = [(leads[at : at + CHUNK],) for at in range(0, len(leads), CHUNK)]
	return jobs.each(records, assign_left, _("CRM Pipeline: leads not assigned"))


def assign_left(names: list[str]) -> int:
	return assign(unassigned(names, limit=len(names)))


def sweep() -> None:
	"""Every few minutes: what was made lately and has no owner; the rest waits for the daily job."""
	if rule_records.names():
		found = unassigned(since=add_to_date(now_datetime(), hours=-RECENT))
		if found:
			assign_new(found)


def daily() -> None:
	"""Every day: all that is left over."""
	jobs.run(JOB)


def start() -> None:
	"""A manager wants all that is left over to be given now."""
	jobs.queue(JOB)


# ---- looking at it first


def rehearse(leads: list[str] | None, last: int) -> list[dict]:
	"""Who would get which leads by which rule, and why; nothing is written. `leads` that the reader sees, else the last ones.

	Rows: {"lead", "title", "party_name", "owner": user that has it, "owner_name", "user", "full_name", "rule", "rule_title", "method",
	"passed": [{"rule_title", "why"}]}. Turns and loads go on from row to row, as they would.
	"""
	latest = {"status": ("not in", STATES[LEAD].closed), "pool_since": ("is", "not set")}
	filters = {"name": ("in", leads)} if leads else latest
	limit = min(len(leads) if leads else last, MOST_REHEARSED)
	names = frappe.get_list(LEAD, filters=filters, pluck="name", order_by="creation desc, name desc", limit=limit)
	rows = leads_to_give.rows_of(names)
	docs = rule_records.docs()
	chosen, _roster = leads_to_give.choices(rows, docs)
	titles = {doc.name: doc for doc in docs}
	words = reasons()
	by_name = {row.name: row for row in rows}
	return [
		{
			"lead": choice.lead,
			"title": by_name[choice.lead].title,
			"party_name": by_name[choice.lead].party_name,
			"owner": by_name[choice.lead].sales_owner,
			"owner_name": _name_of(by_name[choice.lead].sales_owner),
			"user": choice.user,
			"full_name": _name_of(choice.user),
			"rule": choice.rule,
			"rule_title": choice.rule and titles[choice.rule].title,
			"method": choice.rule and _(titles[choice.rule].method),
			"passed": [{"rule_title": titles[rule].title, "why": words[why]} for rule, why in choice.passed],
		}
		for choice in chosen
	]


def _name_of(user: str | None) -> str | None:
	"""For nobody, get_fullname() answers the name of the reader."""
	return frappe.utils.get_fullname(user) if user else None


def reasons() -> dict[str, str]:
	return {
		rules.COMPANY: _("another company"),
		rules.TERRITORY: _("another territory, or none"),
		rules.INDUSTRY: _("another industry, or none"),
		rules.CHANNEL: _("another channel, or none"),
		rules.PRODUCT: _("no such product"),
		rules.EMPLOYEES: _("number of employees outside the limits, or unknown"),
		rules.AMOUNT: _("amount outside the limits, or unknown"),
		rules.SEGMENT: _("not in its segment"),
		rules.OWN: _("own condition not met"),
		rules.NOBODY: _("nobody named for it"),
		rules.AWAY: _("everybody named for it is away, disabled or may not see it"),
		rules.FULL: _("everybody named for it has as many open leads as they take"),
	}

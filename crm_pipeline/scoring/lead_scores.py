"""The score of leads: computed by core/scoring.py, stored with the reasons, followed in each save, after what happens, and
every night. Only what changed is written, past permissions and without a new modification date: nobody did anything.
"""

import json
from collections.abc import Sequence
from datetime import datetime

import frappe
from frappe.utils import cint, flt, get_datetime, now_datetime

from crm_pipeline.chain import bulk_writes, jobs, locks, pending
from crm_pipeline.core import scoring
from crm_pipeline.core.registry import STATES
from crm_pipeline.core.scoring import Facts, Rule, Score
from crm_pipeline.scoring import learned_scores, score_calls, score_rules, scored_facts
from crm_pipeline.scoring.score_rules import LEAD, RULE

JOB = "Lead Scores"
# Leads of one transaction of the nightly job.
CHUNK = 2000


# ---- in the lead's own save


def follow(doc) -> None:
	"""Part of on_change() of a lead: its score. What is closed keeps the one that it had."""
	if doc.flags.history_import or doc.status in STATES[LEAD].closed:
		return
	rules, model = score_rules.rules(), learned_scores.in_use()
	if not (rules or model or doc.score_told):
		return
	row = doc.as_dict()
	facts = scored_facts.gather([row], rules, now_datetime(), _more(model), ever=bool(model))[doc.name]
	values = _values_of(facts, rules, model, now_datetime())
	if _same(row, values):
		return
	before = cint(doc.score) if doc.score_told else None
	frappe.db.set_value(LEAD, doc.name, values, update_modified=False)
	doc.update(values)
	if not frappe.flags.in_import:
		score_calls.note_crossing(doc.name, doc.sales_owner, before, values["score"])


def _more(model) -> Sequence[str]:
	return learned_scores.FIELDS if model else ()


def _values_of(facts: Facts, rules: Sequence[Rule], model, now: datetime) -> dict:
	found = scoring.score(rules, facts, now)
	learned = learned_scores.percent_of(model, facts) if model else 0.0
	return {"score": found.points, "score_told": told(found), "learned_score": learned}


def told(found: Score) -> str:
	"""What each rule gave, as it is stored: [[rule, points, times]]."""
	return json.dumps([[one.rule, one.points, one.times] for one in found.given], ensure_ascii=False)


def _same(row, values: dict) -> bool:
	return (
		cint(row["score"]) == values["score"]
		and (row["score_told"] or "") == values["score_told"]
		and flt(row["learned_score"], 1) == values["learned_score"]
	)


# ---- after what happened


def note_happened(doctype: str | None, name: str | None) -> None:
	"""An activity or a mail about a document was made, changed or deleted: a lead's score follows after the commit."""
	if doctype != LEAD or not name:
		return
	if learned_scores.in_use() or score_rules.asks_for(score_rules.rules(), *scoring.BEHAVIOUR):
		pending.note(LEAD, name, pending.SCORE, lead=name)


def follow_noted(lead: str) -> None:
	"""What was noted: the score of one lead."""
	refresh([lead])


# ---- many at once


def refresh(names: Sequence[str], now: datetime | None = None, quiet: bool = False) -> int:
	"""Score these leads as far as they are open, write those that changed, and call for those that crossed the threshold
	unless `quiet`; answers how many changed."""
	now = now or now_datetime()
	rules, model = score_rules.rules(), learned_scores.in_use()
	rows = scored_facts.rows_of(names, [*scored_facts.fields_of(rules), *_more(model)])
	rows = [row for row in rows if row.status not in STATES[LEAD].closed]
	facts = scored_facts.gather(rows, rules, now, _more(model), ever=bool(model))
	changed, crossings = {}, []
	for row in rows:
		values = _values_of(facts[row.name], rules, model, now)
		if _same(row, values):
			continue
		changed[row.name] = values
		# One that had no score yet is no news: the rules are.
		if row.score_told is not None and not quiet:
			crossings.append((row.name, row.sales_owner, cint(row.score), values["score"]))
	bulk_writes.set_each(LEAD, changed)
	score_calls.note_crossings(crossings)
	return len(changed)


# ---- every night


def refresh_all() -> int:
	"""Daily job: the scores of all open leads, chunk by chunk; answers how many changed."""
	return jobs.run(JOB).changed


def chunks(after: list | None) -> list[tuple[str]]:
	"""(name after which a chunk begins,) of all chunks, or of those that follow `after`."""
	found, last = [], after[0] if after else ""
	names = _names_after(last)
	if after:
		last = names[-1] if names else last
		names = _names_after(last) if names else []
	while names:
		found.append((last,))
		last = names[-1]
		names = _names_after(last)
	return found


def score_chunk(after: str) -> int:
	"""Score the next leads by name. Where they can't be scored together, one by one; those that fail are logged."""
	names, quiet = _names_after(after), _rules_are_new()
	changed = _refresh_if_possible(names, quiet)
	if changed is None:
		changed = sum(_refresh_if_possible([name], quiet) or 0 for name in names)
	return changed


def _refresh_if_possible(names: list[str], quiet: bool) -> int | None:
	"""How many changed; None when it failed, with nothing stored. A lost race is raised."""
	frappe.db.savepoint("crm_pipeline_scores")
	try:
		return refresh(names, quiet=quiet)
	except Exception as error:
		if locks.is_lost_race(error) or locks.is_lost_connection(error):
			raise
		frappe.db.rollback(save_point="crm_pipeline_scores")
		if len(names) == 1:
			frappe.log_error(title="CRM Pipeline: lead scores", message=f"{names[0]}\n{frappe.get_traceback()}")
		return None


def _names_after(after: str) -> list[str]:
	lead = frappe.qb.DocType(LEAD)
	rows = (
		frappe.qb.from_(lead)
		.select(lead.name)
		.where(lead.status.notin(STATES[LEAD].closed) & (lead.name > after))
		.orderby(lead.name)
		.limit(CHUNK)
	).run()
	return [name for (name,) in rows]


def _rules_are_new() -> bool:
	"""Whether rules changed since the last run: then many leads cross the threshold at once, and nobody is called."""
	finished = frappe.db.get_value(jobs.DOCTYPE, JOB, "finished_on")
	newest = frappe.get_all(RULE, pluck="modified", order_by="modified desc", limit=1)
	return bool(newest and (not finished or get_datetime(newest[0]) > get_datetime(finished)))

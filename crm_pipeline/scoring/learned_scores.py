"""The learned score: what the site's own leads came to, the model of them, and whether it is in use. See core/learned_score.py."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import frappe
from frappe.utils import cint, get_datetime, now_datetime

from crm_pipeline.chain import jobs
from crm_pipeline.core import learned_score, scoring
from crm_pipeline.core.lead import CONVERTED, DISQUALIFIED
from crm_pipeline.core.learned_score import BETTER_THAN_RULES, Example, Lesson, Model
from crm_pipeline.core.scoring import Facts
from crm_pipeline.scoring import score_rules, scored_facts
from crm_pipeline.scoring.score_rules import LEAD

MODEL, JOB = "Lead Score Model", "Learned Lead Scores"
# Facts that are there before anybody decides: as they were before, see _undone.
CATEGORIES = ("industry", "territory", "channel", "prospect_kind")
MARKS = ("email_id", "phone", "mobile_no", "contact_name", "designation", "message", "campaign")
FIELDS = (*CATEGORIES, *MARKS)
COUNTS = ("inbound", "outbound", "mails")
# What happened counts as far as it was early: leads that lived longer are not better for that.
EARLY = timedelta(days=14)
# Answers that are given on the last day belong to the decision: they would give it away.
DECIDING = timedelta(days=1)
# Facts about answers are named with this in front of the key of the question.
ANSWER = "answer."
CHUNK = 1000


# ---- in use


def in_use() -> Model | None:
	"""The model by which leads are scored; None while there is none, it is no better than the rules, or switched off."""
	state = frappe.db.get_single_value(MODEL, "state")
	if state != BETTER_THAN_RULES or cint(frappe.db.get_single_value(MODEL, "switched_off")):
		return None
	kept = frappe.db.get_single_value(MODEL, "model")
	try:
		return Model.of(json.loads(kept))
	except (TypeError, ValueError, KeyError):
		return None


def percent_of(model: Model, facts: Facts) -> float:
	"""The learned score of a lead. Nobody is sure: 0 stands for none, and 100 for a lead that was converted."""
	return min(max(round(100 * model.probability(facts_of(facts)), 1), 0.1), 99.9)


def facts_of(facts: Facts, until: datetime | None = None) -> dict:
	"""What the model asks of a lead: categories and answers as texts, marks, and counts of what happened early and before
	`until`."""
	found: dict[str, object] = {name: str(facts.values.get(name) or "") for name in CATEGORIES}
	found |= {name: bool(facts.values.get(name)) for name in MARKS}
	found |= {f"{ANSWER}{key}": answer for key, (answer, _weight) in facts.answers.items()}
	end = min(facts.created + EARLY, until or datetime.max)
	early = [one for one in facts.happened if one.at < end]
	found["inbound"] = sum(one.kind == scoring.ACTIVITIES and one.direction == "Inbound" for one in early)
	found["outbound"] = sum(one.kind == scoring.ACTIVITIES and one.direction != "Inbound" for one in early)
	found["mails"] = sum(one.kind == scoring.MAILS and one.direction == "Inbound" for one in early)
	return found


# ---- learning


def weekly() -> jobs.Result:
	"""Weekly job: learn anew from what became of leads."""
	return jobs.run(JOB)


def whole(after: list | None) -> list[tuple[str]]:
	"""The records of the job: one, unless it is done."""
	return [] if after else [(MODEL,)]


def learn_again(_model: str = MODEL) -> bool:
	"""Learn from the site's outcomes and keep what came of it; whether the model is better than the rules."""
	lesson = learned_score.learn(examples())
	keep(lesson)
	return lesson.state == BETTER_THAN_RULES


def keep(lesson: Lesson) -> None:
	"""Store what came of learning: figures for people, the model for the next scores."""
	learned, rules = lesson.learned, lesson.rules
	values = {
		"state": lesson.state,
		"trained_on": now_datetime(),
		"examples": lesson.examples,
		"converted": lesson.converted,
		"judged": lesson.judged,
		"split_on": lesson.split,
		"auc": learned.auc if learned else 0.0,
		"brier": learned.brier if learned else 0.0,
		"rules_auc": rules.auc if rules else 0.0,
		"rules_brier": rules.brier if rules else 0.0,
		"guess_brier": lesson.guess or 0.0,
		"calibration": json.dumps({"learned": learned.calibration, "rules": rules.calibration}) if learned else None,
		"model": json.dumps(lesson.model.as_dict()) if lesson.model else None,
	}
	for field, value in values.items():
		frappe.db.set_single_value(MODEL, field, value, update_modified=False)


def examples() -> Iterator[Example]:
	"""Leads that were decided, the latest first, as far as a model takes them: with what was known before."""
	decided = _decided()
	latest = sorted(decided, key=lambda name: decided[name], reverse=True)[: learned_score.MOST]
	rules = score_rules.rules()
	fields = [*scored_facts.fields_of(rules), *FIELDS]
	for start in range(0, len(latest), CHUNK):
		rows = scored_facts.rows_of(latest[start : start + CHUNK], fields)
		rows, answered = _undone(rows, decided)
		facts = scored_facts.gather(rows, rules, now_datetime(), FIELDS, ever=True, answered=answered)
		for row in rows:
			yield _example(row, facts[row.name], rules, decided[row.name])


def _example(row, facts: Facts, rules, at: datetime) -> Example:
	# What happened after the decision, neither the rules nor the model look at.
	known = replace(facts, resting_until=None)
	points = scoring.score(rules, known, at).points
	return Example(facts_of(known, at), facts.created, at, row.status == CONVERTED, points)


def _decided() -> dict[str, datetime]:
	"""{lead: when it was converted or disqualified}; those of which nobody knows when are left out."""
	lead, event = frappe.qb.DocType(LEAD), frappe.qb.DocType("Pipeline Event")
	found = dict(
		frappe.qb.from_(lead)
		.select(lead.name, lead.converted_on)
		.where((lead.status == CONVERTED) & lead.converted_on.isnotnull())
		.run()
	)
	last = frappe.qb.from_(event).join(lead).on(lead.name == event.reference_name)
	rows = (
		last.select(event.reference_name, event.at)
		.where((event.reference_doctype == LEAD) & (event.kind == "State") & (event.to_value == DISQUALIFIED))
		.where(lead.status == DISQUALIFIED)
		.orderby(event.at)
	).run()
	found.update(dict(rows))
	return {name: get_datetime(at) for name, at in found.items()}


def _undone(rows: Sequence[Mapping], decided: Mapping[str, datetime]) -> tuple[list, dict]:
	"""The rows as they were before the decision: what was changed with it, or after it, is put back by the versions; the
	decision itself stays. And {lead: (before when its answers count, those that were changed since then)}."""
	found = {row.name: frappe._dict(row) for row in rows}
	answered = {name: (decided[name] - DECIDING, set()) for name in found}
	version = frappe.qb.DocType("Version")
	later = (
		frappe.qb.from_(version)
		.select(version.docname, version.creation, version.data)
		.where((version.ref_doctype == LEAD) & version.docname.isin(list(found)))
		.orderby(version.creation, order=frappe.qb.desc)
		.orderby(version.name, order=frappe.qb.desc)
	).run()
	for name, at, data in later:
		data = _read(data)
		if at >= decided[name]:
			for field, old, _new in data.get("changed") or ():
				if field in found[name] and field != "status":
					found[name][field] = old
		if at >= answered[name][0]:
			changed = data.get("row_changed") or ()
			answered[name][1].update(row for table, _place, row, _fields in changed if table == "answers")
	return list(found.values()), answered


def _read(data: str | None) -> dict:
	try:
		found = json.loads(data or "{}")
	except ValueError:
		return {}
	return found if isinstance(found, dict) else {}

"""Why a lead has its score, in the reader's language."""

import json
from collections.abc import Mapping

import frappe
from frappe import _
from frappe.utils import cint, flt, now_datetime

from crm_pipeline.core import scoring
from crm_pipeline.core.scoring import ACTIVITIES, ANSWER, FIELD, MAILS, PAGES, SILENCE, TERRITORY
from crm_pipeline.scoring import learned_scores, score_calls, score_rules, scored_facts
from crm_pipeline.scoring.score_rules import LEAD, RULE

# Reasons of the learned score that are shown, and how little is none.
REASONS, LITTLE = 5, 0.05


def explained(lead) -> dict | None:
	"""{"score", "threshold", "lines": [{"rule", "points", "text"}], "learned": {"score", "reasons": [{"text", "more"}]} or
	None}; None where nothing was scored yet."""
	learned = _learned(lead)
	if not lead.score_told and not learned:
		return None
	lines = given_of(lead.score_told)
	rules = _rules([rule for rule, _points, _times in lines])
	answers = {row.question_key: row for row in lead.answers}
	return {
		"score": cint(lead.score),
		"threshold": score_calls.threshold(),
		"lines": [
			{"rule": rule, "points": points, "text": sentence(rules[rule], times, answers) if rule in rules else rule}
			for rule, points, times in lines
		],
		"learned": learned,
	}


def given_of(stored: str | None) -> list[tuple[str, int, int]]:
	"""[(rule, points, times)] as stored on a lead; nothing where the column holds something else."""
	try:
		rows = json.loads(stored or "[]")
		return [(str(rule), cint(points), cint(times)) for rule, points, times in rows if isinstance(rows, list)]
	except (TypeError, ValueError):
		return []


def _rules(names: list[str]) -> dict:
	rows = frappe.get_all(
		RULE,
		filters={"name": ("in", [*names, ""])},
		fields=list(score_rules.COLUMNS),
		order_by="name asc",
		limit=0,
	)
	return {row.name: row for row in rows}


def sentence(rule, times: int, answers: Mapping) -> str:
	"""What a rule found, as a plain sentence; `answers` are the rows of the lead by the keys of their questions."""
	if rule.kind == FIELD:
		return _of_field(rule)
	if rule.kind == TERRITORY:
		return _("{0} lies in {1}").format(_("Territory"), rule.territory or "")
	if rule.kind == ANSWER:
		return _of_answer(rule, answers)
	if rule.kind == SILENCE:
		return _("Nothing happened for a week") if times == 1 else _("Nothing happened for {0} weeks").format(times)
	return _counted(rule, times)


def _of_field(rule) -> str:
	label, value = score_rules.label_of(rule.fieldname), _values(rule)
	return {
		scoring.IS: _("{0} is {1}"),
		scoring.IS_NOT: _("{0} is not {1}"),
		scoring.CONTAINS: _("{0} contains {1}"),
		scoring.IS_SET: _("{0} is filled"),
		scoring.IS_NOT_SET: _("{0} is empty"),
		scoring.AT_LEAST: _("{0} is at least {1}"),
		scoring.AT_MOST: _("{0} is at most {1}"),
	}[rule.operator or scoring.IS].format(label, value)


def _values(rule) -> str:
	lines = [line.strip() for line in (rule.value or "").splitlines() if line.strip()]
	return _or(lines) if lines else ""


def _or(values: list[str]) -> str:
	words = [_(value) for value in values]
	return words[0] if len(words) == 1 else _("{0} or {1}").format(", ".join(words[:-1]), words[-1])


def _of_answer(rule, answers: Mapping) -> str:
	row = answers.get(rule.question_key)
	question, answer = (row.question, row.answer) if row else (rule.question_key, rule.answer)
	return _question(question or rule.question_key, answer or "")


def _question(question: str, answer: str) -> str:
	question = _(question)
	return f"{question}{'' if question.endswith(('?', '？')) else ':'} {_(answer)}"


def _counted(rule, times: int) -> str:
	one, more = {
		ACTIVITIES: (_("1 activity"), _("{0} activities")),
		MAILS: (_("1 e-mail"), _("{0} e-mails")),
		PAGES: (_("1 page seen"), _("{0} pages seen")),
	}[rule.kind]
	text = one if times == 1 else more.format(times)
	named = [_(word) for word in (rule.activity_type, rule.result, rule.direction, rule.page) if word]
	text = f"{text} ({', '.join(named)})" if named else text
	return _("{0} within {1} days").format(text, cint(rule.days)) if cint(rule.days) else text


# ---- the learned score


def _learned(lead) -> dict | None:
	model = learned_scores.in_use()
	if not model:
		return None
	rows = scored_facts.rows_of([lead.name], learned_scores.FIELDS)
	if not rows:
		return None
	facts = scored_facts.gather(rows, [], now_datetime(), learned_scores.FIELDS, ever=True)[lead.name]
	known = learned_scores.facts_of(facts)
	reasons = [one for one in model.contributions(known) if abs(one[1]) > LITTLE][:REASONS]
	return {
		"score": flt(lead.learned_score, 1),
		"reasons": [{"text": _reason(fact, known), "more": more > 0} for fact, more in reasons],
	}


def _of_question(key: str, answer: str) -> str:
	question = frappe.db.get_value("Qualification Question", {"question_key": key}, "question", order_by="creation asc")
	return _question(question or key, answer or _("not answered"))


def _reason(fact: str, known: dict) -> str:
	"""A fact of the model in words, as it is with this lead."""
	value = known.get(fact)
	if fact.startswith(learned_scores.ANSWER):
		return _of_question(fact.removeprefix(learned_scores.ANSWER), str(value or ""))
	if fact in learned_scores.COUNTS:
		labels = {
			"inbound": _("Inbound activities"),
			"outbound": _("Outbound activities"),
			"mails": _("E-mails received"),
		}
		return _("{0}: {1}").format(labels[fact], value or 0)
	field = frappe.get_meta(LEAD).get_field(fact)
	label = _(field.label) if field else fact
	if isinstance(value, str) and value:
		return _("{0} is {1}").format(label, _(value))
	return (_("{0} is filled") if value else _("{0} is empty")).format(label)

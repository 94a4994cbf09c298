"""The questionnaire of a lead: which questions its pipeline asks, what was answered, and what that comes to."""

from collections.abc import Mapping

import frappe
from frappe import _
from frappe.utils import cint

from crm_pipeline.chain import pipelines
from crm_pipeline.chain.locks import locked_doc
from crm_pipeline.chain.read_once import kept
from crm_pipeline.core import questionnaire
from crm_pipeline.core.questionnaire import AnswersError, Question
from crm_pipeline.wording import bold

LEAD, QUESTION, PIPELINE = "Sales Lead", "Qualification Question", "Sales Pipeline"
OPPORTUNITY = "Sales Opportunity"


class AnswerError(frappe.ValidationError):
	"""An answer that its question does not have."""


# ---- the questions of a pipeline


@kept
def questions_of(pipeline: str | None) -> list[Question]:
	"""In the order of the pipeline; none without one."""
	if not pipeline:
		return []
	rows = frappe.get_all(
		QUESTION,
		filters={"parent": pipeline, "parenttype": PIPELINE},
		fields=["question_key", "question", "choices", "required"],
		order_by="idx asc",
		limit=0,
	)
	return [
		Question(row.question_key, row.question, questionnaire.readable_choices(row.choices), bool(row.required))
		for row in rows
	]


def pipeline_of(lead, target: str | None = None) -> str | None:
	"""The pipeline that a lead goes into: the one that was chosen for it, as far as it holds such deals, else the default."""
	chosen = lead.get("intended_pipeline")
	kind = chosen and frappe.db.get_value(PIPELINE, chosen, "applies_to")
	if kind and target in (None, kind):
		return chosen
	return pipelines.default_pipeline(target or OPPORTUNITY, lead.company)


def follow_questions(pipeline) -> None:
	"""Part of validate() of a pipeline: each question has a key of its own and answers that can be used."""
	taken = [row.question_key for row in pipeline.questions if row.question_key]
	for row in pipeline.questions:
		row.question_key = (row.question_key or "").strip()
		if not row.question_key:
			row.question_key = questionnaire.key_of(row.question or "", taken)
			taken.append(row.question_key)
		try:
			questionnaire.choices_of(row.choices)
		except AnswersError as error:
			frappe.throw(
				_("Row {0}, {1}: {2}").format(row.idx, bold(_(row.meta.get_label("choices"))), _words(error)),
				title=_("Answers"),
			)
	keys = [row.question_key for row in pipeline.questions]
	twice = next((key for key in keys if keys.count(key) > 1), None)
	if twice:
		frappe.throw(
			_("Two questions have the key {0}. Give each its own.").format(bold(twice)), title=_("Questions of Leads")
		)
	if abs(cint(pipeline.least_points)) > len(keys) * questionnaire.MOST:
		frappe.throw(
			_("{0}: no answers come to {1} points").format(
				bold(_(pipeline.meta.get_label("least_points"))), cint(pipeline.least_points)
			)
		)


def _words(error: AnswersError) -> str:
	if error.kind == "twice":
		return _("answer {0} stands there twice").format(bold(error.value))
	if error.kind == "too_long":
		return _("an answer is longer than {0} letters: {1}").format(questionnaire.LONGEST, bold(error.value))
	if error.kind == "too_much":
		return _("the weight of answer {0} is not between {1} and {2}").format(
			bold(error.value), -questionnaire.MOST, questionnaire.MOST
		)
	return _("write each answer in a line of its own, with its weight: {0}").format(bold(_("Approved = 3")))


# ---- the answers of a lead


def follow_answers(lead) -> None:
	"""Part of validate() of a lead: answers are among those of their question, each question is answered once, and
	points follow. What was answered before the questions changed stays as it was.
	`flags.asking` is the pipeline of the deal that the lead is converted into."""
	pipeline = lead.answers and (lead.flags.asking or pipeline_of(lead))
	known = {question.key: question for question in questions_of(pipeline)} if lead.answers else {}
	before = lead.get_doc_before_save()
	given = (*(lead.flags.stored_answers or ()), *(before.answers if before else ()))
	stored = {row.question_key: row for row in given}
	lead.answers = [row for row in lead.answers if (row.answer or "").strip()]
	seen: set[str] = set()
	for place, row in enumerate(lead.answers, start=1):
		row.idx = place
		_follow_answer(row, known.get(row.question_key), stored.get(row.question_key))
		if row.question_key in seen:
			frappe.throw(_("Row {0}: question {1} is answered twice").format(row.idx, bold(row.question)), AnswerError)
		seen.add(row.question_key)
	lead.qualification_points = sum(cint(row.points) for row in lead.answers)


def _follow_answer(row, question: Question | None, stored) -> None:
	choice = questionnaire.chosen(question, row.answer) if question else None
	if choice is not None:
		row.update({"answer": choice, "question": question.text[:140], "points": question.choices[choice]})
		return
	if stored and stored.answer == row.answer:
		row.update({"question": stored.question, "points": stored.points})
		return
	if not question:
		frappe.throw(
			_("Row {0}: the pipeline of this lead has no question {1}").format(row.idx, bold(row.question_key)),
			AnswerError,
		)
	frappe.throw(
		_("Row {0}: {1} is not an answer to {2}. Choose one of: {3}").format(
			row.idx, bold(row.answer), bold(question.text), ", ".join(question.choices)
		),
		AnswerError,
		title=_("Not an Answer"),
	)


def answer_for_conversion(lead, answers: Mapping[str, str | None] | None, pipeline: str | None) -> None:
	"""The same for a lead that is converted into a deal of `pipeline`: its questions are answered."""
	lead.flags.asking = pipeline
	lead.flags.stored_answers = [frappe._dict(row.as_dict()) for row in lead.answers]
	set_answers(lead, answers or {})
	follow_answers(lead)


def set_answers(lead, answers: Mapping[str, str | None]) -> None:
	"""Put {question key: answer} into a lead that is saved next; an empty answer takes one back."""
	rows = {row.question_key: row for row in lead.answers}
	for key, answer in answers.items():
		if key in rows:
			rows[key].answer = answer
		elif answer:
			lead.append("answers", {"question_key": key, "answer": answer})


def answer_questions(name: str, answers: Mapping[str, str | None]) -> None:
	"""Write down what somebody answered."""
	lead = locked_doc(LEAD, name)
	lead.check_permission("write")
	set_answers(lead, answers)
	lead.save()


def missing_for(lead, pipeline: str | None) -> tuple[list[str], int]:
	"""(questions that the pipeline requires and nobody answered, points that are still missing)."""
	questions = questions_of(pipeline)
	if not questions:
		return [], 0
	open_ones = questionnaire.unanswered(questions, [row.question_key for row in lead.answers if row.answer])
	least = cint(frappe.db.get_value(PIPELINE, pipeline, "least_points"))
	keys = {question.key for question in questions}
	points = sum(cint(row.points) for row in lead.answers if row.question_key in keys)
	return [_(question.text) for question in open_ones], max(least - points, 0) if least else 0


def pipeline_of_conversion(lead, target: str | None = None, opportunity: str | None = None) -> str | None:
	"""The pipeline whose questions a conversion asks: that of the deal which is joined, or of the one that is made."""
	if opportunity:
		return frappe.db.get_value(OPPORTUNITY, opportunity, "pipeline")
	return pipeline_of(lead, target)


def questionnaire_for(lead, target: str | None = None, opportunity: str | None = None) -> dict:
	"""{"pipeline", "least_points", "points", "questions": [{"key", "question", "choices": [{"answer", "points"}],
	"required", "answer", "points"}]}: the questions in the reader's language, then answers to questions that the pipeline
	does not ask any more."""
	pipeline = pipeline_of_conversion(lead, target, opportunity)
	given = {row.question_key: row for row in lead.answers}
	questions = [
		{
			"key": question.key,
			"question": _(question.text),
			"choices": [
				{"answer": answer, "label": _(answer), "points": weight} for answer, weight in question.choices.items()
			],
			"required": question.required,
			"answer": given[question.key].answer if question.key in given else None,
			"points": given[question.key].points if question.key in given else None,
		}
		for question in questions_of(pipeline)
	]
	asked = {question["key"] for question in questions}
	for key, row in given.items():
		if key not in asked:
			gone = {"key": key, "question": _(row.question or key), "choices": [], "required": False}
			questions.append({**gone, "answer": row.answer, "points": row.points})
	least = cint(frappe.db.get_value(PIPELINE, pipeline, "least_points")) if pipeline else 0
	return {
		"pipeline": pipeline,
		"least_points": least,
		"points": cint(lead.get("qualification_points")),
		"questions": questions,
	}

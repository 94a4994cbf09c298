"""What somebody does to a deal: moves it, wins it, loses it, plans it, opens it again, completes it.

Each saves the document under a lock, and the save runs stage_moves.follow_stage.
"""

from datetime import date

import frappe
from frappe import _

from crm_pipeline.chain import pipelines, read_once, status
from crm_pipeline.chain.locks import lock, locked_to_save
from crm_pipeline.core.outcomes import COMPLETED
from crm_pipeline.core.stages import LOST, OPEN, WON
from crm_pipeline.deals import move_rules, stage_gates, stage_moves
from crm_pipeline.user_day import user_today
from crm_pipeline.wording import bold


def expect_stage(doctype: str, name: str, seen: str | None) -> None:
	"""Raise move_rules.StageMoveError when a deal left the stage that somebody saw it in; None stands for any stage."""
	if seen:
		lock((doctype, name))
	held = seen and frappe.db.get_value(doctype, name, "stage")
	if held != seen:
		frappe.throw(
			_("Somebody moved this deal to {0} meanwhile. Look at it again.").format(bold(move_rules.label_of(held))),
			move_rules.StageMoveError,
			title=_("Moved Meanwhile"),
		)


@read_once.within
def move(doctype: str, name: str, stage: str, note: str | None = None, answers: stage_gates.Answers | None = None):
	"""Move a deal to a stage, with answers to what the gates on the way ask. Raises move_rules.StageMoveError when the pipeline
	refuses."""
	doc = _for_change(doctype, name)
	if answers:
		held = move_rules.last_open_stage(doc)
		stage_gates.answer(doc, held and held.name, pipelines.stage(stage), answers)
	doc.stage = stage
	doc.flags.event_note = note
	doc.save()
	return doc


def asked_of(doctype: str, name: str, stage: str) -> dict:
	"""What a move to a stage still asks for; see stage_gates.questions() for the shape."""
	doc = frappe.get_doc(doctype, name)
	held = move_rules.last_open_stage(doc)
	return stage_gates.questions(doc, stage_gates.missing_for(doc, held and held.name, pipelines.stage(stage)))


@read_once.within
def win(doctype: str, name: str, stage: str | None = None):
	"""Win a deal by hand, where its pipeline allows that; in `stage`, else in its pipeline's first won one."""
	doc = _for_change(doctype, name)
	doc.stage = _ending(doc, WON, stage)
	doc.save()
	return doc


@read_once.within
def lose(
	doctype: str,
	name: str,
	reason: str,
	detail: str | None = None,
	competitor: str | None = None,
	lessons: str | None = None,
	stage: str | None = None,
):
	"""Lose a deal with a reason, in `stage`, else in its pipeline's first lost one. The competitor is added to the
	deal's competitors where it is not among them."""
	doc = _for_change(doctype, name)
	doc.stage = _ending(doc, LOST, stage)
	doc.update({"lost_reason": reason, "lost_detail": detail, "lost_to": competitor})
	if lessons:
		doc.lessons = lessons
	if competitor and competitor not in {row.competitor for row in doc.competitors}:
		doc.append("competitors", {"competitor": competitor})
	doc.flags.event_note = reason
	doc.save()
	return doc


def _ending(doc, kind: str, stage: str | None) -> str:
	"""The stage that ends a deal: the very one that was chosen. Raises ValidationError where it is of another type."""
	if not stage:
		return pipelines.stage_of_type(doc.pipeline, kind).name
	if pipelines.stage(stage).type != kind:
		frappe.throw(
			_("Stage {0} is not of type {1}").format(bold(move_rules.label_of(stage)), _(kind)),
			move_rules.StageMoveError,
			title=_("Move Not Allowed"),
		)
	return stage


def plan(doctype: str, name: str, next_step: str | None, next_step_date: date | None):
	"""Set what comes next in an open deal. Raises move_rules.StageMoveError for a closed one."""
	doc = _for_change(doctype, name)
	if doc.status != OPEN:
		frappe.throw(_("{0} is closed: reopen it first").format(bold(doc.title)), move_rules.StageMoveError)
	doc.update({"next_step": next_step, "next_step_date": next_step_date})
	doc.save()
	return doc


@read_once.within
def reopen(doctype: str, name: str):
	"""Take a closed deal back to the open stage it was in."""
	doc = _for_change(doctype, name)
	if doc.status == OPEN:
		return doc
	target = stage_moves.reopening_stage(doc)
	if not target:
		stage_moves.refuse_without_open_stage(doc)
	doc.stage = target.name
	doc.flags.reopened = True
	doc.save()
	return doc


def complete(name: str):
	"""Close a sales project that is done, such as a marketing or service project."""
	doc = _for_change("Sales Project", name)
	if doc.project_type == "Sales" and doc.status != WON:
		frappe.throw(_("A sales project is completed after it is won. Win or lose it first."))
	if doc.status == LOST:
		frappe.throw(_("{0} {1} is lost. Reopen it first.").format(_(doc.doctype), bold(name)))
	if doc.status == COMPLETED:
		return doc
	held = move_rules.last_open_stage(doc)
	doc.end_date = doc.end_date or user_today()
	closed = {"closed_from": held and held.name, "closed_on": doc.closed_on or stage_moves.closing_day(doc)}
	status.set_status(doc, COMPLETED, closed, save=True, error=move_rules.StageMoveError)
	return doc


def _for_change(doctype: str, name: str):
	doc = locked_to_save(doctype, name)
	doc.check_permission("write")
	return doc

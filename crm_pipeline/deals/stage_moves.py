"""Stage moves of opportunities and sales projects. Every save that changes the stage comes through here,
whether a form, the API, an import or a bulk edit saved it."""

from datetime import date

import frappe
from frappe import _
from frappe.utils import cstr, flt, getdate, now_datetime

from crm_pipeline.chain import ledger, passages, pipelines, status
from crm_pipeline.chain.locks import lock, locked_doc
from crm_pipeline.core import stages
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.forecast import CLOSED, COMMIT
from crm_pipeline.core.outcomes import COMPLETED
from crm_pipeline.core.stages import LOST, OPEN, WON, Refusal, Stage
from crm_pipeline.deals import stage_gates, won_amounts
from crm_pipeline.user_day import is_future, user_today
from crm_pipeline.wording import bold

# What a deal takes from its stage -> the field that remembers that somebody set another value on the deal itself.
OUTLOOK = {"probability": "own_probability", "forecast_category": "own_forecast_category"}

# The document that won a deal.
WINNER = ("won_by_type", "won_by")

# Fields that only a lost deal has.
LOSS = ("lost_reason", "lost_to", "lost_detail")


class StageMoveError(frappe.ValidationError):
	"""The pipeline does not allow this move."""


def follow_stage(doc) -> None:
	"""Part of validate(): give a new deal its pipeline and stage, check a move, set what follows from it."""
	before = doc.get_doc_before_save()
	set_default_stage(doc)
	check_pipeline(doc, before)
	# Without a day of opening a deal would be in no period.
	doc.opened_on = doc.opened_on or (user_today() if before is None else getdate(doc.creation))
	target = pipelines.stage(doc.stage)
	# A completed project may be opened again in the very stage that it stands in.
	reopened = doc.flags.pop("reopened", False)
	moved = before is None or before.stage != doc.stage or reopened
	check_dates(doc, before)
	stage_gates.follow_checks(doc, before, target)
	if moved or before.pipeline != doc.pipeline:
		check_move(doc, before, target)
	if moved:
		apply_stage(doc, before, target)
	set_outlook(doc, before, target, moved)
	check_outlook(doc, before, target)
	doc.update(won_amounts.outcome_values(doc.doctype, doc.name, won_amounts.values_of(doc)))
	if target.type == LOST and not doc.lost_reason:
		frappe.throw(
			_("Please say why {0} was lost: {1} is empty").format(
				bold(doc.title), _(doc.meta.get_label("lost_reason"))
			),
			frappe.MandatoryError,
			title=_("Reason Missing"),
		)


def set_default_stage(doc) -> None:
	if not doc.pipeline:
		doc.pipeline = pipelines.default_pipeline(doc.doctype, doc.company)
	if not doc.pipeline:
		frappe.throw(
			_("There is no enabled Sales Pipeline for {0}. Please create one.").format(_(doc.doctype)),
			title=_("Pipeline Missing"),
		)
	applies_to = frappe.get_cached_value("Sales Pipeline", doc.pipeline, "applies_to")
	if applies_to != doc.doctype:
		frappe.throw(_("Pipeline {0} is for {1}, not for {2}").format(doc.pipeline, _(applies_to), _(doc.doctype)))
	if not doc.stage:
		first = stages.first_open(pipelines.stages_of(doc.pipeline))
		if not first:
			_refuse_without_open_stage(doc)
		doc.stage = first.name


def _refuse_without_open_stage(doc) -> None:
	frappe.throw(_("Pipeline {0} has no open stage").format(bold(doc.pipeline)), title=_("Incomplete Pipeline"))


def check_pipeline(doc, before) -> None:
	"""A deal enters a pipeline that is in use, and one of its own company. Deals that are in one may stay."""
	entered = before is None or before.pipeline != doc.pipeline
	if doc.flags.history_import or not (entered or before.company != doc.company):
		return
	pipeline = frappe.get_cached_value("Sales Pipeline", doc.pipeline, ["disabled", "company"], as_dict=True)
	if entered and pipeline.disabled:
		frappe.throw(_("Pipeline {0} is disabled").format(bold(doc.pipeline)), title=_("Pipeline Disabled"))
	if pipeline.company and pipeline.company != doc.company:
		frappe.throw(
			_("Pipeline {0} belongs to company {1}. This deal is of {2}.").format(
				bold(doc.pipeline), bold(pipeline.company), bold(doc.company)
			),
			title=_("Pipeline of Another Company"),
		)


def check_move(doc, before, target: Stage) -> None:
	"""Raise StageMoveError, in the user's words, when the pipeline does not allow the move or gates are not met."""
	_refuse_past_document(before, target)
	held = last_open_stage(before) if before else None
	came_from = before.pipeline if before and before.pipeline != doc.pipeline else None
	why = stages.refusal(
		held or (pipelines.stage(before.stage) if before and before.stage else None),
		target,
		pipelines.stages_of(doc.pipeline),
		pipelines.rules_of(doc.pipeline),
		doc.pipeline,
		by_document=bool(doc.flags.history_import),
		closed=bool(before) and before.status != OPEN,
		left=pipelines.rules_of(came_from) if came_from else None,
	)
	if why:
		frappe.throw(_refusal_text(why, doc, target, came_from), StageMoveError, title=_("Move Not Allowed"))
	if not (doc.flags.history_import or _undone(doc)):
		check_gates(doc, None if came_from else held, target)


def _undone(doc) -> dict:
	"""Of a move that is undone: what the deal had of its own before, and the day that it was closed. {} else."""
	return doc.flags.get("undone") or {}


def check_gates(doc, held: Stage | None, target: Stage) -> None:
	"""Raise StageMoveError that names everything the deal still lacks on the way to `target`, from the open stage
	of its pipeline that it stands in, or was closed in; None when it is new there."""
	left = stage_gates.missing_for(doc, held and held.name, target)
	if left:
		frappe.throw(stage_gates.refusal_html(left, doc, target), StageMoveError, title=_("Not Ready Yet"))


def check_dates(doc, before) -> None:
	"""Clear errors for dates that would make ages negative. Only what is entered now is judged: what an import
	or an earlier document brought along stays as it is until somebody changes it."""
	if doc.flags.history_import:
		return
	changed = {
		field
		for field in ("opened_on", "expected_close")
		if doc.get(field) and (before is None or getdate(before.get(field)) != getdate(doc.get(field)))
	}
	if "opened_on" in changed and is_future(doc.opened_on):
		frappe.throw(
			_("{0} ({1}) is in the future").format(
				_(doc.meta.get_label("opened_on")), frappe.format(doc.opened_on, {"fieldtype": "Date"})
			),
			title=_("Date in the Future"),
		)
	if "opened_on" in changed:
		doc.validate_order_of_dates(("opened_on", "closed_on"))
	if changed and not (before is None and doc.source_name):
		doc.validate_order_of_dates(("opened_on", "expected_close"))


def _refuse_past_document(before, target: Stage) -> None:
	"""What a document decided, only its cancellation undoes."""
	if before and before.status in (WON, COMPLETED) and before.won_by and target.type != WON:
		frappe.throw(
			_("{0} was won by {1}. Cancel that document to open the deal again.").format(
				bold(before.title), f"{_(before.won_by_type)} {before.won_by}"
			),
			StageMoveError,
			title=_("Move Not Allowed"),
		)


def _refusal_text(why: Refusal, doc, target: Stage, came_from: str | None) -> str:
	stage, pipeline = bold(label_of(target.name)), bold(doc.pipeline)
	return {
		Refusal.OTHER_PIPELINE: _("Stage {0} belongs to another pipeline than {1}").format(stage, pipeline),
		Refusal.DISABLED: _("Stage {0} is disabled").format(stage),
		Refusal.SKIPS: _("Pipeline {1} does not allow skipping stages on the way to {0}").format(stage, pipeline),
		Refusal.BACK: _("Pipeline {1} does not allow moving back to {0}").format(stage, pipeline),
		Refusal.REOPENS: _("Pipeline {1} does not allow reopening a closed deal into {0}").format(stage, pipeline),
		Refusal.WIN_BY_HAND: _(
			"A deal of pipeline {1} is won by its submitted contract or its accepted order request. Make one of them, or allow winning by hand in the pipeline."
		).format(stage, pipeline),
		Refusal.LEAVES: _(
			"Pipeline {0} does not allow reopening a closed deal. It can't be moved to pipeline {1}."
		).format(bold(came_from), pipeline),
	}[why]


def apply_stage(doc, before, target: Stage) -> None:
	"""Set state and times that follow from the stage that a deal moved to."""
	status.set_status(doc, target.type, error=StageMoveError)
	if not doc.flags.history_import:
		if before is None or before.stage != target.name:
			doc.stage_entered_on = now_datetime()
			doc.update(passages.values_on_entering(doc, before and before.stage, target.name))
		if target.type == OPEN:
			doc.closed_on = None
		elif before is None or before.status != target.type or not doc.closed_on:
			# From one lost stage to another a deal is not lost anew, nor by a move that is undone.
			doc.closed_on = _undone(doc).get("closed_on") or closing_day(doc)
	doc.closed_from = closed_from(before, target)
	if target.type == OPEN:
		doc.update(dict.fromkeys(WINNER))
	if target.type != LOST:
		doc.update(dict.fromkeys(LOSS))


def set_outlook(doc, before, target: Stage, moved: bool) -> None:
	"""Probability and forecast category. A won deal is certain and a lost one is not there, whatever was sent; an
	open one gets its stage's values when it moves, unless the user set them in the same save. A value that somebody
	set is remembered as the deal's own, until it moves on or is the stage's again."""
	for field, own in OUTLOOK.items():
		value = getattr(target, field)
		set_by_hand = not _same(doc.get(field), before.get(field)) if before else doc.get(field)
		set_by_hand = set_by_hand or field in _undone(doc).get("own", ())
		if target.type != OPEN or (moved and not set_by_hand):
			doc.update({field: value, own: 0})
		elif set_by_hand:
			doc.set(own, int(not _same(doc.get(field), value)))
		else:
			doc.set(own, before.get(own) if before else 0)


def _same(one, other) -> bool:
	"""Whether two probabilities or two categories are the same; from a form or the API a number may be a text."""
	return cstr(one) == cstr(other) or (isinstance(other, float | int) and flt(one) == flt(other))


def check_outlook(doc, before, target: Stage) -> None:
	if not 0 <= flt(doc.probability) <= 100:
		frappe.throw(_("{0} must be between 0 and 100").format(bold(_(doc.meta.get_label("probability")))))
	entered = before is None or before.forecast_category != doc.forecast_category
	# A stage may call its open deals Closed, and the forecast takes them as a commitment. A single deal is not.
	called_closed = doc.forecast_category == CLOSED and target.forecast_category != CLOSED
	if target.type == OPEN and entered and called_closed:
		frappe.throw(
			_("{0}: an open deal is not {1}. Choose {2} for one that is as good as won.").format(
				bold(_(doc.meta.get_label("forecast_category"))), _(CLOSED), _(COMMIT)
			),
			title=_("Deal Is Open"),
		)


def closing_day(doc) -> date:
	"""Today; not before the day of opening, which may be today's for somebody further east."""
	return max(user_today(), getdate(doc.opened_on))


def closed_from(before, target: Stage) -> str | None:
	"""The last open stage of a deal that is closed; None for an open one, and where it was never open."""
	if target.type == OPEN or before is None:
		return None
	return before.stage if before.status == OPEN else before.closed_from


def label_of(stage: str) -> str:
	return _(frappe.db.get_value("Pipeline Stage", stage, "label") or stage)


# ---- entry points: each saves the document, and the save runs follow_stage


def expect_stage(doctype: str, name: str, seen: str | None) -> None:
	"""Raise StageMoveError when a deal left the stage that somebody saw it in; None stands for any stage."""
	if seen:
		lock((doctype, name))
	held = seen and frappe.db.get_value(doctype, name, "stage")
	if held != seen:
		frappe.throw(
			_("Somebody moved this deal to {0} meanwhile. Look at it again.").format(bold(label_of(held))),
			StageMoveError,
			title=_("Moved Meanwhile"),
		)


def move(doctype: str, name: str, stage: str, note: str | None = None, answers: stage_gates.Answers | None = None):
	"""Move a deal to a stage, with answers to what the gates on the way ask. Raises StageMoveError when the pipeline
	refuses."""
	doc = _for_change(doctype, name)
	if answers:
		held = last_open_stage(doc)
		stage_gates.answer(doc, held and held.name, pipelines.stage(stage), answers)
	doc.stage = stage
	doc.flags.event_note = note
	doc.save()
	return doc


def asked_of(doctype: str, name: str, stage: str) -> dict:
	"""What a move to a stage still asks for; see stage_gates.questions() for the shape."""
	doc = frappe.get_doc(doctype, name)
	held = last_open_stage(doc)
	return stage_gates.questions(doc, stage_gates.missing_for(doc, held and held.name, pipelines.stage(stage)))


def win(doctype: str, name: str, stage: str | None = None):
	"""Win a deal by hand, where its pipeline allows that; in `stage`, else in its pipeline's first won one."""
	doc = _for_change(doctype, name)
	doc.stage = _ending(doc, WON, stage)
	doc.save()
	return doc


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
			_("Stage {0} is not of type {1}").format(bold(label_of(stage)), _(kind)),
			StageMoveError,
			title=_("Move Not Allowed"),
		)
	return stage


def plan(doctype: str, name: str, next_step: str | None, next_step_date: date | None):
	"""Set what comes next in an open deal. Raises StageMoveError for a closed one."""
	doc = _for_change(doctype, name)
	if doc.status != OPEN:
		frappe.throw(_("{0} is closed: reopen it first").format(bold(doc.title)), StageMoveError)
	doc.update({"next_step": next_step, "next_step_date": next_step_date})
	doc.save()
	return doc


def reopen(doctype: str, name: str):
	"""Take a closed deal back to the open stage it was in."""
	doc = _for_change(doctype, name)
	if doc.status == OPEN:
		return doc
	target = reopening_stage(doc)
	if not target:
		_refuse_without_open_stage(doc)
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
	held = last_open_stage(doc)
	doc.end_date = doc.end_date or user_today()
	closed = {"closed_from": held and held.name, "closed_on": doc.closed_on or closing_day(doc)}
	status.set_status(doc, COMPLETED, closed, save=True, error=StageMoveError)
	return doc


def _for_change(doctype: str, name: str):
	doc = locked_doc(doctype, name)
	doc.check_permission("write")
	return doc


def last_open_stage(doc) -> Stage | None:
	"""The open stage that a deal stands in or, closed, was closed in; disabled or not. None where nobody knows."""
	known = {s.name: s for s in pipelines.stages_of(doc.pipeline) if s.type == OPEN}
	for name in (doc.stage, doc.closed_from):
		if name in known:
			return known[name]
	for event in reversed(ledger.history(doc.doctype, doc.name)):
		if event.kind == "Stage" and event.from_value in known:
			return known[event.from_value]
	return None


def reopening_stage(doc) -> Stage | None:
	"""The enabled open stage that a closed deal returns to; None when its pipeline has none."""
	return stages.reopened_in(last_open_stage(doc), pipelines.stages_of(doc.pipeline))


# ---- decided by documents: a contract or an order wins, its cancellation reopens


def apply_outcome(doc, target: Stage, winner: Ref | None = None, closed_on=None) -> None:
	"""Write a move that a contract or an order decided, for a closed deal with the day on which it was decided.

	Who submits a contract or accepts an order need not be allowed to edit the opportunity, so the
	columns are written directly and the ledger row says why.
	"""
	decided = {
		"closed_from": closed_from(doc, target),
		"stage": target.name,
		"probability": target.probability,
		"forecast_category": target.forecast_category,
		**dict.fromkeys(OUTLOOK.values(), 0),
		"closed_on": closed_on,
		"stage_entered_on": now_datetime(),
		**passages.values_on_entering(doc, doc.stage, target.name),
		**by_winner(winner),
		**dict.fromkeys(LOSS),
	}
	decided |= won_amounts.outcome_values(
		doc.doctype, doc.name, won_amounts.values_of(doc) | decided | {"status": target.type}
	)
	note = winner and f"{winner.doctype} {winner.name}"
	event = ("Stage", doc.stage, target.name)
	status.set_status(doc, target.type, decided, event, note=note, related=winner)


def by_winner(winner: Ref | None) -> dict[str, str | None]:
	"""The fields that say which document won a deal."""
	return dict(zip(WINNER, (winner.doctype, winner.name) if winner else (None, None), strict=True))

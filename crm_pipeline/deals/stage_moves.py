"""Stage moves of opportunities and sales projects. Every save that changes the stage comes through here,
whether a form, the API, an import or a bulk edit saved it.

What is refused: move_rules.py and stage_gates.py. What people do to a deal: moving.py.
"""

from datetime import date

import frappe
from frappe import _
from frappe.utils import getdate, now_datetime

from crm_pipeline.chain import passages, pipelines, read_once, status
from crm_pipeline.core import stages
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.stages import LOST, OPEN, Stage
from crm_pipeline.deals import forecast_fields, move_rules, stage_gates, won_amounts
from crm_pipeline.user_day import user_today
from crm_pipeline.wording import bold

# The document that won a deal.
WINNER = ("won_by_type", "won_by")

# Fields that only a lost deal has.
LOSS = ("lost_reason", "lost_to", "lost_detail")


@read_once.within
def follow_stage(doc) -> None:
	"""Part of validate(): give a new deal its pipeline and stage, check a move, set what follows from it."""
	before = doc.get_doc_before_save()
	leave_stage_of_other_pipeline(doc, before)
	set_default_stage(doc)
	move_rules.check_pipeline(doc, before)
	# Without a day of opening a deal would be in no period. When one from elsewhere began nobody may know.
	if before is None or not doc.get("external_id"):
		doc.opened_on = doc.opened_on or (user_today() if before is None else getdate(doc.creation))
	target = pipelines.stage(doc.stage)
	# A completed project may be opened again in the very stage that it stands in.
	reopened = doc.flags.pop("reopened", False)
	moved = before is None or before.stage != doc.stage or reopened
	move_rules.check_dates(doc, before)
	stage_gates.follow_checks(doc, before, target)
	if moved or before.pipeline != doc.pipeline:
		move_rules.check_move(doc, before, target)
	if moved:
		apply_stage(doc, before, target)
	forecast_fields.set_outlook(doc, before, target, moved)
	forecast_fields.check_outlook(doc, before, target)
	doc.update(won_amounts.outcome_values(doc.doctype, doc.name, won_amounts.values_of(doc)))
	if target.type == LOST and not doc.lost_reason:
		frappe.throw(
			_("Please say why {0} was lost: {1} is empty").format(
				bold(doc.title), _(doc.meta.get_label("lost_reason"))
			),
			frappe.MandatoryError,
			title=_("Reason Missing"),
		)


def leave_stage_of_other_pipeline(doc, before) -> None:
	"""Whoever gives an open deal another pipeline and no stage, as a list's bulk edit does, lets it begin there, as the
	form does."""
	if before and before.status == OPEN and before.pipeline != doc.pipeline and before.stage == doc.stage:
		doc.stage = None


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
			refuse_without_open_stage(doc)
		doc.stage = first.name


def refuse_without_open_stage(doc) -> None:
	frappe.throw(_("Pipeline {0} has no open stage").format(bold(doc.pipeline)), title=_("Incomplete Pipeline"))


def apply_stage(doc, before, target: Stage) -> None:
	"""Set state and times that follow from the stage that a deal moved to."""
	status.set_status(doc, target.type, error=move_rules.StageMoveError)
	if not doc.flags.history_import:
		if before is None or before.stage != target.name:
			doc.stage_entered_on = now_datetime()
			doc.update(passages.values_on_entering(doc, before and before.stage, target.name))
		if target.type == OPEN:
			doc.closed_on = None
		elif before is None or before.status != target.type or not doc.closed_on:
			# From one lost stage to another a deal is not lost anew, nor by a move that is undone.
			doc.closed_on = move_rules.undone(doc).get("closed_on") or closing_day(doc)
	doc.closed_from = closed_from(before, target)
	if target.type == OPEN:
		doc.update(dict.fromkeys(WINNER))
	if target.type != LOST:
		doc.update(dict.fromkeys(LOSS))


def closing_day(doc) -> date:
	"""Today; not before the day of opening, which may be today's for somebody further east."""
	return max(user_today(), getdate(doc.opened_on))


def closed_from(before, target: Stage) -> str | None:
	"""The last open stage of a deal that is closed; None for an open one, and where it was never open."""
	if target.type == OPEN or before is None:
		return None
	return before.stage if before.status == OPEN else before.closed_from


def reopening_stage(doc) -> Stage | None:
	"""The enabled open stage that a closed deal returns to; None when its pipeline has none."""
	return stages.reopened_in(move_rules.last_open_stage(doc), pipelines.stages_of(doc.pipeline))


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
		**dict.fromkeys(forecast_fields.OUTLOOK.values(), 0),
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

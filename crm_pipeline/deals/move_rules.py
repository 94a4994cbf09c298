"""What a pipeline lets a deal do: which moves, from which stage to which, on which days. Each check raises in the user's words."""

import frappe
from frappe import _
from frappe.utils import getdate

from crm_pipeline.chain import ledger, pipelines
from crm_pipeline.core import stages
from crm_pipeline.core.outcomes import COMPLETED
from crm_pipeline.core.stages import OPEN, WON, Refusal, Stage
from crm_pipeline.deals import stage_gates
from crm_pipeline.user_day import is_future
from crm_pipeline.wording import bold


class StageMoveError(frappe.ValidationError):
	"""The pipeline does not allow this move."""


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
	if not (doc.flags.history_import or undone(doc)):
		check_gates(doc, None if came_from else held, target)


def undone(doc) -> dict:
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


def label_of(stage: str) -> str:
	return _(frappe.db.get_value("Pipeline Stage", stage, "label") or stage)

"""Undo: a deal goes back to where its user has just moved it from.

What a move replaces is kept for a while, per deal and user, beside the database: it is a convenience of the hand that
slipped. Going back is a move like any other, by the rules of the pipeline, and the ledger has both.
"""

import frappe
from frappe import _

from crm_pipeline.chain.locks import locked_doc
from crm_pipeline.core.stages import LOST
from crm_pipeline.deals import move_rules, moving
from crm_pipeline.deals.forecast_fields import OUTLOOK
from crm_pipeline.deals.stage_moves import LOSS

# As long as the offer to undo may stand on a screen, and some more.
SECONDS = 300

# Its creation distinguishes a deal from an earlier one whose number was given anew.
REPLACED = ("creation", "stage", "status", "closed_on", *OUTLOOK, *OUTLOOK.values(), *LOSS)


def remember(doc) -> None:
	"""Keep what the move of a deal, which has just been saved, replaced."""
	before = doc.get_doc_before_save()
	replaced = {field: before.get(field) for field in REPLACED}
	frappe.cache.set_value(_key(doc.doctype, doc.name), replaced, expires_in_sec=SECONDS)


def undo(doctype: str, name: str, seen_stage: str) -> None:
	"""Take a deal back from `seen_stage` to where this user moved it from. Raises StageMoveError when it is elsewhere by
	now, when there is nothing to undo, and when its pipeline does not allow the way back."""
	moving.expect_stage(doctype, name, seen_stage)
	before = frappe.cache.get_value(_key(doctype, name), expires=True)
	created = frappe.db.get_value(doctype, name, "creation")
	if not before or before["creation"] != created or before["stage"] == seen_stage:
		frappe.throw(
			_("There is nothing to undo any more. Move the deal to where it belongs."),
			move_rules.StageMoveError,
			title=_("Move Not Allowed"),
		)
	doc = locked_doc(doctype, name)
	doc.check_permission("write")
	doc.stage = before["stage"]
	own = [field for field, mark in OUTLOOK.items() if before[mark]]
	doc.update({field: before[field] for field in own})
	if before["status"] == LOST:
		doc.update({field: before[field] for field in LOSS})
	doc.flags.undone = {"own": own, "closed_on": before["closed_on"]}
	doc.flags.event_note = _("The move was undone")
	doc.save()
	frappe.cache.delete_value(_key(doctype, name))


def _key(doctype: str, name: str) -> str:
	return f"crm_move_before:{frappe.session.user}:{doctype}:{name}"

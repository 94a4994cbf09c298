"""The sales board: columns with their first cards, totals, and further cards. A move is `move_stage` of the chain.

`filters` are those of figures/scope.py, `stalled` (1: stalled deals only) and `search` (in title, party, name).
"""

import frappe
from frappe import _

from crm_pipeline.figures import board


def _board(pipeline: str | None, filters: str | dict | None) -> board.Board:
	"""The board of a pipeline, if the user may see both it and its deals. Raises PermissionError."""
	frappe.has_permission("Sales Pipeline", "read", doc=pipeline or None, throw=True)
	found = board.board_of(pipeline, _parsed(filters) or {})
	frappe.has_permission(found.doctype, "read", throw=True)
	return found


def _parsed(value: str | dict | list | None) -> dict | list | None:
	"""JSON from the browser, where an empty text stands for nothing."""
	return frappe.parse_json(value) if value else None


@frappe.whitelist()
def get_board(pipeline: str | None = None, filters: str | dict | None = None) -> dict:
	"""Columns of a pipeline, of the default one when none is named, and the first cards of its open stages."""
	return board.painted(_board(pipeline, filters))


@frappe.whitelist()
def get_board_totals(
	pipeline: str, filters: str | dict | None = None, stages: str | list[str] | None = None
) -> dict:
	"""{stage: {"count", "amount", "weighted"}} over whole columns, of the stages named or of all."""
	return board.totals(_board(pipeline, filters), _parsed(stages))


@frappe.whitelist()
def get_cards(
	pipeline: str, stage: str, filters: str | dict | None = None, after: str | list | None = None
) -> dict:
	"""The next cards of a column: {"cards", "next"}; `next` is the `after` of the page that follows."""
	return board.page(_board(pipeline, filters), stage, _parsed(after))


@frappe.whitelist()
def get_card(doctype: str, name: str) -> dict:
	"""One deal as a card, as it stands now."""
	if doctype not in ("Sales Opportunity", "Sales Project"):
		frappe.throw(_("{0} is no deal").format(doctype))
	frappe.has_permission(doctype, "read", doc=name, throw=True)
	return board.card(doctype, name)

"""The sales board: columns with their first cards, totals, and further cards. A move is `move_stage` of the chain.

`filters` are those of analytics/scope.py, `stalled` (1: stalled deals only) and `search` (in title, party, name).
"""

from crm_pipeline.analytics import board_columns
from crm_pipeline.api.door import may, reads
from crm_pipeline.api.types import Filters, MaybeName, Name, Names, Place
from crm_pipeline.chain import rights
from crm_pipeline.core.registry import DEALS


def _board(pipeline: str | None, filters: dict | None, sort: str | None = None) -> board_columns.Board:
	"""The board of a pipeline, if the user may see its deals. Raises PermissionError."""
	found = board_columns.board_of(pipeline, board_columns.BoardScope.of(filters), sort)
	rights.need(found.doctype)
	return found


@reads(may("read", "Sales Pipeline", "pipeline"))
def get_board(pipeline: MaybeName = None, filters: Filters = None, sort: MaybeName = None) -> dict:
	"""Columns of a pipeline, of the default one when none is named, and the first cards of its open stages. `sort` is one
	of board_columns.SORTS."""
	return board_columns.painted(_board(pipeline, filters, sort))


@reads(may("read", "Sales Pipeline", "pipeline"))
def get_board_totals(pipeline: MaybeName, filters: Filters = None, stages: Names = None) -> dict:
	"""{stage: {"count", "amount", "weighted"}} over whole columns, of the stages named or of all."""
	return board_columns.totals(_board(pipeline, filters), stages)


@reads(may("read", "Sales Pipeline", "pipeline"))
def get_cards(
	pipeline: MaybeName, stage: Name, filters: Filters = None, after: Place = None, sort: MaybeName = None
) -> dict:
	"""The next cards of a column: {"cards", "next"}; `next` is the `after` of the page that follows."""
	return board_columns.page(_board(pipeline, filters, sort), stage, after)


@reads(may("read", DEALS, "name"))
def get_card(doctype: Name, name: Name) -> dict:
	"""One deal as a card, as it stands now."""
	return board_columns.card(doctype, name)

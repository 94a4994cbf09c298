"""The documents behind a number of any page or report: one shape, see analytics/figure_documents.py."""

from typing import Literal

from crm_pipeline.analytics import closed_deals, figure_documents
from crm_pipeline.analytics.closed_deals import Closed, ClosedScope
from crm_pipeline.analytics.desk_queue import REQUEST, QueueScope
from crm_pipeline.analytics.forecast_documents import Cell
from crm_pipeline.analytics.forecast_scope import OPPORTUNITY
from crm_pipeline.analytics.stage_durations import DwellScope
from crm_pipeline.analytics.stalled_totals import StalledScope
from crm_pipeline.api import forecasts
from crm_pipeline.api.door import filters_in_words, may, one_of, reads
from crm_pipeline.api.types import Count, Filters, Flag, GroupKey, ListFilters, MaybeName, Name
from crm_pipeline.chain import rights
from crm_pipeline.core.registry import DEALS

LISTED = (*DEALS, "Sales Lead")


@reads(may("read", OPPORTUNITY))
def get_documents_of_forecast(filters: Filters = None, cell: Filters = None, start: Count = 0) -> dict:
	"""A page of the documents behind a cell of the forecast, what counts most first."""
	return figure_documents.of_forecast(forecasts.scope_of(filters), Cell.of(cell), start)


@reads(may("read", "Sales Order"))
def get_documents_of_orders(filters: Filters = None, start: Count = 0) -> dict:
	"""A page of the Sales Orders behind the history of a forecast, the latest first."""
	return figure_documents.of_orders(forecasts.scope_of(filters), start)


@reads(may("read", OPPORTUNITY))
def get_documents_of_stalled(filters: Filters = None, start: Count = 0) -> dict:
	"""A page of the deals behind the totals of Stalled Deals, the largest first; with `also`, behind a bar of its chart."""
	return figure_documents.of_stalled(StalledScope.of(filters), start)


@reads(may("read", REQUEST))
def get_documents_of_queue(filters: Filters = None, start: Count = 0) -> dict:
	"""A page of the order requests behind the numbers of Order Desk Queue, the longest waiting first."""
	return figure_documents.of_queue(QueueScope.of(filters), start)


@reads()
def get_documents_of_dwell(
	filters: Filters, stage: MaybeName = None, over_limit: Flag = False, start: Count = 0
) -> dict:
	"""A page of the deals behind a row of Stage Dwell, or without a stage behind all rows, the longest stays first."""
	asked = DwellScope.of(filters)
	rights.need(asked.doctype)
	return figure_documents.of_dwell(asked, stage, over_limit, start)


@reads()
def get_documents_of_closed(
	filters: Filters,
	outcome: Literal["", "Won", "Lost"] = "",
	key: GroupKey = None,
	before: Flag = False,
	start: Count = 0,
) -> dict:
	"""A page of the deals behind a number of Win and Loss, the latest first: of the group `key`, or of all; closed in the
	period, or in the one `before`."""
	closed = Closed(ClosedScope.of(filters))
	rights.need(closed.doctype)
	return figure_documents.of_closed(closed, closed_deals.Cell(tuple(key or ()), outcome or None, before), start)


@reads(may("read", LISTED))
def get_documents_listed(doctype: Name, filters: ListFilters = None, start: Count = 0, weighted: Flag = False) -> dict:
	"""A page of what a list with these filters [[field, operator, value]] shows, the largest first."""
	with filters_in_words(filters):
		return figure_documents.of_list(one_of(doctype, LISTED), filters or [], start, weighted)

"""The documents behind a number of any page or report: one shape, see analytics/figure_documents.py."""

import frappe

from crm_pipeline.analytics import closed_deals, figure_documents, stage_durations
from crm_pipeline.analytics.deal_values import OPPORTUNITY
from crm_pipeline.api import forecasts
from crm_pipeline.api.door import may, one_of, reads
from crm_pipeline.api.types import Count, Filters, Flag, ListFilters, Name
from crm_pipeline.chain import rights
from crm_pipeline.core.registry import DEALS

LISTED = (*DEALS, "Sales Lead")


@reads(may("read", OPPORTUNITY))
def get_documents_of_forecast(filters: Filters = None, cell: Filters = None, start: Count = 0) -> dict:
	"""A page of the documents behind a cell of the forecast, what counts most first."""
	return figure_documents.of_forecast(forecasts.within_company(filters), cell, start)


@reads()
def get_documents_of_dwell(filters: Filters, stage: Name, over_limit: Flag = False, start: Count = 0) -> dict:
	"""A page of the deals behind a row of Stage Dwell, the longest stays first."""
	chosen = frappe._dict(filters or {})
	rights.need(stage_durations.doctype_of(chosen))
	return figure_documents.of_dwell(chosen, stage, over_limit, start)


@reads()
def get_documents_won_against(filters: Filters, competitor: Name, start: Count = 0) -> dict:
	"""A page of the won deals behind a competitor's row of Win and Loss, the latest first."""
	closed = closed_deals.Closed(filters or {})
	rights.need(closed.doctype)
	return figure_documents.of_wins_against(closed, competitor, start)


@reads(may("read", LISTED))
def get_documents_listed(doctype: Name, filters: ListFilters = None, start: Count = 0) -> dict:
	"""A page of what a list with these filters [[field, operator, value]] shows, the largest first."""
	return figure_documents.of_list(one_of(doctype, LISTED), filters or [], start)

"""The numbers of the workspaces; see analytics/workspace_numbers.py for the shapes."""

from typing import Literal

import frappe

from crm_pipeline.analytics import workspace_numbers
from crm_pipeline.api import forecasts
from crm_pipeline.api.door import reads
from crm_pipeline.api.types import Count, MaybeName
from crm_pipeline.chain import rights

# Empty: what the user is by their roles.
Function = Literal["", "rep", "manager", "order_desk", "finance"]
Key = Literal[
	"won", "open", "past_close", "stalled", "unplanned", "activities", "leads", "help", "returned", "waiting", "soon", "drafts",
	"late", "contracts", "unbilled", "unpaid", "overdue",
]  # fmt: skip


@reads(heavy=True)
def get_workspace_numbers(function: Function = "", company: MaybeName = None) -> dict:
	"""The numbers of one function, all of one scope: {"function", "scope", "company", "currency", "numbers"}."""
	chosen = function or workspace_numbers.function_of(frappe.session.user)
	rights.need(workspace_numbers.ABOUT[chosen])
	return workspace_numbers.numbers_of(chosen, forecasts.scope_of({"company": company}).company)


@reads()
def get_documents_of_number(
	function: Function,
	key: Key,
	company: MaybeName = None,
	start: Count = 0,
) -> dict:
	"""A page of the documents behind a number of a workspace, the largest first."""
	chosen = function or workspace_numbers.function_of(frappe.session.user)
	rights.need(workspace_numbers.ABOUT[chosen])
	return workspace_numbers.documents_of(chosen, key, forecasts.scope_of({"company": company}).company, start)

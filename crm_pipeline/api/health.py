"""How deals stand: time per stage, signals of a stalled deal, and the documents behind a figure. And how the app's own
work stands, for System Managers."""

import frappe
from frappe import _

from crm_pipeline.analytics import closed_deals, stage_durations, stall_verdicts
from crm_pipeline.api.door import may, reads, writes
from crm_pipeline.api.types import Day, Filters, Flag, Line, Name
from crm_pipeline.chain import behind, rights
from crm_pipeline.core.registry import DEALS


@reads(may("read", DEALS, "name"))
def get_dwell(doctype: Name, name: Name) -> list[dict]:
	"""Time of a deal per stage, the running visit included; see analytics/stage_durations.py for the shape."""
	return [{**row, "label": _(row["label"])} for row in stage_durations.of_document(doctype, name)]


@reads(may("read", DEALS, "name"))
def get_deal_health(doctype: Name, name: Name) -> dict:
	"""Score of a deal with its reasons in words; see analytics/stall_verdicts.py for the shape."""
	return stall_verdicts.health(doctype, name)


@writes(may("write", DEALS, "name"))
def acknowledge_stalled(doctype: Name, name: Name, until: Day, reason: Line) -> None:
	"""A person knows why a deal seems stalled: it is not marked until that day."""
	stall_verdicts.acknowledge(doctype, name, until, reason)


@reads()
def get_dwell_documents(filters: Filters, stage: Name, over_limit: Flag = False) -> dict:
	"""Deals behind a row of the report Stage Dwell, the longest stays first: {"names", "more": there are more}."""
	chosen = frappe._dict(filters or {})
	rights.need(stage_durations.doctype_of(chosen))
	return stage_durations.documents_behind(chosen, stage, over_limit)


@reads()
def get_wins_against(filters: Filters, competitor: Name) -> dict:
	"""Won deals behind a competitor's row of the report Win and Loss: {"names", "more": there are more}."""
	closed = closed_deals.Closed(filters or {})
	rights.need(closed.doctype)
	return closed_deals.wins_against(closed, competitor)


@reads(may("read", "Pipeline Job"))
def get_pipeline_state() -> dict:
	"""Queue, workers, daily jobs, what is pending, and what is wrong; see chain/behind.py for the shape."""
	return behind.state()


@writes(may("read", "Pipeline Job"))
def catch_up_now() -> None:
	"""Queue all that is pending, and the daily jobs."""
	behind.catch_up()

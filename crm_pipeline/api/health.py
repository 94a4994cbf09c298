"""The state of a deal: time per stage, and why it is stalled. And the state of the app's own work, for System Managers."""

from frappe import _

from crm_pipeline.analytics import stage_durations, stall_verdicts
from crm_pipeline.api.door import may, reads, writes
from crm_pipeline.api.types import Day, Line, Name
from crm_pipeline.chain import behind
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


@reads(may("read", "Pipeline Job"))
def get_pipeline_state() -> dict:
	"""Queue, workers, daily jobs, what is pending, and what is wrong; see chain/behind.py for the shape."""
	return behind.state()


@writes(may("read", "Pipeline Job"))
def catch_up_now() -> None:
	"""Queue all that is pending, and the daily jobs."""
	behind.catch_up()

"""Giving leads to people by the rules, and seeing first who would get what."""

from typing import Annotated

from pydantic import Field

from crm_pipeline.api.door import may, reads, writes
from crm_pipeline.api.types import Names
from crm_pipeline.assignment import assigning
from crm_pipeline.assignment.rule_records import LEAD, RULE
from crm_pipeline.chain import rights

Last = Annotated[int, Field(ge=1, le=assigning.MOST_REHEARSED)]


@reads(may("write", RULE))
def get_assignment_rehearsal(leads: Names = None, last: Last = 50) -> list[dict]:
	"""Who would get these leads, or the last ones, by which rule and why; nothing is written."""
	return assigning.rehearse(leads, last)


@writes(may("write", RULE), may("write", LEAD))
def assign_leads(leads: Names = None) -> dict:
	"""Give these leads, as far as they have no owner, by the rules: {"given", "left"}. Without leads all that have none are
	given in the background."""
	if not leads:
		assigning.start()
		return {"given": 0, "left": 0}
	for lead in leads:
		rights.need(LEAD, lead, "write")
	given = assigning.assign_left(leads)
	return {"given": given, "left": len(leads) - given}

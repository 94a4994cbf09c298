"""Leads from other programs, and what a lead's visitor looked at."""

from typing import Annotated

from pydantic import StringConstraints

from crm_pipeline.api.door import may, reads, writes
from crm_pipeline.api.types import FieldValues, Name
from crm_pipeline.capture import taken_leads, visitor_pages
from crm_pipeline.capture.taken_leads import LEAD

Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


@writes(may("create", LEAD))
def capture_lead(key: Key, values: FieldValues) -> dict:
	"""Make a lead, once per key; see capture/taken_leads.py for fields and answer."""
	return taken_leads.take(key, values)


@reads(may("read", LEAD, "name"))
def get_visitor_pages(name: Name) -> list[dict]:
	"""Pages that the visitor saw who became a lead; see capture/visitor_pages.py for the shape."""
	return visitor_pages.of_lead(name)

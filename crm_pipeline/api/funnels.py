"""The funnel: its picture, the documents behind a number, and giving those to somebody else.

`filters` are the fields of FunnelScope, see analytics/funnel_cohort.py.
"""

from crm_pipeline.analytics import figure_documents, funnel_picture
from crm_pipeline.analytics.funnel_cohort import Cohort, FunnelScope
from crm_pipeline.api.door import may, reads, writes
from crm_pipeline.api.types import Count, Filters, Flag, MaybeName, Name, Names
from crm_pipeline.chain import rights
from crm_pipeline.core.registry import DEALS
from crm_pipeline.deals import reassigning


def _cohort(filters: dict | None) -> Cohort:
	"""The deals that the filters are about, once it is clear that the user may read such. Raises PermissionError."""
	cohort = Cohort(FunnelScope.of(filters))
	rights.need(cohort.doctype)
	return cohort


@reads(heavy=True)
def get_funnel(filters: Filters = None) -> dict:
	"""Stages, rates, dwell, leads in front and orders behind; see analytics/funnel_picture.py for the shape."""
	return funnel_picture.picture(_cohort(filters))


@reads(heavy=True)
def get_funnel_outline(filters: Filters = None) -> dict:
	"""The part of the funnel that is there at once: where deals stand today, how they ended, leads and orders."""
	return funnel_picture.outline(_cohort(filters))


@reads(heavy=True)
def get_funnel_flow(filters: Filters = None) -> dict:
	"""The part that is read from the ledger: what entered each stage and what became of it, dwell, bottleneck."""
	return funnel_picture.flow(_cohort(filters))


@reads()
def get_funnel_documents(
	kind: Name, stage: MaybeName = None, filters: Filters = None, start: Count = 0, weighted: Flag = False
) -> dict:
	"""One page of the documents behind a number; see analytics/funnel_cells.py for `kind`. `weighted`: with their amounts
	times probability."""
	return figure_documents.of_funnel(_cohort(filters), stage, kind, start, weighted)


@writes(may("write", ("Sales Lead", *DEALS)))
def reassign_deals(doctype: Name, names: Names, sales_owner: Name) -> dict:
	"""Give deals to another owner: {"done": how many, "refused": [{"name", "reason"}]}."""
	return reassigning.reassign(doctype, names or [], sales_owner)

"""The funnel: its picture, the documents behind a number, and giving those to somebody else.

`filters` are those of figures/scope.py with `from_date`, `to_date` and `basis`; see figures/funnel.py.
"""

import frappe
from frappe import _

from crm_pipeline.chain import reassigning
from crm_pipeline.chain.locks import whole_transaction
from crm_pipeline.figures import funnel_cells, funnel_picture
from crm_pipeline.figures.funnel import Cohort


def _cohort(filters: str | dict | None) -> Cohort:
	"""The deals that the filters are about, once it is clear that the user may read such. Raises PermissionError."""
	cohort = Cohort(frappe.parse_json(filters) if filters else {})
	frappe.has_permission(cohort.doctype, "read", throw=True)
	return cohort


@frappe.whitelist()
def get_funnel(filters: str | dict | None = None) -> dict:
	"""Stages, rates, dwell, leads in front and orders behind; see figures/funnel_picture.py for the shape."""
	return funnel_picture.picture(_cohort(filters))


@frappe.whitelist()
def get_funnel_outline(filters: str | dict | None = None) -> dict:
	"""The part of the funnel that is there at once: where deals stand today, how they ended, leads and orders."""
	return funnel_picture.outline(_cohort(filters))


@frappe.whitelist()
def get_funnel_flow(filters: str | dict | None = None) -> dict:
	"""The part that the ledger tells: what entered each stage and what became of it, dwell, bottleneck."""
	return funnel_picture.flow(_cohort(filters))


@frappe.whitelist()
def get_funnel_documents(
	kind: str, stage: str | None = None, filters: str | dict | None = None, start: int | str = 0
) -> dict:
	"""One page of the documents behind a number; see figures/funnel_cells.py for `kind` and the shape."""
	return funnel_cells.documents(_cohort(filters), stage, kind, frappe.utils.cint(start))


@frappe.whitelist()
def get_funnel_names(kind: str, stage: str | None = None, filters: str | dict | None = None) -> dict:
	"""Names of the documents behind a number, for a list: {"names", "more": the list is cut off}."""
	return funnel_cells.names(_cohort(filters), stage, kind)


@frappe.whitelist(methods=["POST"])
@whole_transaction
def reassign_deals(doctype: str, names: str | list[str], sales_owner: str) -> dict:
	"""Give deals to another owner: {"done": how many, "refused": [{"name", "reason"}]}."""
	frappe.has_permission(doctype, "write", throw=True)
	if doctype not in ("Sales Lead", "Sales Opportunity", "Sales Project"):
		frappe.throw(_("{0} is no deal").format(doctype))
	return reassigning.reassign(doctype, frappe.parse_json(names), sales_owner)

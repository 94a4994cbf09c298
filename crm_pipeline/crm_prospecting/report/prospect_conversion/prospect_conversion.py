"""How many prospects of a period are customers by now, by where they came from: marketing's number."""

from frappe import _
from frappe.utils import formatdate

from crm_pipeline.analytics import lead_results
from crm_pipeline.analytics.lead_results import LeadScope
from crm_pipeline.api.door import report
from crm_pipeline.core.lead_metrics import share


@report
def execute(filters: dict | None = None):
	asked = LeadScope.of(filters)
	groups = lead_results.prospect_groups(asked)
	lines = [_row(one.label, one.prospects, one.customers, lead_results.list_filters(asked, one.key)) for one in groups]
	if groups:
		counts = sum(one.prospects for one in groups), sum(one.customers for one in groups)
		everything = lead_results.list_filters(asked, whole=True)
		lines.append({**_row(_("Total"), *counts, everything), "is_total": 1, "bold": 1})
	return columns(asked), lines, note(asked)


def columns(asked: LeadScope) -> list[dict]:
	return [
		{"fieldname": "label", "fieldtype": "Data", "label": asked.label, "width": 240},
		{"fieldname": "prospects", "fieldtype": "Int", "label": _("Prospects"), "width": 110},
		{"fieldname": "customers", "fieldtype": "Int", "label": _("Customers"), "width": 110},
		{"fieldname": "rate", "fieldtype": "Percent", "precision": 1, "label": _("Conversion Rate (%)"), "width": 160},
	]


def _row(label: str, prospects: int, customers: int, filters: list[tuple]) -> dict:
	return {
		"label": label,
		"prospects": prospects,
		"customers": customers,
		"rate": share(customers, prospects),
		"routes": {"prospects": filters, "customers": [*filters, ("customer", "is", "set")]},
	}


def note(asked: LeadScope) -> str:
	first, last = (formatdate(day) for day in asked.days())
	return _("Prospects that came from {0} to {1}, and those of them that are customers today.").format(first, last)

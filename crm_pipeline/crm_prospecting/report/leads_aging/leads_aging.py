"""Open leads by age: what waits, with whom, and since when."""

from frappe import _

from crm_pipeline.analytics import lead_ages
from crm_pipeline.analytics.lead_ages import AgeGroup
from crm_pipeline.analytics.lead_results import LeadScope
from crm_pipeline.api.door import report
from crm_pipeline.core.lead_metrics import AGES


@report
def execute(filters: dict | None = None):
	asked = LeadScope.of({"group_by": "Owner", **(filters or {})})
	groups = lead_ages.groups(asked)
	lines = [_row(group, lead_ages.list_filters(asked, group.key)) for group in groups]
	if groups:
		lines.append({**_row(_whole(groups), lead_ages.list_filters(asked, whole=True)), "is_total": 1, "bold": 1})
	return columns(asked), lines, _("Leads that are open today, by days since they came.")


def columns(asked: LeadScope) -> list[dict]:
	def count(fieldname: str, label: str, width: int = 115) -> dict:
		return {"fieldname": fieldname, "fieldtype": "Int", "label": label, "width": width}

	return [
		{"fieldname": "label", "fieldtype": "Data", "label": asked.label, "width": 220},
		count("leads", _("Open Leads")),
		count("unanswered", _("Not Answered"), 120),
		*(count(band, _("{0} Days").format(band)) for band, _end in AGES),
		count("oldest", _("Oldest (Days)"), 120),
	]


def _whole(groups: list[AgeGroup]) -> AgeGroup:
	bands = {band: sum(group.bands[band] for group in groups) for band, _end in AGES}
	counts = sum(group.leads for group in groups), sum(group.unanswered for group in groups)
	return AgeGroup(None, _("Total"), *counts, bands, max(group.oldest for group in groups))


def _row(group: AgeGroup, filters: list[tuple]) -> dict:
	return {
		"label": group.label,
		"leads": group.leads,
		"unanswered": group.unanswered,
		**group.bands,
		"oldest": group.oldest,
		"routes": {"leads": filters, "unanswered": [*filters, ("first_answer_on", "is", "not set")]},
	}

"""Open deals that are stalled: who, where, since when and why; the largest amount at risk first."""

from collections import Counter

from frappe import _
from frappe.utils import now_datetime

from crm_pipeline.analytics import chart_colours as colours
from crm_pipeline.analytics import stall_verdicts, stalled_totals
from crm_pipeline.analytics.stalled_totals import StalledScope, Totals
from crm_pipeline.api.door import report
from crm_pipeline.chain import pipelines
from crm_pipeline.core.dwell import whole_days
from crm_pipeline.core.registry import DEALS

SHOWN = 1000


@report
def execute(filters: dict | None = None):
	asked = StalledScope.of(filters)
	found, data = stalled_totals.totals(asked), rows(asked)
	return columns(), data, message(len(data), found.deals), chart(found.signals, asked), summary(found, asked)


def columns() -> list[dict]:
	return [
		{"fieldname": "doctype", "fieldtype": "Data", "label": _("Type"), "hidden": 1},
		{"fieldname": "name", "fieldtype": "Dynamic Link", "options": "doctype", "label": _("Deal"), "width": 150},
		{"fieldname": "title", "fieldtype": "Data", "label": _("Title"), "width": 190},
		{
			"fieldname": "amount",
			"fieldtype": "Currency",
			"options": "currency",
			"label": _("Amount at Risk"),
			"width": 130,
		},
		{"fieldname": "score", "fieldtype": "Int", "label": _("Score"), "width": 70},
		{"fieldname": "reasons", "fieldtype": "Data", "label": _("Reasons"), "width": 700},
		{"fieldname": "party_name", "fieldtype": "Data", "label": _("Party"), "width": 140},
		{"fieldname": "stage_label", "fieldtype": "Data", "label": _("Stage"), "width": 120},
		{"fieldname": "days", "fieldtype": "Int", "label": _("In It for (Days)"), "width": 100},
		{"fieldname": "expected_close", "fieldtype": "Date", "label": _("Expected Close"), "width": 110},
		{
			"fieldname": "sales_person",
			"fieldtype": "Link",
			"options": "Sales Person",
			"label": _("Sales Person"),
			"width": 130,
		},
		{"fieldname": "sales_owner", "fieldtype": "Link", "options": "User", "label": _("Sales Owner"), "width": 160},
	]


def rows(asked: StalledScope) -> list[dict]:
	found, now = stalled_totals.largest(asked, SHOWN), now_datetime()
	labels = pipelines.labels_of({row.stage for row in found})
	return [
		{
			**row,
			"currency": asked.currency,
			"stage_label": labels.get(row.stage, row.stage),
			"days": whole_days(row.stage_entered_on, now, row.earlier_seconds),
			"reasons": " · ".join(stall_verdicts.sentences(row.stalled_reasons, asked.currency)),
		}
		for row in found
	]


def message(shown: int, deals: int) -> str | None:
	if shown < deals:
		return _("The {0} largest of {1} stalled deals are shown; the totals are of all of them.").format(shown, deals)
	return None


def chart(counts: Counter, asked: StalledScope) -> dict | None:
	"""How many of the deals show each signal; one deal may show several."""
	labels, shown = stall_verdicts.signal_labels(), [signal for signal, count in counts.most_common() if count]
	if not shown:
		return None
	asks = [{**_ask(asked), "filters_beside": {"also": signal}} for signal in shown]
	return {
		"type": "bar",
		"data": {
			"labels": [labels[signal] for signal in shown],
			"datasets": [{"name": _("Deals"), "values": [counts[signal] for signal in shown], "asks": asks}],
		},
		"colors": [colours.AT_RISK],
	}


def _ask(asked: StalledScope) -> dict:
	"""How the documents of a number are asked for; see public/js/shared/report_figures.js."""
	return {"doctype": asked.document_type or DEALS[0], "method": "get_documents_of_stalled"}


def summary(found: Totals, asked: StalledScope) -> list[dict]:
	ask = _ask(asked)
	share = round(100 * found.deals / found.open_deals, 1) if found.open_deals else 0
	return [
		{"value": found.deals, "label": _("Stalled Deals"), "datatype": "Int", "ask": ask},
		{
			"value": found.amount,
			"label": _("Amount at Risk"),
			"datatype": "Currency",
			"currency": asked.currency,
			"ask": ask,
		},
		{"value": share, "label": _("Share of Open Deals"), "datatype": "Percent"},
	]

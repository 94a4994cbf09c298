"""How fast leads were answered, and how many were contacted, qualified, converted and won, by where they came from."""

from frappe import _
from frappe.utils import formatdate

from crm_pipeline.analytics import chart_colours as colours
from crm_pipeline.analytics import lead_results
from crm_pipeline.analytics.lead_results import LEAD, LeadScope
from crm_pipeline.api.door import report
from crm_pipeline.core.lead_metrics import LeadSummary

IN_CHART = 12


@report
def execute(filters: dict | None = None):
	asked = LeadScope.of(filters)
	groups, whole = lead_results.groups(asked)
	data = [_row(group.label, group.found, lead_results.list_filters(asked, group.key)) for group in groups]
	everything = lead_results.list_filters(asked, whole=True)
	lines = [*data, {**_row(_("Total"), whole, everything), "is_total": 1, "bold": 1}] if data else []
	return columns(asked), lines, note(asked), chart(data), summary(whole, everything)


def columns(asked: LeadScope) -> list[dict]:
	def column(fieldname: str, fieldtype: str, label: str, width: int) -> dict:
		found = {"fieldname": fieldname, "fieldtype": fieldtype, "label": label, "width": width}
		return found if fieldtype in ("Data", "Int") else {**found, "precision": 1}

	return [
		column("label", "Data", asked.label, 190),
		column("leads", "Int", _("Leads"), 80),
		column("answered", "Int", _("Answered"), 95),
		column("median_hours", "Float", _("To Answer, Median (Hours)"), 190),
		column("in_time_share", "Percent", _("In Time (%)"), 105),
		column("contacted", "Int", _("Contacted"), 95),
		column("contact_rate", "Percent", _("Contact Rate (%)"), 135),
		column("qualified", "Int", _("Qualified"), 90),
		column("qualified_rate", "Percent", _("Qualified Rate (%)"), 145),
		column("converted", "Int", _("Converted"), 95),
		column("conversion_rate", "Percent", _("Conversion Rate (%)"), 155),
		column("won", "Int", _("Won"), 70),
	]


def _row(label: str, found: LeadSummary, filters: list[tuple]) -> dict:
	return {
		"label": label,
		"leads": found.leads,
		"answered": found.answered,
		"median_hours": found.median_hours,
		"in_time_share": found.in_time_share,
		"contacted": found.contacted,
		"contact_rate": found.contact_rate,
		"qualified": found.qualified,
		"qualified_rate": found.qualified_rate,
		"converted": found.converted,
		"conversion_rate": found.conversion_rate,
		"won": found.won,
		"routes": {
			"leads": filters,
			"answered": [*filters, ("first_answer_on", "is", "set")],
			"converted": [*filters, ("status", "=", "Converted")],
		},
	}


def note(asked: LeadScope) -> str:
	first, last = (formatdate(day) for day in asked.days())
	return _("Leads that came from {0} to {1}, with what became of them until today.").format(first, last)


def chart(data: list[dict]) -> dict | None:
	shown = data[:IN_CHART]
	if not shown:
		return None

	def series(name: str, key: str) -> dict:
		asks = [{"doctype": LEAD, "filters": one["routes"][key]} for one in shown]
		return {"name": name, "values": [one[key] for one in shown], "asks": asks}

	return {
		"type": "bar",
		"data": {
			"labels": [one["label"] for one in shown],
			"datasets": [series(_("Leads"), "leads"), series(_("Converted"), "converted")],
		},
		"colors": [colours.USUAL, colours.LONGEST],
	}


def summary(whole: LeadSummary, everything: list[tuple]) -> list[dict]:
	if not whole.leads:
		return []
	cards = [
		{"value": whole.leads, "label": _("Leads"), "datatype": "Int", "ask": {"doctype": LEAD, "filters": everything}},
		{"value": _seconds(whole.median_hours), "label": _("To Answer (Median)"), "datatype": "Duration"},
		{"value": _rounded(whole.contact_rate), "label": _("Contact Rate (%)"), "datatype": "Percent"},
		{"value": _rounded(whole.qualified_rate), "label": _("Qualified Rate (%)"), "datatype": "Percent"},
		{"value": _rounded(whole.conversion_rate), "label": _("Conversion Rate (%)"), "datatype": "Percent"},
	]
	return [card for card in cards if card["value"] is not None]


def _rounded(value: float | None) -> float | None:
	return None if value is None else round(value, 1)


def _seconds(hours: float | None) -> int | None:
	# A card shows a Float with all digits of the site.
	return None if hours is None else round(hours * 60) * 60

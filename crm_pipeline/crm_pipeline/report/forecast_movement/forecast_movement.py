"""How the forecast of one month or quarter moved from week to week, and how far off it was in the end."""

from frappe import _

from crm_pipeline.analytics import chart_colours as colours
from crm_pipeline.analytics import movement
from crm_pipeline.analytics.forecast_scope import OPPORTUNITY, ForecastScope
from crm_pipeline.api.door import report


@report
def execute(filters: dict | None = None):
	asked = ForecastScope.of(filters)
	result, currency = movement.movement(asked), asked.currency
	data = [{**row, "currency": currency} for row in result["rows"]]
	return columns(result["over"]), data, None, chart(result, currency), summary(result, currency)


def columns(over: bool) -> list[dict]:
	labels = {
		"signed": _("Signed"),
		"commit": _("Commit"),
		"best_case": _("Best Case"),
		"pipeline": _("Pipeline", context="Forecast Category"),
		"category": _("Signed and Commit"),
		"weighted": _("Weighted Forecast"),
		"historical": _("By Historical Win Rate"),
	}
	if over:
		labels["off"] = _("Weighted Forecast Less What Came In")
	money = [
		{"fieldname": name, "fieldtype": "Currency", "options": "currency", "label": label, "width": 150}
		for name, label in labels.items()
	]
	taken = [
		{"fieldname": "taken_on", "fieldtype": "Date", "label": _("Taken On"), "width": 110},
		{"fieldname": "week", "fieldtype": "Data", "label": _("Week"), "width": 100},
	]
	return [*taken, *money]


def chart(result: dict, currency: str) -> dict | None:
	"""Lines over the weeks; one point is no line."""
	rows = result["rows"]
	if len(rows) < 2:
		return None
	lines = {
		"signed": _("Signed"),
		"category": _("Committed", context="Forecast"),
		"weighted": _("Weighted"),
		"historical": _("By Win Rate"),
	}
	sets = [{"name": label, "values": [row[name] for row in rows]} for name, label in lines.items()]
	return {
		"type": "line",
		"data": {"labels": [row["week"] for row in rows], "datasets": sets},
		"colors": [colours.SIGNED, colours.COMMIT, colours.WEIGHTED, colours.HISTORICAL],
		"fieldtype": "Currency",
		"options": "currency",
		"currency": currency,
	}


def summary(result: dict, currency: str) -> list[dict]:
	"""What came in, and how far off the first and the last snapshot were; nothing without snapshots."""
	rows = result["rows"]
	if not rows:
		return []
	lines = [(_("Came In") if result["over"] else _("Signed until Now"), result["real"])]
	lines += [(_("First Weighted Forecast"), rows[0]["weighted"]), (_("Last Weighted Forecast"), rows[-1]["weighted"])]
	found = [{"label": label, "value": value, "datatype": "Currency", "currency": currency} for label, value in lines]
	# A snapshot holds sums: which deals they were made of is not kept.
	cell = {"column": "signed", "first": result["first"], "last": result["last"]}
	found[0]["ask"] = {"doctype": OPPORTUNITY, "method": "get_documents_of_forecast", "args": {"cell": cell}}
	if result["over"] and result["real"]:
		off = (rows[0]["weighted"] - result["real"]) / result["real"] * 100
		found.append({"label": _("First Forecast Off By"), "value": off, "datatype": "Percent"})
	return found

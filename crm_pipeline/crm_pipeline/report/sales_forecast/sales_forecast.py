"""The forecast by period, whole or split by product, territory, person, team and so on."""

from frappe import _

from crm_pipeline.analytics import chart_colours as colours
from crm_pipeline.analytics import forecast_totals, outlook
from crm_pipeline.analytics.forecast_scope import OPPORTUNITY, ForecastScope
from crm_pipeline.api.door import report

# Filter value -> dimension. The words are those of the filter's options.
SPLITS = {
	"Product": "item_code",
	"Product Group": "item_group",
	"Territory": "territory",
	"Sales Person": "sales_person",
	"Team": forecast_totals.TEAM,
	"Sales Owner": "sales_owner",
	"Pipeline": "pipeline",
	"Stage": "stage",
	"Customer": "customer",
}
MONEY = ("signed", "ordered", "commit", "best_case", "pipeline", "weighted", "historical", "category", "overdue")


@report
def execute(filters: dict | None = None):
	asked = ForecastScope.of(filters)
	result = outlook.outlook(asked)
	dimension = SPLITS.get(filters.split_by)
	data = split_rows(result, outlook.split(dimension, asked)) if dimension else period_rows(result)
	fieldtype = "Float" if asked.counts_quantity else "Currency"
	data = [{**row, "currency": result["currency"]} for row in data]
	by_item = asked.is_by_item(dimension)
	return (
		columns(filters.split_by if dimension else None, fieldtype, by_item),
		data,
		None,
		chart(result, fieldtype),
		summary(result, fieldtype),
	)


def columns(split_by: str | None, fieldtype: str, by_item: bool) -> list[dict]:
	labels = {
		"signed": _("Signed"),
		"ordered": _("Ordered"),
		"commit": _("Commit"),
		"best_case": _("Best Case"),
		"pipeline": _("Pipeline", context="Forecast Category"),
		"weighted": _("Weighted Forecast"),
		"historical": _("By Historical Win Rate"),
		"category": _("Signed and Commit"),
		"overdue": _("Overdue"),
	}
	first = [{"fieldname": "label", "fieldtype": "Data", "label": _("Period"), "width": 150}]
	if split_by:
		first.insert(0, {"fieldname": "part", "fieldtype": "Data", "label": _(split_by), "width": 200})
	money = [
		{"fieldname": name, "fieldtype": fieldtype, "options": "currency", "label": labels[name], "width": 130}
		for name in MONEY
		if not (by_item and name == "ordered")
	]
	documents = {"fieldname": "documents", "fieldtype": "Int", "label": _("Documents"), "width": 100}
	return [*first, documents, *money]


def period_rows(result: dict) -> list[dict]:
	"""A row per period, their total, and a row per line beside them that holds anything."""
	rows = [_row(period, period["label"], period["first"], period["last"]) for period in result["periods"]]
	first, last = result["periods"][0]["first"], result["periods"][-1]["last"]
	rows.append({**_row(result["total"], _("Total"), first, last), "bold": 1})
	return rows + _beside(result["outside"])


def split_rows(result: dict, parts: list[dict]) -> list[dict]:
	"""Per part its periods, and lines beside them, that hold anything. Names of a team's tree are moved in: a part has
	several rows. The parts add up to the rows of the whole."""
	rows = []
	for part in parts:
		name = "\u2003" * part["indent"] + (part["label"] or _("Not Set"))
		own = [
			_row(part["periods"][period["key"]], period["label"], period["first"], period["last"])
			for period in result["periods"]
			if part["periods"][period["key"]]["documents"]
		]
		rows += [{**row, "part": name, "key": part["key"]} for row in own + _beside(part["outside"])]
	return rows


def _beside(outside: dict) -> list[dict]:
	labels = {"undated": _("Without a Date"), "earlier": _("Before These Periods"), "later": _("After These Periods")}
	return [
		{**_row(outside[name], label), "outside": name} for name, label in labels.items() if outside[name]["documents"]
	]


def _row(totals: dict, label: str, first: str | None = None, last: str | None = None) -> dict:
	numbers = {name: totals[name] for name in ("documents", *MONEY)}
	return {"label": label, "first": first, "last": last, **numbers}


def chart(result: dict, fieldtype: str) -> dict | None:
	"""Stacked bars of what is signed and open, per period."""
	periods = result["periods"]
	if not any(period["documents"] for period in periods):
		return None
	stacks = {
		"signed": _("Signed"),
		"commit": _("Commit"),
		"best_case": _("Best Case"),
		"pipeline": _("Pipeline", context="Forecast Category"),
	}
	return {
		"type": "bar",
		"barOptions": {"stacked": 1},
		"data": {
			"labels": [period["label"] for period in periods],
			"datasets": [
				{
					"name": label,
					"values": [period[name] for period in periods],
					"asks": [_ask(column=name, first=period["first"], last=period["last"]) for period in periods],
				}
				for name, label in stacks.items()
			],
		},
		"colors": [colours.SIGNED, colours.COMMIT, colours.BEST_CASE, colours.PIPELINE],
		"fieldtype": fieldtype,
		"options": "currency",
		"currency": result["currency"],
	}


def _ask(**cell) -> dict:
	"""How the documents of a number are asked for; see public/js/shared/report_figures.js."""
	return {"doctype": OPPORTUNITY, "method": "get_documents_of_forecast", "args": {"cell": cell}}


def summary(result: dict, fieldtype: str) -> list[dict]:
	"""Over all shown periods, and what stands beside them."""
	total, undated = result["total"], result["outside"]["undated"]
	first, last = result["periods"][0]["first"], result["periods"][-1]["last"]
	labels = {
		"signed": _("Signed"),
		"category": _("Signed and Commit"),
		"weighted": _("Weighted Forecast"),
		"historical": _("By Historical Win Rate"),
	}
	found = [
		{
			"label": label,
			"value": total[name],
			"datatype": fieldtype,
			"currency": result["currency"],
			"ask": _ask(column=name, first=first, last=last),
		}
		for name, label in labels.items()
	]
	if undated["documents"]:
		ask = _ask(column="all", outside="undated")
		number = {"label": _("Deals without a Date"), "value": undated["documents"], "datatype": "Int", "ask": ask}
		found.append(number)
	return found

"""What the screens say of a company, by word: each word has one number, whichever screen is asked."""

import frappe
from frappe.utils import get_first_day, get_last_day, nowdate

from crm_pipeline import api
from crm_pipeline.core.registry import DEALS
from crm_pipeline.crm_pipeline.report.open_pipeline_by_stage.open_pipeline_by_stage import execute as open_by_stage
from crm_pipeline.crm_pipeline.report.sales_forecast.sales_forecast import execute as sales_forecast
from crm_pipeline.crm_pipeline.report.sales_funnel.sales_funnel import execute as sales_funnel
from crm_pipeline.crm_pipeline.report.stalled_deals.stalled_deals import execute as stalled_deals
from crm_pipeline.crm_pipeline.report.win_and_loss.win_and_loss import execute as win_and_loss


def numbers(company: str, function: str = "manager") -> dict:
	rows = api.get_workspace_numbers(function, company)["numbers"]
	return {row["key"]: frappe._dict(row) for row in rows}


def summary(report, filters: dict) -> dict:
	return {row["label"]: row["value"] for row in report(filters)[4]}


def disagreements(company: str) -> dict:
	"""{word: {screen: number}} of the words of which two screens say different numbers."""
	month = {"from_date": str(get_first_day(nowdate())), "to_date": str(get_last_day(nowdate()))}
	found = numbers(company)
	forecast = api.get_forecast({"company": company})
	now = next(row for row in forecast["periods"] if row["current"])
	pipelines = frappe.get_all("Sales Pipeline", fields=["name", "applies_to"], order_by="name asc")
	ours = [row.name for row in pipelines if row.applies_to == DEALS[0]]
	board = [row for name in ours for row in api.get_board_totals(name, {"company": company}).values()]
	closed = {
		doctype: summary(win_and_loss, {"company": company, "document_type": doctype, **month}) for doctype in DEALS
	}
	listed = _deals_listed(company)
	said = {
		"Past Expected Close": {"workspace": found["past_close"].count, "forecast": now["overdue_documents"]},
		"Past Expected Close, amount": {"workspace": found["past_close"].amount, "forecast": now["overdue"]},
		"Signed This Month": {"workspace": found["won"].count, "forecast": now["signed_documents"]},
		"Signed, amount": {
			"workspace": found["won"].amount,
			"forecast": now["signed"],
			"Win and Loss": sum(row.get("Won Amount", 0) for row in closed.values()),
			"Sales Forecast": _forecast_of_month(company, now["key"], "signed"),
		},
		"Stalled": {
			"workspace": found["stalled"].count,
			"report": summary(stalled_deals, {"company": company})["Stalled Deals"],
			"lists": sum(row.is_stalled for rows in listed.values() for row in rows),
		},
		"Stalled, amount": {
			"workspace": found["stalled"].amount,
			"report": summary(stalled_deals, {"company": company})["Amount at Risk"],
		},
		"Open": {
			"workspace": found["open"].count,
			"documents": api.get_documents_of_number("manager", "open", company)["total"],
		},
		"Open in the board": {
			"report": sum(
				row["documents"] for name in ours for row in open_by_stage({"company": company, "pipeline": name})[1]
			),
			"board and list": len(listed[DEALS[0]]) if board else 0,
		},
		"Days in Stage": _days_in_stage(company),
		**_closed_and_paid(company),
		**_of_this_month(company, forecast, now),
	}
	return {word: by for word, by in said.items() if len({_rounded(number) for number in by.values()}) > 1}


def _rounded(number):
	return round(number, 2) if isinstance(number, float) else number


def _deals_listed(company: str) -> dict:
	return {
		doctype: frappe.get_list(
			doctype,
			filters={"company": company, "status": "Open"},
			fields=["name", "is_stalled"],
			order_by="name asc",
			limit=0,
		)
		for doctype in DEALS
	}


def _forecast_of_month(company: str, key: str, column: str) -> float:
	rows = sales_forecast({"company": company, "count": 1})[1]
	return next((row[column] for row in rows if key in str(row.values())), 0.0)


def _closed_and_paid(company: str) -> dict:
	"""Win rate, conversion and paid of all opportunities, whenever they were opened or closed, per pipeline."""
	said = {}
	pipelines = frappe.get_all(
		"Sales Pipeline", filters={"applies_to": DEALS[0]}, pluck="name", order_by="name asc", limit=0
	)
	for pipeline in pipelines:
		# From before anything that a test or the demo has.
		asked = {"company": company, "pipeline": pipeline, "from_date": "2000-01-01", "to_date": nowdate()}
		page = api.get_funnel(asked)
		closed = summary(win_and_loss, {"document_type": DEALS[0], **asked})
		rate = page["outcome"]["win_rate"]
		if rate is not None:
			said[f"Win Rate, {pipeline}"] = {"funnel": round(100 * rate, 1), "Win and Loss": closed["Win Rate"]}
			said[f"Won Amount, {pipeline}"] = {
				"funnel": page["outcome"]["won_amount"],
				"Win and Loss": closed["Won Amount"],
			}
		table = {row["label"]: row for row in sales_funnel(asked)[1]}
		for stage in page["stages"]:
			said[f"Conversion, {stage['stage']}"] = {
				"funnel": _percent(stage["conversion"]),
				"Sales Funnel": _rounded(table[stage["label"]]["conversion"] or 0.0),
			}
		paid = next(row for row in page["orders"] if row["step"] == "paid")
		won = frappe.get_list(
			DEALS[0],
			filters={"company": company, "pipeline": pipeline, "outcome": "Won"},
			fields=["name", "paid_amount"],
			order_by="name asc",
			limit=0,
		)
		said[f"Paid, {pipeline}"] = {"funnel": paid["amount"], "deals": sum(row.paid_amount for row in won)}
	return said | _paid_of_requests(company)


def _percent(share: float | None) -> float:
	return round(100 * (share or 0.0), 2)


def _paid_of_requests(company: str) -> dict:
	"""What finance is told is not paid yet, beside the requests' own columns; and of a deal what its orders say."""
	requests = frappe.get_list(
		"Sales Order Request",
		filters={"company": company, "docstatus": 1},
		fields=["name", "billed_amount", "paid_amount"],
		order_by="name asc",
		limit=0,
	)
	left = sum(max(round(row.billed_amount - row.paid_amount, 2), 0) for row in requests)
	return {"Billed, Not Paid": {"workspace": numbers(company, "finance")["unpaid"].amount, "requests": round(left, 2)}}


def _of_this_month(company: str, forecast: dict, now: dict) -> dict:
	"""The forecast of the current month by each method: on the page, in the report, in the split, behind the cell."""
	row = next(row for row in sales_forecast({"company": company})[1] if row["first"] == now["first"])
	said = {}
	for column in ("weighted", "category", "historical", "commit", "best_case", "pipeline", "documents"):
		said[f"Forecast of the Month, {column}"] = {"page": now[column], "report": row[column]}
	cell = {"column": "weighted", "first": now["first"], "last": now["last"]}
	behind = api.get_documents_of_forecast(cell=cell, filters={"company": company})
	if behind["total"] <= len(behind["documents"]):
		said["Forecast of the Month, documents behind"] = {
			"page": now["weighted"],
			"documents": sum(one["base_amount"] for one in behind["documents"]),
		}
	for dimension in ("territory", "sales_owner"):
		split = api.get_forecast_split(dimension, {"company": company})
		parts = [one["periods"][now["key"]]["weighted"] for one in split if now["key"] in one["periods"]]
		said[f"Forecast of the Month, by {dimension}"] = {"page": now["weighted"], "split": sum(parts)}
	return said


def _days_in_stage(company: str) -> dict:
	"""Board, report and the deal's own table, of the stalled deals."""
	from_report = {
		row["name"]: row["days"] for row in stalled_deals({"company": company})[1] if row["doctype"] == DEALS[0]
	}
	names = list(from_report)
	cards = [api.get_card(DEALS[0], name) for name in names]
	own = [api.get_dwell(DEALS[0], name) for name in names]
	return {
		"report": tuple(from_report.values()),
		"board": tuple(card["card"]["days"] if "card" in card else card["days"] for card in cards),
		"deal": tuple(next(row["seconds"] // 86400 for row in rows if row["running"]) for rows in own),
	}

"""What the screens say of a company, by word: each word has one number, whichever screen is asked."""

import frappe
from frappe.utils import get_first_day, get_last_day, nowdate

from crm_pipeline import api
from crm_pipeline.core.registry import DEALS
from crm_pipeline.crm_pipeline.report.open_pipeline_by_stage.open_pipeline_by_stage import execute as open_by_stage
from crm_pipeline.crm_pipeline.report.sales_forecast.sales_forecast import execute as sales_forecast
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

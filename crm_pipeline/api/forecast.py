"""The forecast for its page: reading, and asking for a snapshot. See figures/outlook.py for the shapes."""

import frappe
from frappe import _
from frappe.permissions import get_user_permissions

from crm_pipeline.figures import forecast_documents, movement, outlook, scope, snapshots
from crm_pipeline.figures.deal_values import OPPORTUNITY

# Who may change pipelines may have the week's snapshot taken before its day.
MANAGED = "Sales Pipeline"


def _may_read() -> None:
	frappe.has_permission(OPPORTUNITY, "read", throw=True)


def _company(company: str | None) -> str:
	"""The company asked for or the user's own, if User Permissions let the user see its deals."""
	company = scope.company_of({"company": company})
	limits = get_user_permissions(frappe.session.user).get("Company", [])
	allowed = {row["doc"] for row in limits if row.get("applicable_for") in (None, "", OPPORTUNITY)}
	if allowed and company not in allowed:
		frappe.throw(_("You are not allowed to see {0}").format(frappe.bold(company)), frappe.PermissionError)
	return company


def _filters(filters) -> dict:
	"""The filters sent, with a company that the user may see."""
	filters = frappe._dict(frappe.parse_json(filters) or {})
	filters.company = _company(filters.company)
	return filters


@frappe.whitelist()
def get_forecast(filters: str | dict | None = None) -> dict:
	"""Periods with signed, open and weighted sums, what every method says, and what is beside the periods."""
	_may_read()
	return outlook.outlook(_filters(filters))


@frappe.whitelist()
def get_forecast_split(dimension: str, filters: str | dict | None = None) -> list[dict]:
	"""The same by product, territory, person, team and so on."""
	_may_read()
	return outlook.split(dimension, _filters(filters))


@frappe.whitelist()
def get_forecast_documents(filters: str | dict | None = None, cell: str | dict | None = None) -> list[dict]:
	"""The documents behind one number: [{"doctype", "won", "count", "filters", "names"}]."""
	_may_read()
	return forecast_documents.documents_behind(frappe.parse_json(filters), frappe.parse_json(cell))


@frappe.whitelist()
def get_forecast_movement(filters: str | dict | None = None) -> dict:
	"""The snapshots of one period, oldest first."""
	_may_read()
	return movement.movement(frappe.parse_json(filters))


@frappe.whitelist()
def get_forecast_accuracy(company: str | None = None, scope_name: str = "Both") -> list[dict]:
	"""How far off each method was at the last measurement, the best one first."""
	frappe.has_permission(snapshots.ACCURACY, "read", throw=True)
	return snapshots.latest_accuracy(_company(company), scope_name)


@frappe.whitelist()
def get_win_rates(company: str | None = None) -> list[dict]:
	"""The win rates by stage and age behind the historical method, with what each rests on."""
	_may_read()
	return outlook.rates_told(_company(company))


@frappe.whitelist(methods=["POST"])
def take_forecast_snapshot(company: str | None = None) -> None:
	"""Freeze this week's forecast and measure the methods now, in the background."""
	frappe.has_permission(MANAGED, "write", throw=True)
	company = scope.company_of({"company": company})
	frappe.has_permission("Company", "read", doc=company, throw=True)
	snapshots.enqueue(company)
	frappe.msgprint(_("The forecast is being frozen and measured. This takes a minute or so."), alert=True)

"""The forecast for its page: reading, and asking for a snapshot. See analytics/outlook.py for the shapes."""

import frappe
from frappe import _
from frappe.permissions import get_user_permissions

from crm_pipeline.analytics import movement, outlook, scope, snapshots
from crm_pipeline.analytics.forecast_scope import OPPORTUNITY, ForecastScope
from crm_pipeline.api.door import may, reads, writes
from crm_pipeline.api.types import Filters, MaybeName, Name
from crm_pipeline.chain import jobs, rights
from crm_pipeline.wording import bold

# Who may change pipelines may have the week's snapshot taken before its day.
MANAGED = "Sales Pipeline"


def _company(company: str | None) -> str:
	"""The company asked for or the user's own, if User Permissions let the user see its deals."""
	company = scope.company_of(company)
	limits = get_user_permissions(frappe.session.user).get("Company", [])
	allowed = {row["doc"] for row in limits if row.get("applicable_for") in (None, "", OPPORTUNITY)}
	if allowed and company not in allowed:
		frappe.throw(_("You are not allowed to see {0}").format(bold(company)), frappe.PermissionError)
	return company


def scope_of(filters: dict | None) -> ForecastScope:
	"""The scope of the filters sent, of a company that the user may see. Raises PermissionError."""
	asked = ForecastScope.of(filters)
	_company(asked.company)
	return asked


@reads(may("read", OPPORTUNITY), heavy=True)
def get_forecast(filters: Filters = None) -> dict:
	"""Periods with signed, open and weighted sums, what every method says, and what is beside the periods."""
	return outlook.outlook(scope_of(filters))


@reads(may("read", OPPORTUNITY), heavy=True)
def get_forecast_split(dimension: Name, filters: Filters = None) -> list[dict]:
	"""The same by product, territory, person, team and so on."""
	return outlook.split(dimension, scope_of(filters))


@reads(may("read", OPPORTUNITY))
def get_forecast_movement(filters: Filters = None) -> dict:
	"""The snapshots of one period, oldest first."""
	return movement.movement(scope_of(filters))


@reads(may("read", snapshots.ACCURACY))
def get_forecast_accuracy(company: MaybeName = None, scope_name: Name = "Both") -> list[dict]:
	"""How far off each method was at the last measurement, the best one first."""
	return snapshots.latest_accuracy(_company(company), scope_name)


@reads(may("read", OPPORTUNITY))
def get_win_rates(company: MaybeName = None) -> list[dict]:
	"""The win rates by stage and age behind the historical method as shares, with what kind of history each rests on."""
	return outlook.rates_explained(_company(company))


@writes(may("write", MANAGED))
def take_forecast_snapshot(company: MaybeName = None) -> None:
	"""Freeze this week's forecast and measure the methods now, in the background."""
	company = scope.company_of(company)
	rights.need("Company", company)
	jobs.queue(jobs.FREEZE)
	frappe.msgprint(_("The forecast is being frozen and measured. This takes a minute or so."), alert=True)

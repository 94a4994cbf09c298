"""What went into the public pool and out of it, and how long it had been there."""

from frappe import _
from frappe.utils import formatdate

from crm_pipeline.analytics import pool_traffic
from crm_pipeline.analytics.pool_traffic import PERSON, PoolScope
from crm_pipeline.api.door import report
from crm_pipeline.core.pool_movement import MOVEMENTS, Traffic


@report
def execute(filters: dict | None = None):
	asked = PoolScope.of(filters)
	groups, whole = pool_traffic.groups(asked)
	lines = [_row(asked, group.label, group.found, group.key) for group in groups]
	if groups:
		lines.append({**_row(asked, _("Total"), whole, whole=True), "is_total": 1, "bold": 1})
	return columns(asked), lines, note(asked)


def note(asked: PoolScope) -> str:
	if asked.group_by == PERSON:
		return _("What fell or was released counts for who had it, what was claimed or given for who got it.")
	return _("{0} to {1}").format(*(formatdate(day) for day in asked.days()))


def columns(asked: PoolScope) -> list[dict]:
	def number(fieldname: str, label: str, fieldtype: str = "Int", **more) -> dict:
		return {"fieldname": fieldname, "fieldtype": fieldtype, "label": label, "width": 120, **more}

	return [
		{"fieldname": "label", "fieldtype": "Data", "label": _(asked.group_by), "width": 240},
		*(number(kind, _(kind)) for kind in MOVEMENTS),
		number("more", _("Pool Grew By")),
		number("days", _("Days in the Pool (Median)"), "Float", precision=1, width=220),
	]


def _row(asked: PoolScope, label: str, found: Traffic, key: str | None = None, whole: bool = False) -> dict:
	routes = {kind: pool_traffic.list_filters(asked, kind, key, whole) for kind in MOVEMENTS}
	return {"label": label, **found.counts, "more": found.more, "days": found.days, "routes": routes}

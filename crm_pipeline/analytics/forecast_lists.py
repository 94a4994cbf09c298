"""A number of the forecast as the filters of a list, where a list can say it."""

from datetime import timedelta

from frappe.utils import getdate

from crm_pipeline.analytics import forecast_totals, scope
from crm_pipeline.analytics.deal_values import ITEM_DIMENSIONS, PROJECT
from crm_pipeline.core.chain import CREATED_DIRECTLY, SALE_TYPES
from crm_pipeline.core.forecast import COLUMN_OF, OMITTED
from crm_pipeline.core.stages import OPEN, WON

BELOW = "descendants of (inclusive)"
# A list takes a missing date for the first day of year 1, so "before" would find those without a date too.
LONG_AGO = "1900-01-01"


def list_filters(doctype: str, won: bool, filters, cell, shown, today) -> list[list] | None:
	"""[[field, operator, value]] of `cell` (see forecast_documents), one per field; None where items decide."""
	filters = filters or {}
	if cell.dimension in ITEM_DIMENSIONS or any(filters.get(field) for field in ITEM_DIMENSIONS):
		return None
	found = {"company": ["=", scope.company_of(filters)]}
	found |= {"outcome": ["=", WON]} if won else {"status": ["=", OPEN]}
	if doctype == PROJECT:
		found["project_type"] = ["in", list(SALE_TYPES)]
	for field in scope.EQUAL:
		if filters.get(field):
			direct = field == "source_type" and filters[field] == CREATED_DIRECTLY
			found[field] = ["is", "not set"] if direct else ["=", filters[field]]
	for field in scope.TREES:
		if filters.get(field):
			found[field] = [BELOW, filters[field]]
	if cell.dimension:
		field = forecast_totals.field_of(cell.dimension)
		way = BELOW if cell.dimension == forecast_totals.TEAM else "="
		found[field] = [way, cell.key] if cell.key else ["is", "not set"]
	if not won:
		_by_category(found, cell.column)
	day = _won_on(cell, shown) if won else _expected_on(cell, shown, today)
	if day is None:
		return None
	found["closed_on" if won else "expected_close"] = day
	return [[field, *result] for field, result in found.items()]


def _by_category(found: dict, column: str) -> None:
	column = {"category": "commit"}.get(column, column)
	if column in ("countable", "overdue"):
		found["forecast_category"] = ["!=", OMITTED]
	elif column in COLUMN_OF.values():
		named = [category for category, other in COLUMN_OF.items() if other == column]
		found["forecast_category"] = ["in", named]


def _won_on(cell, shown) -> list | None:
	if not cell.outside:
		return ["between", [str(cell.first), str(cell.last)]]
	return {"undated": ["is", "not set"], "later": [">", str(shown[-1].last)]}.get(cell.outside)


def _expected_on(cell, shown, today) -> list | None:
	if cell.column == "overdue":
		return ["between", [LONG_AGO, str(today - timedelta(days=1))]]
	if cell.outside:
		# Beside periods that do not hold today, overdue deals are in it too: the names tell.
		return {"undated": ["is", "not set"], "later": [">", str(shown[-1].last)]}.get(cell.outside)
	first, last = getdate(cell.first), getdate(cell.last)
	if first <= today <= last:
		return ["between", [LONG_AGO, str(last)]]
	return ["between", [str(first), str(last)]]

"""Native Sales Orders by month, as far as the user may read them."""

from datetime import date

import frappe
from frappe.query_builder.functions import Count, Sum
from frappe.utils import getdate
from pypika.functions import Substring

from crm_pipeline.analytics import scope


def by_month(company: str, before: date, filters=None, quantity: bool = False) -> dict[date, float]:
	"""{first of month: net amount in company currency, or quantity in stock units} of submitted orders.

	Only months before that of `before`. Filters that orders know: territory (tree), item_code. Empty
	where the user may not read Sales Orders.
	"""
	if not frappe.has_permission("Sales Order", "read"):
		return {}
	filters = filters or {}
	order, row = frappe.qb.DocType("Sales Order"), frappe.qb.DocType("Sales Order Item")
	by_row = quantity or filters.get("item_code")
	value = order.base_net_total
	query = frappe.qb.from_(order)
	if by_row:
		value = row.stock_qty if quantity else row.base_net_amount
		query = query.join(row).on(row.parent == order.name)
	if filters.get("item_code"):
		query = query.where(row.item_code == filters["item_code"])
	if filters.get("territory"):
		query = query.where(scope.within(order.territory, "Territory", filters["territory"]))
	month = Substring(order.transaction_date, 1, 7)
	query = (
		query.select(month.as_("month"), Sum(value).as_("value"), Count("*").as_("rows"))
		.where((order.docstatus == 1) & (order.company == company) & (order.transaction_date < before.replace(day=1)))
		.groupby(month)
		.orderby(month)
	)
	found = scope.visible(query, "Sales Order").run(as_dict=True)
	return {getdate(f"{line.month}-01"): float(line.value or 0) for line in found}

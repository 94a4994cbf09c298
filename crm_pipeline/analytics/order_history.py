"""Native Sales Orders by month, as far as the user may read them."""

from datetime import date

import frappe
from frappe.query_builder.functions import Count, Sum
from frappe.utils import getdate
from pypika import Order
from pypika.functions import Substring

from crm_pipeline.analytics import scope
from crm_pipeline.analytics.forecast_scope import AMOUNT, KINDS, ForecastScope
from crm_pipeline.core import series
from crm_pipeline.core.forecast import add_months, first_of_month
from crm_pipeline.parties.people import visibility_of

ORDER = "Sales Order"
# Filters that orders do not know.
DEALS_ONLY = ("pipeline", "sales_owner", "sales_person", "campaign", "channel", "source_type", "item_group")


def suffice(asked: ForecastScope) -> bool:
	"""Whether orders can answer: of the whole scope, with no filter that they do not know, and no team visibility."""
	everything = asked.doctypes == KINDS["Both"]
	return (
		everything and not any(getattr(asked, field) for field in DEALS_ONLY) and not visibility_of(frappe.session.user)
	)


def by_month(asked: ForecastScope, before: date) -> dict[date, float]:
	"""{first of month: net amount in company currency, or quantity in stock units} of submitted orders.

	Only months before that of `before`. Filters that orders know: territory (tree), item_code. Empty
	where the user may not read Sales Orders.
	"""
	if not frappe.has_permission(ORDER, "read"):
		return {}
	order, query, value = _orders(asked, before)
	month = Substring(order.transaction_date, 1, 7)
	query = query.select(month.as_("month"), Sum(value).as_("value"), Count("*").as_("rows"))
	found = query.groupby(month).orderby(month).run(as_dict=True)
	return {getdate(f"{line.month}-01"): float(line.value or 0) for line in found}


def orders_behind(asked: ForecastScope, today: date) -> list[tuple[str, float]]:
	"""(name, amount) of the orders that a forecast's history adds up, the latest first."""
	if not frappe.has_permission(ORDER, "read"):
		return []
	until = first_of_month(today)
	order, query, value = _orders(asked.replaced(measure=AMOUNT), until)
	query = query.where(order.transaction_date >= add_months(until, -series.LONGEST))
	query = query.select(order.name, Sum(value)).groupby(order.name, order.transaction_date)
	return query.orderby(order.transaction_date, order=Order.desc).orderby(order.name).run()


def _orders(asked: ForecastScope, before: date) -> tuple:
	"""(table, query on the orders, term of what they count with)."""
	order, row = frappe.qb.DocType(ORDER), frappe.qb.DocType("Sales Order Item")
	value, query = order.base_net_total, frappe.qb.from_(order)
	if asked.counts_quantity or asked.item_code:
		value = row.stock_qty if asked.counts_quantity else row.base_net_amount
		query = query.join(row).on(row.parent == order.name)
	if asked.item_code:
		query = query.where(row.item_code == asked.item_code)
	if asked.territory:
		query = query.where(scope.within(order.territory, "Territory", asked.territory))
	query = query.where(
		(order.docstatus == 1) & (order.company == asked.company) & (order.transaction_date < before.replace(day=1))
	)
	return order, scope.visible(query, ORDER), value

"""Order requests that wait for the order desk, the oldest first; or those that came back to sales, with the reason."""

import frappe
from frappe import _
from frappe.utils import flt, fmt_money, getdate

from crm_pipeline.analytics import desk_queue
from crm_pipeline.api.door import report
from crm_pipeline.chain import rights
from crm_pipeline.user_day import user_today


@report
def execute(filters: dict | None = None):
	rights.need(desk_queue.REQUEST)
	asked = desk_queue.QueueScope.of(filters)
	currency, found = asked.currency, desk_queue.rows(asked)
	data = [_row(row, currency) for row in found]
	return columns(asked.status), data, None, None, summary(found, currency)


def columns(status: str) -> list[dict]:
	came_back = status == desk_queue.RETURNED
	shown = [
		("request", "Link", _("Order Request"), 150, desk_queue.REQUEST),
		("customer", "Link", _("Customer"), 170, "Customer"),
		("value", "Currency", _("Net Amount"), 120, "currency"),
		("delivery_date", "Date", _("Delivery Date"), 110, None),
	]
	if came_back:
		shown += [
			("return_reason", "Data", _("Return Reason"), 320, None),
			("returned_by", "Data", _("Returned By"), 130, None),
			("returned_on", "Datetime", _("Returned On"), 150, None),
		]
	else:
		shown += [
			("stock", "Data", _("Stock"), 130, None),
			("credit", "Data", _("Credit"), 160, None),
			("waiting_days", "Int", _("Waiting (Days)"), 90, None),
			("po_no", "Data", _("Customer's Purchase Order"), 130, None),
		]
	shown.append(("sales_owner", "Data", _("Sales Owner"), 140, None))
	return [
		{"fieldname": name, "fieldtype": kind, "label": label, "width": width, "options": options}
		for name, kind, label, width, options in shown
	]


def _row(row: dict, currency: str) -> dict:
	return {
		"request": row.name,
		"customer": row.customer,
		"customer_name": row.customer_name,
		"value": row.base_amount,
		"currency": currency,
		"delivery_date": row.delivery_date,
		"late": bool(row.delivery_date and row.delivery_date < user_today()),
		"stock": _stock(row.short),
		"short": row.short or 0,
		"credit": _credit(row.credit_over, currency),
		"credit_over": row.credit_over or 0,
		"waiting_days": (user_today() - getdate(row.requested_on)).days if row.requested_on else None,
		"po_no": row.po_no,
		"return_reason": row.return_reason,
		"returned_by": frappe.utils.get_fullname(row.returned_by) if row.returned_by else None,
		"returned_on": row.returned_on,
		"sales_owner": frappe.utils.get_fullname(row.sales_owner) if row.sales_owner else None,
	}


def _stock(short: int | None) -> str:
	if short is None:
		return _("No stock items")
	if not short:
		return _("Enough")
	return _("1 row short") if short == 1 else _("{0} rows short").format(short)


def _credit(over: float | None, currency: str) -> str:
	if over is None:
		return _("No limit")
	return (
		_("{0} over the limit, before tax").format(fmt_money(over, currency=currency))
		if over
		else _("Within the limit, before tax")
	)


def summary(found: list[dict], currency: str) -> list[dict]:
	amount = sum(flt(row.base_amount) for row in found)
	ask = {"doctype": desk_queue.REQUEST, "method": "get_documents_of_queue"}
	return [
		{"value": len(found), "label": _("Order Requests"), "datatype": "Int", "ask": ask},
		{"value": amount, "label": _("Net Amount"), "datatype": "Currency", "currency": currency, "ask": ask},
	]

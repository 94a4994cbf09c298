"""What accepting a request would make: the order as it would be, what was assumed because nobody said it, and what is short."""

import json

import frappe
from frappe import _
from frappe.utils import flt

from crm_pipeline.core import readiness
from crm_pipeline.erp import availability
from crm_pipeline.orders import acceptance, agreement, approvals, hand_off, native_order
from crm_pipeline.wording import bold

# What a request may leave open, and ERPNext or the settings fill in.
LEFT_OPEN = (
	"taxes_and_charges", "payment_terms_template", "selling_price_list", "customer_address", "shipping_address_name",
	"contact_person", "set_warehouse", "tc_name",
)  # fmt: skip


def preview(name: str) -> dict:
	"""{"customer", "company", "currency", "company_currency", "net", "taxes", "total", "will_submit", "delivery_date": the usual day where sales
	named none for some row, else None, "rows": [{"idx", "item", "qty", "uom", "delivery_date", "assumed", "warehouse",
	"free", "short" in stock units}], "assumed": [{"label", "value"}], "notes": messages as HTML, "credit": {"limit", "used", "over"} or None}.

	Nothing is stored. Raises HandOffError where the request is not waiting, and what ERPNext has against the order.
	"""
	acceptance.require_order_desk()
	request = frappe.get_doc("Sales Order Request", name)
	if request.docstatus != 1 or agreement.order_of(request):
		frappe.throw(
			_("Order request {0} is {1} and can't be accepted").format(bold(name), _(request.status)),
			hand_off.HandOffError,
		)
	hand_off.check_delivery_dates(request)
	order, notes = _made(request)
	missing = {row.name for row in native_order.rows_without_day(request)}
	usual = native_order.usual_delivery_date(request.company)
	return {
		"customer": request.customer_name or request.customer,
		"company": request.company,
		"currency": order.currency,
		"company_currency": frappe.get_cached_value("Company", request.company, "default_currency"),
		"net": flt(order.net_total),
		"taxes": flt(order.total_taxes_and_charges),
		"total": flt(order.rounded_total or order.grand_total),
		"will_submit": approvals.submits_orders(),
		"delivery_date": str(usual) if missing else None,
		"rows": _rows(request, order, missing),
		"assumed": _assumed(request, order),
		"notes": notes,
		"credit": _credit(request, order),
	}


def _made(request) -> tuple:
	"""The order, unsaved, and what is said while it is made."""
	before = len(frappe.local.message_log)
	order = native_order.make(request)
	said = frappe.local.message_log[before:]
	del frappe.local.message_log[before:]
	return order, [_text(message) for message in said]


def _text(message) -> str:
	"""15 keeps messages as JSON in some releases, as dicts in others."""
	if isinstance(message, str):
		message = json.loads(message)
	return message.get("message") or ""


def _rows(request, order, missing: set[str]) -> list[dict]:
	rows = list(order.items)
	places = [(row.item_code, row.warehouse or None) for row in rows]
	needs = availability.needs_of(places)
	free = availability.free_stock(availability.places_of(needs), order.company)
	short = readiness.shortages(
		[(needs[place], flt(row.stock_qty or row.qty)) for place, row in zip(places, rows, strict=True)], free
	)
	return [
		{
			"idx": row.idx,
			"item": row.item_name or row.item_code,
			"qty": flt(row.qty),
			"uom": row.uom,
			"delivery_date": str(row.delivery_date),
			"assumed": row.crm_request_item in missing,
			"warehouse": row.warehouse,
			"free": free.get(place),
			"stock_uom": row.stock_uom or row.uom,
			"short": lacking,
		}
		for row, place, lacking in zip(rows, places, short, strict=True)
	]


def _assumed(request, order) -> list[dict]:
	"""Fields that the request leaves empty and the order has."""
	return [
		{"label": _(order.meta.get_label(field)), "value": order.get(field)}
		for field in LEFT_OPEN
		if order.get(field) and not request.get(field) and order.meta.has_field(field)
	]


def _credit(request, order) -> dict | None:
	found = availability.credit_of(request.customer, request.company)
	if not found:
		return None
	total = flt(order.base_rounded_total or order.base_grand_total)
	over = readiness.over_limit(found["limit"], found["used"], total)
	return {**found, "over": flt(over, frappe.new_doc("Sales Order").precision("base_grand_total"))}

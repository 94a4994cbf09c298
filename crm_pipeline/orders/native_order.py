"""The native Sales Order: made from an accepted request, watched afterwards."""

import contextlib
from datetime import date

import frappe
from frappe.model.mapper import get_mapped_doc
from frappe.query_builder.functions import Sum
from frappe.utils import add_days, flt, getdate

from crm_pipeline.chain import extensions, graph
from crm_pipeline.core import remaining as rules
from crm_pipeline.core.chain import Ref
from crm_pipeline.erp import (
	coupons,
	form_values,
	holidays,
	payment_schedule,
	prices,
	pricing_rules,
	quoted,
	request_orders,
	usable,
)
from crm_pipeline.erp.same_named import carry_same_named, copy_row, keep_levels
from crm_pipeline.orders import fixed_charges, sales_team
from crm_pipeline.user_day import user_today

AGREED_FIELDS = (
	"customer", "company", "currency", "conversion_rate", "selling_price_list", "po_no", "po_date", "tax_category",
	"customer_address", "shipping_address_name", "contact_person", "set_warehouse", "apply_discount_on",
	"additional_discount_percentage", "discount_amount", "tc_name", "terms",
)  # fmt: skip


def make(request) -> "frappe.model.document.Document":
	"""An unsaved Sales Order for a request: what was agreed as agreed, ERPNext's defaults for what is open."""
	quotation = _quotation_behind(request)
	order = _from_quotation(request, quotation) if quotation else _from_request(request)
	order.flags.ignore_permissions = False
	graph.set_source(order, Ref(request.doctype, request.name))
	order.crm_request_key = request.name
	carry_same_named(request, order)
	order.project = order.project or _erp_project(request)
	usable.leave_out_unusable(order)
	payment_schedule.carry(request, order, order.transaction_date)
	form_values.fill(order, mapped=bool(quotation))
	sales_team.fill(request, order)
	if quotation:
		fixed_charges.share(request, order, quotation)
		coupons.use_once(order, quotation)
	order.run_method("calculate_taxes_and_totals")
	if not (quotation or request.contract):
		# A quotation has asked the pricing rules already, and a contract says all that was agreed.
		pricing_rules.apply(order)
	keep_levels(order)
	extensions.run("crm_pipeline_sales_order", sales_order=order, request=request)
	return order


def _erp_project(request) -> str | None:
	"""ERPNext's Project behind the sales project that a request came from, where ERPNext takes it: of this customer."""
	names = [ref.name for ref in graph.ancestors(request.doctype, request.name) if ref.doctype == "Sales Project"]
	found = frappe.get_all(
		"Sales Project", filters={"name": ("in", names or [""])}, pluck="erp_project", order_by="name asc"
	)
	projects = {project for project in found if project}
	if len(projects) != 1:
		return None
	wanted = {"name": projects.pop(), "company": request.company, "customer": ("in", (request.customer, "", None))}
	return frappe.db.get_value("Project", wanted, "name")


def _quotation_behind(request) -> str | None:
	"""The one quotation that rows come from, whatever was added to them; ERPNext's own mapper must make the order then."""
	name = quoted.behind(request)
	return name if name and frappe.db.get_value("Quotation", name, "docstatus") == 1 else None


def _from_quotation(request, quotation: str):
	order = _mapped(request, quotation)
	mapped = {row.quotation_item: row for row in order.items}
	# ERPNext's mapper passes over what was ordered once, though what a closed order left is free again, and a contract may
	# have agreed more (open_quantities.py).
	passed_over = _quoted_taxes({row.quotation_item for row in request.items if row.quotation_item} - set(mapped))
	order.items = []
	for row in request.items:
		target = mapped.pop(row.quotation_item, None)
		values = target.as_dict(no_default_fields=True) if target else dict(passed_over.get(row.quotation_item, {}))
		values.update(dict.fromkeys(("prevdoc_docname", "quotation_item")))
		values.update(_row_values(request, row))
		order.append("items", values)
	for gift in mapped.values():
		# Free items that nobody ordered yet go with the first order.
		if gift.is_free_item:
			values = gift.as_dict(no_default_fields=True)
			order.append("items", {**values, "delivery_date": order.items[0].delivery_date})
	_set_agreed(request, order)
	return order


def _mapped(request, quotation: str):
	"""The order that ERPNext's own mapper makes of a quotation. It looks at every row, so where one that is not asked
	for can't be sold any more, the rows that are asked for are mapped alone."""
	asked = {row.quotation_item for row in request.items}
	if usable.any_unsold(quotation, leave_out=asked):
		rows = {"doctype": "Sales Order Item", "condition": lambda row: row.name in asked}
		taxes = {"doctype": "Sales Taxes and Charges", "reset_value": True}
		tables = {"Quotation": {"doctype": "Sales Order"}, "Quotation Item": rows, "Sales Taxes and Charges": taxes}
		tables["Quotation Item"]["field_map"] = {"parent": "prevdoc_docname", "name": "quotation_item"}
		return get_mapped_doc("Quotation", quotation, tables)
	# Whether it is still valid was decided when sales asked, or by the contract, which stands on its own.
	in_time = request.contract or _was_valid(quotation, request.requested_on)
	with _selected(quotation, asked):
		return quoted.order_of(quotation, in_time)


def _quoted_taxes(rows: set[str]) -> dict[str, dict]:
	"""{row: its item tax template} of rows of a quotation that somebody gave one."""
	filters = {"name": ("in", sorted(rows)), "item_tax_template": ("is", "set")}
	found = rows and frappe.get_all(
		quoted.ITEMS, filters=filters, fields=["name", "item_tax_template"], order_by="name asc"
	)
	return {row.name: {"item_tax_template": row.item_tax_template} for row in found or ()}


@contextlib.contextmanager
def _selected(quotation: str, asked: set[str]):
	"""Tell ERPNext's mapper which alternatives were chosen, as its own dialog does."""
	rows = quoted.rows_of({quotation})
	if not any(name in rows and rows[name].is_alternative for name in asked):
		yield
		return
	before = frappe.flags.get("args")
	frappe.flags.args = frappe._dict(selected_items=[{"name": name} for name in sorted(filter(None, asked))])
	try:
		yield
	finally:
		if before is None:
			frappe.flags.pop("args", None)
		else:
			frappe.flags.args = before


def _was_valid(quotation: str, on) -> bool:
	valid_till = frappe.db.get_value("Quotation", quotation, "valid_till")
	return not valid_till or getdate(on) <= getdate(valid_till)


def _from_request(request):
	order = frappe.new_doc("Sales Order")
	order.transaction_date = str(user_today())
	order.selling_price_list = prices.default_price_list(request.customer)
	_set_agreed(request, order)
	for row in request.items:
		order.append("items", _row_values(request, row))
	return order


def _set_agreed(request, order) -> None:
	for field in AGREED_FIELDS:
		if request.get(field) not in (None, ""):
			order.set(field, request.get(field))
	if request.taxes_and_charges and request.taxes_and_charges != order.taxes_and_charges:
		order.taxes_and_charges, order.taxes = request.taxes_and_charges, []
	if order.selling_price_list:
		# ERPNext would ask a rate service for the list's currency; the agreed rate is the answer.
		if frappe.get_cached_value("Price List", order.selling_price_list, "currency") == order.currency:
			order.plc_conversion_rate = order.conversion_rate
	order.ignore_pricing_rule = 1
	order.delivery_date = max(delivery_date(request, row) for row in request.items)


def delivery_date(request, row) -> date:
	"""As asked for in the row or the request, else what the order desk says, else the usual day."""
	asked = row.delivery_date or request.delivery_date or request.flags.get("delivery_date")
	return getdate(asked) if asked else usual_delivery_date(request.company)


def usual_delivery_date(company: str) -> date:
	"""After as many days as the settings say; where the company has a holiday list, the first working day from then on."""
	days = frappe.db.get_single_value("CRM Pipeline Settings", "default_delivery_days") or 0
	day, calendar = getdate(add_days(user_today(), days)), holidays.calendar_of(company)
	return calendar.working_day_from(day) if calendar else day


def rows_without_day(request) -> list:
	"""The rows for which nobody has asked for a delivery date."""
	return [row for row in request.items if not (row.delivery_date or request.delivery_date)]


def _row_values(request, row) -> dict:
	values = copy_row(row, "Sales Order Item")
	linked = bool(row.quotation_item) and _fits_quotation(row)
	values.update(
		{
			"delivery_date": delivery_date(request, row),
			"warehouse": row.warehouse or request.set_warehouse or None,
			"stock_qty": row.stock_qty,
			"crm_request_item": row.name,
			"prevdoc_docname": row.quotation if linked else None,
			"quotation_item": row.quotation_item if linked else None,
			"margin_type": None,
			"margin_rate_or_amount": 0,
			"pricing_rules": None,
			"discount_amount": max(flt(row.price_list_rate) - flt(row.rate), 0.0) if row.price_list_rate else 0.0,
		}
	)
	return {key: value for key, value in values.items() if value is not None or key in ("pricing_rules", "margin_type")}


def _fits_quotation(row) -> bool:
	"""Whether the quotation still covers a row. A contract may have agreed more than was quoted; ERPNext
	refuses an order beyond its quotation, so such a row answers to the contract alone."""
	quoted = flt(frappe.db.get_value("Quotation Item", row.quotation_item, "stock_qty"))
	ordered = frappe.qb.DocType("Sales Order Item")
	sold = (
		frappe.qb.from_(ordered)
		.select(Sum(ordered.stock_qty))
		.where((ordered.quotation_item == row.quotation_item) & (ordered.docstatus == 1))
	).run()[0][0]
	return flt(sold) + flt(row.stock_qty) <= quoted + rules.TOLERANCE


def amends_order_of(order, request: str) -> bool:
	"""Whether an order amends one that was made for this request."""
	if not order.get("amended_from"):
		return False
	earlier = frappe.db.get_value("Sales Order", order.amended_from, ["crm_source_type", "crm_source_name"])
	return earlier == ("Sales Order Request", request)


def answers(order, request) -> bool:
	"""Whether an order is about the same as a request: party, and every row with its item, quantity and price."""
	if (order.customer, order.company) != (request.customer, request.company):
		return False
	asked, digits = {row.name: row for row in request.items}, prices.order_digits("rate")
	for row in order.items:
		if row.is_free_item:
			continue
		wanted = asked.pop(row.crm_request_item, None)
		if not wanted or row.item_code != wanted.item_code:
			return False
		if abs(flt(row.stock_qty) - flt(wanted.stock_qty)) > rules.TOLERANCE or flt(row.rate - wanted.rate, digits):
			return False
	return not asked


def release(order: str) -> None:
	"""Take a draft order off the request that it only says to come from."""
	off = dict.fromkeys(("crm_source_type", "crm_source_name", "crm_request_key"))
	frappe.db.set_value("Sales Order", order, off, update_modified=False)


def last_order_of(doctype: str, name: str) -> str | None:
	"""The latest live Sales Order that came from a deal."""
	later = [ref.name for ref in graph.descendants(doctype, name) if ref.doctype == "Sales Order"]
	if not later:
		return None
	return frappe.db.get_value(
		"Sales Order",
		{"name": ("in", later), "docstatus": ("<", 2)},
		"name",
		order_by="creation desc",
	)


def live_order_of(request: str) -> str | None:
	"""The draft or submitted Sales Order of a request."""
	return request_orders.live_orders_of_requests({request}).get(request)

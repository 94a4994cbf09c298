"""Item rows of our documents: what may be sold, in which unit, at which price."""

import frappe
from frappe import _
from frappe.utils import cint, flt, formatdate, getdate

from crm_pipeline.chain import clean_html, row_changes
from crm_pipeline.core import pricing
from crm_pipeline.erp import prices
from crm_pipeline.wording import bold


def check_rows(doc) -> None:
	"""Raise ValidationError, with row and field, for an item that can't be sold, as it may have become since it was entered."""
	for row in doc.items:
		check_row(row)
		end = frappe.get_cached_value("Item", row.item_code, "end_of_life")
		if end and getdate(end) <= getdate():
			what = _("{0} reached the end of its life on {1}").format(bold(row.item_code), formatdate(end))
			_row_error(row, "item_code", what)
	check_whole_units(doc)


def check_whole_units(doc) -> None:
	"""Raise ValidationError for a part of a unit that is sold as a whole only, be it the stock unit that it comes to: no
	native document could take the row."""
	for row in doc.items:
		for unit, field in (("uom", "qty"), ("stock_uom", "stock_qty")):
			qty, uom = flt(row.get(field), row.precision(field)), row.get(unit)
			if qty != cint(qty) and uom and frappe.get_cached_value("UOM", uom, "must_be_whole_number"):
				_row_error(row, "qty", _("{0} of unit {1} is not a whole number").format(qty, bold(_(uom))))


def leave_out_unquantified(doc, source) -> None:
	"""Take the rows off a contract or request that its quotation has for their price alone, without a quantity: an agreement is
	about quantities. The user gets a message; raises ValidationError where nothing else is left."""
	bare = unquantified(doc)
	if bare and len(bare) == len(doc.items):
		frappe.throw(
			_("No row of {0} {1} has a quantity. Make the {2} by hand and enter the quantities.").format(
				_(source.doctype), bold(source.name), _(doc.doctype)
			),
			title=_("No Quantities"),
		)
	tell_left_out(bare)
	doc.items = [row for row in doc.items if row not in bare]
	for idx, row in enumerate(doc.items, start=1):
		row.idx = idx


def unquantified(doc) -> list:
	return [row for row in doc.items if not flt(row.qty, row.precision("qty"))]


def tell_left_out(bare: list) -> None:
	"""Tell the user which rows were left out because they have no quantity."""
	lines = [_("Row {0}: {1} has no quantity and was left out").format(row.idx, bold(row.item_code)) for row in bare]
	if lines:
		frappe.msgprint("<br>".join(lines), title=_("No Quantities"), indicator="orange")


def check_repeated(doc) -> None:
	"""Raise ValidationError for an item that comes again where Selling Settings allow each once: no native document could
	take the row."""
	if cint(frappe.db.get_single_value("Selling Settings", "allow_multiple_items")):
		return
	seen = set()
	for row in doc.items:
		key = (row.item_code, row.get("description") or "", row.get("warehouse") or "")
		if key in seen:
			what = _("{0} is in an earlier row. Selling Settings allow an item once: put both into one row.")
			_row_error(row, "item_code", what.format(bold(row.item_code)))
		seen.add(key)


def check_row(row) -> None:
	"""Clear errors for an item row, with its number and the field."""
	if not row.item_code:
		_row_error(row, "item_code", _("is missing"))
	item = frappe.get_cached_value("Item", row.item_code, ["disabled", "has_variants", "is_sales_item"], as_dict=True)
	if not item:
		_row_error(row, "item_code", _("{0} does not exist").format(bold(row.item_code)))
	if item.disabled:
		_row_error(row, "item_code", _("{0} is disabled").format(bold(row.item_code)))
	if item.has_variants:
		_row_error(row, "item_code", _("{0} is a template, choose one of its variants").format(bold(row.item_code)))
	if not item.is_sales_item:
		_row_error(row, "item_code", _("{0} is not a sales item").format(bold(row.item_code)))
	if flt(row.qty, row.precision("qty")) <= 0:
		_row_error(row, "qty", _("must be more than zero"))
	for field in ("rate", "price_list_rate", "cost_rate"):
		if flt(row.get(field)) < 0:
			_row_error(row, field, _("must not be negative"))
	if not 0 <= flt(row.get("discount_percentage")) <= 100:
		_row_error(row, "discount_percentage", _("must be between 0 and 100"))


def _row_error(row, field: str, message: str) -> None:
	frappe.throw(
		_("Row {0}: {1} {2}").format(row.idx, bold(_(row.meta.get_label(field))), message),
		title=_("Please Check the Items"),
	)


def warn_unpriced(doc) -> None:
	"""Say which rows are sold for nothing because no price list knows them; a discount of 100 % is somebody's choice, and
	so is the tick."""
	rows = [
		row
		for row in doc.get("items") or []
		if not (flt(row.rate) or flt(row.price_list_rate) or row.get("is_free") or row_changes.price_is_agreed(row))
	]
	if rows and not doc.flags.history_import:
		lines = [_("Row {0}: {1} has no price. Enter its rate.").format(row.idx, bold(row.item_code)) for row in rows]
		frappe.msgprint("<br>".join(lines), title=_("No Price"), indicator="orange", alert=True)


def complete_units(row) -> None:
	"""Item name, unit and its conversion to the stock unit."""
	stock_uom, sales_uom, item_name = frappe.get_cached_value(
		"Item", row.item_code, ["stock_uom", "sales_uom", "item_name"]
	)
	row.stock_uom = stock_uom
	row.item_name = row.item_name or clean_html.copied(item_name)
	row.uom = row.uom or sales_uom or stock_uom
	if row.uom == stock_uom:
		row.conversion_factor = 1.0
	elif flt(row.conversion_factor) <= 0 or (flt(row.conversion_factor) == 1 and row.is_new()):
		row.conversion_factor = prices.unit_factor(row.item_code, row.uom)


def complete_row(doc, row) -> None:
	"""Live price where none was entered, amounts."""
	unpriced = row.rate is None or (row.is_new() and not flt(row.rate) and not flt(row.price_list_rate))
	if row.get("is_free") and flt(row.rate):
		# A price was entered since.
		row.is_free = 0
	if unpriced and not row.get("is_free") and not row_changes.price_is_agreed(row):
		found = {k: v for k, v in prices.list_price(doc, row).items() if v or k == "rate"}
		if row.is_new() and flt(row.price_list_rate):
			# Somebody typed the list price, too: a rule's discount comes off that one.
			found.update({"rate": 0.0, "price_list_rate": row.price_list_rate})
		if flt(row.discount_percentage):
			# The discount that somebody typed comes off the list price, whatever a pricing rule would give.
			found.update({"rate": 0.0, "discount_percentage": row.discount_percentage})
		row.update(found)
	# ERPNext rounds these before it multiplies; the amount must come out the same.
	digits = {field: prices.digits_of(row, field) for field in ("qty", "rate", "price_list_rate")}
	for field, precision in digits.items():
		row.set(field, flt(row.get(field), precision))
	priced = pricing.price_line(
		pricing.Line(
			qty=flt(row.qty),
			rate=flt(row.rate),
			price_list_rate=flt(row.price_list_rate),
			discount_percentage=flt(row.discount_percentage),
			conversion_factor=flt(row.conversion_factor) or 1.0,
		),
		flt(doc.get("conversion_rate")) or 1.0,
		row.precision("amount"),
		row.precision("base_amount"),
		rounding=flt,
		rate_precision=digits["rate"],
	)
	row.update(
		{
			"rate": priced.rate,
			"discount_percentage": priced.discount_percentage,
			"amount": priced.amount,
			"base_amount": priced.base_amount,
			"stock_qty": priced.stock_qty,
		}
	)

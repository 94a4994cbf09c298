"""What a document of ours comes to where tax is in its prices or its discount is on the grand total.

ERPNext works it out, on a Sales Order that nobody saves: the tax templates of items, taxes on taxes and all its
roundings are its own business. Which taxes those are is decided here, as for the order itself: those of the
quotation that rows come from; else the template chosen in the document; else the tax rule of the customer or
the default template of the company.
"""

import frappe
from frappe.utils import flt

from crm_pipeline.core.pricing import Totals
from crm_pipeline.erp import form_values, prices, quoted

TEMPLATE = "Sales Taxes and Charges Template"
ITEM_TAX = "erpnext.stock.get_item_details.get_item_tax_template"
AGREED = (
	"customer", "company", "currency", "conversion_rate", "selling_price_list", "tax_category", "taxes_and_charges",
	"customer_address", "shipping_address_name", "apply_discount_on", "additional_discount_percentage",
	"discount_amount",
)  # fmt: skip
OF_ROW = ("item_code", "qty", "uom", "conversion_factor", "stock_qty", "price_list_rate", "discount_percentage", "rate")


def totals_of(doc) -> Totals | None:
	"""The totals of a deal, contract or request as its Sales Order will have them; None where `core.pricing.totals`
	says the same, because tax comes on top and the discount is on the net total."""
	if not doc.get("items"):
		return None
	quotation = _quotation_behind(doc)
	on_grand_total = doc.get("apply_discount_on") == "Grand Total" and (
		flt(doc.additional_discount_percentage) or flt(doc.discount_amount)
	)
	if not (on_grand_total or _includes_tax(quotation) or _company_includes_tax(doc)):
		return None
	order = _unsaved_order(doc, quotation)
	if not (on_grand_total or _includes_tax(order)):
		return None
	_calculate(order)
	return Totals(
		total=order.total,
		discount=flt(order.discount_amount),
		net=order.net_total,
		base_total=order.base_total,
		base_net=order.base_net_total,
	)


def taxes_of(doc) -> dict:
	"""{"taxes": [{"description", "amount"}], "grand_total"} of a contract or request as its Sales Order will have them, in
	the document's currency, for its print; tax that is in the prices is in no line of its own."""
	if not doc.get("items"):
		return {"taxes": [], "grand_total": 0.0}
	order = _unsaved_order(doc, _quotation_behind(doc))
	_calculate(order)
	lines = [
		{"description": row.description, "amount": flt(row.tax_amount_after_discount_amount)}
		for row in order.get("taxes") or []
		if row.tax_amount_after_discount_amount and not row.included_in_print_rate
	]
	return {"taxes": lines, "grand_total": flt(order.rounded_total or order.grand_total)}


def priced_order(doc):
	"""The Sales Order that a contract or request would become, unsaved, with the warehouses that its rows would get and the
	rates after all discounts."""
	order = _unsaved_order(doc, _quotation_behind(doc))
	order.ignore_pricing_rule = 1
	order.run_method("set_missing_values")
	_calculate(order)
	return order


def _calculate(order) -> None:
	"""Once more where item tax templates bring taxes that no other template has: ERPNext knows their rates by then."""
	order.run_method("calculate_taxes_and_totals")
	if any(row.item_tax_template for row in order.items):
		before = len(order.taxes)
		order.run_method("append_taxes_from_item_tax_template")
		if len(order.taxes) > before:
			order.run_method("calculate_taxes_and_totals")


def _quotation_behind(doc):
	name = quoted.behind(doc)
	return frappe.get_doc("Quotation", name) if name and frappe.db.exists("Quotation", name) else None


def _includes_tax(native) -> bool:
	return bool(native) and any(row.get("included_in_print_rate") for row in native.get("taxes") or [])


def _company_includes_tax(doc) -> bool:
	"""Whether any template that the document could get has tax in the price: most companies have none."""
	names = frappe.get_all(
		TEMPLATE, filters={"company": doc.company, "disabled": 0}, pluck="name", order_by="name asc", limit=0
	)
	chosen = doc.get("taxes_and_charges")
	return any(
		_includes_tax(frappe.get_cached_doc(TEMPLATE, name)) for name in ([chosen] if chosen in names else names)
	)


def _unsaved_order(doc, quotation):
	order = frappe.new_doc("Sales Order")
	order.transaction_date = doc.get("transaction_date") or doc.get("contract_date") or frappe.utils.nowdate()
	order.update({field: doc.get(field) for field in AGREED if doc.get(field) not in (None, "")})
	order.conversion_rate = flt(order.conversion_rate) or 1.0
	order.selling_price_list = order.selling_price_list or prices.default_price_list(doc.get("customer"))
	for row in doc.items:
		order.append("items", {field: row.get(field) for field in OF_ROW})
	if quotation and doc.get("taxes_and_charges") in (None, "", quotation.taxes_and_charges):
		order.taxes_and_charges = quotation.taxes_and_charges
		ratio = quoted.in_currency_of(quotation, order)
		for row in quotation.taxes:
			values = row.as_dict(no_default_fields=True)
			if values.charge_type == "Actual" and ratio != 1:
				values.tax_amount = flt(values.tax_amount) * ratio
			order.append("taxes", values)
	if doc.get("customer"):
		form_values.fill_party(order, doc.customer)
	form_values.fill_taxes(order, doc.get("customer"))
	_set_item_taxes(order, _quoted_item_taxes(doc, quotation))
	return order


def _quoted_item_taxes(doc, quotation) -> dict[int, str | None]:
	"""{row number: item tax template of the quoted row that it came from}: somebody may have chosen another one there."""
	quoted_rows = {row.name: row.get("item_tax_template") for row in quotation.items} if quotation else {}
	names = [row.get("quotation_item") for row in doc.items]
	return {n: quoted_rows[name] for n, name in enumerate(names) if name in quoted_rows}


def _set_item_taxes(order, chosen: dict[int, str | None]) -> None:
	template_of = frappe.get_attr(ITEM_TAX)
	for n, row in enumerate(order.items):
		if n in chosen:
			row.item_tax_template = chosen[n]
			continue
		asked = {
			"item_code": row.item_code,
			"company": order.company,
			"tax_category": order.tax_category,
			"transaction_date": order.transaction_date,
			"base_net_rate": flt(row.rate) * order.conversion_rate,
		}
		row.item_tax_template = template_of(frappe._dict(asked), frappe.get_cached_doc("Item", row.item_code))
	order.run_method("append_taxes_from_item_tax_template")

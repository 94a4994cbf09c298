"""Prices, units and currencies as ERPNext sees them."""

import frappe
from frappe import _
from frappe.utils import flt, nowdate

from crm_pipeline.erp import pricing_rules
from crm_pipeline.wording import bold


def company_currency(company: str) -> str:
	return frappe.get_cached_value("Company", company, "default_currency")


def exchange_rate(currency: str, company: str, date: str | None = None) -> float:
	"""One unit of `currency` in company currency. Raises ValidationError where ERPNext knows no rate.

	ERPNext may ask a rate service over the network: call this before locking anything.
	"""
	from erpnext.setup.utils import get_exchange_rate

	own = company_currency(company)
	if currency == own:
		return 1.0
	rate = flt(get_exchange_rate(currency, own, date or nowdate(), "for_selling"))
	if not rate:
		frappe.throw(
			_(
				"There is no exchange rate from {0} to {1}. Enter it in the Exchange Rate field or add a Currency Exchange."
			).format(bold(currency), bold(own)),
			title=_("Exchange Rate Missing"),
		)
	return rate


def default_price_list(customer: str | None) -> str | None:
	"""The customer's price list, that of its group, or the one in Selling Settings."""
	if customer:
		own, group = frappe.get_cached_value("Customer", customer, ["default_price_list", "customer_group"])
		if own:
			return own
		group_list = group and frappe.get_cached_value("Customer Group", group, "default_price_list")
		if group_list:
			return group_list
	return frappe.db.get_single_value("Selling Settings", "selling_price_list")


def unit_factor(item_code: str, uom: str) -> float:
	"""How many stock units one `uom` of the item is. 1 where ERPNext knows no conversion."""
	from erpnext.stock.get_item_details import get_conversion_factor

	return flt(get_conversion_factor(item_code, uom).get("conversion_factor")) or 1.0


def digits_of(row, field: str) -> int:
	"""Decimals of a row's price or quantity: those of a Sales Order where they are more, so that nothing that was quoted is
	rounded on its way there."""
	return max(row.precision(field), order_digits(field))


def order_digits(field: str) -> int:
	return frappe.new_doc("Sales Order Item").precision(field)


def list_price(doc, row) -> dict:
	"""Live price of one row: {"price_list_rate", "discount_percentage", "rate"}, pricing rules included, and the
	unit it holds for: {"uom", "conversion_factor"}.

	Needs a company, a currency and a price list on `doc`; answers an empty dict without them.
	"""
	from erpnext.stock.get_item_details import get_item_details

	price_list = doc.get("selling_price_list") or default_price_list(doc.get("customer"))
	if not (price_list and doc.get("company") and doc.get("currency")):
		return {}
	list_currency = frappe.get_cached_value("Price List", price_list, "currency")
	own = company_currency(doc.company)
	day = doc.get("transaction_date") or doc.get("contract_date") or nowdate()
	details = get_item_details(
		frappe._dict(
			doctype="Quotation",
			item_code=row.item_code,
			company=doc.company,
			customer=doc.get("customer"),
			currency=doc.currency,
			conversion_rate=flt(doc.get("conversion_rate")) or exchange_rate(doc.currency, doc.company, day),
			price_list=price_list,
			selling_price_list=price_list,
			price_list_currency=list_currency,
			plc_conversion_rate=1.0 if list_currency == own else exchange_rate(list_currency, doc.company, day),
			qty=row.qty,
			uom=row.get("uom"),
			conversion_factor=row.get("conversion_factor"),
			transaction_date=day,
			ignore_pricing_rule=0,
		),
		*filter(None, [pricing_rules.around(doc)]),
	)
	list_rate = flt(details.get("price_list_rate"))
	rate, discount = _ruled(details, list_rate)
	return {
		"price_list_rate": list_rate,
		"discount_percentage": discount,
		"rate": rate,
		"uom": details.get("uom"),
		"conversion_factor": flt(details.get("conversion_factor")) or 1.0,
	}


def _ruled(details: dict, list_rate: float) -> tuple[float, float]:
	"""(rate, discount in percent of the list price) as the pricing rules make them of it: their margin, then their discount."""
	margin, discount = flt(details.get("margin_rate_or_amount")), flt(details.get("discount_percentage"))
	by_percent = details.get("margin_type") == "Percentage"
	rate = list_rate + (list_rate * margin / 100 if by_percent else margin)
	if discount:
		return rate * (1 - discount / 100), discount
	rate -= flt(details.get("discount_amount"))
	below = list_rate and max(0.0, (1 - rate / list_rate) * 100)
	return rate, flt(below, 6)

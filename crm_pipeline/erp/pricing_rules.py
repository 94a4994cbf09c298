"""What ERPNext's pricing rules do beyond the price of a row by itself: rules that look at the rows around it, free items,
and a discount on the whole."""

import frappe
from frappe.utils import flt

# Where ERPNext applies its rules to a document.
NATIVE = "erpnext.accounts.doctype.pricing_rule.utils"

ON = {"disable": 0, "selling": 1}

PARTY = ("company", "customer", "currency", "conversion_rate", "selling_price_list")
ORDER_FIELDS = (
	*PARTY, "customer_group", "territory", "price_list_currency", "plc_conversion_rate", "transaction_date",
)  # fmt: skip
ROW_FIELDS = ("item_code", "qty", "stock_qty", "uom", "conversion_factor", "warehouse", "price_list_rate", "rate")


def around(doc):
	"""A document of ours as an unsaved Quotation, for rules that look at all of its rows; None where the site has none."""
	if not are_used() or not _any({"is_recursive": 1, "mixed_conditions": 1, "is_cumulative": 1}):
		return None
	rows = [{field: row.get(field) for field in ROW_FIELDS} for row in doc.get("items") or []]
	return frappe.get_doc({"doctype": "Quotation", **{field: doc.get(field) for field in PARTY}, "items": rows})


def apply(order) -> None:
	"""Add to an unsaved Sales Order the free items and the discount that its form would add; the prices of its rows stay
	as they are, and so does a discount that was agreed."""
	if not _any({"price_or_product_discount": "Product", "apply_on": "Transaction"}):
		return
	for row in list(order.items):
		frappe.get_attr(f"{NATIVE}.apply_pricing_rule_for_free_items")(order, _gifts(order, row))
	if not (flt(order.additional_discount_percentage) or flt(order.discount_amount)):
		frappe.get_attr(f"{NATIVE}.apply_pricing_rule_on_transaction")(order)
	for row in order.items:
		row.delivery_date = row.delivery_date or order.delivery_date
	order.run_method("calculate_taxes_and_totals")


def are_used() -> bool:
	"""Whether any rule for selling is on."""
	return bool(frappe.db.exists("Pricing Rule", ON))


def _any(either: dict) -> bool:
	"""Whether a rule for selling is on that has one of these."""
	return any(frappe.db.exists("Pricing Rule", {**ON, field: value}) for field, value in either.items())


def _gifts(order, row) -> list[dict]:
	"""The free items that the rules give for a row."""
	from erpnext.stock.get_item_details import get_item_details

	asked = {
		**{field: order.get(field) for field in ORDER_FIELDS},
		**{field: row.get(field) for field in ROW_FIELDS},
		"doctype": order.doctype,
		"price_list": order.selling_price_list,
		"ignore_pricing_rule": 0,
	}
	return get_item_details(frappe._dict(asked), order).get("free_item_data") or []

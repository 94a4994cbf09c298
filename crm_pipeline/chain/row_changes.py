"""What follows from a changed item row. A form does this while somebody types; the API, an import and a script send
the changed field alone, so it is done again on save. What was sent together with the change stands.
"""

from frappe.utils import flt

from crm_pipeline.erp import prices, pricing_rules

PRICE = ("rate", "price_list_rate")
PRICED = (*PRICE, "discount_percentage")

# What a list price depends on, beside the row itself and the currency.
PRICED_BY = ("selling_price_list", "transaction_date", "contract_date")


def price_is_agreed(row) -> bool:
	"""Prices of a contract hold for its requests, those of a quotation for both, also where they are zero."""
	return bool(row.get("contract_item") or row.get("quotation_item"))


def lost_its_rows(doc) -> bool:
	"""Whether the last item row was just removed and nobody entered an amount instead."""
	before = doc.get_doc_before_save()
	return bool(before and before.get("items") and flt(before.amount) == flt(doc.amount))


def follow_currency(doc) -> None:
	"""An additional discount that is an amount keeps its worth when the currency changes."""
	before = doc.get_doc_before_save()
	if not before or before.currency == doc.currency or not doc.get("discount_amount"):
		return
	if not flt(doc.additional_discount_percentage) and flt(before.discount_amount) == flt(doc.discount_amount):
		ratio = (flt(before.conversion_rate) or 1.0) / (flt(doc.conversion_rate) or 1.0)
		doc.discount_amount = flt(flt(doc.discount_amount) * ratio, doc.precision("discount_amount"))


def follow_unit(doc, row) -> None:
	"""A factor belongs to its item and unit: that of another one is looked up."""
	old = _before(doc, row)
	same_factor = old and flt(row.conversion_factor) == flt(old.conversion_factor)
	if same_factor and (row.item_code, row.uom) != (old.item_code, old.uom):
		row.conversion_factor = 0.0


def follow_price(doc, row) -> None:
	"""Bring the price of a row that was there before in line with what else was changed of it."""
	old = _before(doc, row)
	if not old or any(flt(row.get(field)) != flt(old.get(field)) for field in PRICE):
		return
	before = doc.get_doc_before_save()
	if (row.item_code, row.uom) != (old.item_code, old.uom) and not price_is_agreed(row):
		_price_anew(doc, row, old)
	elif before.currency != doc.currency:
		_price_in_currency(doc, row, flt(before.conversion_rate) or 1.0)
	elif _is_priced_by_others(doc, before) and not price_is_agreed(row):
		_price_by_list(doc, before, row)
	elif flt(row.discount_percentage, 6) != flt(old.discount_percentage, 6) and flt(row.price_list_rate):
		# Without a rate the list price less discount is taken.
		row.rate = 0.0
	elif flt(row.qty) != flt(old.qty) and not price_is_agreed(row) and pricing_rules.are_used():
		_price_by_quantity(doc, before, row, old)


def _is_priced_by_others(doc, before) -> bool:
	"""Whether price list, customer or day became another one. A prospect that becomes its customer changes no price."""
	days = [(str(doc.get(field) or ""), str(before.get(field) or "")) for field in PRICED_BY]
	return any(one != other for one, other in days) or bool(before.get("customer") and before.customer != doc.customer)


def _price_by_list(doc, before, row) -> None:
	"""The list price that holds now, at the discount that somebody gave. A price that is on no list stays."""
	if not flt(row.price_list_rate):
		return
	found = prices.list_price(doc, row)
	if not flt(found.get("price_list_rate")):
		return
	if flt(found["price_list_rate"]) == flt(row.price_list_rate) and before.get("customer") == doc.get("customer"):
		return
	given = flt(row.discount_percentage, 6) != flt(prices.list_price(before, row).get("discount_percentage"), 6)
	row.price_list_rate = found["price_list_rate"]
	row.update({"rate": 0.0} if given else {k: found[k] for k in ("rate", "discount_percentage")})


def _price_by_quantity(doc, before, row, old) -> None:
	"""What pricing rules make of the new quantity, where they made the price of the old one."""
	ruled = prices.list_price(before, old)
	if flt(ruled.get("rate"), row.precision("rate")) == flt(old.rate, row.precision("rate")):
		row.update({field: value for field, value in prices.list_price(doc, row).items() if field in PRICED})


def _before(doc, row):
	before = doc.get_doc_before_save()
	return before and next((old for old in before.get("items") or [] if old.name == row.name), None)


def _price_anew(doc, row, old) -> None:
	"""The list price of another item or unit. Where there is none the rate stays as it was."""
	same_item = row.item_code == old.item_code
	if same_item and not flt(old.price_list_rate):
		return
	if not same_item and flt(row.discount_percentage, 6) == flt(old.discount_percentage, 6):
		row.discount_percentage = 0.0
	found = prices.list_price(doc, row)
	row.price_list_rate = flt(found.get("price_list_rate"))
	if row.price_list_rate:
		typed = flt(row.discount_percentage)
		row.update({"rate": 0.0} if typed else {k: found[k] for k in ("rate", "discount_percentage")})


def _price_in_currency(doc, row, old_conversion_rate: float) -> None:
	"""The list price in the new currency, at the discount there was. A price that is on no list keeps its worth."""
	ratio = old_conversion_rate / (flt(doc.conversion_rate) or 1.0)
	if flt(row.price_list_rate):
		listed = 0.0 if price_is_agreed(row) else flt(prices.list_price(doc, row).get("price_list_rate"))
		ratio = listed / flt(row.price_list_rate) if listed else ratio
	for field in PRICE:
		row.set(field, flt(flt(row.get(field)) * ratio, row.precision(field)))
	if flt(row.discount_percentage) and flt(row.price_list_rate):
		row.rate = 0.0

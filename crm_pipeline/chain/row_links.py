"""The hidden link of an item row to the row of the quotation that it came from.

It belongs to the item. Where another one is chosen it dies, or goes to the row of the same quotation that offers that
item as an alternative.
"""

from frappe.utils import flt

from crm_pipeline.erp import quoted

PRICE = ("uom", "conversion_factor", "price_list_rate", "discount_percentage", "rate")


def follow_items(doc) -> None:
	"""Part of validate() of contracts and requests, before their rows are priced; see also orders/agreement.py."""
	offers = quoted.rows_of({row.quotation for row in doc.items if row.quotation_item})
	for row in doc.items:
		offer = offers.get(row.quotation_item)
		if not offer or offer.item_code == row.item_code:
			continue
		chosen = _alternative(offer, row.item_code, offers)
		row.quotation, row.quotation_item = (chosen.parent, chosen.name) if chosen else (None, None)
		if chosen and flt(row.rate) in {
			0.0,
			*(flt(o.get(f)) for o in (offer, chosen) for f in ("rate", "price_list_rate")),
		}:
			# Nobody typed a price for it: it costs what was quoted.
			row.update({field: chosen[field] for field in PRICE})


def _alternative(offer, item_code: str, offers: dict):
	"""The row that offers `item_code` in place of `offer`."""
	return next((offers[name] for name in offer.alternatives if offers[name].item_code == item_code), None)

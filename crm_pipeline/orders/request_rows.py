"""The rows of an order request: dates and warehouses that can work, prices and discounts as the contract has them."""

import frappe
from frappe import _
from frappe.utils import getdate

from crm_pipeline.orders import agreed_terms, hand_off
from crm_pipeline.wording import bold

# What a row of a contract has agreed; a request can't ask for anything else.
AGREED_IN_ROW = ("item_code", "uom", "conversion_factor", "price_list_rate", "discount_percentage", "rate")

# Where a contract's row came from goes along with it.
ORIGIN_OF_ROW = ("quotation", "quotation_item")

AGREED_DISCOUNT = ("apply_discount_on", "additional_discount_percentage", "discount_amount")


def check_dates(request) -> None:
	"""Raise, with the row, when something is to be delivered before it was ordered, here or by the customer."""
	for row in request.items:
		day = row.delivery_date or request.delivery_date
		for field in ("transaction_date", "po_date"):
			if not day or not request.get(field) or getdate(day) >= getdate(request.get(field)):
				continue
			frappe.throw(
				_("Row {0}: {1} is before {2}").format(
					row.idx,
					bold(_(row.meta.get_label("delivery_date"))),
					_(request.meta.get_label(field)),
				),
				title=_("Dates the Wrong Way Round"),
			)


def check_warehouses(request) -> None:
	"""Raise, with the row, unless each warehouse belongs to the company, is in use and no group."""
	for row in (request, *request.items):
		field = "set_warehouse" if row is request else "warehouse"
		name = row.get(field)
		if not name or _can_deliver(name, request.company):
			continue
		label = bold(_(row.meta.get_label(field)))
		if row is request:
			message = _("{0}: {1} is not a warehouse of Company {2} that can deliver").format(
				label, name, request.company
			)
		else:
			message = _("Row {0}: {1}: {2} is not a warehouse of Company {3} that can deliver").format(
				row.idx, label, name, request.company
			)
		frappe.throw(message, title=_("Wrong Warehouse"))


def _can_deliver(warehouse: str, company: str) -> bool:
	facts = frappe.get_cached_value("Warehouse", warehouse, ["company", "disabled", "is_group"], as_dict=True)
	# A warehouse that does not exist is reported by the link itself.
	return not facts or (facts.company == company and not (facts.disabled or facts.is_group))


def follow_currency(request) -> None:
	"""The contract's prices are in the contract's currency."""
	agreed = frappe.db.get_value("Sales Contract", request.contract, ["currency", "conversion_rate"], as_dict=True)
	if agreed and request.currency != agreed.currency:
		request.update(agreed)


def follow_contract(request) -> None:
	"""Set item, unit and price of every row as agreed; raise HandOffError for a row that the contract does not have."""
	agreed = {
		row.origin_item: row
		for row in frappe.get_all(
			"Sales Contract Item",
			filters={"parent": request.contract},
			fields=["origin_item", *AGREED_IN_ROW, *ORIGIN_OF_ROW],
			order_by="idx asc",
			limit=0,
		)
	}
	for row in request.items:
		linked = agreed.get(row.contract_item)
		if linked and row.item_code and row.item_code != linked.item_code:
			# Another item was chosen: the link belongs to the one before.
			row.contract_item = None
		if not row.contract_item:
			row.contract_item = next((k for k, v in agreed.items() if v.item_code == row.item_code), None)
		if row.contract_item not in agreed:
			frappe.throw(
				_("Row {0}: {1} {2} is not in Contract {3}").format(
					row.idx, _("Item"), bold(row.item_code), request.contract
				),
				hand_off.HandOffError,
			)
		agreed_row = agreed[row.contract_item]
		row.update({field: agreed_row[field] for field in (*AGREED_IN_ROW, *ORIGIN_OF_ROW)})


def follow_discount(request) -> None:
	contract = frappe.get_doc("Sales Contract", request.contract)
	request.update({field: contract.get(field) for field in AGREED_DISCOUNT})
	agreed_terms.share_discount(contract, request)

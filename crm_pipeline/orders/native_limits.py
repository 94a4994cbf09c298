"""What ERPNext would refuse when the Sales Order is made, by the site's own Selling Settings: told before anybody agrees on it."""

import frappe
from frappe import _
from frappe.utils import cint, flt

from crm_pipeline.erp import native_totals, quoted
from crm_pipeline.orders.hand_off import HandOffError
from crm_pipeline.wording import bold, number

SETTINGS = "Selling Settings"
SEVERAL_ORDERS = "allow_against_multiple_purchase_orders"
# ERPNext lets less pass.
RATE_TOLERANCE = 0.01


def check_quoted_rates(doc) -> None:
	"""Raise, with the row, where a contract or request has another rate than its quotation and the site keeps them the same."""
	if not _keeps_rates():
		return
	offers = quoted.rows_of({row.quotation for row in doc.items if row.quotation_item})
	for row in doc.items:
		offer = offers.get(row.quotation_item)
		if offer and abs(flt(row.rate) - flt(offer.rate)) >= RATE_TOLERANCE:
			frappe.throw(
				_(
					"Row {0}: {1} costs {2} in Quotation {3}, and Selling Settings keep the rate of the quotation in its order. Amend the quotation first."
				).format(row.idx, bold(row.item_code), number(offer.rate), bold(offer.parent)),
				HandOffError,
				title=_("Another Rate Than Quoted"),
			)


def check_item_limits(doc) -> None:
	"""Raise, with the row, for a discount that its item does not allow, and for a rate that the site does not sell below."""
	for row in doc.items:
		most = flt(frappe.get_cached_value("Item", row.item_code, "max_discount"))
		if most and flt(row.discount_percentage) > most:
			frappe.throw(
				_("Row {0}: {1} allows a discount of {2}% at most, and this is {3}%").format(
					row.idx, bold(row.item_code), number(most), number(row.discount_percentage)
				),
				HandOffError,
				title=_("More Discount Than Allowed"),
			)
	if cint(frappe.db.get_single_value(SETTINGS, "validate_selling_price")):
		# What was paid for an item, and where it lies, is ERPNext's to know; so are the words.
		native_totals.priced_order(doc).run_method("validate_selling_price")


def _keeps_rates() -> bool:
	setting = frappe.get_cached_doc(SETTINGS)
	if not cint(setting.maintain_same_sales_rate) or setting.maintain_same_rate_action != "Stop":
		return False
	return setting.role_to_override_stop_action not in frappe.get_roles()


def check_purchase_order(request) -> None:
	"""Raise where the customer's purchase order has a Sales Order already and the site allows it one."""
	if not request.po_no or cint(frappe.db.get_single_value(SETTINGS, SEVERAL_ORDERS)):
		return
	same = {"customer": request.customer, "po_no": request.po_no, "docstatus": ("<", 2)}
	order = frappe.db.get_value("Sales Order", same, "name", order_by="creation asc")
	if order:
		setting = _(frappe.get_meta(SETTINGS).get_label(SEVERAL_ORDERS))
		frappe.throw(
			_(
				"Customer's Purchase Order {0} has Sales Order {1} already. Enter another number, or have {2} switched on in Selling Settings."
			).format(bold(request.po_no), bold(order), bold(setting)),
			HandOffError,
			title=_("One Order per Purchase Order"),
		)

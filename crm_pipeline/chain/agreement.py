"""What is found in the place of a document that is wanted must be about the same sale: source, party and items."""

import frappe
from frappe import _
from frappe.utils import flt

from crm_pipeline.core import remaining as rules
from crm_pipeline.erp import sales_order

# States of a request whose order was made, or named, by the order desk.
ACCEPTED = ("Accepted", "Delivered", "Completed")


class DisagreementError(frappe.ValidationError):
	"""There is a document already, and it is about something else."""


def order_of(request) -> str | None:
	"""The order that a request has become. A draft that somebody only typed in is none: it is taken off the request.
	Raises DisagreementError for one that has taken the place of the request's order and differs from what was asked."""
	name = sales_order.live_order_of(request.name)
	if not name or request.status in ACCEPTED:
		return name
	order = frappe.get_doc("Sales Order", name)
	if sales_order.answers(order, request):
		return name
	if order.docstatus == 0 and not sales_order.amends_order_of(order, request.name):
		sales_order.release(name)
		return None
	frappe.throw(
		_("Sales Order {0} answers for order request {1} with other items, quantities or prices. Submit or delete it first.").format(
			frappe.bold(name), frappe.bold(request.name)
		),
		DisagreementError,
		title=_("Another Order"),
	)


def refuse_other_offer(request, source) -> None:
	"""A request that is there already is ordered unseen only where it asks for the very items of its source, at their
	prices, and for nothing beside."""
	offered: dict[tuple, float] = {}
	for row in source.items:
		key = (row.item_code, flt(row.rate, 2))
		offered[key] = offered.get(key, 0.0) + flt(row.stock_qty or flt(row.qty) * flt(row.conversion_factor))
	for row in request.items:
		key = (row.item_code, flt(row.rate, 2))
		offered[key] = offered.get(key, 0.0) - flt(row.stock_qty)
	party = source.party_name if source.doctype == "Quotation" else source.customer
	if request.customer == party and request.company == source.company and min(offered.values()) >= -rules.TOLERANCE:
		return
	frappe.throw(
		_("Order request {0} of {1} {2} asks for something else than that. Look at it, then accept or delete it.").format(
			frappe.bold(request.name), _(source.doctype), source.name
		),
		DisagreementError,
		title=_("Another Request"),
	)

"""What is found in the place of a document that is wanted must be about the same sale: source, party and items."""

import frappe
from frappe import _
from frappe.utils import flt, fmt_money

from crm_pipeline.chain import contract_versions
from crm_pipeline.core import remaining as rules
from crm_pipeline.core import states
from crm_pipeline.erp import prices, quoted
from crm_pipeline.orders import native_order
from crm_pipeline.user_day import user_today
from crm_pipeline.wording import bold

# Amounts that differ by less are the same.
SAME_AMOUNT = 0.005
# States of a request whose order was made, or named, by the order desk.
ACCEPTED = states.REQUEST.names(states.WON)


class DisagreementError(frappe.ValidationError):
	"""There is a document already, and it is about something else."""


def order_of(request) -> str | None:
	"""The order that a request has become. A draft that somebody only typed in is none: it is taken off the request.
	Raises DisagreementError for one that has taken the place of the request's order and differs from what was asked."""
	name = native_order.live_order_of(request.name)
	if not name or request.status in ACCEPTED:
		return name
	order = frappe.get_doc("Sales Order", name)
	if native_order.answers(order, request):
		return name
	if order.docstatus == 0 and not native_order.amends_order_of(order, request.name):
		native_order.release(name)
		return None
	frappe.throw(
		_(
			"Sales Order {0} answers for order request {1} with other items, quantities or prices. Submit or delete it first."
		).format(bold(name), bold(request.name)),
		DisagreementError,
		title=_("Another Order"),
	)


def refuse_other_offer(request, source) -> None:
	"""A request that is there already is ordered unseen only where it asks for the very items of its source, at their
	prices, and for nothing beside."""
	offered: dict[tuple, float] = {}
	digits = prices.order_digits("rate")
	for row in source.items:
		key = (row.item_code, flt(row.rate, digits))
		offered[key] = offered.get(key, 0.0) + flt(row.stock_qty or flt(row.qty) * flt(row.conversion_factor))
	for row in request.items:
		key = (row.item_code, flt(row.rate, digits))
		offered[key] = offered.get(key, 0.0) - flt(row.stock_qty)
	party = source.party_name if source.doctype == "Quotation" else source.customer
	if request.customer == party and request.company == source.company and min(offered.values()) >= -rules.TOLERANCE:
		return
	frappe.throw(
		_(
			"Order request {0} of {1} {2} asks for something else than that. Look at it, then accept or delete it."
		).format(bold(request.name), _(source.doctype), source.name),
		DisagreementError,
		title=_("Another Request"),
	)


def refuse_past_quotation(deal) -> None:
	"""A deal is not ordered unseen at its own prices while its customer was quoted another amount for it."""
	offer = quoted.live_of(deal.doctype, deal.name, deal.company, user_today())
	if not offer:
		return
	is_same = offer.currency == deal.currency
	offered, own = (offer.net_total, deal.amount) if is_same else (offer.base_net_total, deal.base_amount)
	if abs(flt(offered) - flt(own)) < SAME_AMOUNT:
		return
	currency = deal.currency if is_same else prices.company_currency(deal.company)
	frappe.throw(
		_("Quotation {0} says {1}, {2} {3} says {4}. Order from the quotation, or bring both in line.").format(
			bold(offer.name),
			fmt_money(offered, currency=currency),
			_(deal.doctype),
			deal.name,
			fmt_money(own, currency=currency),
		),
		DisagreementError,
		title=_("Quoted Otherwise"),
	)


def keep_quotation_rows(doc) -> None:
	"""Part of validate() of contracts and requests: a row came from a quotation of this customer with the same item, or
	from none. What is sent beside that would use up, or block, somebody else's quotation."""
	linked = {row.quotation_item for row in doc.items if row.quotation_item}
	found = _quotation_rows(linked) if linked else {}
	for row in doc.items:
		origin = found.get(row.quotation_item)
		same = origin and (origin.party_name, origin.company, origin.item_code) == (
			doc.customer,
			doc.company,
			row.item_code,
		)
		row.quotation, row.quotation_item = (origin.parent, origin.name) if same else (None, None)


def _quotation_rows(names: set[str]) -> dict[str, dict]:
	item, quotation = frappe.qb.DocType("Quotation Item"), frappe.qb.DocType("Quotation")
	rows = (
		frappe.qb.from_(item)
		.join(quotation)
		.on(item.parent == quotation.name)
		.select(item.name, item.parent, item.item_code, quotation.party_name, quotation.company)
		.where(item.name.isin(sorted(names)) & (quotation.docstatus != 0) & (quotation.quotation_to == "Customer"))
		.orderby(item.name)
	).run(as_dict=True)
	return {row.name: row for row in rows}


def keep_origins(contract) -> None:
	"""Rows of an amended contract keep the name they had in the first version: orders of every version count against
	them. A row says so only of a row that an earlier version has, with the same item, and one row of each. Where an item
	comes back, or is typed in anew, it takes its own row's name: what was ordered of it counts."""
	earlier: dict[tuple[str, str], None] = {}
	if contract.amended_from:
		family = contract_versions.contract_family(contract.amended_from)
		rows = frappe.get_all(
			"Sales Contract Item",
			filters={"parent": ("in", [name for name in family if name != contract.name])},
			fields=["origin_item", "item_code"],
			order_by="creation asc, idx asc",
			limit=0,
		)
		earlier = dict.fromkeys((row.origin_item, row.item_code) for row in rows)
	lost = []
	for row in contract.items:
		if (row.origin_item, row.item_code) in earlier:
			del earlier[row.origin_item, row.item_code]
		else:
			lost.append(row)
	taken = {row.origin_item for row in contract.items if row not in lost}
	for row in lost:
		row.origin_item = next((o for o, item in earlier if item == row.item_code and o not in taken), row.name)
		taken.add(row.origin_item)

"""Quotations that speak for a deal, and their rows."""

import frappe
from frappe.utils import flt
from pypika import Case, Order
from pypika.analytics import RowNumber

ITEMS = "Quotation Item"
ORDERED = ("Ordered", "Partially Ordered")


def live_of(doctype: str, name: str, company: str, today) -> dict | None:
	"""The quotation that an open deal counts with, as long as something of it may be ordered: {"name", "currency",
	"net_total", "base_net_total"}."""
	quotation = frappe.qb.DocType("Quotation")
	in_time = quotation.valid_till.isnull() | (quotation.valid_till >= today)
	query = _speaking(
		frappe.qb.from_(quotation), doctype, company, in_time & quotation.status.notin(("Expired", "Ordered"))
	)
	query = query.where(quotation.crm_source_name == name)
	query = query.select(quotation.name, quotation.currency, quotation.net_total, quotation.base_net_total)
	return next(iter(_latest_first(query).limit(1).run(as_dict=True)), None)


def any_for(doctype: str, company: str) -> bool:
	"""Whether any submitted quotation came from a deal of `doctype`: most sites can spare the look for the latest."""
	quotation = frappe.qb.DocType("Quotation")
	query = (
		frappe.qb.from_(quotation)
		.select(quotation.name)
		.where(
			(quotation.crm_source_name > "")
			& (quotation.crm_source_type == doctype)
			& (quotation.docstatus == 1)
			& (quotation.company == company)
		)
		.limit(1)
	)
	return bool(query.run())


def latest(doctype: str, company: str, deal, came_from, today):
	"""Subquery (deal, quotation, net): of the submitted, not lost quotations that came from a `doctype` the latest
	one still valid per `deal`, a table in which `came_from` finds the source. One that was ordered from stays valid.

	`net` is in company currency. Quotations of another company say nothing about this one's deals.
	"""
	quotation = frappe.qb.DocType("Quotation")
	in_time = quotation.valid_till.isnull() | (quotation.valid_till >= today)
	valid = (quotation.status != "Expired") & in_time | quotation.status.isin(ORDERED)
	return _first(doctype, company, deal, came_from, valid, [])


def at_closing(doctype: str, company: str, deal, came_from):
	"""The same for closed deals: the latest one that was ordered from, else the latest, of those made before the
	deal was closed. What was signed changes neither when a quotation runs out nor when another one is made."""
	before = _before(deal.closed_on, deal.stage_entered_on)
	return _first(doctype, company, deal, came_from, before, _ordered_first())


def of_closed(doctype: str, name: str, company: str, closed_on, closed_at) -> tuple | None:
	"""The same of one deal, by the day and the moment of its closing: (currency, net, net in company currency)."""
	quotation = frappe.qb.DocType("Quotation")
	query = _speaking(frappe.qb.from_(quotation), doctype, company, _before(closed_on, closed_at))
	query = query.where(quotation.crm_source_name == name)
	found = query.select(quotation.currency, quotation.net_total, quotation.base_net_total)
	return next(iter(_latest_first(found, *_ordered_first()).limit(1).run()), None)


def _before(closed_on, closed_at):
	quotation = frappe.qb.DocType("Quotation")
	return (quotation.transaction_date < closed_on) | (quotation.creation <= closed_at)


def _ordered_first() -> list:
	return [Case().when(frappe.qb.DocType("Quotation").status.isin(ORDERED), 1).else_(0)]


def _speaking(query, doctype: str, company: str, condition):
	"""Narrow a query to the submitted quotations of a company that speak for deals of `doctype` on this condition."""
	quotation = frappe.qb.DocType("Quotation")
	query = query.where(
		(quotation.docstatus == 1) & (quotation.crm_source_type == doctype) & (quotation.company == company)
	)
	return query.where(quotation.status.notin(("Lost", "Cancelled")) & condition)


def _latest_first(terms, *ranks):
	"""Order a query, or the rows of a window, so that the quotation that speaks comes first."""
	quotation = frappe.qb.DocType("Quotation")
	return terms.orderby(*ranks, quotation.transaction_date, quotation.creation, quotation.name, order=Order.desc)


def _first(doctype: str, company: str, deal, came_from, condition, ranks: list):
	quotation = frappe.qb.DocType("Quotation")
	turn = _latest_first(RowNumber().over(deal.name), *ranks)
	query = (
		frappe.qb.from_(quotation)
		.join(deal)
		.on(came_from == quotation.crm_source_name)
		.select(
			deal.name.as_("deal"),
			quotation.name.as_("quotation"),
			quotation.base_net_total.as_("net"),
			turn.as_("turn"),
		)
	)
	numbered = _speaking(query, doctype, company, condition).as_("numbered")
	return frappe.qb.from_(numbered).select(numbered.deal, numbered.quotation, numbered.net).where(numbered.turn == 1)


def rows_of(quotations) -> dict[str, "frappe._dict"]:
	"""Rows of some quotations by name, each with `alternatives`: the names of the other rows of its choice.

	ERPNext keeps no link between them: alternatives stand right below the row that they may take the place of.
	"""
	fields = ("name", "parent", "item_code", "qty", "stock_qty", "uom", "conversion_factor", "price_list_rate")
	rows = frappe.get_all(
		ITEMS,
		filters={"parent": ("in", sorted(filter(None, quotations)) or [""])},
		fields=[*fields, "discount_percentage", "rate", "is_alternative"],
		order_by="parent asc, idx asc",
		limit=0,
	)
	choices: list[list] = []
	for row in rows:
		if row.is_alternative and choices and choices[-1][0].parent == row.parent:
			choices[-1].append(row)
		else:
			choices.append([row])
	for choice in choices:
		for row in choice:
			row.alternatives = [other.name for other in choice if other is not row]
	return {row.name: row for row in rows}


def shares(rows: dict) -> dict[str, dict[str, float]]:
	"""{row: {alternative: how much of it one unit of the row takes the place of}}, in stock units."""
	return {
		name: {
			other: flt(rows[other].stock_qty) / flt(row.stock_qty) for other in row.alternatives if flt(row.stock_qty)
		}
		for name, row in rows.items()
		if row.alternatives
	}


def behind(doc) -> str | None:
	"""The one quotation that rows of a contract or request come from. What was added to them by hand changes neither its
	taxes nor its charges; rows of several quotations have none in common."""
	names = {row.get("quotation") for row in doc.items} - {None, ""}
	return names.pop() if len(names) == 1 else None


def in_currency_of(quotation, doc) -> float:
	"""What one of a fixed charge of a quotation is in the currency of a document that came from it: a contract may have
	been agreed in another one, and a charge keeps its worth as prices do."""
	if quotation.currency == doc.currency:
		return 1.0
	return flt(quotation.conversion_rate) / (flt(doc.conversion_rate) or 1.0)


def order_of(quotation: str, valid: bool):
	"""An unsaved Sales Order by ERPNext's own mapper, which refuses an expired quotation unless it counts as `valid`."""
	from erpnext.selling.doctype.quotation.quotation import _make_sales_order, make_sales_order

	return _make_sales_order(quotation) if valid else make_sales_order(quotation)

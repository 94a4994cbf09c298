"""What an item costs, as ERPNext knows it: per stock unit and in the company's own currency.

One query per source, however many items are asked about.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import frappe
from frappe.query_builder.functions import Max
from frappe.utils import flt

from crm_pipeline.core import costing

# Bought with, the date that counts, whether it may be a return; a later one of the same day wins.
PURCHASES = (
	("Purchase Order", "transaction_date", False),
	("Purchase Receipt", "posting_date", True),
	("Purchase Invoice", "posting_date", True),
)


@dataclass(frozen=True)
class Found:
	"""Cost of one stock unit (of one hour for activities) in company currency, and the document that says so."""

	rate: float
	basis: str | None = None


Costs = dict[str, dict[str, Found]]


def costs_of(items: Iterable[str], company: str) -> Costs:
	"""{item: {source: Found}} for every source that knows a cost above zero."""
	known = _items(set(items))
	parts = _bundles([item.name for item in known.values() if not item.is_stock_item])
	known |= _items({part.item_code for part in parts} - known.keys())
	found = _own_costs(known, company)
	for bundle, rate in _bundle_costs(parts, found, known).items():
		found[bundle][costing.BUNDLE] = Found(rate)
	return found


def order_of_sources(item_code: str) -> tuple[str, ...]:
	"""Where the cost of an item is looked for when nobody chose."""
	stocked = frappe.get_cached_value("Item", item_code, "is_stock_item")
	return costing.STOCKED if stocked else costing.NOT_STOCKED


def hourly_costs(activity_types: Iterable[str]) -> dict[str, Found]:
	"""Costing rate per hour: the Activity Cost that is nobody's in particular, else the Activity Type's own."""
	types = sorted(set(activity_types))
	if not types:
		return {}
	own = frappe.get_all(
		"Activity Type",
		filters={"name": ("in", types)},
		fields=["name", "costing_rate"],
		order_by="name asc",
		limit=0,
	)
	found = {row.name: Found(flt(row.costing_rate), row.name) for row in own}
	for row in frappe.get_all(
		"Activity Cost",
		filters={"activity_type": ("in", types), "employee": ("is", "not set")},
		fields=["activity_type", "costing_rate", "name"],
		order_by="creation asc",
		limit=0,
	):
		if flt(row.costing_rate) > 0:
			found[row.activity_type] = Found(flt(row.costing_rate), row.name)
	return {name: cost for name, cost in found.items() if cost.rate > 0}


# ---- items


def _items(names: set[str]) -> dict[str, dict]:
	rows = frappe.get_all(
		"Item",
		filters={"name": ("in", sorted(names))},
		fields=["name", "is_stock_item", "valuation_rate", "variant_of"],
		order_by="name asc",
		limit=0,
	)
	return {row.name: row for row in rows}


def _own_costs(items: dict[str, dict], company: str) -> Costs:
	found: Costs = {name: {} for name in items}
	if not items:
		return found
	stocked = sorted(name for name, item in items.items() if item.is_stock_item)
	for name, cost in _valuations(stocked, items, company).items():
		found[name][costing.VALUATION] = cost
	boms = _boms({*items, *(item.variant_of for item in items.values() if item.variant_of)}, company)
	for name, item in items.items():
		bom = boms.get(name) or boms.get(item.variant_of)
		if bom:
			found[name][costing.BOM] = bom
	for name, cost in _last_purchases(sorted(items), company).items():
		found[name][costing.LAST_PURCHASE] = cost
	return found


def _valuations(names: list[str], items: dict[str, dict], company: str) -> dict[str, Found]:
	"""The average of what is in stock; without stock the last rate of a warehouse, then the item's own."""
	if not names:
		return {}
	stock, warehouse = frappe.qb.DocType("Bin"), frappe.qb.DocType("Warehouse")
	rows = (
		frappe.qb.from_(stock)
		.join(warehouse)
		.on(warehouse.name == stock.warehouse)
		.select(stock.item_code, stock.warehouse, stock.actual_qty, stock.stock_value, stock.valuation_rate)
		.where((warehouse.company == company) & stock.item_code.isin(names) & (stock.valuation_rate > 0))
		.orderby(stock.modified)
		.orderby(stock.name)
		.run(as_dict=True)
	)
	found = {
		name: Found(flt(items[name].valuation_rate), name) for name in names if flt(items[name].valuation_rate) > 0
	}
	found |= {row.item_code: Found(flt(row.valuation_rate), row.warehouse) for row in rows}
	for name in names:
		filled = [row for row in rows if row.item_code == name and flt(row.actual_qty) > 0 and flt(row.stock_value) > 0]
		if filled:
			quantity = sum(flt(row.actual_qty) for row in filled)
			rate = sum(flt(row.stock_value) for row in filled) / quantity
			found[name] = Found(rate, ", ".join(sorted(row.warehouse for row in filled)))
	return found


def _boms(names: set[str], company: str) -> dict[str, Found]:
	"""The default BOM's cost of one stock unit; `base_` amounts are in company currency, whatever the BOM's is."""
	rows = frappe.get_all(
		"BOM",
		filters={
			"item": ("in", sorted(names)),
			"is_default": 1,
			"is_active": 1,
			"docstatus": 1,
			"company": company,
		},
		fields=["name", "item", "base_total_cost", "quantity"],
		order_by="creation asc",
		limit=0,
	)
	return {
		row.item: Found(flt(row.base_total_cost) / flt(row.quantity), row.name)
		for row in rows
		if flt(row.quantity) > 0 and flt(row.base_total_cost) > 0
	}


def _last_purchases(names: list[str], company: str) -> dict[str, Found]:
	"""The net rate of the youngest order, receipt or invoice of the company, per stock unit."""
	latest: dict[str, tuple] = {}
	for doctype, date_field, returns in PURCHASES:
		for row in _purchases(doctype, date_field, returns, names, company):
			key = (row.date, row.creation)
			if row.item_code not in latest or key >= latest[row.item_code][0]:
				rate = flt(row.base_net_rate) / (flt(row.conversion_factor) or 1.0)
				latest[row.item_code] = (key, Found(rate, row.parent))
	return {item: found for item, (_key, found) in latest.items()}


def _purchases(doctype: str, date_field: str, returns: bool, names: list[str], company: str) -> list[dict]:
	"""Rows of each item's last day of being bought by one document type."""
	parent, row = frappe.qb.DocType(doctype), frappe.qb.DocType(f"{doctype} Item")
	date = parent[date_field]
	bought = (parent.docstatus == 1) & (parent.company == company)
	bought = bought & row.item_code.isin(names) & (row.base_net_rate > 0)
	if returns:
		bought = bought & (parent.is_return == 0)
	joined = frappe.qb.from_(row).join(parent).on(parent.name == row.parent)
	last = joined.select(row.item_code, Max(date).as_("day")).where(bought).groupby(row.item_code).as_("last")
	return (
		frappe.qb.from_(row)
		.join(parent)
		.on(parent.name == row.parent)
		.join(last)
		.on((last.item_code == row.item_code) & (last.day == date))
		.select(
			row.item_code,
			row.base_net_rate,
			row.conversion_factor,
			row.parent,
			parent.creation,
			date.as_("date"),
		)
		.where(bought)
		.orderby(parent.creation)
		.orderby(row.idx)
		.run(as_dict=True)
	)


# ---- product bundles


def _bundles(names: list[str]) -> list[dict]:
	"""The parts of those items that are bundles; their quantities are in stock units."""
	if not names:
		return []
	bundle, part = frappe.qb.DocType("Product Bundle"), frappe.qb.DocType("Product Bundle Item")
	query = (
		frappe.qb.from_(part)
		.join(bundle)
		.on(bundle.name == part.parent)
		.select(bundle.new_item_code.as_("bundle"), part.item_code, part.qty)
		.where(bundle.new_item_code.isin(sorted(names)) & (bundle.disabled == 0))
		.orderby(part.parent)
		.orderby(part.idx)
	)
	return query.run(as_dict=True)


def _bundle_costs(parts: list[dict], found: Costs, items: dict[str, dict]) -> dict[str, float]:
	"""What all parts of a bundle cost; none where the cost of a part is not known."""
	costs: dict[str, float] = {}
	unknown = set()
	for part in parts:
		order = costing.STOCKED if items[part.item_code].is_stock_item else costing.NOT_STOCKED
		sources = found.get(part.item_code, {})
		rate = next((sources[source].rate for source in order if source in sources), None)
		if rate is None:
			unknown.add(part.bundle)
		costs[part.bundle] = costs.get(part.bundle, 0.0) + flt(part.qty) * (rate or 0.0)
	return {bundle: rate for bundle, rate in costs.items() if bundle not in unknown}

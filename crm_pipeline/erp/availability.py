"""What is free in stock, and what credit a customer has left: facts for who accepts an order."""

from collections import defaultdict
from collections.abc import Iterable

import frappe
from frappe.query_builder.functions import Coalesce, Sum
from frappe.utils import cint, flt

# Where ERPNext reckons with credit; the embedded host has no limits to ask for.
CUSTOMERS = "erpnext.selling.doctype.customer.customer"
Place = tuple[str, str | None]


def free_stock(places: Iterable[Place], company: str) -> dict[Place, float]:
	"""{(item, warehouse): stock quantity there that no order has reserved}, of stock items alone; without a warehouse
	that of all the company's together."""
	places = set(places)
	stocked = set(
		frappe.get_all(
			"Item",
			filters={"name": ("in", sorted({item for item, _place in places}) or [""]), "is_stock_item": 1},
			pluck="name",
			order_by="name asc",
			limit=0,
		)
	)
	free = _free_by_warehouse(stocked, company)
	return {
		(item, place): free[item].get(place, 0.0) if place else sum(free[item].values())
		for item, place in places
		if item in stocked
	}


def needs_of(places: Iterable[Place]) -> dict[Place, list[tuple[Place, float]]]:
	"""{(item, warehouse): [((item, warehouse), quantity)]}: what one stock unit takes from where; a product bundle takes its
	parts, what a supplier delivers to the customer nothing, anything else itself."""
	places = set(places)
	parts: dict[str, list[tuple[str, float]]] = defaultdict(list)
	bundle, part = frappe.qb.DocType("Product Bundle"), frappe.qb.DocType("Product Bundle Item")
	rows = (
		frappe.qb.from_(part)
		.join(bundle)
		.on(bundle.name == part.parent)
		.select(bundle.new_item_code, part.item_code, part.qty)
		.where(bundle.new_item_code.isin(sorted({item for item, _place in places}) or [""]) & (bundle.disabled == 0))
		.orderby(bundle.name)
		.orderby(part.idx)
	).run()
	for item, component, quantity in rows:
		parts[item].append((component, flt(quantity)))
	for item in _delivered_by_suppliers({item for item, _place in places} - set(parts)):
		parts[item] = []
	return {
		(item, place): [((one, place), quantity) for one, quantity in parts.get(item, [(item, 1.0)])]
		for item, place in places
	}


def _delivered_by_suppliers(items: set[str]) -> list[str]:
	filters = {"name": ("in", sorted(items) or [""]), "delivered_by_supplier": 1}
	return frappe.get_all("Item", filters=filters, pluck="name", order_by="name asc", limit=0)


def places_of(needs: dict[Place, list[tuple[Place, float]]]) -> set[Place]:
	"""All places that something is taken from."""
	return {place for taken in needs.values() for place, _quantity in taken}


def _free_by_warehouse(items: set[str], company: str) -> dict[str, dict[str, float]]:
	found: dict[str, dict[str, float]] = defaultdict(dict)
	if not items:
		return found
	bins, warehouse = frappe.qb.DocType("Bin"), frappe.qb.DocType("Warehouse")
	rows = (
		frappe.qb.from_(bins)
		.join(warehouse)
		.on(warehouse.name == bins.warehouse)
		.select(bins.item_code, bins.warehouse, Sum(bins.actual_qty - Coalesce(bins.reserved_qty, 0)))
		.where(bins.item_code.isin(sorted(items)) & (warehouse.company == company))
		.groupby(bins.item_code, bins.warehouse)
		.orderby(bins.item_code)
	).run()
	for item, place, free in rows:
		found[item][place] = flt(free)
	return found


def credit_of(customer: str, company: str) -> dict | None:
	"""{"limit", "used"} in company currency by ERPNext's own reckoning; None where no limit is set, or where it is not
	asked for before the invoice."""
	limit = frappe.get_attr(f"{CUSTOMERS}.get_credit_limit")(customer, company)
	own = {"parent": customer, "parenttype": "Customer", "company": company}
	if not limit or cint(frappe.db.get_value("Customer Credit Limit", own, "bypass_credit_limit_check")):
		return None
	used = frappe.get_attr(f"{CUSTOMERS}.get_customer_outstanding")(customer, company)
	return {"limit": flt(limit), "used": flt(used)}

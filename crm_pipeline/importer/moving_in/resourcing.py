"""Quotations and orders of the other system's deals say that they came from ours, where they name no source yet; so a won
deal knows its order, and what was delivered, billed and paid. Native documents keep everything else."""

import frappe

from crm_pipeline.chain import bulk_writes
from crm_pipeline.core.stages import WON
from crm_pipeline.importer.moving_in import erpnext_agreements
from crm_pipeline.orders import roll_up

DEAL, QUOTATION, ORDER = "Sales Opportunity", "Quotation", "Sales Order"


def give_sources(there: str, pairs: dict[str, str]) -> dict[str, int]:
	"""For {deal of the other system: deal}: {"quotations", "orders"} that got a source."""
	quotations = erpnext_agreements.quotations_of(list(pairs), there)
	orders = erpnext_agreements.orders_of(list(quotations)) if quotations else []
	first = {order.name: order for order in reversed(orders)}
	done = {
		"quotations": _give(QUOTATION, {name: (DEAL, pairs[old]) for name, old in quotations.items()}),
		"orders": _give(ORDER, {name: (QUOTATION, order.quotation) for name, order in first.items()}),
	}
	_name_winners(pairs, quotations, orders)
	if first:
		roll_up.of_orders(list(first))
	return done


def _give(doctype: str, sources: dict[str, tuple[str, str]]) -> int:
	without = frappe.get_all(
		doctype,
		filters={"name": ("in", list(sources) or [""]), "crm_source_name": ("is", "not set")},
		pluck="name",
		order_by="name asc",
		limit=0,
	)
	rows = {name: dict(zip(("crm_source_type", "crm_source_name"), sources[name], strict=True)) for name in without}
	if rows:
		bulk_writes.set_each(doctype, rows)
	return len(rows)


def _name_winners(pairs: dict[str, str], quotations: dict[str, str], orders: list) -> None:
	"""A deal that came as won was won by its first submitted order."""
	winners: dict[str, str] = {}
	for order in orders:
		if order.docstatus == 1:
			winners.setdefault(pairs[quotations[order.quotation]], order.name)
	won = frappe.get_all(
		DEAL,
		filters={"name": ("in", list(winners) or [""]), "status": WON, "won_by": ("is", "not set")},
		pluck="name",
		order_by="name asc",
		limit=0,
	)
	if won:
		bulk_writes.set_each(DEAL, {name: {"won_by_type": ORDER, "won_by": winners[name]} for name in won})

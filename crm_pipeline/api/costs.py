"""Cost estimates of deals."""

import frappe

from crm_pipeline.api.door import may, reads, writes
from crm_pipeline.api.types import Flag, Name
from crm_pipeline.core.registry import DEALS
from crm_pipeline.costs import cost_estimates, cost_gate, deal_margin


@writes(may("read", DEALS, "name"), may("create", "Cost Estimate"))
def make_cost_estimate(doctype: Name, name: Name) -> dict:
	"""A draft Cost Estimate of an opportunity or project, filled with its items and their costs."""
	made = cost_estimates.make(doctype, name)
	return {"doctype": made.doctype, "name": made.name}


@writes(may("write", "Cost Estimate", "name"))
def refresh_costs(name: Name, items: Flag = False) -> None:
	"""Costs of a draft as ERPNext knows them now; with `items` also rows and prices as the deal has them now."""
	cost_estimates.refresh(name, items)


@reads(may("read", DEALS, "name"), may("read", "Cost Estimate"))
def get_margin(doctype: Name, name: Name) -> dict:
	"""What is left of a deal at today's item costs; see costs/deal_margin.py for the shape."""
	return deal_margin.margin_of(frappe.get_doc(doctype, name))


@reads(may("read", "Quotation"))
def get_cost_gate() -> dict:
	"""What forms need of the gate: {"on": bool, "floor": percent or None, "may_override": bool}."""
	on = cost_gate.is_on()
	return {
		"on": on,
		"floor": cost_gate.margin_floor() if on else None,
		"may_override": on and cost_gate.may_override(),
	}

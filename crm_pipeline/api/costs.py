"""Cost estimates of deals."""

import frappe
from frappe import _
from frappe.utils import cint

from crm_pipeline.chain import cost_gate, costs, estimates
from crm_pipeline.chain.locks import whole_transaction


def _estimable(doctype: str, name: str) -> None:
	if doctype not in estimates.DEALS:
		frappe.throw(_("{0} is no deal").format(doctype))
	frappe.has_permission(doctype, "read", doc=name, throw=True)


@frappe.whitelist(methods=["POST"])
def make_cost_estimate(doctype: str, name: str) -> dict:
	"""A draft Cost Estimate of an opportunity or project, filled with its items and their costs."""
	_estimable(doctype, name)
	frappe.has_permission("Cost Estimate", "create", throw=True)
	made = costs.make(doctype, name)
	return {"doctype": made.doctype, "name": made.name}


@frappe.whitelist(methods=["POST"])
@whole_transaction
def refresh_costs(name: str, items: bool | int | str = False) -> None:
	"""Costs of a draft as ERPNext knows them now; with `items` also rows and prices as the deal has them now."""
	frappe.has_permission("Cost Estimate", "write", doc=name, throw=True)
	costs.refresh(name, bool(cint(items)))


@frappe.whitelist()
def get_cost_gate() -> dict:
	"""What forms need of the gate: {"on": bool, "floor": percent or None, "may_override": bool}."""
	frappe.has_permission("Quotation", "read", throw=True)
	on = cost_gate.is_on()
	return {
		"on": on,
		"floor": cost_gate.margin_floor() if on else None,
		"may_override": on and cost_gate.may_override(),
	}

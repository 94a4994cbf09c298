"""The Sales Orders that answer for order requests."""

import frappe

# A free row (a gift of a pricing rule) uses nothing up.
_LIVE = (0, 1)


def live_orders_of_requests(requests: set[str]) -> dict[str, str]:
	"""{request: its Sales Order, draft or submitted}."""
	if not requests:
		return {}
	order = frappe.qb.DocType("Sales Order")
	rows = (
		frappe.qb.from_(order)
		.select(order.crm_request_key, order.name)
		.where(order.crm_request_key.isin(sorted(requests)) & order.docstatus.isin(_LIVE))
	).run(as_dict=True)
	return {r.crm_request_key: r.name for r in rows}

"""What is left of a deal at today's item costs, before anybody makes an estimate."""

from frappe.utils import flt

from crm_pipeline.core import costing
from crm_pipeline.erp import item_costs, prices


def margin_of(deal) -> dict:
	"""{"margin", "percentage", "cost", "selling", "currency" (the company's), "without": [number of a row whose cost
	ERPNext does not know]} of the item rows of a deal, net of tax that is in the prices."""
	known = item_costs.costs_of({row.item_code for row in deal.items}, deal.company)
	net_share = flt(deal.amount) / flt(deal.items_total) if flt(deal.items_total) else 1.0
	precision = deal.precision("base_amount")
	results, without = [], []
	for row in deal.items:
		sources = known.get(row.item_code, {})
		found = next((sources[s] for s in item_costs.order_of_sources(row.item_code) if s in sources), None)
		if not found:
			without.append(row.idx)
		cost = found.rate * (flt(row.conversion_factor) or 1.0) if found else 0.0
		line = costing.Line(flt(row.qty), flt(row.rate) * net_share, cost)
		results.append(costing.cost_line(line, flt(deal.conversion_rate) or 1.0, precision, rounding=flt))
	whole = costing.totals(results, [], precision)
	return {
		"margin": whole.margin,
		"percentage": whole.percentage,
		"cost": whole.cost,
		"selling": whole.selling,
		"currency": prices.company_currency(deal.company),
		"without": without,
	}

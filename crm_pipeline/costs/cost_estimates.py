"""Cost Estimates: made of a deal, filled with what ERPNext knows, approved by being submitted."""

import frappe
from frappe import _
from frappe.utils import flt

from crm_pipeline.chain import rights
from crm_pipeline.chain.item_rows import check_row, complete_units
from crm_pipeline.chain.locks import lock, whole_transaction
from crm_pipeline.core import costing
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.registry import DEALS
from crm_pipeline.erp import item_costs as erp_costing
from crm_pipeline.erp.same_named import carry_same_named, same_named
from crm_pipeline.wording import bold

ROW_FIELDS = ("item_code", "item_name", "qty", "uom", "conversion_factor", "rate")
DEAL_FIELDS = ("title", "company", "currency", "conversion_rate", "customer", "prospect", "party_name")


@whole_transaction
def make(doctype: str, name: str) -> Ref:
	"""A draft estimate of a deal, costs included; the draft that is there already where there is one."""
	lock((doctype, name))
	draft = {"reference_doctype": doctype, "reference_name": name, "docstatus": 0}
	existing = frappe.db.get_value("Cost Estimate", draft, "name")
	if existing:
		rights.need_seen("Cost Estimate", existing)
		return Ref("Cost Estimate", existing)
	estimate = frappe.new_doc("Cost Estimate")
	estimate.update({"reference_doctype": doctype, "reference_name": name})
	estimate.insert()
	return Ref("Cost Estimate", estimate.name)


def refresh(name: str, items: bool = False) -> None:
	"""Ask ERPNext for the costs of a draft again; with `items` take rows and prices anew from the deal, too.

	What was costed by hand, or by an activity, keeps its cost as long as the deal still has the item.
	"""
	estimate = frappe.get_doc("Cost Estimate", name)
	if estimate.docstatus:
		frappe.throw(_("Only a draft follows the costs. Cancel and amend {0}.").format(bold(name)))
	if items:
		chosen = {row.item_code: row for row in estimate.items}
		estimate.items = []
		_copy_items(estimate)
		for row in estimate.items:
			before = chosen.get(row.item_code)
			if before and before.cost_source in (costing.BY_HAND, costing.ACTIVITY):
				_keep_cost(row, before)
	estimate.save()


def _keep_cost(row, before) -> None:
	"""The same cost per stock unit, should the deal count in another unit now."""
	factor = (flt(row.conversion_factor) or 1.0) / (flt(before.conversion_factor) or 1.0)
	row.update({field: before.get(field) for field in ("cost_source", "activity_type")})
	row.cost_rate = flt(before.cost_rate) * factor
	row.hours = flt(before.hours) * factor


def _copy_items(estimate) -> None:
	deal = frappe.get_doc(estimate.reference_doctype, estimate.reference_name)
	meta = frappe.get_meta("Cost Estimate Item")
	# What is earned is net of the tax that is in the prices.
	net_share = flt(deal.amount) / flt(deal.items_total) if flt(deal.items_total) else 1.0
	for row in deal.items:
		values = {field: row.get(field) for field in ROW_FIELDS} | same_named(row, meta)
		estimate.append("items", {**values, "rate": flt(flt(row.rate) * net_share, row.precision("rate"))})
	carry_same_named(deal, estimate)


# ---- parts of the estimate's validate()


def start_with_items(estimate) -> None:
	"""A new estimate begins with the rows of its deal."""
	if estimate.reference_doctype in DEALS and estimate.reference_name and not estimate.items:
		_copy_items(estimate)


def follow_deal(estimate) -> None:
	"""Party, company, currency and exchange rate are the deal's, which the user must be able to read."""
	if estimate.reference_doctype not in DEALS:
		frappe.throw(_("A cost estimate is about a Sales Opportunity or a Sales Project"))
	if estimate.is_new():
		rights.need(estimate.reference_doctype, estimate.reference_name)
	deal = frappe.get_doc(estimate.reference_doctype, estimate.reference_name)
	reviewed = _reviewed(estimate)
	if reviewed:
		# As it was when it was looked at: an approval changes no number, and takes none from the client.
		estimate.update({field: reviewed.get(field) for field in DEAL_FIELDS})
		return
	estimate.update(
		{
			"title": deal.title,
			"company": deal.company,
			"currency": deal.currency,
			"conversion_rate": flt(deal.conversion_rate) or 1.0,
			"customer": deal.customer,
			"prospect": deal.prospect,
			"party_name": deal.party_name,
		}
	)


def _reviewed(estimate):
	"""The draft that is being approved, as it is stored; None while an estimate is a draft, or new."""
	return estimate.get_doc_before_save() if estimate.docstatus else None


def complete_rows(estimate) -> None:
	"""Checked items with units; of one without items nobody can say what it covers."""
	if not estimate.items:
		frappe.throw(
			_("{0} has no items. Add them to the deal or to the estimate first.").format(
				bold(estimate.title or estimate.reference_name)
			),
			title=_("No Items"),
		)
	for row in estimate.items:
		check_row(row)
		complete_units(row)
		row.stock_qty = flt(row.qty) * flt(row.conversion_factor)


def fetch_costs(estimate) -> None:
	"""What ERPNext knows now, for every row that is not costed by hand.

	On approval the rows that are as they were looked at keep their cost; one that was changed on the way is
	fetched anew.
	"""
	reviewed = _reviewed(estimate)
	kept = {row.name: row for row in reviewed.items} if reviewed else {}
	rows = [row for row in estimate.items if not _keep_if_same(row, kept.get(row.name))]
	_fetch(estimate, rows)


def _keep_if_same(row, before) -> bool:
	if not before or row.cost_source == costing.BY_HAND or _cost_comes_from(row) != _cost_comes_from(before):
		return False
	row.update({"cost_rate": before.cost_rate, "cost_basis": before.cost_basis})
	return True


def _cost_comes_from(row) -> tuple:
	"""What decides which cost ERPNext knows of a row."""
	texts = (row.item_code, row.uom, row.cost_source, row.activity_type)
	return (*(text or "" for text in texts), flt(row.conversion_factor), flt(row.hours))


def _fetch(estimate, rows: list) -> None:
	asked = [row for row in rows if row.cost_source != costing.BY_HAND]
	known = erp_costing.costs_of({row.item_code for row in asked}, estimate.company)
	hourly = erp_costing.hourly_costs({row.activity_type for row in asked if row.activity_type})
	for row in rows:
		if row.cost_source == costing.BY_HAND:
			row.cost_basis = None
		elif row.cost_source == costing.ACTIVITY:
			_set_cost(row, hourly.get(row.activity_type), flt(row.hours))
		else:
			sources = known.get(row.item_code, {})
			order = erp_costing.order_of_sources(row.item_code)
			row.cost_source = row.cost_source or next((s for s in order if s in sources), None)
			_set_cost(row, sources.get(row.cost_source), flt(row.conversion_factor))


def _set_cost(row, found: erp_costing.Found | None, factor: float) -> None:
	row.cost_rate = found.rate * factor if found else 0.0
	row.cost_basis = found.basis if found else None


def set_results(estimate) -> None:
	"""Amounts of the rows and of the whole."""
	precision = estimate.precision("cost_amount")
	results = []
	for row in estimate.items:
		line = costing.Line(flt(row.qty), flt(row.rate), flt(row.cost_rate))
		result = costing.cost_line(line, flt(estimate.conversion_rate) or 1.0, precision, rounding=flt)
		row.update({"selling_amount": result.selling, "cost_amount": result.cost})
		row.update({"margin": result.margin, "margin_percentage": result.percentage})
		results.append(result)
	for row in estimate.other_costs:
		row.amount = flt(row.amount, precision)
	whole = costing.totals(results, [row.amount for row in estimate.other_costs], precision)
	estimate.update(
		{
			"selling_amount": whole.selling,
			"item_cost": whole.item_cost,
			"other_cost": whole.other_cost,
			"cost_amount": whole.cost,
			"margin": whole.margin,
			"margin_percentage": whole.percentage,
		}
	)


def need_every_cost(estimate) -> None:
	"""Approval is about known costs: what costs nothing is said to by hand."""
	unknown = [row for row in estimate.items if row.cost_source != costing.BY_HAND and not flt(row.cost_rate)]
	if unknown:
		lines = [_("Row {0}: ERPNext knows no cost of {1}").format(row.idx, bold(row.item_code)) for row in unknown]
		lines.append(_("Choose where the cost comes from, or By Hand and enter it."))
		frappe.throw("<br>".join(lines), title=_("Cost Missing"))

import frappe
from frappe.model.document import Document

from crm_pipeline.chain import incoming, link_titles, system_fields
from crm_pipeline.costs import cost_estimates


class CostEstimate(Document):
	"""What a deal costs, row by row, and what is left of its price. Submitting it approves it."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from crm_pipeline.crm_pipeline.doctype.cost_estimate_charge.cost_estimate_charge import CostEstimateCharge
		from crm_pipeline.crm_pipeline.doctype.cost_estimate_item.cost_estimate_item import CostEstimateItem
		from frappe.types import DF

		amended_from: DF.Link | None
		approved_by: DF.Link | None
		approved_on: DF.Datetime | None
		company: DF.Link | None
		conversion_rate: DF.Float
		cost_amount: DF.Currency
		currency: DF.Link | None
		customer: DF.Link | None
		estimate_date: DF.Date
		item_cost: DF.Currency
		items: DF.Table[CostEstimateItem]
		margin: DF.Currency
		margin_percentage: DF.Percent
		naming_series: DF.Literal["CEST-.YYYY.-.#####"]
		notes: DF.TextEditor | None
		other_cost: DF.Currency
		other_costs: DF.Table[CostEstimateCharge]
		party_name: DF.Data | None
		prospect: DF.Link | None
		reference_doctype: DF.Link
		reference_name: DF.DynamicLink
		selling_amount: DF.Currency
		title: DF.Data | None
	# end: auto-generated types

	def onload(self):
		link_titles.send(self)

	def before_insert(self):
		cost_estimates.start_with_items(self)

	def validate(self):
		incoming.take_in(self)
		system_fields.restore(self)
		cost_estimates.follow_deal(self)
		cost_estimates.complete_rows(self)
		cost_estimates.fetch_costs(self)
		cost_estimates.set_results(self)

	def before_cancel(self):
		incoming.take_in(self)
		system_fields.restore(self)

	def before_submit(self):
		cost_estimates.need_every_cost(self)
		self.approved_by = frappe.session.user
		self.approved_on = frappe.utils.now_datetime()

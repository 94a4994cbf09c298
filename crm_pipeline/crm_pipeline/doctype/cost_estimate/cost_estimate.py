import frappe
from frappe.model.document import Document

from crm_pipeline.chain import clean_html, link_titles, system_fields
from crm_pipeline.costs import cost_estimates


class CostEstimate(Document):
	"""What a deal costs, row by row, and what is left of its price. Submitting it approves it."""

	def onload(self):
		link_titles.send(self)

	def before_insert(self):
		cost_estimates.start_with_items(self)

	def validate(self):
		clean_html.clean(self)
		system_fields.restore(self)
		cost_estimates.follow_deal(self)
		cost_estimates.complete_rows(self)
		cost_estimates.fetch_costs(self)
		cost_estimates.set_results(self)

	def before_cancel(self):
		clean_html.clean(self)
		system_fields.restore(self)

	def before_submit(self):
		cost_estimates.need_every_cost(self)
		self.approved_by = frappe.session.user
		self.approved_on = frappe.utils.now_datetime()

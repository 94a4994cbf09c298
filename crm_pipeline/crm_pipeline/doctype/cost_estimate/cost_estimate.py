import frappe
from frappe.model.document import Document

from crm_pipeline.chain import costs
from crm_pipeline.chain.document import forget


class CostEstimate(Document):
	"""What a deal costs, row by row, and what is left of its price. Submitting it approves it."""

	def before_insert(self):
		forget(self, ("approved_by", "approved_on"))
		costs.start_with_items(self)

	def validate(self):
		costs.follow_deal(self)
		costs.complete_rows(self)
		costs.fetch_costs(self)
		costs.set_results(self)

	def before_submit(self):
		costs.need_every_cost(self)
		self.approved_by = frappe.session.user
		self.approved_on = frappe.utils.now_datetime()

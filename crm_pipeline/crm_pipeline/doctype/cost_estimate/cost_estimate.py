import frappe
from frappe.model.document import Document

from crm_pipeline.chain import clean_html, costs, link_titles, system_fields


class CostEstimate(Document):
	"""What a deal costs, row by row, and what is left of its price. Submitting it approves it."""

	def onload(self):
		link_titles.send(self)

	def before_insert(self):
		costs.start_with_items(self)

	def validate(self):
		clean_html.clean(self)
		system_fields.restore(self)
		costs.follow_deal(self)
		costs.complete_rows(self)
		costs.fetch_costs(self)
		costs.set_results(self)

	def before_cancel(self):
		clean_html.clean(self)
		system_fields.restore(self)

	def before_submit(self):
		costs.need_every_cost(self)
		self.approved_by = frappe.session.user
		self.approved_on = frappe.utils.now_datetime()

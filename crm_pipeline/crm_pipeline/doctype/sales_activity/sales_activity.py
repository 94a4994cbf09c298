from frappe.model.document import Document

from crm_pipeline.chain import reference


class SalesActivity(Document):
	def validate(self):
		reference.follow(self)

	def on_update(self):
		reference.pass_on_next_step(self)

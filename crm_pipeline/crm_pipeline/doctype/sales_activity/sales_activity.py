from frappe.model.document import Document

from crm_pipeline.chain import clean_html, reference, system_fields
from crm_pipeline.figures import stalled


class SalesActivity(Document):
	def validate(self):
		clean_html.clean(self)
		system_fields.restore(self)
		reference.follow(self)

	def on_update(self):
		reference.pass_on_next_step(self)
		stalled.follow_reference(self)

	def after_delete(self):
		stalled.follow_reference(self)

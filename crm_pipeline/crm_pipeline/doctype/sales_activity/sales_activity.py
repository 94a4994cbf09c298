from frappe.model.document import Document

from crm_pipeline.chain import clean_html, link_titles, reference, system_fields
from crm_pipeline.figures import stalled


class SalesActivity(Document):
	def onload(self):
		link_titles.send(self)

	def validate(self):
		clean_html.clean(self)
		system_fields.restore(self)
		reference.follow(self)

	def on_update(self):
		reference.pass_on_next_step(self)
		stalled.follow_reference(self)

	def after_delete(self):
		stalled.follow_reference(self)

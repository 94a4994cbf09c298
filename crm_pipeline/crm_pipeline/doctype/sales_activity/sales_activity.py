from frappe.model.document import Document

from crm_pipeline.analytics import stall_verdicts
from crm_pipeline.chain import clean_html, link_titles, reference, system_fields


class SalesActivity(Document):
	def onload(self):
		link_titles.send(self)

	def validate(self):
		clean_html.clean(self)
		system_fields.restore(self)
		reference.follow(self)

	def on_update(self):
		reference.pass_on_next_step(self)
		stall_verdicts.follow_reference(self)

	def after_delete(self):
		stall_verdicts.follow_reference(self)

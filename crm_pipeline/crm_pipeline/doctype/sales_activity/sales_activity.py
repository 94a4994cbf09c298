from frappe.model.document import Document

from crm_pipeline.analytics import stall_verdicts
from crm_pipeline.chain import clean_html, link_titles, reference, standard_kinds, system_fields
from crm_pipeline.core.kinds import ACTIVITY_TYPE, PHONE


class SalesActivity(Document):
	def onload(self):
		link_titles.send(self)

	def validate(self):
		clean_html.clean(self)
		system_fields.restore(self)
		self.way = self.way or standard_kinds.name_of(ACTIVITY_TYPE, PHONE)
		reference.follow(self)

	def on_update(self):
		reference.pass_on_next_step(self)
		stall_verdicts.follow_reference(self)

	def after_delete(self):
		stall_verdicts.follow_reference(self)

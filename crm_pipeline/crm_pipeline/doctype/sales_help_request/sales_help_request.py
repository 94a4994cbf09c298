from frappe.model.document import Document

from crm_pipeline.chain import link_titles
from crm_pipeline.coaching import help_requests as help_wanted


class SalesHelpRequest(Document):
	def onload(self):
		link_titles.send(self)
		self.set_onload("may_answer", self.status == "Open" and help_wanted.may_answer(self))

	def validate(self):
		help_wanted.follow(self)

	def on_update(self):
		help_wanted.tell(self)

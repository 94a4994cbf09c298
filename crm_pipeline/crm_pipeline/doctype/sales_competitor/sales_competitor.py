from frappe.model.document import Document

from crm_pipeline.chain import clean_html


class SalesCompetitor(Document):
	def validate(self):
		clean_html.clean(self)

from frappe.model.document import Document

from crm_pipeline.chain import clean_html, link_titles, reference, system_fields


class SalesMemo(Document):
	def onload(self):
		link_titles.send(self)

	def validate(self):
		clean_html.clean(self)
		system_fields.restore(self)
		reference.follow(self)

from frappe.model.document import Document

from crm_pipeline.chain import clean_html, reference, system_fields


class SalesMemo(Document):
	def validate(self):
		clean_html.clean(self)
		system_fields.restore(self)
		reference.follow(self)

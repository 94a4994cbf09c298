from frappe.model.document import Document

from crm_pipeline.chain import reference


class SalesMemo(Document):
	def validate(self):
		reference.follow(self)

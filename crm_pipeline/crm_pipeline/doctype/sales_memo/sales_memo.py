from frappe.model.document import Document

from crm_pipeline.chain import reference, system_fields


class SalesMemo(Document):
	def validate(self):
		system_fields.restore(self)
		reference.follow(self)

from frappe.model.document import Document


class CRMPipelineSettings(Document):
	pass

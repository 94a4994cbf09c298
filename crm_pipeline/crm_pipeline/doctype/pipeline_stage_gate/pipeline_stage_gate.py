from frappe.model.document import Document


class PipelineStageGate(Document):
	pass

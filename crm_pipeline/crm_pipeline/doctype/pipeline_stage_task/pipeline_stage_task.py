from frappe.model.document import Document


class PipelineStageTask(Document):
	pass

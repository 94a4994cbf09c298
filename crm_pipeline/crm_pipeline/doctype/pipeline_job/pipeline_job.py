from frappe.model.document import Document


class PipelineJob(Document):
	"""How far a long job has come; see chain/jobs.py."""

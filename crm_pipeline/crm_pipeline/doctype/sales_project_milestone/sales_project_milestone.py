from frappe.model.document import Document


class SalesProjectMilestone(Document):
	pass

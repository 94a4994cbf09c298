from frappe.model.document import Document


class SalesProjectMember(Document):
	pass

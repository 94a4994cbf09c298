from frappe.model.document import Document


class SalesLostReason(Document):
	pass

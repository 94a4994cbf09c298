from frappe.model.document import Document


class SalesCompetitor(Document):
	pass

from frappe.model.document import Document


class SalesDealCompetitor(Document):
	pass

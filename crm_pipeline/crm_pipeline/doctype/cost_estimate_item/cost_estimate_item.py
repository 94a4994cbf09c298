from frappe.model.document import Document


class CostEstimateItem(Document):
	pass

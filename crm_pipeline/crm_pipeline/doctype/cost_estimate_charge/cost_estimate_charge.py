from frappe.model.document import Document


class CostEstimateCharge(Document):
	pass

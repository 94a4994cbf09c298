from frappe.model.document import Document


class SalesContractItem(Document):
	pass

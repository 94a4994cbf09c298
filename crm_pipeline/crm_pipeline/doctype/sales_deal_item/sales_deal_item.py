from frappe.model.document import Document


class SalesDealItem(Document):
	pass

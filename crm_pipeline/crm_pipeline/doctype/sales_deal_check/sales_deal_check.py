from frappe.model.document import Document


class SalesDealCheck(Document):
	pass

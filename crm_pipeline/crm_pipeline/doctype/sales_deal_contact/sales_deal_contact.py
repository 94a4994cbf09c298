from frappe.model.document import Document


class SalesDealContact(Document):
	pass

from frappe.model.document import Document


class SalesOrderRequestItem(Document):
	pass

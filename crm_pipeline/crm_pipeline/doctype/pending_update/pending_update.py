from frappe.model.document import Document


class PendingUpdate(Document):
	"""What is still to be done because of a document; see chain/pending.py."""

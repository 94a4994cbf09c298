from frappe.model.document import Document


class PipelineEventNote(Document):
	"""The note of a Pipeline Event that not everybody may read who sees the event; see chain/ledger.py."""

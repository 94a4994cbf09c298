from frappe.model.document import Document


class PipelineEventNote(Document):
	"""The note of a Pipeline Event that not everybody may read who sees the event; see chain/ledger.py."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		company: DF.Link | None
		event: DF.Data
		note: DF.Text | None
	# end: auto-generated types


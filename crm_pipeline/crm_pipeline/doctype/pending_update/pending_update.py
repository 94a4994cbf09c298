from frappe.model.document import Document


class PendingUpdate(Document):
	"""What is still to be done because of a document; see chain/pending.py."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		arguments: DF.SmallText | None
		attempts: DF.Int
		document: DF.Data
		document_type: DF.Data
		error: DF.SmallText | None
		what: DF.Literal["Amounts", "Sale", "Contract", "Help Notice", "Duplicate Notice", "Move Notice", "Case Notice", "Promise", "Handover Notice", "Lead Score", "Lead Score Call"]
	# end: auto-generated types


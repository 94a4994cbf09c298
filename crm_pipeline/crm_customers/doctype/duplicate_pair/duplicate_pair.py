from frappe.model.document import Document


class DuplicatePair(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		decided_by: DF.Link | None
		decided_on: DF.Datetime | None
		decision: DF.Literal["", "Two"]
		document_name: DF.DynamicLink
		document_title: DF.Data | None
		document_type: DF.Link
		other_name: DF.DynamicLink
		other_title: DF.Data | None
		score: DF.Int
		signs: DF.Data | None
	# end: auto-generated types

	pass

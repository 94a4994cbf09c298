"""Sales Segment Member: a record that a snapshot of a segment holds, or that had left since the one before."""

from frappe.model.document import Document


class SalesSegmentMember(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		change: DF.Literal["", "Joined", "Left"]
		record: DF.DynamicLink
		record_type: DF.Link
		snapshot: DF.Link
	# end: auto-generated types

	pass

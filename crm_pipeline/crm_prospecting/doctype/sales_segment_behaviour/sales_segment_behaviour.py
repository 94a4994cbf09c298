"""Sales Segment Behaviour: something that records of a segment did, or did not do."""

from crm_pipeline.documents.document_row import DocumentRow


class SalesSegmentBehaviour(DocumentRow):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		days: DF.Int
		from_date: DF.Date | None
		item_code: DF.Link | None
		item_group: DF.Link | None
		kind: DF.Literal["Ordered", "Billed", "Contacted", "Open Deal"]
		max_amount: DF.Float
		min_amount: DF.Float
		min_events: DF.Int
		min_quantity: DF.Float
		negated: DF.Check
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		to_date: DF.Date | None
	# end: auto-generated types

	pass

from crm_pipeline.documents.document_row import DocumentRow


class CustomerCaseEntry(DocumentRow):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		at: DF.Datetime
		by: DF.Link | None
		from_user: DF.Link | None
		kind: DF.Literal["Note", "Answer", "Forwarded", "Waiting", "Solved", "Reopened", "Withdrawn", "Rated"]
		minutes: DF.Int
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		text: DF.SmallText | None
		to_department: DF.Link | None
		to_user: DF.Link | None
	# end: auto-generated types

	pass

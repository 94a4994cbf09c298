from crm_pipeline.documents.document_row import DocumentRow


class SalesProjectMilestone(DocumentRow):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		completed_on: DF.Date | None
		due_date: DF.Date | None
		milestone: DF.Data
		notes: DF.SmallText | None
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		responsible: DF.Link | None
		status: DF.Literal["Open", "Done", "Cancelled"]
		task: DF.Link | None
	# end: auto-generated types

	pass

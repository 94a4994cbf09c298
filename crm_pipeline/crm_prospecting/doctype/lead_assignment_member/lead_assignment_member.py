from crm_pipeline.documents.document_row import DocumentRow


class LeadAssignmentMember(DocumentRow):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		capacity: DF.Int
		credit: DF.Int
		given: DF.Int
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		paused: DF.Check
		user: DF.Link
		weight: DF.Int
	# end: auto-generated types

	pass

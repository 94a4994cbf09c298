from crm_pipeline.documents.document_row import DocumentRow


class SalesHandoverReceiver(DocumentRow):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		industry: DF.Link | None
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		territory: DF.Link | None
		user: DF.Link
	# end: auto-generated types

	pass

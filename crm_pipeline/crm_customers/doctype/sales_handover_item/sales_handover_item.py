from crm_pipeline.documents.document_row import DocumentRow


class SalesHandoverItem(DocumentRow):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		document: DF.DynamicLink
		document_type: DF.Link | None
		message: DF.SmallText | None
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		party: DF.Data | None
		state: DF.Literal["Waiting", "Done", "Skipped", "Refused"]
		title: DF.Data | None
		to_user: DF.Link | None
	# end: auto-generated types

	pass

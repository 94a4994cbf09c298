from crm_pipeline.documents.document_row import DocumentRow


class SalesProjectMember(DocumentRow):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		department: DF.Link | None
		full_name: DF.Data | None
		function: DF.Literal["", "Lead", "Sales", "Presales", "Delivery", "Finance", "Legal", "Management"]
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		user: DF.Link
	# end: auto-generated types

	pass

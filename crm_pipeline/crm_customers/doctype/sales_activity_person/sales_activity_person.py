from crm_pipeline.documents.document_row import DocumentRow


class SalesActivityPerson(DocumentRow):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		colleague: DF.Link | None
		colleague_name: DF.Data | None
		contact: DF.Link | None
		contact_name: DF.Data | None
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
	# end: auto-generated types

	pass

from crm_pipeline.documents.document_row import DocumentRow


class SalesImportValue(DocumentRow):
	"""What a value of a file is called here."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		field: DF.Autocomplete
		file_value: DF.Data
		meaning: DF.Autocomplete | None
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
	# end: auto-generated types


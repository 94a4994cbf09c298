from crm_pipeline.documents.document_row import DocumentRow


class SalesImportColumn(DocumentRow):
	"""What a column of a file is."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		column_name: DF.Data
		field: DF.Autocomplete | None
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		sample: DF.Data | None
	# end: auto-generated types


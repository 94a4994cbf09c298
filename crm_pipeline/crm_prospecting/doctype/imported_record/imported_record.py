from frappe.model.document import Document


class ImportedRecord(Document):
	"""Which record an id of another system stands for; see importer/source_ids.py."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		document: DF.DynamicLink
		document_type: DF.Link
		external_key: DF.Data | None
		line: DF.Int
		moved_values: DF.LongText | None
		record_id: DF.Data
		sales_import: DF.Link | None
		source: DF.Data | None
	# end: auto-generated types


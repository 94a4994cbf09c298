from crm_pipeline.documents.document_row import DocumentRow


class LeadAnswer(DocumentRow):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		answer: DF.Data | None
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		points: DF.Int
		question: DF.Data | None
		question_key: DF.Data
	# end: auto-generated types

	pass

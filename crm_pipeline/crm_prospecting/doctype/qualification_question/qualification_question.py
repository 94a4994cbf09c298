from crm_pipeline.documents.document_row import DocumentRow


class QualificationQuestion(DocumentRow):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		choices: DF.SmallText
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		question: DF.Data
		question_key: DF.Data | None
		required: DF.Check
	# end: auto-generated types

	pass

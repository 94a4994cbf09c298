from crm_pipeline.documents.document_row import DocumentRow


class PipelineStageTask(DocumentRow):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		due_after_days: DF.Int
		guidance: DF.SmallText | None
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		subject: DF.Data
		way: DF.Link
	# end: auto-generated types

	pass

from crm_pipeline.documents.document_row import DocumentRow


class SalesDealCompetitor(DocumentRow):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		competitor: DF.Link
		notes: DF.SmallText | None
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		position: DF.Literal["", "Behind", "Even", "Ahead"]
		price: DF.Currency
	# end: auto-generated types

	pass

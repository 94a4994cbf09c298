from crm_pipeline.documents.document_row import DocumentRow


class CostEstimateItem(DocumentRow):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		activity_type: DF.Link | None
		conversion_factor: DF.Float
		cost_amount: DF.Currency
		cost_basis: DF.Data | None
		cost_rate: DF.Currency
		cost_source: DF.Literal["", "Valuation", "BOM", "Product Bundle", "Last Purchase", "Activity Cost", "By Hand"]
		hours: DF.Float
		item_code: DF.Link
		item_name: DF.Data | None
		margin: DF.Currency
		margin_percentage: DF.Percent
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		qty: DF.Float
		rate: DF.Currency
		selling_amount: DF.Currency
		stock_qty: DF.Float
		stock_uom: DF.Link | None
		uom: DF.Link | None
	# end: auto-generated types

	pass

from crm_pipeline.documents.document_row import DocumentRow


class PipelineStageGate(DocumentRow):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		contact_role: DF.Literal["", "Buyer", "Payer", "User", "Decision Maker", "Influencer", "Gatekeeper"]
		days: DF.Int
		document_type: DF.Literal["", "Quotation", "Cost Estimate", "Sales Project", "Sales Contract", "Sales Order Request", "Sales Order"]
		fieldname: DF.Autocomplete | None
		kind: DF.Literal["Field Filled", "Check", "Document Exists", "Contact With Role", "Recent Activity"]
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		submitted: DF.Check
		text: DF.Data | None
	# end: auto-generated types

	pass

from crm_pipeline.documents.document_row import DocumentRow


class SalesDealContact(DocumentRow):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		contact: DF.Link | None
		contact_name: DF.Data | None
		designation: DF.Data | None
		email_id: DF.Data | None
		influence: DF.Literal["", "Low", "Medium", "High"]
		match_phone: DF.Data | None
		mobile_no: DF.Data | None
		notes: DF.SmallText | None
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		phone: DF.Data | None
		role: DF.Literal["", "Buyer", "Payer", "User", "Decision Maker", "Influencer", "Gatekeeper"]
	# end: auto-generated types

	pass

from frappe.model.document import Document

from crm_pipeline.chain import incoming


class SalesLostReason(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		description: DF.SmallText | None
		disabled: DF.Check
		reason: DF.Data
	# end: auto-generated types

	def validate(self):
		incoming.take_in(self)

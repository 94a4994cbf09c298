from crm_pipeline.chain.standard_kinds import Kind


class SalesChannel(Kind):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		channel_name: DF.Data
		description: DF.SmallText | None
		disabled: DF.Check
		standard_key: DF.Data | None
	# end: auto-generated types

	def validate(self):
		self.take_in()

from frappe.model.document import Document

from crm_pipeline.chain import incoming


class CaseSeverity(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		answer_hours: DF.Float
		disabled: DF.Check
		is_severe: DF.Check
		position: DF.Int
		severity: DF.Data
		solve_hours: DF.Float
	# end: auto-generated types

	def validate(self):
		incoming.take_in(self)

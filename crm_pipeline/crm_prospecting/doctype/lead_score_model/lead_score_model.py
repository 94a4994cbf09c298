from frappe.model.document import Document

from crm_pipeline.chain import incoming, system_fields


class LeadScoreModel(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		auc: DF.Float
		brier: DF.Float
		calibration: DF.LongText | None
		converted: DF.Int
		examples: DF.Int
		guess_brier: DF.Float
		judged: DF.Int
		model: DF.LongText | None
		rules_auc: DF.Float
		rules_brier: DF.Float
		split_on: DF.Datetime | None
		state: DF.Literal["", "Not Enough", "Not Better", "Better"]
		switched_off: DF.Check
		trained_on: DF.Datetime | None
	# end: auto-generated types

	def validate(self):
		incoming.take_in(self)
		system_fields.restore(self)

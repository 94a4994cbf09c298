from crm_pipeline.relations.relation_record import RelationRecord


class ContactRelation(RelationRecord):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		contact: DF.Link
		from_date: DF.Date | None
		notes: DF.SmallText | None
		related_contact: DF.Link
		relation_type: DF.Link
		to_date: DF.Date | None
	# end: auto-generated types

	def validate(self):
		self.take_in()
		self.check()

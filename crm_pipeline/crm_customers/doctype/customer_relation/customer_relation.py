from crm_pipeline.relations import customer_relations
from crm_pipeline.relations.relation_record import RelationRecord


class CustomerRelation(RelationRecord):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		customer: DF.Link
		from_date: DF.Date | None
		notes: DF.SmallText | None
		related_customer: DF.Link
		relation_type: DF.Link
		to_date: DF.Date | None
	# end: auto-generated types

	def validate(self):
		self.take_in()
		self.check()

	def on_update(self):
		customer_relations.follow_relation(self)

	def after_delete(self):
		customer_relations.follow_relation(self)

from crm_pipeline.chain.standard_kinds import Kind
from crm_pipeline.relations import relation_trees


class RelationType(Kind):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		applies_to: DF.Literal["Customer", "Contact"]
		disabled: DF.Check
		inverse_label: DF.Data
		is_tree: DF.Check
		relation_type: DF.Data
		standard_key: DF.Data | None
		tree_changes: DF.Int
	# end: auto-generated types

	def validate(self):
		self.take_in()
		relation_trees.check(self)

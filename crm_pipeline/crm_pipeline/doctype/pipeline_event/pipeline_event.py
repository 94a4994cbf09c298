import frappe
from frappe import _
from frappe.model.document import Document

from crm_pipeline.chain import extensions, passages


class PipelineEvent(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		at: DF.Datetime
		by: DF.Link | None
		company: DF.Link | None
		customer: DF.Link | None
		from_value: DF.Data | None
		kind: DF.Literal["Created", "Stage", "State", "Owner", "Amount", "Expected Close", "Conversion", "Hand-off", "Quotation", "Override", "Help"]
		note: DF.SmallText | None
		pipeline: DF.Link | None
		prospect: DF.Link | None
		reference_doctype: DF.Link
		reference_name: DF.DynamicLink
		related_doctype: DF.Link | None
		related_name: DF.DynamicLink | None
		seconds_spent: DF.Int
		to_value: DF.Data | None
	# end: auto-generated types

	def validate(self):
		if not self.is_new():
			frappe.throw(_("Pipeline Events can't be changed"), frappe.PermissionError)

	def after_insert(self):
		passages.follow(self)
		extensions.run("crm_pipeline_event", event=self)

	def on_trash(self):
		frappe.throw(_("Pipeline Events can't be deleted"), frappe.PermissionError)


def on_doctype_update():
	frappe.db.add_index("Pipeline Event", ["reference_doctype", "reference_name", "kind", "at"], "crm_event_of_document")
	# Everything that time per stage is counted from, in the order in which it is grouped.
	frappe.db.add_index(
		"Pipeline Event",
		["reference_doctype", "kind", "reference_name", "from_value", "at", "seconds_spent"],
		"crm_event_time_per_stage",
	)

from crm_pipeline.chain import incoming, link_titles, reference, system_fields


class SalesMemo(reference.AboutDocument):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		company: DF.Link | None
		copied_from: DF.Data | None
		customer: DF.Link | None
		memo: DF.TextEditor
		pinned: DF.Check
		prospect: DF.Link | None
		reference_doctype: DF.Link | None
		reference_name: DF.DynamicLink | None
		subject: DF.Data | None
	# end: auto-generated types

	def onload(self):
		link_titles.send(self)

	def validate(self):
		incoming.take_in(self)
		system_fields.restore(self)
		reference.follow(self)

from frappe.model.document import Document

from crm_pipeline.chain import link_titles
from crm_pipeline.coaching import help_requests as help_wanted


class SalesHelpRequest(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		answer: DF.Text | None
		answered_by: DF.Link | None
		answered_on: DF.Datetime | None
		asked_by: DF.Link | None
		asked_on: DF.Datetime | None
		company: DF.Link | None
		customer: DF.Link | None
		deal_title: DF.Data | None
		is_control_point: DF.Check
		manager: DF.Link | None
		pipeline: DF.Link | None
		prospect: DF.Link | None
		question: DF.SmallText
		reference_doctype: DF.Link
		reference_name: DF.DynamicLink
		stage: DF.Link | None
		status: DF.Literal["Open", "Answered", "Withdrawn"]
		wanted: DF.Literal["People", "Resources", "Price", "Advice", "Other"]
	# end: auto-generated types

	def onload(self):
		link_titles.send(self)
		self.set_onload("may_answer", self.status == "Open" and help_wanted.may_answer(self))

	def validate(self):
		help_wanted.follow(self)

	def on_update(self):
		help_wanted.notify(self)

from frappe.model.document import Document

from crm_pipeline.analytics import stall_verdicts
from crm_pipeline.chain import incoming, link_titles, reference, standard_kinds, system_fields
from crm_pipeline.core.kinds import ACTIVITY_TYPE, PHONE


class SalesActivity(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		company: DF.Link | None
		contact: DF.Link | None
		customer: DF.Link | None
		direction: DF.Literal["Outbound", "Inbound"]
		duration: DF.Duration | None
		next_step: DF.Data | None
		next_step_date: DF.Date | None
		notes: DF.TextEditor | None
		place: DF.Data | None
		playbook_key: DF.Data | None
		prospect: DF.Link | None
		reference_doctype: DF.Link | None
		reference_name: DF.DynamicLink | None
		result: DF.Literal["", "Reached", "Not Reached", "Interested", "Not Interested", "Decision Made", "Postponed"]
		sales_owner: DF.Link | None
		sales_person: DF.Link | None
		starts_on: DF.Datetime
		status: DF.Literal["Planned", "Done", "Cancelled"]
		subject: DF.Data
		way: DF.Link
	# end: auto-generated types

	def onload(self):
		link_titles.send(self)

	def validate(self):
		incoming.take_in(self)
		system_fields.restore(self)
		self.way = self.way or standard_kinds.name_of(ACTIVITY_TYPE, PHONE)
		reference.follow(self)

	def on_update(self):
		reference.pass_on_next_step(self)
		stall_verdicts.follow_reference(self)

	def after_delete(self):
		stall_verdicts.follow_reference(self)

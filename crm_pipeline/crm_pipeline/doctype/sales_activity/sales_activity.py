from crm_pipeline.activities import activity_times, participants
from crm_pipeline.analytics import stall_verdicts
from crm_pipeline.chain import incoming, link_titles, reference, standard_kinds, system_fields
from crm_pipeline.core.kinds import ACTIVITY_TYPE, PHONE
from crm_pipeline.parties import party
from crm_pipeline.scoring import lead_scores


class SalesActivity(reference.AboutDocument):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from crm_pipeline.crm_customers.doctype.sales_activity_person.sales_activity_person import SalesActivityPerson
		from frappe.types import DF

		cancelled_with_document: DF.Check
		company: DF.Link | None
		contact: DF.Link | None
		customer: DF.Link | None
		direction: DF.Literal["Outbound", "Inbound"]
		due_on: DF.Datetime | None
		duration: DF.Duration | None
		ends_on: DF.Datetime | None
		evaluation: DF.Rating
		next_step: DF.Data | None
		next_step_date: DF.Date | None
		next_step_done: DF.Check
		notes: DF.TextEditor | None
		people: DF.Table[SalesActivityPerson]
		place: DF.Data | None
		playbook_key: DF.Data | None
		priority: DF.Literal["High", "Medium", "Low"]
		prospect: DF.Link | None
		reference_doctype: DF.Link | None
		reference_name: DF.DynamicLink | None
		remind: DF.Literal["", "No Reminder", "At the Time", "5 Minutes Before", "15 Minutes Before", "30 Minutes Before", "1 Hour Before", "2 Hours Before", "1 Day Before", "2 Days Before", "1 Week Before"]
		remind_at: DF.Datetime | None
		reminded_on: DF.Datetime | None
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
		party.need_seen(self)
		self.way = self.way or standard_kinds.name_of(ACTIVITY_TYPE, PHONE)
		reference.follow(self)
		participants.follow(self)
		activity_times.follow(self)
		reference.follow_own_state(self)

	def on_update(self):
		self.hand_on_next_step()
		stall_verdicts.follow_reference(self)
		self.follow_lead_scores()

	def on_recurring(self, reference_doc, auto_repeat_doc):
		activity_times.repeat(self, auto_repeat_doc.next_schedule_date)

	def hand_on_next_step(self):
		"""Where the deal has it, it waits there alone."""
		before = self.get_doc_before_save()
		new = not before or (before.status, before.next_step, before.next_step_date) != (
			self.status,
			self.next_step,
			self.next_step_date,
		)
		if new and reference.pass_on_next_step(self) and not self.next_step_done:
			self.db_set("next_step_done", 1, update_modified=False)

	def after_delete(self):
		stall_verdicts.follow_reference(self)
		self.follow_lead_scores()

	def follow_lead_scores(self):
		"""Of the lead that it is about, and of the one that it was about."""
		before = self.get_doc_before_save() or self
		for about in dict.fromkeys((doc.reference_doctype, doc.reference_name) for doc in (self, before)):
			lead_scores.note_happened(*about)

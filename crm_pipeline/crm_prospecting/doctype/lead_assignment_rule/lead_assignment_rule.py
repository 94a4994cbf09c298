"""Lead Assignment Rule: which leads it gives, and to whom; asked in the order of its position."""

from frappe.model.document import Document

from crm_pipeline.assignment import rule_records
from crm_pipeline.chain import incoming, link_titles, locks, system_fields


class LeadAssignmentRule(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from crm_pipeline.crm_prospecting.doctype.lead_assignment_member.lead_assignment_member import LeadAssignmentMember
		from frappe.types import DF

		amount_from: DF.Float
		amount_to: DF.Float
		answer_minutes: DF.Int
		channel: DF.Link | None
		company: DF.Link | None
		description: DF.SmallText | None
		disabled: DF.Check
		employees_from: DF.Int
		employees_to: DF.Int
		escalate: DF.Check
		given: DF.Int
		industry: DF.Link | None
		item: DF.Link | None
		item_group: DF.Link | None
		members: DF.Table[LeadAssignmentMember]
		method: DF.Literal["Rotation", "Least Open Load", "Territory Owner", "Regional Manager"]
		next_minutes: DF.Int
		next_rule: DF.Link | None
		own_filters: DF.Code | None
		position: DF.Int
		remind_minutes: DF.Int
		segment: DF.Link | None
		territory: DF.Link | None
		title: DF.Data
	# end: auto-generated types

	def save(self, *args, **kwargs):
		"""Whoever gives leads at this moment counts turns in its rows: first they end."""
		with locks.lost_race_in_words():
			if incoming.is_stored(self):
				locks.lock((self.doctype, self.name))
			return super().save(*args, **kwargs)

	def onload(self):
		link_titles.send(self)

	def validate(self):
		incoming.take_in(self)
		system_fields.restore(self)
		rule_records.follow(self)

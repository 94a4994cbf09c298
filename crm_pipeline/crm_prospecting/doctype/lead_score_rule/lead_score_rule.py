from frappe.model.document import Document

from crm_pipeline.chain import incoming, jobs
from crm_pipeline.scoring import score_rules


class LeadScoreRule(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		activity_type: DF.Link | None
		answer: DF.Data | None
		days: DF.Int
		direction: DF.Literal["", "Outbound", "Inbound"]
		disabled: DF.Check
		fieldname: DF.Autocomplete | None
		kind: DF.Literal["Field", "Territory", "Answer", "Activities", "E-mails", "Page Views", "Silence"]
		most: DF.Int
		operator: DF.Literal["is", "is not", "contains", "is set", "is not set", "at least", "at most"]
		page: DF.Data | None
		points: DF.Int
		question_key: DF.Autocomplete | None
		result: DF.Literal["", "Reached", "Not Reached", "Interested", "Not Interested", "Decision Made", "Postponed"]
		rule_name: DF.Data
		territory: DF.Link | None
		value: DF.SmallText | None
	# end: auto-generated types

	def onload(self):
		self.set_onload("problem", score_rules.problem_of(self))
		self.set_onload("fields", score_rules.choices())
		self.set_onload("questions", score_rules.question_keys())

	def validate(self):
		incoming.take_in(self)
		score_rules.follow(self)

	def on_update(self):
		jobs.queue("Lead Scores")

	def on_trash(self):
		jobs.queue("Lead Scores")

from crm_pipeline.analytics import indexes, stall_verdicts
from crm_pipeline.chain import optional_steps
from crm_pipeline.deals import stage_moves
from crm_pipeline.documents.deal_document import Deal


class SalesOpportunity(Deal):
	def on_change(self):
		if not self.flags.in_delete:
			stall_verdicts.follow(self)

	def validate(self):
		self.take_in()
		self.set_people()
		self.set_money()
		stage_moves.follow_stage(self)
		if self.has_value_changed("pipeline"):
			optional_steps.require_before(self, "Sales Lead")


def on_doctype_update():
	indexes.make("Sales Opportunity")

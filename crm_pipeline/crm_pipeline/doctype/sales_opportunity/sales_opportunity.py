from crm_pipeline.analytics import indexes, stall_verdicts
from crm_pipeline.chain import optional_steps
from crm_pipeline.coaching import help_requests as help_wanted
from crm_pipeline.deals import stage_moves
from crm_pipeline.documents.chain_document import ChainDocument
from crm_pipeline.leads import origins, qualification
from crm_pipeline.orders import roll_up


class SalesOpportunity(ChainDocument):
	def onload(self):
		super().onload()
		self.set_onload("orders", roll_up.documents_of(self.doctype, self.name))
		self.set_onload("leads", origins.leads_of(self.doctype, [self.name]).get(self.name, []))

	def on_update(self):
		super().on_update()
		if not self.flags.state_written:
			help_wanted.call_at_control_point(self)

	def on_change(self):
		if not self.flags.in_delete:
			stall_verdicts.follow(self)

	def on_trash(self):
		super().on_trash()
		help_wanted.forget(self)
		qualification.deal_deleted(self)

	def validate(self):
		self.take_in()
		self.set_party()
		self.set_sales_person()
		self.validate_party()
		self.validate_source()
		self.set_currency()
		self.set_rows()
		self.set_deal_amount()
		stage_moves.follow_stage(self)
		if self.has_value_changed("pipeline"):
			optional_steps.require_before(self, "Sales Lead")


def on_doctype_update():
	indexes.make("Sales Opportunity")

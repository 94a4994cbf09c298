from crm_pipeline.chain import help as help_wanted
from crm_pipeline.chain import leads, moves, origins, roll_up, steps
from crm_pipeline.chain.document import ChainDocument
from crm_pipeline.figures import indexes, stalled


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
			stalled.follow(self)

	def on_trash(self):
		super().on_trash()
		help_wanted.forget(self)
		leads.deal_deleted(self)

	def validate(self):
		self.take_in()
		self.set_party()
		self.set_sales_person()
		self.validate_party()
		self.validate_source()
		self.set_currency()
		self.set_rows()
		self.set_deal_amount()
		moves.follow_stage(self)
		if self.has_value_changed("pipeline"):
			steps.require_before(self, "Sales Lead")


def on_doctype_update():
	indexes.make("Sales Opportunity")

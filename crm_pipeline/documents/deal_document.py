"""What opportunities and sales projects do on save. Their own verbs stand in their controllers."""

from crm_pipeline.chain import passages
from crm_pipeline.coaching import help_requests as help_wanted
from crm_pipeline.documents.chain_document import ChainDocument
from crm_pipeline.leads import origins, qualification
from crm_pipeline.orders import roll_up
from crm_pipeline.orders.returned import returned_from
from crm_pipeline.parties import party
from crm_pipeline.parties.reach import reach_of


class Deal(ChainDocument):
	"""A sale that is pursued through stages. Which types are: core/registry.py; how it moves: deals/stage_moves.py."""

	def onload(self):
		super().onload()
		self.set_onload("orders", roll_up.documents_of(self.doctype, self.name))
		self.set_onload("reach", reach_of(self.doctype, [self])[self.name])
		self.set_onload("stage_visits", passages.entered(self.doctype, self.name))
		self.set_onload("returned", returned_from(self.doctype, self.name))
		self.set_onload("leads", origins.leads_of(self.doctype, [self.name]).get(self.name, []))

	def on_update(self):
		super().on_update()
		if not self.flags.state_written:
			help_wanted.give_up(self)
			help_wanted.call_at_control_point(self)

	def on_trash(self):
		super().on_trash()
		help_wanted.forget(self)
		qualification.deal_deleted(self)

	def set_party(self):
		party.adopt_typed(self)
		super().set_party()

	def set_money(self):
		"""What it is worth: currency, rows, amount."""
		self.set_currency()
		self.set_rows()
		self.set_deal_amount()

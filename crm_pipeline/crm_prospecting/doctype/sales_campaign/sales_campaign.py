from crm_pipeline.documents.chain_document import ChainDocument
from crm_pipeline.orders import roll_up


class SalesCampaign(ChainDocument):
	# A campaign starts chains: nothing stands before it, and ChainDocument asks for no source.
	source_type = source_name = None

	def onload(self):
		super().onload()
		self.set_onload("orders", roll_up.documents_of(self.doctype, self.name))

	def validate(self):
		self.take_in()
		self.validate_status()
		self.set_currency()
		self.validate_order_of_dates(("start_date", "end_date"))

from crm_pipeline.chain.standard_kinds import Kind


class SalesActivityType(Kind):
	def validate(self):
		self.take_in()

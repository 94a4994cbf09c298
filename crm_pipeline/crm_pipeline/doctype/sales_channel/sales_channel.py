from crm_pipeline.chain.standard_kinds import Kind


class SalesChannel(Kind):
	def validate(self):
		self.take_in()

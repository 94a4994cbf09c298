"""What contracts and order requests do on save. Their own verbs stand in their controllers."""

from crm_pipeline.chain import item_rows, status
from crm_pipeline.documents.chain_document import ChainDocument
from crm_pipeline.erp import native_totals
from crm_pipeline.orders import agreed_terms, roll_up
from crm_pipeline.orders.returned import returned_from


class Agreement(ChainDocument):
	"""What was agreed to be sold, submittable: items, prices, terms of payment, and what was ordered of it."""

	def onload(self):
		super().onload()
		self.set_onload("orders", roll_up.documents_of(self.doctype, self.name))
		self.set_onload("returned", returned_from(self.doctype, self.name))

	def print_figures(self) -> dict:
		"""Taxes and grand total for the print, by ERPNext's own calculation; called by the print formats."""
		return native_totals.taxes_of(self)

	def set_terms(self):
		"""Totals of its rows, a schedule of payment that pays them, a title; a new one says that it is a draft."""
		self.set_agreed_totals()
		item_rows.check_whole_units(self)
		item_rows.check_repeated(self)
		agreed_terms.check_payment_schedule(self)
		self.title = self.title or self.party_name
		# A draft may be in a state of the site's own.
		if not self.status:
			status.set_status(self, "Draft")

import frappe
from frappe import _

from crm_pipeline.chain import optional_steps
from crm_pipeline.core import lead as rules
from crm_pipeline.documents.chain_document import ChainDocument
from crm_pipeline.leads import qualification
from crm_pipeline.parties import party
from crm_pipeline.wording import bold


class SalesLead(ChainDocument):
	def before_insert(self):
		optional_steps.refuse_if_off(self, "Sales Lead")

	def validate(self):
		self.take_in()
		qualification.stamp_assessment(self)
		party.adopt_entry(self)
		self.set_party()
		self.validate_one_party()
		self.set_sales_person()
		self.validate_entry()
		self.validate_source()
		self.set_currency()
		self.set_rows()
		self.set_deal_amount()
		self.validate_state()

	def validate_one_party(self):
		party.validate_one_party(self)

	def validate_entry(self):
		if not (self.prospect or self.customer or self.prospect_name):
			frappe.throw(
				_("Say who it is: choose a Customer or a Prospect, or type a name in {0}").format(
					bold(_(self.meta.get_label("prospect_name")))
				),
				frappe.MandatoryError,
			)
		if not (self.prospect or self.customer):
			self.party_name = self.prospect_name

	def validate_state(self):
		"""A state set by import or API must be one the lead may enter; the buttons check before they save."""
		if self.flags.pop("state_checked", False):
			return
		before = self.get_doc_before_save()
		previous, wanted = before.status if before else rules.NEW, self.status
		if previous != wanted:
			if wanted == rules.CONVERTED:
				frappe.throw(
					_("A lead becomes {0} by its conversion only. Use the button Convert.").format(_(wanted)),
					qualification.LeadStateError,
				)
			self.status = previous
			qualification.move_lead(self, wanted)
			self.flags.state_checked = False

import frappe
from frappe import _
from frappe.contacts.address_and_contact import load_address_and_contact
from frappe.utils import validate_email_address

from crm_pipeline.chain import status
from crm_pipeline.chain.locks import set_rows
from crm_pipeline.core.registry import NATIVE, OWN
from crm_pipeline.documents.chain_document import ChainDocument
from crm_pipeline.erp import identity
from crm_pipeline.overrides import customer
from crm_pipeline.parties import verification
from crm_pipeline.wording import bold


class SalesProspect(ChainDocument):
	def onload(self):
		super().onload()
		load_address_and_contact(self)

	def validate(self):
		self.take_in()
		self.clean_texts()
		self.set_sales_person()
		self.validate_email()
		self.validate_source()
		self.keep_verification()
		self.set_keys()

	def clean_texts(self):
		self.prospect_name = " ".join((self.prospect_name or "").split())
		self.email_id = (self.email_id or "").strip() or None

	def validate_email(self):
		if self.email_id and not validate_email_address(self.email_id):
			frappe.throw(
				_("{0}: {1} is not an e-mail address").format(_(self.meta.get_label("email_id")), bold(self.email_id))
			)

	def keep_verification(self):
		"""Verification is final, and made by parties/verification.py alone: it points everything at the Customer."""
		if not self.status:
			status.set_status(self, "Unverified")

	def set_keys(self):
		self.update(identity.prospect_keys(self))

	def on_update(self):
		super().on_update()
		before = self.get_doc_before_save()
		if before and before.prospect_name != self.prospect_name:
			customer.follow_name("prospect", self.name, self.prospect_name)

	def before_rename(self, old, new, merge=False):
		if merge:
			verification.check_merge(self, new)

	def after_rename(self, old, new, merge=False):
		if merge:
			verification.take_over(self, old)
		# On ERPNext's documents the source is text.
		for doctype in NATIVE:
			set_rows(doctype, {"crm_source_type": self.doctype, "crm_source_name": old}, {"crm_source_name": new})
		customer.follow_name("prospect", new, self.prospect_name)

	def on_trash(self):
		super().on_trash()
		for doctype in OWN:
			used = frappe.get_meta(doctype).has_field("prospect") and frappe.db.exists(doctype, {"prospect": self.name})
			if used:
				frappe.throw(
					_("{0} {1} is about this prospect").format(_(doctype), bold(used)), frappe.LinkExistsError
				)

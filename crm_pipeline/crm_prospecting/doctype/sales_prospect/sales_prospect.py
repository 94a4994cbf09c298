import frappe
from frappe import _
from frappe.contacts.address_and_contact import load_address_and_contact
from frappe.utils import validate_email_address

from crm_pipeline.chain import sources, status
from crm_pipeline.core.registry import OWN
from crm_pipeline.documents.chain_document import ChainDocument
from crm_pipeline.duplicates import pair_records
from crm_pipeline.erp import identity
from crm_pipeline.overrides import customer
from crm_pipeline.parties import verification
from crm_pipeline.pool import pool_saves
from crm_pipeline.wording import bold


class SalesProspect(ChainDocument):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from crm_pipeline.crm_pipeline.doctype.sales_deal_competitor.sales_deal_competitor import SalesDealCompetitor
		from crm_pipeline.crm_pipeline.doctype.sales_deal_contact.sales_deal_contact import SalesDealContact
		from frappe.types import DF

		address_line1: DF.Data | None
		address_line2: DF.Data | None
		annual_revenue: DF.Currency
		assigned_on: DF.Datetime | None
		campaign: DF.Link | None
		channel: DF.Link | None
		city: DF.Data | None
		company: DF.Link
		competitors: DF.Table[SalesDealCompetitor]
		contact_name: DF.Data | None
		contacts: DF.Table[SalesDealContact]
		country: DF.Link | None
		customer: DF.Link | None
		customer_group: DF.Link | None
		designation: DF.Data | None
		email_id: DF.Data | None
		industry: DF.Link | None
		last_touch_on: DF.Datetime | None
		match_domain: DF.Data | None
		match_email: DF.Data | None
		match_mobile: DF.Data | None
		match_name: DF.Data | None
		match_phone: DF.Data | None
		match_tax_id: DF.Data | None
		mobile_no: DF.Data | None
		naming_series: DF.Literal["PROS-.YYYY.-.#####"]
		no_of_employees: DF.Int
		phone: DF.Data | None
		pincode: DF.Data | None
		pool_from: DF.Link | None
		pool_rule: DF.Link | None
		pool_since: DF.Datetime | None
		pool_warned_on: DF.Datetime | None
		prospect_kind: DF.Literal["Organisation", "Person"]
		prospect_name: DF.Data
		rejected_reason: DF.Link | None
		sales_owner: DF.Link | None
		sales_person: DF.Link | None
		source_name: DF.DynamicLink | None
		source_type: DF.Link | None
		state: DF.Data | None
		status: DF.Literal["Unverified", "Verified", "Rejected"]
		tax_id: DF.Data | None
		territory: DF.Link | None
		verification_method: DF.Data | None
		verification_note: DF.SmallText | None
		verified_by: DF.Link | None
		verified_on: DF.Datetime | None
		website: DF.Data | None
	# end: auto-generated types

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
		pool_saves.follow(self)

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
			pair_records.after_merge(self.doctype, new)
		sources.follow_rename(self.doctype, old, new)
		customer.follow_name("prospect", new, self.prospect_name)

	def on_trash(self):
		super().on_trash()
		for doctype in OWN:
			used = frappe.get_meta(doctype).has_field("prospect") and frappe.db.exists(doctype, {"prospect": self.name})
			if used:
				frappe.throw(
					_("{0} {1} is about this prospect").format(_(doctype), bold(used)), frappe.LinkExistsError
				)

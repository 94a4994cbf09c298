import frappe
from frappe import _

from crm_pipeline.chain import optional_steps, row_links, status, system_fields
from crm_pipeline.deals import conversions, outcome
from crm_pipeline.documents.agreement_document import Agreement
from crm_pipeline.orders import agreement, hand_off, native_limits, open_quantities
from crm_pipeline.orders.expiry import expire_contracts
from crm_pipeline.user_day import is_over, user_today

__all__ = ["SalesContract", "expire_contracts"]


class SalesContract(Agreement):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from crm_pipeline.crm_pipeline.doctype.sales_contract_item.sales_contract_item import SalesContractItem
		from crm_pipeline.crm_pipeline.doctype.sales_deal_competitor.sales_deal_competitor import SalesDealCompetitor
		from crm_pipeline.crm_pipeline.doctype.sales_deal_contact.sales_deal_contact import SalesDealContact
		from erpnext.accounts.doctype.payment_schedule.payment_schedule import PaymentSchedule
		from frappe.types import DF

		additional_discount_percentage: DF.Float
		amended_from: DF.Link | None
		amount: DF.Currency
		apply_discount_on: DF.Literal["", "Grand Total", "Net Total"]
		base_amount: DF.Currency
		base_total: DF.Currency
		billed_amount: DF.Currency
		campaign: DF.Link | None
		company: DF.Link
		competitors: DF.Table[SalesDealCompetitor]
		contact_person: DF.Link | None
		contacts: DF.Table[SalesDealContact]
		contract_date: DF.Date
		conversion_key: DF.Data | None
		conversion_rate: DF.Float
		currency: DF.Link
		customer: DF.Link
		customer_address: DF.Link | None
		customer_name: DF.Data | None
		delivered_amount: DF.Currency
		discount_amount: DF.Currency
		end_date: DF.Date | None
		ignore_pricing_rule: DF.Check
		items: DF.Table[SalesContractItem]
		language: DF.Data | None
		naming_series: DF.Literal["CON-.YYYY.-.#####"]
		order_changes: DF.Int
		ordered_amount: DF.Currency
		paid_amount: DF.Currency
		party_name: DF.Data | None
		payment_schedule: DF.Table[PaymentSchedule]
		payment_terms_template: DF.Link | None
		po_date: DF.Date | None
		po_no: DF.Data | None
		prospect: DF.Link | None
		sales_owner: DF.Link | None
		sales_person: DF.Link | None
		selling_price_list: DF.Link | None
		shipping_address_name: DF.Link | None
		signed_by_company: DF.Link | None
		signed_by_customer: DF.Data | None
		signed_on: DF.Date | None
		source_name: DF.DynamicLink | None
		source_type: DF.Link | None
		start_date: DF.Date | None
		status: DF.Literal["Draft", "Active", "Fulfilled", "Expired", "Terminated", "Cancelled"]
		tax_category: DF.Link | None
		taxes_and_charges: DF.Link | None
		tc_name: DF.Link | None
		terminated_on: DF.Date | None
		termination_reason: DF.SmallText | None
		terms: DF.TextEditor | None
		territory: DF.Link | None
		title: DF.Data
		total: DF.Currency
		total_qty: DF.Float
	# end: auto-generated types

	COUNTED = ("order_changes",)

	def rows_to_lock(self):
		return conversions.rows_of_sale(self.doctype, self.name) if self.docstatus else super().rows_to_lock()

	def before_insert(self):
		self.keep_conversion_key()

	def validate(self):
		self.take_in()
		self.set_people()
		self.validate_steps()
		self.validate_order_of_dates(("start_date", "end_date"))
		self.validate_not_future("signed_on")
		self.set_currency()
		row_links.follow_items(self)
		self.set_origin_of_rows()
		self.set_rows()
		self.set_terms()

	def before_update_after_submit(self):
		self.take_in()
		self.signed_on = self.signed_on or self.get_doc_before_save().signed_on
		self.validate_not_future("signed_on")
		self.reopen_if_prolonged()

	def on_update_after_submit(self):
		if self.flags.state_written:
			return
		self.validate_order_of_dates(("start_date", "end_date"))
		super().on_update_after_submit()
		if self.has_value_changed("signed_on"):
			outcome.sync_ancestors(self.doctype, self.name)

	def before_submit(self):
		native_limits.check_quoted_rates(self)
		native_limits.check_item_limits(self)
		status.set_status(self, "Active")
		self.signed_on = self.signed_on or user_today()

	def on_submit(self):
		hand_off.take_over(self)
		outcome.sync_ancestors(self.doctype, self.name)

	def before_cancel(self):
		hand_off.refuse_waiting_requests(self)
		self.take_in()
		status.set_status(self, "Cancelled")

	def on_cancel(self):
		# Accepted requests and their orders stay: the amended contract counts them.
		self.ignore_linked_doctypes = ("Sales Order Request", "Sales Order", "Pipeline Event")
		self.db_set("conversion_key", None, update_modified=False)
		self.write_ledger()
		outcome.sync_ancestors(self.doctype, self.name)

	def validate_steps(self):
		deal, _before = optional_steps.deal_before(self)
		if deal:
			optional_steps.refuse_if_off(self, "Sales Contract", deal)
			optional_steps.require_before(self, "Quotation")

	def keep_conversion_key(self):
		"""An amended contract takes the place of the cancelled one in its deal."""
		key = f"{self.source_type}:{self.source_name}"
		if (
			self.amended_from
			and self.source_name
			and not frappe.db.exists("Sales Contract", {"conversion_key": key})
		):
			system_fields.write(self, conversion_key=key)

	def set_origin_of_rows(self):
		agreement.keep_origins(self)
		agreement.keep_quotation_rows(self)

	def reopen_if_prolonged(self):
		if self.status == "Expired" and not (self.end_date and is_over(self.end_date)):
			status.set_status(self, "Active")

	def terminate(self, reason: str):
		"""End a contract early; no order may come from it any more."""
		if self.docstatus != 1 or not status.can_become(self, "Terminated"):
			frappe.throw(_("Contract {0} is {1} and can't be terminated").format(self.name, _(self.status)))
		if not (reason or "").strip():
			frappe.throw(_("Please say why the contract is terminated"), frappe.MandatoryError)
		ended = {"terminated_on": user_today(), "termination_reason": reason.strip()}
		status.set_status(self, "Terminated", ended, save=True)

	def expire(self):
		"""The contract's last day is over; no order may come from it any more."""
		status.set_status(self, "Expired", save=True)

	def left(self) -> dict[str, float]:
		"""Stock quantity that may still be ordered, by row name."""
		left = open_quantities.of_contract(self.name)
		return {row.name: left.get(row.origin_item, 0.0) for row in self.items}

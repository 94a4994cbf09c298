import frappe
from frappe import _
from frappe.utils import now_datetime

from crm_pipeline.chain import ledger, optional_steps, row_links, status
from crm_pipeline.documents.agreement_document import Agreement
from crm_pipeline.orders import acceptance, agreement, hand_off, native_limits, native_order, request_rows, returned
from crm_pipeline.warnings import hand_off_gate
from crm_pipeline.wording import bold


class SalesOrderRequest(Agreement):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from crm_pipeline.crm_pipeline.doctype.sales_deal_competitor.sales_deal_competitor import SalesDealCompetitor
		from crm_pipeline.crm_pipeline.doctype.sales_deal_contact.sales_deal_contact import SalesDealContact
		from crm_pipeline.crm_pipeline.doctype.sales_order_request_item.sales_order_request_item import SalesOrderRequestItem
		from erpnext.accounts.doctype.payment_schedule.payment_schedule import PaymentSchedule
		from frappe.types import DF

		accepted_by: DF.Link | None
		accepted_on: DF.Datetime | None
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
		contract: DF.Link | None
		conversion_rate: DF.Float
		currency: DF.Link
		customer: DF.Link
		customer_address: DF.Link | None
		customer_name: DF.Data | None
		delivered_amount: DF.Currency
		delivery_date: DF.Date | None
		discount_amount: DF.Currency
		ignore_pricing_rule: DF.Check
		instructions: DF.SmallText | None
		items: DF.Table[SalesOrderRequestItem]
		language: DF.Data | None
		naming_series: DF.Literal["SOR-.YYYY.-.#####"]
		ordered_amount: DF.Currency
		overridden_by: DF.Link | None
		overridden_on: DF.Datetime | None
		overridden_warnings: DF.Data | None
		override_reason: DF.SmallText | None
		paid_amount: DF.Currency
		party_name: DF.Data | None
		payment_schedule: DF.Table[PaymentSchedule]
		payment_terms_template: DF.Link | None
		po_date: DF.Date | None
		po_no: DF.Data | None
		prospect: DF.Link | None
		requested_by: DF.Link | None
		requested_on: DF.Datetime | None
		return_reason: DF.SmallText | None
		returned_by: DF.Link | None
		returned_on: DF.Datetime | None
		sales_owner: DF.Link | None
		sales_person: DF.Link | None
		selling_price_list: DF.Link | None
		set_warehouse: DF.Link | None
		shipping_address_name: DF.Link | None
		source_name: DF.DynamicLink | None
		source_type: DF.Link | None
		status: DF.Literal["Draft", "Requested", "Accepted", "Delivered", "Completed", "Returned", "Cancelled"]
		tax_category: DF.Link | None
		taxes_and_charges: DF.Link | None
		tc_name: DF.Link | None
		terms: DF.TextEditor | None
		territory: DF.Link | None
		title: DF.Data | None
		total: DF.Currency
		total_qty: DF.Float
		transaction_date: DF.Date
	# end: auto-generated types

	def onload(self):
		super().onload()
		self.set_onload("may_accept", acceptance.ORDER_DESK in frappe.get_roles())
		self.set_onload("returned", returned.waiting([self.name]) if self.status == "Returned" else [])

	def rows_to_lock(self):
		return hand_off.rows_of_request(self) if self.docstatus else super().rows_to_lock()

	def validate(self):
		self.take_in()
		self.set_contract()
		self.set_people()
		self.validate_dates()
		self.validate_warehouses()
		self.set_currency()
		row_links.follow_items(self)
		agreement.keep_quotation_rows(self)
		self.set_agreed_rows()
		self.set_rows()
		self.set_agreed_discount()
		self.set_terms()

	def before_update_after_submit(self):
		self.take_in()

	def before_submit(self):
		self.validate_steps()
		self.check_native_limits()
		hand_off.check_delivery_dates(self)
		hand_off.check_remaining(self)
		hand_off_gate.check(self)
		asked = {"requested_by": frappe.session.user, "requested_on": now_datetime()}
		status.set_status(self, "Requested", asked)

	def check_native_limits(self):
		native_limits.check_purchase_order(self)
		# The rates of a contract were checked when it was signed.
		if not self.contract:
			native_limits.check_quoted_rates(self)
			native_limits.check_item_limits(self)

	def on_submit(self):
		ledger.record(self, "Hand-off", "Draft", "Requested")

	def before_cancel(self):
		order = native_order.live_order_of(self.name)
		if order:
			frappe.throw(
				_("Order request {0} has Sales Order {1}. Cancel that first.").format(
					self.name, bold(order)
				),
				hand_off.HandOffError,
			)
		self.take_in()
		status.set_status(self, "Returned" if self.flags.return_reason else "Cancelled")

	def on_cancel(self):
		self.ignore_linked_doctypes = ("Sales Order", "Pipeline Event")
		if self.flags.return_reason:
			self.db_set(
				{
					"returned_by": frappe.session.user,
					"returned_on": now_datetime(),
					"return_reason": self.flags.return_reason,
				}
			)
		ledger.record(self, "Hand-off", "Requested", self.status, note=self.flags.return_reason)

	def set_contract(self):
		"""Source and contract are the same thing when the request comes from a contract, and so is their currency."""
		if self.source_type == "Sales Contract":
			self.contract = self.source_name
		elif self.contract and not self.source_type:
			self.source_type, self.source_name = "Sales Contract", self.contract
		elif self.contract:
			frappe.throw(
				_("A request of Contract {0} comes from that contract, not from {1} {2}").format(
					bold(self.contract), _(self.source_type), self.source_name
				),
				title=_("Wrong Source"),
			)
		if self.contract:
			request_rows.follow_currency(self)

	def validate_dates(self):
		self.validate_order_of_dates(("transaction_date", "delivery_date"))
		request_rows.check_dates(self)

	def validate_warehouses(self):
		request_rows.check_warehouses(self)

	def validate_steps(self):
		if not self.contract:
			optional_steps.require_before(self, "Sales Contract")
			optional_steps.require_before(self, "Quotation")

	def set_agreed_rows(self):
		"""Prices and units of rows from a contract are those of the contract."""
		if self.contract:
			request_rows.follow_contract(self)

	def set_agreed_discount(self):
		"""The additional discount of a contract is as much agreed as its prices; a part order gets its part."""
		if self.contract:
			request_rows.follow_discount(self)

import frappe
from frappe import _
from frappe.utils import getdate, now_datetime

from crm_pipeline.chain import hand_off, ledger, roll_up, steps, terms
from crm_pipeline.chain.document import ChainDocument, forget
from crm_pipeline.chain.locks import lock, lost_race_in_words
from crm_pipeline.erp import remaining, sales_order

# What a row of a contract has agreed; a request can't ask for anything else.
AGREED_IN_ROW = ("item_code", "uom", "conversion_factor", "price_list_rate", "discount_percentage", "rate")

# What happened to the request before; the Amend button copies it.
STAMPS = (
	"requested_by", "requested_on", "accepted_by", "accepted_on", "returned_by", "returned_on", "return_reason",
	"ordered_amount", "delivered_amount", "billed_amount", "paid_amount",
)  # fmt: skip
AGREED_DISCOUNT = ("apply_discount_on", "additional_discount_percentage", "discount_amount")


class SalesOrderRequest(ChainDocument):
	def onload(self):
		self.set_onload("orders", roll_up.documents_of(self.doctype, self.name))
		self.set_onload("may_accept", hand_off.ORDER_DESK in frappe.get_roles())

	def save(self, *args, **kwargs):
		"""Frappe locks the request while saving; whoever decides on what remains locks the contract before it."""
		with lost_race_in_words():
			if self.docstatus == 1 and self.contract:
				lock("Sales Contract", remaining.contract_root(self.contract))
			return super().save(*args, **kwargs)

	def before_insert(self):
		forget(self, STAMPS)

	def validate(self):
		self.set_contract()
		self.set_party()
		self.validate_party()
		self.validate_source()
		self.validate_dates()
		self.validate_warehouses()
		self.set_currency()
		self.set_agreed_rows()
		self.set_rows()
		self.set_agreed_discount()
		self.set_agreed_totals()
		terms.check_payment_schedule(self)
		self.set_title()
		if self.docstatus == 0:
			self.status = "Draft"

	def before_submit(self):
		self.validate_steps()
		hand_off.check_remaining(self)
		self.update(
			{"status": "Requested", "requested_by": frappe.session.user, "requested_on": now_datetime()}
		)

	def on_submit(self):
		ledger.record(self, "Hand-off", "Draft", "Requested")

	def before_cancel(self):
		order = sales_order.live_order_of(self.name)
		if order:
			frappe.throw(
				_("Order request {0} has Sales Order {1}. Cancel that first.").format(
					self.name, frappe.bold(order)
				),
				hand_off.HandOffError,
			)
		self.status = "Returned" if self.flags.return_reason else "Cancelled"

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

	def set_title(self):
		self.title = self.title or self.party_name

	def set_contract(self):
		"""Source and contract are the same thing when the request comes from a contract."""
		if self.source_type == "Sales Contract":
			self.contract = self.source_name
		elif self.contract and not self.source_type:
			self.source_type, self.source_name = "Sales Contract", self.contract

	def validate_dates(self):
		self.validate_order_of_dates(("transaction_date", "delivery_date"))
		for row in self.items:
			if row.delivery_date and getdate(row.delivery_date) < getdate(self.transaction_date):
				frappe.throw(
					_("Row {0}: {1} is before {2}").format(
						row.idx,
						frappe.bold(_(row.meta.get_label("delivery_date"))),
						_(self.meta.get_label("transaction_date")),
					),
					title=_("Dates the Wrong Way Round"),
				)

	def validate_warehouses(self):
		"""Each warehouse belongs to the company, is in use and no group."""
		for row in (self, *self.items):
			field = "set_warehouse" if row is self else "warehouse"
			if not row.get(field):
				continue
			warehouse = frappe.get_cached_value(
				"Warehouse", row.get(field), ["company", "disabled", "is_group"], as_dict=True
			)
			if not warehouse or (
				warehouse.company == self.company and not (warehouse.disabled or warehouse.is_group)
			):
				continue
			frappe.throw(
				_("{0}{1}: {2} is no warehouse of Company {3} that can deliver").format(
					"" if row is self else _("Row {0}: ").format(row.idx),
					frappe.bold(_(row.meta.get_label(field))),
					row.get(field),
					self.company,
				),
				title=_("Wrong Warehouse"),
			)

	def validate_steps(self):
		if not self.contract:
			steps.require_before(self, "Sales Contract")
			steps.require_before(self, "Quotation")

	def set_agreed_rows(self):
		"""Prices and units of rows from a contract are those of the contract."""
		if not self.contract:
			return
		agreed = {
			row.origin_item: row
			for row in frappe.get_all(
				"Sales Contract Item",
				filters={"parent": self.contract},
				fields=["origin_item", "quotation", "quotation_item", *AGREED_IN_ROW],
				order_by="idx asc",
				limit=0,
			)
		}
		for row in self.items:
			if not row.contract_item:
				row.contract_item = next((k for k, v in agreed.items() if v.item_code == row.item_code), None)
			if row.contract_item not in agreed:
				frappe.throw(
					_("Row {0}: {1} {2} is not in Contract {3}").format(
						row.idx, _("Item"), frappe.bold(row.item_code), self.contract
					),
					hand_off.HandOffError,
				)
			terms = agreed[row.contract_item]
			row.update({field: terms[field] for field in (*AGREED_IN_ROW, "quotation", "quotation_item")})

	def set_agreed_discount(self):
		"""The additional discount of a contract is as much agreed as its prices; a part order gets its part."""
		if not self.contract:
			return
		contract = frappe.get_doc("Sales Contract", self.contract)
		self.update({field: contract.get(field) for field in AGREED_DISCOUNT})
		terms.share_discount(contract, self)

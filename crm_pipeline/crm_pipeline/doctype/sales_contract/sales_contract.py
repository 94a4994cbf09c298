import frappe
from frappe import _

from crm_pipeline.chain import optional_steps, row_links, status, system_fields
from crm_pipeline.deals import conversions, outcome
from crm_pipeline.documents.agreement_document import Agreement
from crm_pipeline.orders import agreement, hand_off, open_quantities
from crm_pipeline.orders.expiry import expire_contracts
from crm_pipeline.user_day import is_over, user_today

__all__ = ["SalesContract", "expire_contracts"]


class SalesContract(Agreement):
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
			outcome.settle_ancestors(self.doctype, self.name)

	def before_submit(self):
		status.set_status(self, "Active")
		self.signed_on = self.signed_on or user_today()

	def on_submit(self):
		hand_off.take_over(self)
		outcome.settle_ancestors(self.doctype, self.name)

	def before_cancel(self):
		hand_off.refuse_waiting_requests(self)
		self.take_in()
		status.set_status(self, "Cancelled")

	def on_cancel(self):
		# Accepted requests and their orders stay: the amended contract counts them.
		self.ignore_linked_doctypes = ("Sales Order Request", "Sales Order", "Pipeline Event")
		self.db_set("conversion_key", None, update_modified=False)
		self.write_ledger()
		outcome.settle_ancestors(self.doctype, self.name)

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

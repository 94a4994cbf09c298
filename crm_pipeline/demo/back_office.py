"""What stores and finance do in the story, all of it with ERPNext's own documents."""

from datetime import timedelta

import frappe
from frappe.utils import flt, nowdate

from crm_pipeline.core.chain import Ref
from crm_pipeline.demo import clock, demo_promises, story, world


class BackOffice:
	"""The verbs of plan.py that come after the order. A Player brings `refs`, `doc` and the rest."""

	def receive(self, key, share):
		entry = frappe.new_doc("Stock Entry")
		entry.update({"stock_entry_type": "Material Receipt", "purpose": "Material Receipt", "company": story.COMPANY})
		for product in story.GOODS:
			entry.append(
				"items",
				{
					"item_code": self.items[product.name],
					"qty": int(product.stocked * share),
					"t_warehouse": world.warehouse(),
					"basic_rate": product.price * self.scale * 0.55,
				},
			)
		entry.insert()
		entry.submit()

	def deliver(self, key, share):
		from erpnext.selling.doctype.sales_order.sales_order import make_delivery_note

		note = make_delivery_note(self.refs[key].name)
		if share < 1:
			# Services come with the last delivery.
			note.items = [row for row in note.items if self._stocked(row)]
			for row in note.items:
				row.qty = max(int(row.qty * share), 1)
		self._post(note)
		self.refs[f"{key} note"] = Ref(note.doctype, note.name)

	def take_back(self, key, share):
		from erpnext.stock.doctype.delivery_note.delivery_note import make_sales_return

		note = make_sales_return(self.refs[f"{key} note"].name)
		self._return_part(note, share)

	def bill(self, key, share):
		"""What was delivered so far; services with the last delivery."""
		from erpnext.selling.doctype.sales_order.sales_order import make_sales_invoice

		order = self.doc(key)
		ready = {row.name: flt(row.delivered_qty) - self._billed(row.name) for row in order.items if self._stocked(row)}
		complete = all(flt(row.delivered_qty) >= flt(row.qty) for row in order.items if self._stocked(row))
		invoice = make_sales_invoice(order.name)
		kept = []
		for row in invoice.items:
			if self._stocked(row):
				row.qty = ready[row.so_detail]
			if row.qty > 0 and (self._stocked(row) or complete):
				kept.append(row)
		if not kept:
			return
		invoice.items = kept
		invoice.payment_schedule = []
		invoice.allocate_advances_automatically = 1
		self._post(invoice)
		self.refs[f"{key} invoice"] = Ref(invoice.doctype, invoice.name)

	def credit(self, key, share):
		from erpnext.accounts.doctype.sales_invoice.sales_invoice import make_sales_return

		note = make_sales_return(self.refs[f"{key} invoice"].name)
		# Taken off the invoice, so that the customer pays the rest and not the whole.
		note.update_outstanding_for_self = 0
		self._return_part(note, share)

	def pay_advance(self, key, share):
		self._pay(self.doc(key), share)

	def pay(self, key, share):
		"""The oldest invoice of the order that still has something open."""
		names = frappe.get_all(
			"Sales Invoice Item", filters={"sales_order": self.refs[key].name, "docstatus": 1}, pluck="parent",
			order_by="creation asc",
		)  # fmt: skip
		unpaid = frappe.get_all(
			"Sales Invoice", filters={"name": ("in", names or [""]), "outstanding_amount": (">", 0)}, pluck="name",
			order_by="posting_date asc, name asc", limit=1,
		)  # fmt: skip
		if unpaid:
			if share < 1:
				# Who pays in parts said so before.
				clock.set_to(self.step.at - timedelta(days=3))
				demo_promises.promise(unpaid[0], self.step.at.date(), share, demo_promises.PARTS)
				clock.set_to(self.step.at)
			self._pay(frappe.get_doc("Sales Invoice", unpaid[0]), share)

	def close(self, key, share):
		self.doc(key).update_status("Closed")

	def _pay(self, doc, share):
		from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry

		payment = get_payment_entry(doc.doctype, doc.name)
		payment.update({"reference_no": f"TT {self.step.at:%y%m%d%H%M}", "reference_date": nowdate()})
		if share < 1:
			amount = flt(payment.paid_amount * share, 0)
			payment.paid_amount = payment.received_amount = amount
			payment.references = payment.references[:1]
			payment.references[0].allocated_amount = amount
		self._post(payment)

	def _post(self, doc):
		doc.insert()
		doc.submit()

	def _return_part(self, note, share):
		"""The first stocked row goes back, in part."""
		row = next(row for row in note.items if self._stocked(row))
		row.qty = -max(int(-row.qty * share), 1)
		note.items = [row]
		self._post(note)

	def _billed(self, order_row: str) -> float:
		rows = frappe.get_all(
			"Sales Invoice Item",
			filters={"so_detail": order_row, "docstatus": 1},
			pluck="qty",
			order_by="creation asc",
		)
		return sum(flt(qty) for qty in rows)

	def _stocked(self, row) -> bool:
		return bool(frappe.get_cached_value("Item", row.item_code, "is_stock_item"))

"""What customers of the demo promised to pay."""

import frappe
from frappe.utils import add_days, flt, nowdate

from crm_pipeline.demo import actors, story
from crm_pipeline.erp.open_items import LEDGER
from crm_pipeline.receivables import promise_checks, promise_states


def of_story() -> None:
	"""A part of the oldest overdue invoice of the demo company, promised to finance on the phone."""
	load_promises(story.COMPANY, actors.email("finance"))


def load_promises(company: str, user: str) -> None:
	"""One promise about an invoice of a company, taken by a user; none where nothing is overdue, or no ledger is kept."""
	if not frappe.db.exists("DocType", LEDGER):
		return
	overdue = {
		"company": company,
		"docstatus": 1,
		"is_return": 0,
		"outstanding_amount": (">", 1),
		"due_date": ("<", nowdate()),
	}
	invoice = frappe.db.get_value("Sales Invoice", overdue, "name", order_by="due_date asc, name asc")
	if not invoice:
		return
	before = frappe.session.user
	frappe.set_user(user)
	try:
		owed = promise_checks.prefill(invoice)["amount"]
		if owed > 1:
			promise = {
				"doctype": promise_states.PROMISE,
				"sales_invoice": invoice,
				"promised_on": add_days(nowdate(), 4),
				"amount": flt(owed / 2, 2),
				"note": "Their buyer was on holiday. The first half comes this week.",
			}
			frappe.get_doc(promise).insert()
	finally:
		frappe.set_user(before)

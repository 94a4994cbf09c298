"""What customers of the demo promised to pay. Those who pay in parts kept their word; of the oldest debts one promise is
open, and one was broken."""

from datetime import date, datetime, time

import frappe
from frappe.utils import add_days, flt

from crm_pipeline.demo import actors, clock, story
from crm_pipeline.erp.open_items import LEDGER
from crm_pipeline.receivables import promise_checks, promise_states

HOLIDAY = "Their buyer was on holiday. The first half comes this week."
BANK = "The bank asked for another signature; the money was to leave the day after."
PARTS = "They pay in parts, as the work on the ship goes on."
# Days before today: when it was taken and for when. The story ends yesterday.
OPEN, BROKEN = (1, -4), (16, 9)


def load_promises(today: date) -> None:
	"""Half of the two invoices that are overdue for longest, promised to finance on the phone; nothing where nothing is
	overdue, or no Payment Ledger is kept."""
	if not frappe.db.exists("DocType", LEDGER):
		return
	clock.set_to(datetime.combine(add_days(today, -1), time(18, 0)))
	promised = frappe.get_all(
		promise_states.PROMISE, filters={"company": story.COMPANY}, fields=["sales_invoice"], order_by="name asc"
	)
	for invoice in sorted({row.sales_invoice for row in promised}):
		promise_states.mend(invoice)
	invoices = frappe.get_all(
		"Sales Invoice",
		filters={
			"company": story.COMPANY,
			"docstatus": 1,
			"is_return": 0,
			"outstanding_amount": (">", 1),
			"due_date": ("<", add_days(today, -BROKEN[0])),
		},
		pluck="name",
		order_by="due_date asc, name asc",
		limit=2,
	)
	for invoice, (taken, due), note in zip(invoices, (OPEN, BROKEN), (HOLIDAY, BANK), strict=False):
		clock.set_to(datetime.combine(add_days(today, -taken), time(9, 15)))
		promise(invoice, add_days(today, -due), 0.5, note)
	clock.set_to(datetime.combine(add_days(today, -1), time(18, 10)))
	for invoice in invoices:
		promise_states.mend(invoice)


def promise(invoice: str, promised_on: date, share: float, note: str) -> None:
	"""Finance takes a promise of a share of what is owed; none where that is too little to ask for."""
	actors.act_as("finance")
	owed = promise_checks.prefill(invoice)["amount"]
	if owed * share < 1:
		return
	# To the whole, as they pay in parts: a promise of a few cents more would be broken.
	doc = frappe.new_doc(promise_states.PROMISE)
	doc.update({"sales_invoice": invoice, "promised_on": promised_on, "amount": flt(owed * share, 0), "note": note})
	doc.insert()

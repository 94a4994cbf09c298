"""An invoice that finance cancels and amends, for a typo say, asks for the same money: what was promised about it still holds."""

import frappe
from frappe.utils import flt

from crm_pipeline.chain import status
from crm_pipeline.core.ageing import TOLERANCE
from crm_pipeline.core.promises import OPEN, WITHDRAWN
from crm_pipeline.erp.open_items import INVOICE

PROMISE = "Promise to Pay"
FIELDS = (
	"name", "customer", "company", "party_account_currency", "due_date", "currency", "grand_total", "rounded_total",
	"base_grand_total", "base_rounded_total",
)  # fmt: skip
SAME = ("customer", "company", "party_account_currency")


def take_along(invoice: str) -> str:
	"""Let the promises about a cancelled invoice be about the one that amends it, for no more than that asks for; what
	somebody took back stays so. Answers the invoice that they are about now."""
	old = frappe.db.get_value(INVOICE, {"name": invoice, "docstatus": 2}, FIELDS, as_dict=True)
	new = old and frappe.db.get_value(INVOICE, {"amended_from": invoice, "docstatus": 1}, FIELDS, as_dict=True)
	if not new or any(new[field] != old[field] for field in SAME):
		return invoice
	more = _charged(new) - _charged(old)
	fields = ["name", "status", "amount", "outstanding", "customer_name", "customer"]
	for row in frappe.get_all(PROMISE, filters={"sales_invoice": invoice}, fields=fields, order_by="promised_on asc"):
		owed = flt(row.outstanding) + more
		if owed > TOLERANCE and not (row.status == WITHDRAWN and _by_hand(row.name, invoice)):
			_move(row, new, owed)
	return new.name


def _move(row: dict, invoice: dict, owed: float) -> None:
	about = {"sales_invoice": invoice.name, "due_date": invoice.due_date, "outstanding": owed}
	about |= {"amount": min(flt(row.amount), owed), "title": title_of(row, invoice.name)}
	if row.status != WITHDRAWN:
		frappe.db.set_value(PROMISE, row.name, about, update_modified=False)
		return
	promise = frappe.get_doc(PROMISE, row.name)
	status.set_status(promise, OPEN, about, event=("State", WITHDRAWN, OPEN), undone=True)


def title_of(promise, invoice: str) -> str:
	return f"{promise.customer_name or promise.customer}, {invoice}"[:140]


def _charged(invoice: dict) -> float:
	"""In the currency of the receivable account."""
	base = "" if invoice.currency == invoice.party_account_currency else "base_"
	return flt(invoice[f"{base}rounded_total"]) or flt(invoice[f"{base}grand_total"])


def _by_hand(promise: str, invoice: str) -> bool:
	"""Whether somebody took a promise back, and not the cancelled invoice."""
	by_invoice = {"related_doctype": INVOICE, "related_name": invoice, "to_value": WITHDRAWN}
	event = {"reference_doctype": PROMISE, "reference_name": promise, "kind": "State"}
	return not frappe.db.exists("Pipeline Event", {**event, **by_invoice})

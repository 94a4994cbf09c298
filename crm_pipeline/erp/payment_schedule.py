"""The payment schedule that was agreed in one document, for the next one, which is made on another day."""

from datetime import date
from typing import NamedTuple

import frappe
from frappe import _
from frappe.utils import flt, formatdate, getdate

from crm_pipeline.core import schedule as rules
from crm_pipeline.wording import bold

FIELDS = (
	"payment_term", "description", "due_date", "invoice_portion", "mode_of_payment", "discount_type", "discount",
	"discount_date", "due_date_based_on", "credit_days", "credit_months", "discount_validity_based_on",
	"discount_validity",
)  # fmt: skip

TEMPLATE = "Payment Terms Template"
TERM_DETAILS = "erpnext.controllers.accounts_controller.get_payment_term_details"


def carry(source, target, on) -> None:
	"""Set terms template and schedule of `target`, a document of the day `on`, as agreed in `source`.

	Where the schedule is what the template gives, the template alone goes along: ERPNext works it out for the new
	day. One that was written by hand goes along row by row; for a fixed date that has passed the user gets a message.
	"""
	then, on = getdate(source.get("transaction_date") or source.get("contract_date")), getdate(on)
	template = _template(source)
	rows = source.payment_schedule or []
	target.payment_terms_template = template and template.name
	target.payment_schedule = []
	if not rows or _says_nothing(source, rows, then, template):
		return
	if not all(row.due_date for row in rows):
		# The check of the new document says which row has none.
		return _append(target, rows, {})
	terms = [_term(row, n, template) for n, row in enumerate(rows)]
	by_terms = [(_dates(term, then), _dates(term, on)) for term in terms]
	dues = [
		rules.Due(getdate(row.due_date), before.due, after.due)
		for row, (before, after) in zip(rows, by_terms, strict=True)
	]
	if template and len(rows) == len(template.terms) and all(d.date == d.by_term_then for d in dues):
		return
	# Not None: ERPNext would fill in the customer's template.
	target.payment_terms_template = ""
	moved = rules.redated(dues, then, on)
	changes = {}
	for row, (before, after), (due, passed) in zip(rows, by_terms, moved, strict=True):
		changes[row.idx] = {"due_date": due, "discount_date": _discount_date(row, before, after, due)}
		if passed:
			_notify_passed(row, due)
	_append(target, rows, changes)


def _template(source):
	name = source.payment_terms_template
	return frappe.get_cached_doc(TEMPLATE, name) if name and frappe.db.exists(TEMPLATE, name) else None


def _says_nothing(source, rows: list, then: date, template) -> bool:
	"""Whether this is the one row that ERPNext writes where nobody agreed on anything: all of it, at once. It is
	an agreement after all where the customer would get a template otherwise."""
	row = rows[0]
	at_once = len(rows) == 1 and flt(row.invoice_portion) == 100 and not row.payment_term
	if template or not at_once or getdate(row.due_date) != then:
		return False
	customer = source.get("customer") or source.get("party_name")
	return not default_template(customer, source.company)


def default_template(customer: str, company: str) -> str | None:
	from erpnext.accounts.party import get_payment_terms_template

	return get_payment_terms_template(customer, "Customer", company)


def _term(row, n: int, template):
	"""What a row's dates follow from: itself (ERPNext 16), its row of the template, or its payment term."""
	if row.get("due_date_based_on"):
		return row
	if template and n < len(template.terms):
		own = template.terms[n]
		if (own.payment_term or "") == (row.payment_term or "") and flt(own.invoice_portion) == flt(
			row.invoice_portion
		):
			return own
	if row.payment_term and frappe.db.exists("Payment Term", row.payment_term):
		return frappe.get_cached_doc("Payment Term", row.payment_term)
	return None


class Dates(NamedTuple):
	"""What a payment term gives for a document of some day."""

	due: date | None = None
	discount: date | None = None


def _dates(term, on: date) -> Dates:
	if not term or not term.get("due_date_based_on"):
		return Dates()
	found = frappe.get_attr(TERM_DETAILS)(frappe._dict(term.as_dict()), posting_date=on)
	return Dates(getdate(found.due_date), getdate(found.discount_date) if found.discount_date else None)


def _discount_date(row, before: Dates, after: Dates, due: date) -> date | None:
	if not row.discount_date:
		return None
	agreed = getdate(row.discount_date)
	return min(after.discount if after.discount and agreed == before.discount else agreed, due)


def _append(target, rows: list, changes: dict[int, dict]) -> None:
	for row in sorted(
		rows, key=lambda row: changes.get(row.idx, {}).get("due_date") or getdate(row.due_date or "1900-01-01")
	):
		values = {field: row.get(field) for field in FIELDS if row.meta.has_field(field)}
		target.append("payment_schedule", {**values, **changes.get(row.idx, {})})


def _notify_passed(row, due: date) -> None:
	frappe.msgprint(
		_("Payment Schedule, Row {0}: {1} {2} has passed, so this part is due on {3}").format(
			row.idx, bold(_(row.meta.get_label("due_date"))), formatdate(row.due_date), formatdate(due)
		),
		title=_("Payment Schedule"),
		indicator="orange",
	)

"""What a new Promise to Pay must keep to, and what it takes from its invoice."""

import frappe
from frappe import _
from frappe.utils import flt, fmt_money, formatdate

from crm_pipeline.chain import locks, status
from crm_pipeline.core.ageing import TOLERANCE
from crm_pipeline.core.promises import OPEN, WITHDRAWN
from crm_pipeline.erp import open_items
from crm_pipeline.erp.open_items import INVOICE
from crm_pipeline.parties import people
from crm_pipeline.receivables import amended_invoices, invoice_owners, promise_states, seen_invoices
from crm_pipeline.user_day import is_over, latest_today, user_today
from crm_pipeline.wording import bold

FIELDS = (
	"name",
	"docstatus",
	"is_return",
	"company",
	"customer",
	"customer_name",
	"party_account_currency",
	"due_date",
)


def take_turn(promise) -> None:
	"""before_insert(): promises about one invoice are made one after the other, so that the next one sees what is promised
	already. The invoice itself is not locked: finance would wait. Raises LostRaceError."""
	if not promise.sales_invoice:
		return
	with locks.lost_race_in_words():
		if not locks.hold_name(f"{promise_states.PROMISE} {promise.sales_invoice}"):
			locks.need_latest(promise_states.PROMISE, "sales_invoice", promise.sales_invoice)


def take_from_invoice(promise) -> None:
	"""Of a new promise: customer, currency, owner and what is owed are those of the invoice, which the user must see.
	Raises PermissionError for a hidden invoice and ValidationError for one of which nothing can be promised."""
	if not promise.is_new():
		return
	seen_invoices.need(promise.sales_invoice)
	invoice = frappe.db.get_value(INVOICE, promise.sales_invoice, FIELDS, as_dict=True)
	_check_invoice(invoice)
	_check_given(promise, invoice)
	owed = open_items.owed_of(invoice.name, latest_today())
	behind = invoice_owners.of_invoice(invoice.name, invoice.customer)
	promise.company, promise.customer, promise.customer_name = invoice.company, invoice.customer, invoice.customer_name
	promise.currency, promise.due_date, promise.outstanding = invoice.party_account_currency, invoice.due_date, owed
	promise.made_on = user_today()
	promise.sales_owner = promise.sales_owner or behind.sales_owner or frappe.session.user
	promise.sales_person = promise.sales_person or behind.sales_person or people.person_of(promise.sales_owner)
	_check_owed(promise, owed)
	status.set_status(promise, OPEN)


def _check_invoice(invoice: dict) -> None:
	name = bold(invoice.name)
	if invoice.docstatus == 0:
		frappe.throw(_("Sales Invoice: {0} is a draft. Submit it first.").format(name))
	if invoice.docstatus == 2:
		frappe.throw(_("Sales Invoice: {0} is cancelled, nothing is to be paid of it").format(name))
	if invoice.is_return:
		frappe.throw(_("Sales Invoice: {0} is a credit note, nothing is to be paid of it").format(name))


def _check_given(promise, invoice: dict) -> None:
	"""Company and customer are the invoice's; who sends others means another invoice. The framework fills in a default
	company by itself."""
	if promise.customer and promise.customer != invoice.customer:
		frappe.throw(_("Customer: {0} is of customer {1}").format(bold(invoice.name), bold(invoice.customer)))
	default = frappe.defaults.get_user_default("Company")
	if promise.company and promise.company not in (invoice.company, default):
		frappe.throw(_("Company: {0} is of company {1}").format(bold(invoice.name), bold(invoice.company)))


def _check_owed(promise, owed: float) -> None:
	def money(amount: float) -> str:
		return bold(fmt_money(amount, currency=promise.currency))

	if owed <= TOLERANCE:
		frappe.throw(_("Sales Invoice: {0} is paid, nothing is owed of it").format(bold(promise.sales_invoice)))
	if is_over(promise.promised_on):
		frappe.throw(_("Promised On: {0} has passed").format(bold(formatdate(promise.promised_on))))
	if flt(promise.amount) <= TOLERANCE:
		frappe.throw(_("Amount: enter how much the customer promises to pay"))
	promised = promise_states.promised_of(promise.sales_invoice)
	if flt(promise.amount) > owed + TOLERANCE:
		frappe.throw(_("Amount: {0} is more than the {1} that are owed").format(money(promise.amount), money(owed)))
	if flt(promise.amount) > owed - promised + TOLERANCE:
		frappe.throw(
			_(
				"Amount: {0} are owed, and {1} of that are promised already. Withdraw the promise that no longer holds."
			).format(money(owed), money(promised))
		)


def title_of(promise) -> str:
	return amended_invoices.title_of(promise, promise.sales_invoice)


def withdraw(name: str, reason: str | None = None) -> None:
	"""Take back a promise that no longer holds."""
	promise = frappe.get_doc(promise_states.PROMISE, name)
	promise.check_permission("write")
	if not status.can_become(promise, WITHDRAWN):
		frappe.throw(_("This promise is withdrawn already"))
	status.set_status(promise, WITHDRAWN, {"withdrawn_because": reason}, save=True)


def follow(promise) -> None:
	"""validate() of a promise."""
	take_from_invoice(promise)
	people.follow_owner(promise)
	promise.title = title_of(promise)


def prefill(invoice: str) -> dict:
	"""What a new promise about an invoice starts with: {"sales_invoice", "customer", "company", "currency", "amount"} with
	what is owed and not promised yet. Raises PermissionError for a hidden invoice."""
	seen_invoices.need(invoice)
	row = frappe.db.get_value(INVOICE, invoice, FIELDS, as_dict=True)
	owed = open_items.owed_of(invoice, latest_today()) - promise_states.promised_of(invoice)
	return {
		"sales_invoice": invoice,
		"customer": row.customer,
		"company": row.company,
		"currency": row.party_account_currency,
		"amount": max(flt(owed, frappe.new_doc(promise_states.PROMISE).precision("amount")), 0.0),
	}


def owed_by(customer: str) -> list[dict]:
	"""Invoices of a customer that the user sees and of which something is owed and not promised, those due first:
	{"sales_invoice", "due_date", "company", "currency", "amount"}."""
	items = open_items.of_customers([customer], latest_today())
	found = [row for row in items if row.voucher_type == INVOICE and row.own_balance.outstanding > TOLERANCE]
	found = seen_invoices.seen(found, invoice_owners.of_items(found))
	invoices = open_items.invoices_of(row.voucher_no for row in found)
	rows = [
		{**prefill(row.voucher_no), "due_date": invoices[row.voucher_no].due_date}
		for row in found
		if not invoices[row.voucher_no].is_return
	]
	return sorted(
		(row for row in rows if row["amount"] > TOLERANCE), key=lambda row: (str(row["due_date"]), row["sales_invoice"])
	)

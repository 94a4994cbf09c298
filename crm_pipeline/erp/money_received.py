"""Money that came in for Sales Orders and Sales Invoices: Payment Entries, and the journals that are no write-off."""

import frappe
from frappe.query_builder import Case
from frappe.query_builder.functions import IfNull, Sum
from frappe.utils import flt

# Journal entries of these types settle an invoice without money coming in.
NOT_A_PAYMENT = (
	"Credit Note",
	"Debit Note",
	"Write Off Entry",
	"Exchange Gain Or Loss",
	"Exchange Rate Revaluation",
)


def advances(orders: list[str]) -> list[dict]:
	"""What came in for Sales Orders themselves: {voucher_type, voucher, name (the order), currency, amount}."""
	return [*_advance_payments(orders), *_advance_journals(orders)]


def _advance_payments(orders: list[str]) -> list[dict]:
	payment, reference = frappe.qb.DocType("Payment Entry"), frappe.qb.DocType("Payment Entry Reference")
	received = payment.payment_type == "Receive"
	currency = Case().when(received, payment.paid_from_account_currency).else_(payment.paid_to_account_currency)
	amount = Case().when(received, reference.allocated_amount).else_(-reference.allocated_amount)
	rows = (
		frappe.qb.from_(reference)
		.join(payment)
		.on(payment.name == reference.parent)
		.select(
			payment.name.as_("voucher"),
			reference.reference_name.as_("name"),
			currency.as_("currency"),
			amount.as_("amount"),
		)
		.where(
			(reference.reference_doctype == "Sales Order")
			& reference.reference_name.isin(orders)
			& (reference.docstatus == 1)
		)
	).run(as_dict=True)
	return [row.update(voucher_type="Payment Entry") for row in rows]


def _advance_journals(orders: list[str]) -> list[dict]:
	journal, line = frappe.qb.DocType("Journal Entry"), frappe.qb.DocType("Journal Entry Account")
	rows = (
		frappe.qb.from_(line)
		.join(journal)
		.on(journal.name == line.parent)
		.select(
			journal.name.as_("voucher"),
			line.reference_name.as_("name"),
			line.account_currency.as_("currency"),
			(line.credit_in_account_currency - line.debit_in_account_currency).as_("amount"),
		)
		.where(
			(line.reference_type == "Sales Order")
			& line.reference_name.isin(orders)
			& (line.docstatus == 1)
			& journal.voucher_type.notin(NOT_A_PAYMENT)
		)
	).run(as_dict=True)
	written_off = _written_off({row.voucher for row in rows})
	return [row.update(voucher_type="Journal Entry") for row in rows if row.voucher not in written_off]


def settlements(invoices: set[str]) -> list[dict]:
	"""What settled invoices, payment by payment and with tax: {voucher_type, voucher, name (the invoice), currency, amount};
	refunds of credit notes negative."""
	if not invoices:
		return []
	ledger, journal = frappe.qb.DocType("Payment Ledger Entry"), frappe.qb.DocType("Journal Entry")
	rows = (
		frappe.qb.from_(ledger)
		.left_join(journal)
		.on((ledger.voucher_type == "Journal Entry") & (journal.name == ledger.voucher_no))
		.select(
			ledger.voucher_type,
			ledger.voucher_no.as_("voucher"),
			ledger.against_voucher_no.as_("name"),
			ledger.account_currency.as_("currency"),
			Sum(ledger.amount_in_account_currency).as_("amount"),
		)
		.where(
			(ledger.against_voucher_type == "Sales Invoice")
			& ledger.against_voucher_no.isin(sorted(invoices))
			& (ledger.delinked == 0)
			& (
				(ledger.voucher_type == "Payment Entry")
				| ((ledger.voucher_type == "Journal Entry") & journal.voucher_type.notin(NOT_A_PAYMENT))
			)
		)
		.groupby(ledger.voucher_type, ledger.voucher_no, ledger.against_voucher_no, ledger.account_currency)
		.orderby(ledger.against_voucher_no)
	).run(as_dict=True)
	written_off = _written_off({row.voucher for row in rows if row.voucher_type == "Journal Entry"})
	for row in rows:
		row.amount = -flt(row.amount)
	return [row for row in rows if row.voucher not in written_off]


def _written_off(journals: set[str]) -> set[str]:
	"""Those of some Journal Entries that write a debt off, whatever their type says: what stands against the customer is
	expense or income, and the tax in it, and no money."""
	if not journals:
		return set()
	line, account = frappe.qb.DocType("Journal Entry Account"), frappe.qb.DocType("Account")
	is_loss = account.root_type.isin(("Income", "Expense"))
	is_money = (
		is_loss.negate() & (IfNull(account.account_type, "") != "Tax") & (IfNull(line.party_type, "") != "Customer")
	)
	rows = (
		frappe.qb.from_(line)
		.join(account)
		.on(account.name == line.account)
		.select(
			line.parent,
			Sum(Case().when(is_loss, 1).else_(0)).as_("losses"),
			Sum(Case().when(is_money, 1).else_(0)).as_("money"),
		)
		.where(line.parent.isin(sorted(journals)))
		.groupby(line.parent)
		.orderby(line.parent)
	).run(as_dict=True)
	return {row.parent for row in rows if row.losses and not row.money}

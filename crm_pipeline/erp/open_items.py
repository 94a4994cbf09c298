"""What customers owe, by the Payment Ledger, as of a day: one item for each document that charges or pays something.

As ERPNext's Accounts Receivable sees it: a payment belongs to the document that it was made against, a credit note to the
invoice that it was made for, and whatever is against nothing that the ledger knows on that day is an item of its own.
Nothing here asks for rights.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import frappe
from frappe.query_builder import Case
from frappe.query_builder.functions import IfNull, Max, Min, Sum
from frappe.utils import cint, flt, getdate

from crm_pipeline.core.ageing import Balance, Part, Term, parts
from crm_pipeline.erp import open_documents

INVOICE = "Sales Invoice"
LEDGER = "Payment Ledger Entry"
# Journals that may leave a balance in one of the two currencies alone.
REVALUATION = ("Exchange Rate Revaluation", "Exchange Gain Or Loss")
# Names in one query.
CHUNK = 5000


def of_company(
	company: str, day: date, customers: list[str] | None = None, invoices: list[str] | None = None
) -> list[dict]:
	"""What is not settled of a company's receivables at the end of `day`, in order of posting; of some customers, or of
	some invoices, only where these are given.

	Rows: voucher_type, voucher_no, company, customer, account, currency (of the account), posting_date, balance and own_balance
	(core.ageing.Balance in the company's currency and in the account's).
	"""
	if customers is not None:
		return of_customers(customers, day, company)
	if invoices is not None and not invoices:
		return []
	found = _items(_Asked(company, day, invoices=invoices))
	if invoices is not None:
		asked = set(invoices)
		found = [row for row in found if row.voucher_type == INVOICE and row.voucher_no in asked]
	return found


def of_customers(customers: list[str], day: date, company: str | None = None) -> list[dict]:
	"""The same of some customers, in one company or in all of them. Only what is open, and what was touched after `day`, is
	read, so that it costs no more for a customer with a long history. A fixed number of queries."""
	invoices, others = (
		open_documents.invoices_of(customers, day, company),
		open_documents.others_of(customers, day, company),
	)
	if not invoices and not others:
		return []
	return _items(_Asked(company, day, customers, invoices, others))


@dataclass(frozen=True)
class _Asked:
	"""What is asked for: of all companies without one. `invoices` and `others` are documents, all of them without any."""

	company: str | None
	day: date
	customers: list[str] | None = None
	invoices: list[str] | None = None
	others: list[str] | None = None


def _items(asked: _Asked) -> list[dict]:
	unit = 10.0 ** -_precision()
	rows = _balances(asked, unit).run(as_dict=True)
	found = [
		frappe._dict(
			voucher_type=row.voucher_type,
			voucher_no=row.voucher_no,
			company=row.company,
			customer=row.party,
			account=row.account,
			currency=row.account_currency,
			posting_date=row.posting_date,
			balance=Balance(flt(row.invoiced), flt(row.paid), flt(row.credited)),
			own_balance=Balance(flt(row.own_invoiced), flt(row.own_paid), flt(row.own_credited)),
		)
		for row in rows
	]
	odd = {
		row.voucher_no
		for row in found
		if abs(row.own_balance.outstanding) < unit - 1e-9 and row.voucher_type == "Journal Entry"
	}
	kept = revaluations(odd)
	return [row for row in found if abs(row.own_balance.outstanding) >= unit - 1e-9 or row.voucher_no in kept]


def _precision() -> int:
	return cint(frappe.new_doc(LEDGER).precision("amount")) or 2


def _balances(asked: _Asked, unit: float):
	"""One row per account, document and customer. A row of the ledger counts for the document that it is against, where
	the ledger has that one on this day; else for its own."""
	entry, there = frappe.qb.DocType(LEDGER), _documents(asked)
	credit, against = _credit_notes(entry, asked.day)
	voucher_type = Case().when(there.voucher_no.isnotnull(), there.voucher_type).else_(entry.voucher_type)
	voucher_no = Case().when(there.voucher_no.isnotnull(), there.voucher_no).else_(entry.voucher_no)
	posted = IfNull(Max(there.posting_date), Min(entry.posting_date))
	query = (
		frappe.qb.from_(entry)
		.left_join(credit)
		.on(against)
		.left_join(there)
		.on(
			(there.account == entry.account)
			& (there.party == entry.party)
			& (there.voucher_type == entry.against_voucher_type)
			& (there.voucher_no == IfNull(credit.return_against, entry.against_voucher_no))
		)
		.select(
			voucher_type.as_("voucher_type"),
			voucher_no.as_("voucher_no"),
			Max(entry.company).as_("company"),
			entry.party,
			entry.account,
			Max(entry.account_currency).as_("account_currency"),
			posted.as_("posting_date"),
			*_kinds_of_money(entry, voucher_no),
		)
		.where(_counted(entry, asked))
		.groupby(voucher_type, voucher_no, entry.party, entry.account)
		.having((Sum(entry.amount) >= unit - 1e-9) | (Sum(entry.amount) <= -unit + 1e-9))
		.orderby(posted)
		.orderby(voucher_no)
	)
	if asked.invoices is None:
		return query
	picked = _entries_of(asked)
	return query.join(picked).on(picked.name == entry.name)


def _kinds_of_money(entry, voucher_no) -> list:
	"""Sums of what was invoiced, paid and credited, in the currency of the company and (`own_...`) of the account."""
	money = entry.voucher_type.isin(("Journal Entry", "Payment Entry")) & (entry.voucher_no != entry.against_voucher_no)
	is_charge = (entry.amount > 0) & money.negate()
	by_note = (entry.amount <= 0) & (entry.voucher_type == INVOICE)
	by_note &= ((entry.voucher_no == entry.against_voucher_no) & (voucher_no == entry.voucher_no)).negate()
	found = []
	for prefix, amount in (("", entry.amount), ("own_", entry.amount_in_account_currency)):
		found += [
			Sum(Case().when(is_charge, amount).else_(0)).as_(f"{prefix}invoiced"),
			Sum(Case().when(is_charge, 0).when(by_note, 0).else_(-amount)).as_(f"{prefix}paid"),
			Sum(Case().when(is_charge, 0).when(by_note, -amount).else_(0)).as_(f"{prefix}credited"),
		]
	return found


def _entries_of(asked: _Asked):
	"""The entries that are against some documents, or stand by themselves in some of them."""
	entry = frappe.qb.DocType(LEDGER)
	own = {"update_outstanding_for_self": 0} if _may_stand_for_themselves() else {}
	against = [*asked.invoices, *_notes_of(asked.invoices, **own), *(asked.others or ())]
	found = frappe.qb.from_(entry).select(entry.name).where(entry.against_voucher_no.isin(against or [""]))
	if asked.others:
		by_themselves = frappe.qb.from_(entry).select(entry.name).where(entry.voucher_no.isin(asked.others))
		found = found.union(by_themselves.where(entry.against_voucher_type != INVOICE))
	return found.as_("picked")


def _counted(entry, asked: _Asked):
	account = frappe.qb.DocType("Account")
	receivable = frappe.qb.from_(account).select(account.name).where(account.account_type == "Receivable")
	counted = (entry.delinked == 0) & (entry.party_type == "Customer") & (entry.posting_date <= asked.day)
	if asked.company:
		receivable = receivable.where(account.company == asked.company)
		counted &= entry.company == asked.company
	counted &= entry.account.isin(receivable)
	return counted & entry.party.isin(asked.customers) if asked.customers is not None else counted


def _documents(asked: _Asked):
	"""The documents that the ledger knows on a day."""
	entry = frappe.qb.DocType(LEDGER)
	query = (
		frappe.qb.from_(entry)
		.select(
			entry.account,
			entry.party,
			entry.voucher_type,
			entry.voucher_no,
			Min(entry.posting_date).as_("posting_date"),
		)
		.where(_counted(entry, asked))
		.groupby(entry.account, entry.party, entry.voucher_type, entry.voucher_no)
	)
	if asked.invoices is not None:
		query = query.where(entry.voucher_no.isin([*asked.invoices, *(asked.others or ())] or [""]))
	return query.as_("there")


def _credit_notes(entry, day: date):
	"""Credit notes that count for the invoice that they were made for, and how an entry against one finds it."""
	note = frappe.qb.DocType(INVOICE).as_("credit_note")
	against = (
		(entry.against_voucher_type == INVOICE)
		& (note.name == entry.against_voucher_no)
		& (note.is_return == 1)
		& (note.docstatus == 1)
		& (note.company == entry.company)
		& (note.posting_date <= day)
		& note.return_against.isnotnull()
		& (note.return_against != "")
	)
	if _may_stand_for_themselves():
		against &= note.update_outstanding_for_self == 0
	return note, against


def _may_stand_for_themselves() -> bool:
	"""Earlier releases of ERPNext 15 have no credit notes with a balance of their own."""
	return frappe.get_meta(INVOICE).has_field("update_outstanding_for_self")


def _notes_of(invoices: list[str], **filters) -> dict[str, str]:
	"""{credit note: the invoice that it was made for}."""
	rows = frappe.get_all(
		INVOICE,
		filters={"return_against": ("in", invoices), "is_return": 1, "docstatus": 1, **filters},
		fields=["name", "return_against"],
		order_by="name asc",
		limit=0,
	)
	return {row.name: row.return_against for row in rows}


def revaluations(journals: set[str]) -> set[str]:
	"""Journals among these that may leave a balance in one of the two currencies alone."""
	if not journals:
		return set()
	filters = {"name": ("in", sorted(journals)), "voucher_type": ("in", REVALUATION)}
	return set(frappe.get_all("Journal Entry", filters=filters, pluck="name", order_by="name asc", limit=0))


def owed_of(invoice: str, day: date) -> float:
	"""What is owed of one invoice at the end of a day; see changes_of."""
	return owed_of_each([invoice], day)[invoice]


def owed_of_each(invoices: Iterable[str], day: date) -> dict[str, float]:
	"""The same of several, by name."""
	changes = changes_of(sorted(set(invoices)))
	return {name: sum(amount for at, amount in found if at <= day) for name, found in changes.items()}


def changes_of(invoices: list[str]) -> dict[str, list[tuple[date, float]]]:
	"""{invoice: [(day, amount)]}: all that the ledger holds of invoices, the charge itself included, in the currency of
	the account. A credit note that was made for an invoice counts, also where nobody has set it off against that yet."""
	found: dict[str, list[tuple[date, float]]] = {name: [] for name in invoices}
	if not invoices:
		return found
	notes = _notes_of(invoices)
	entry = frappe.qb.DocType(LEDGER)
	rows = (
		frappe.qb.from_(entry)
		.select(entry.against_voucher_no, entry.posting_date, Sum(entry.amount_in_account_currency).as_("amount"))
		.where(
			(entry.against_voucher_type == INVOICE)
			& entry.against_voucher_no.isin([*invoices, *notes])
			& (entry.delinked == 0)
			& (entry.party_type == "Customer")
		)
		.groupby(entry.against_voucher_no, entry.posting_date)
		.orderby(entry.posting_date)
	).run(as_dict=True)
	for row in rows:
		name = notes.get(row.against_voucher_no, row.against_voucher_no)
		found[name].append((getdate(row.posting_date), flt(row.amount)))
	return found


# ---- by payment term


def invoices_of(names: Iterable[str]) -> dict[str, dict]:
	"""What of Sales Invoices decides about their items, by name."""
	fields = ["name", "company", "customer", "customer_name", "posting_date", "due_date", "currency", "conversion_rate"]
	fields += ["party_account_currency", "total_advance", "is_return", "return_against"]
	fields += ["grand_total", "rounded_total", "base_grand_total", "base_rounded_total"]
	names, found = sorted(set(names)), {}
	for start in range(0, len(names), CHUNK):
		chunk = ("in", names[start : start + CHUNK])
		for row in frappe.get_all(INVOICE, filters={"name": chunk}, fields=fields, order_by="name asc", limit=0):
			found[row.name] = row
	return found


def schedules_of(names: Iterable[str]) -> dict[str, list[dict]]:
	"""The rows of payment schedules by invoice; a credit note has none."""
	fields = ["parent", "payment_term", "description", "due_date", "payment_amount", "base_payment_amount"]
	fields += ["paid_amount", "base_paid_amount", "discounted_amount", "idx", "invoice_portion"]
	names, found = sorted(set(names)), {}
	for start in range(0, len(names), CHUNK):
		filters = {"parent": ("in", names[start : start + CHUNK]), "parenttype": INVOICE}
		for row in frappe.get_all(
			"Payment Schedule", filters=filters, fields=fields, order_by="parent asc, idx asc", limit=0
		):
			found.setdefault(row.parent, []).append(row)
	return found


def with_parts(items: list[dict], own_currency: bool = False) -> list[tuple[dict, dict | None, list[Part]]]:
	"""[(item, its invoice, what is open of it and when it falls due)]; see parts_of. Two queries."""
	names = [item.voucher_no for item in items if item.voucher_type == INVOICE]
	invoices, schedules = invoices_of(names), schedules_of(names)
	found = []
	for item in items:
		invoice = invoices.get(item.voucher_no) if item.voucher_type == INVOICE else None
		schedule = schedules.get(item.voucher_no, []) if invoice else []
		found.append((item, invoice, parts_of(item, invoice, schedule, own_currency)))
	return found


def parts_of(row: dict, invoice: dict | None, schedule: list[dict], own_currency: bool) -> list[Part]:
	"""What is open of an item and when it falls due, in the company's currency, or with `own_currency` in the account's.
	Of anything but an invoice with terms it is one part."""
	balance = row.own_balance if own_currency else row.balance
	due = getdate((invoice and invoice.due_date) or row.posting_date)
	if not invoice or invoice.is_return or not schedule:
		return parts(balance, (), due)
	in_document = own_currency and invoice.currency == invoice.party_account_currency
	rate = 1.0 if own_currency or invoice.currency != invoice.party_account_currency else flt(invoice.conversion_rate)
	terms = [_term(line, in_document) for line in schedule]
	return parts(balance, terms, due, flt(invoice.total_advance) * rate)


def _term(line: dict, in_document: bool) -> Term:
	amount = flt(line.payment_amount if in_document else line.base_payment_amount)
	paid = flt(line.paid_amount if in_document else line.base_paid_amount) + flt(line.discounted_amount)
	return Term(getdate(line.due_date), amount, paid, line.description or line.payment_term or "")


def dunned_on(invoices: Iterable[str]) -> dict[str, date]:
	"""The day of the last Dunning of each invoice that had one."""
	dunning, row = frappe.qb.DocType("Dunning"), frappe.qb.DocType("Overdue Payment")
	names, found = sorted(set(invoices)), {}
	for start in range(0, len(names), CHUNK):
		rows = (
			frappe.qb.from_(row)
			.join(dunning)
			.on(dunning.name == row.parent)
			.select(row.sales_invoice, Max(dunning.posting_date))
			.where(row.sales_invoice.isin(names[start : start + CHUNK]) & (dunning.docstatus == 1))
			.groupby(row.sales_invoice)
			.orderby(row.sales_invoice)
		).run()
		found.update({name: getdate(day) for name, day in rows})
	return found

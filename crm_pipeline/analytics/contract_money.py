"""Contract to cash: what was agreed, ordered, delivered, billed and paid of contracts, and what is still open, by payment term.

Net amounts are those that the roll-up stores on a contract (erp/order_figures.py), amounts with tax those of invoices and
the Payment Ledger as of today. Each contract counts once, in its last version; what was ordered of earlier ones is its own.
"""

from dataclasses import dataclass, field
from datetime import date

import frappe
from frappe import _
from frappe.utils import flt, getdate, nowdate

from crm_pipeline.analytics import figure_documents, scope
from crm_pipeline.chain import graph
from crm_pipeline.core import contract_cash as rules
from crm_pipeline.core import fulfilment
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.contract_cash import AgreedTerm, Installment, TermLine
from crm_pipeline.core.fulfilment import Fulfilment
from crm_pipeline.core.registry import STATES
from crm_pipeline.core.states import WON
from crm_pipeline.erp import open_items, order_figures, order_shares
from crm_pipeline.orders import roll_up
from crm_pipeline.wording import bold

CONTRACT, ORDER = "Sales Contract", "Sales Order"
COMPANY, OWN = CURRENCIES = ("Company Currency", "Contract Currency")
MOST = 2000
JOURNAL = "Journal Entry"


@dataclass(frozen=True)
class CashScope(scope.Scope):
	"""Contracts of a period (by contract date), customer, state and owner; amounts in `shown_in`, one of CURRENCIES."""

	customer: str | None = None
	status: str | None = None
	shown_in: str = COMPANY

	def __post_init__(self):
		"""Raises ValidationError for a state or a currency that there is not."""
		if self.status and not STATES[CONTRACT].find(self.status):
			frappe.throw(_("{0} is not a state of this report").format(bold(self.status)))
		if self.shown_in not in CURRENCIES:
			frappe.throw(_("{0} is not a currency of this report").format(bold(self.shown_in)))

	@property
	def in_own_currency(self) -> bool:
		return self.shown_in == OWN


@dataclass
class ContractCash:
	"""A contract: its row, net amounts, the orders, and its payment terms."""

	contract: dict
	currency: str
	agreed: float
	amounts: Fulfilment
	orders: list[str]
	terms: list[TermLine] = field(default_factory=list)

	@property
	def is_fulfilled(self) -> bool:
		return self.contract.status in STATES[CONTRACT].names(WON)

	@property
	def expected(self) -> float:
		"""What is to come in all: what was agreed, or ordered where that is more; of one that ended nothing more than was
		ordered, and of a fulfilled one than was billed, at whatever rate or price that was."""
		if self.is_fulfilled:
			return self.amounts.billed
		if self.contract.status in STATES[CONTRACT].closed:
			return self.amounts.ordered
		return max(self.agreed, self.amounts.ordered)

	@property
	def open(self) -> float:
		return self.expected - self.amounts.paid

	def expected_of(self, line: TermLine) -> float:
		"""The part of a payment term in what is to come."""
		if self.is_fulfilled or not (line.agreed and self.agreed):
			return line.billed
		return line.agreed * self.expected / self.agreed

	def total(self, name: str) -> float:
		"""The sum of a field of all payment terms."""
		return sum(getattr(line, name) for line in self.terms)


def rows(asked: CashScope, today: date | None = None) -> list[ContractCash]:
	"""Contracts that the reader sees, the latest first."""
	today = getdate(today or nowdate())
	contracts = _contracts(asked)
	orders_of = _orders_of([row.name for row in contracts])
	orders = sorted({order for names in orders_of.values() for order in names})
	rates = order_shares.rates_of(orders)
	facts = order_figures.order_facts(orders, at_order_rate=asked.in_own_currency) if orders else []
	facts = {fact.name: fact for fact in facts}
	shares: dict[str, list] = {}
	by_invoice = order_figures.shares_by_invoice(list(facts), at_order_rate=asked.in_own_currency)
	for invoice, share in by_invoice:
		shares.setdefault(share.order, []).append((invoice, share))
	money = _Money(asked, {invoice for invoice, _share in by_invoice}, today)
	terms = _terms_of(contracts)
	found = []
	for contract in contracts:
		own = [order for order in orders_of.get(contract.name, ()) if order in facts]
		cash = ContractCash(
			contract,
			contract.currency if asked.in_own_currency else asked.currency,
			flt(contract.amount if asked.in_own_currency else contract.base_amount),
			Fulfilment(),
			own,
		)
		installments: list[Installment] = []
		for order in own:
			of_order = shares.get(order, [])
			amounts = fulfilment.of_order(facts[order], [share for _invoice, share in of_order])
			rate = rates[order] if asked.in_own_currency else 1.0
			cash.amounts += _divided(amounts, rate)
			for invoice, share in of_order:
				installments += money.installments(invoice, share.net / rate, share.part)
		cash.terms = rules.by_term(cash.agreed, terms.get(contract.name, ()), installments, today)
		found.append(cash)
	return found


def _divided(amounts: Fulfilment, rate: float) -> Fulfilment:
	values = (amounts.ordered, amounts.delivered, amounts.billed, amounts.paid)
	return Fulfilment(*(value / (rate or 1.0) for value in values))


def _contracts(asked: CashScope) -> list[dict]:
	table = frappe.qb.DocType(CONTRACT)
	query = (
		frappe.qb.from_(table)
		.select(
			table.name, table.title, table.customer, table.customer_name, table.status, table.contract_date,
			table.currency, table.conversion_rate, table.amount, table.base_amount, table.sales_owner, table.sales_person,
			table.payment_terms_template,
		)
		.where(table.docstatus == 1)
		.orderby(table.contract_date, order=frappe.qb.desc)
		.orderby(table.name, order=frappe.qb.desc)
		.limit(MOST)
	)  # fmt: skip
	for name in ("customer", "status"):
		if value := getattr(asked, name):
			query = query.where(table[name] == value)
	if asked.from_date:
		query = query.where(table.contract_date >= asked.from_date)
	if asked.to_date:
		query = query.where(table.contract_date <= asked.to_date)
	return asked.narrow(query, CONTRACT).run(as_dict=True)


def _orders_of(contracts: list[str]) -> dict[str, list[str]]:
	"""The Sales Orders that came from each contract."""
	if not contracts:
		return {}
	wanted = {Ref(CONTRACT, name) for name in contracts}
	orders = [ref for ref in graph.descendants_of(wanted) if ref.doctype == ORDER]
	found: dict[str, list[str]] = {}
	for order, line in graph.lines_of(orders).items():
		for contract in wanted & set(line):
			found.setdefault(contract.name, []).append(order.name)
	return {name: sorted(set(names)) for name, names in found.items()}


def _terms_of(contracts: list[dict]) -> dict[str, list[AgreedTerm]]:
	"""The schedule of each contract; of one that names a template alone, what that says, without days."""
	if not contracts:
		return {}
	found = _schedules("Payment Schedule", CONTRACT, [row.name for row in contracts], "due_date")
	templates = {row.name: row.payment_terms_template for row in contracts if row.name not in found}
	of_template = _schedules(
		"Payment Terms Template Detail", "Payment Terms Template", set(templates.values()) - {None}
	)
	return found | {name: of_template[template] for name, template in templates.items() if template in of_template}


def _schedules(table: str, parenttype: str, parents, *day: str) -> dict[str, list[AgreedTerm]]:
	found: dict[str, list[AgreedTerm]] = {}
	for row in frappe.get_all(
		table,
		filters={"parent": ("in", sorted(parents) or [""]), "parenttype": parenttype},
		fields=["parent", "payment_term", "description", "invoice_portion", *day],
		order_by="parent asc, idx asc",
		limit=0,
	):
		term = AgreedTerm(
			row.description or row.payment_term or "",
			flt(row.invoice_portion) / 100,
			getdate(row.due_date) if row.get("due_date") else None,
		)
		found.setdefault(row.parent, []).append(term)
	return found


class _Money:
	"""Invoices by payment term, with what is open of them by the Payment Ledger."""

	def __init__(self, asked: CashScope, invoices: set[str], today: date):
		self.own = asked.in_own_currency
		self.invoices, self.schedules = open_items.invoices_of(invoices), open_items.schedules_of(invoices)
		items = open_items.of_company(asked.company, today, invoices=sorted(invoices))
		self.items = {item.voucher_no: item for item in items}

	def installments(self, name: str, net: float, share: float) -> list[Installment]:
		invoice, item = self.invoices[name], self.items.get(name)
		schedule = [] if invoice.is_return else self.schedules.get(name, [])
		in_account = self.own and invoice.currency == invoice.party_account_currency
		parts = open_items.parts_of(item, invoice, schedule, in_account) if item else []
		if self.own and not in_account:
			rate = flt(invoice.conversion_rate) or 1.0
			parts = [type(part)(part.due, part.amount / rate, part.label) for part in parts]
		base = "" if self.own else "base_"
		gross = flt(invoice[f"{base}rounded_total"]) or flt(invoice[f"{base}grand_total"])
		terms = [
			(row.description or row.payment_term or "", getdate(row.due_date), flt(row[f"{base}payment_amount"]))
			for row in schedule
		]
		due = getdate(invoice.due_date or invoice.posting_date)
		return rules.installments(name, terms, parts, gross, share, net, due)


def documents(contract: str, number: str, start: int = 0, shown_in: str = COMPANY) -> dict:
	"""A page of the documents behind a number of a contract's row: orders, deliveries, invoices or payments that the
	reader may read, the oldest first, with what they count with there: net, in the currency that the report shows."""
	is_own = shown_in == OWN
	counted = order_shares.of_documents(number, _orders_of([contract]).get(contract, []), is_own)
	found = [row for row in roll_up.documents_of(CONTRACT, contract) if (row["doctype"], row["name"]) in counted]
	found += _journals([name for doctype, name in counted if doctype == JOURNAL])
	company, currency = frappe.db.get_value(CONTRACT, contract, ["company", "currency"])
	shown = []
	for row in found[start : start + figure_documents.PAGE]:
		shown.append(
			{
				"doctype": row["doctype"],
				"name": row["name"],
				"title": row["name"],
				"party_name": row.get("order"),
				"stage_label": _(row["status"]),
				"status": row["status"],
				"whose": "",
				"base_amount": counted[row["doctype"], row["name"]],
				"company_currency": currency if is_own else scope.currency_of(company),
				"expected_close": row["date"],
			}
		)
	return {"total": len(found), "documents": shown}


def _journals(names: list[str]) -> list[dict]:
	"""Journals among the payments, as far as the reader may read them."""
	if not names or not frappe.has_permission(JOURNAL, "read"):
		return []
	fields = ["name", "posting_date as date", "voucher_type as status"]
	rows = frappe.get_list(JOURNAL, filters={"name": ("in", names)}, fields=fields, order_by="creation asc", limit=0)
	return [{"doctype": JOURNAL, **row} for row in rows]

"""From contract to cash: agreed, ordered, delivered, billed, paid and still open, per contract and payment term."""

from frappe import _

from crm_pipeline.analytics import contract_money
from crm_pipeline.analytics.contract_money import CONTRACT, CashScope, ContractCash
from crm_pipeline.api.door import report
from crm_pipeline.chain import rights
from crm_pipeline.core.contract_cash import TermLine, paid_by_term

NET = ("agreed", "ordered", "delivered", "billed", "paid", "open")
WITH_TAX = ("invoiced", "settled", "outstanding", "overdue")


@report
def execute(filters: dict | None = None):
	rights.need(CONTRACT)
	asked = CashScope.of(filters)
	found = contract_money.rows(asked)
	data = [row for cash in found for row in lines(cash)]
	return columns(), data, message(found), None, summary(found, asked)


def columns() -> list[dict]:
	labels = {
		"agreed": _("Agreed"),
		"ordered": _("Ordered"),
		"delivered": _("Delivered"),
		"billed": _("Billed"),
		"paid": _("Paid"),
		"open": _("Still Open"),
		"invoiced": _("Invoiced (with Tax)"),
		"settled": _("Settled (with Tax)"),
		"outstanding": _("Outstanding (with Tax)"),
		"overdue": _("Overdue (with Tax)"),
	}
	first = [
		("contract", "Link", _("Contract"), 185, CONTRACT),
		("title", "Data", _("Title or Payment Term"), 200, None),
		("due_date", "Date", _("Due Date"), 115, None),
	]
	amounts = [(name, "Currency", labels[name], 120, "currency") for name in (*NET, *WITH_TAX)]
	last = [
		("invoices", "Data", _("Sales Invoices"), 220, None),
		("customer", "Link", _("Customer"), 160, "Customer"),
		("status", "Data", _("Status"), 90, None),
		("contract_date", "Date", _("Contract Date"), 115, None),
		("sales_owner", "Link", _("Sales Owner"), 150, "User"),
		("currency", "Link", _("Currency"), 80, "Currency"),
	]
	return [
		{"fieldname": name, "fieldtype": kind, "label": label, "width": width, "options": options}
		for name, kind, label, width, options in (*first, *amounts, *last)
	]


def lines(cash: ContractCash) -> list[dict]:
	"""The row of a contract, and below it those of its payment terms."""
	contract, amounts = cash.contract, cash.amounts
	whole = {
		"contract": contract.name,
		"title": contract.title,
		"customer": contract.customer,
		"customer_name": contract.customer_name,
		"status": _(contract.status, context=CONTRACT),
		"contract_date": contract.contract_date,
		"sales_owner": contract.sales_owner,
		"currency": cash.currency,
		"indent": 0,
		"agreed": cash.agreed,
		"ordered": amounts.ordered,
		"delivered": amounts.delivered,
		"billed": amounts.billed,
		"paid": amounts.paid,
		"open": cash.open,
		**{name: cash.total(name) for name in WITH_TAX},
	}
	paid = paid_by_term(cash.terms, amounts.paid)
	return [whole, *(_term(line, part, cash) for line, part in zip(cash.terms, paid, strict=True))]


def _term(line: TermLine, paid: float, cash: ContractCash) -> dict:
	return {
		"title": line.term or _("Without Payment Term"),
		"due_date": line.due,
		"currency": cash.currency,
		"indent": 1,
		"agreed": line.agreed or None,
		"billed": line.billed,
		"paid": paid,
		"open": cash.expected_of(line) - paid,
		"invoices": ", ".join(line.invoices),
		**{name: getattr(line, name) for name in WITH_TAX},
	}


def message(found: list[ContractCash]) -> str | None:
	if len(found) < contract_money.MOST:
		return None
	return _("The latest {0} contracts are shown.").format(contract_money.MOST)


def summary(found: list[ContractCash], asked: CashScope) -> list[dict]:
	"""Sums in the company's currency; contracts in currencies of their own have none."""
	if asked.in_own_currency:
		return []
	numbers = {
		_("Agreed"): sum(cash.agreed for cash in found),
		_("Ordered"): sum(cash.amounts.ordered for cash in found),
		_("Billed"): sum(cash.amounts.billed for cash in found),
		_("Paid"): sum(cash.amounts.paid for cash in found),
		_("Still Open"): sum(cash.open for cash in found),
		_("Outstanding (with Tax)"): sum(cash.total("outstanding") for cash in found),
	}
	return [
		{"value": value, "label": label, "datatype": "Currency", "currency": asked.currency}
		for label, value in numbers.items()
	]

"""Overdue receivables, promises to pay, and what became of a contract in money."""

from typing import Literal

from crm_pipeline.analytics import contract_money, overdue
from crm_pipeline.analytics.overdue import OverdueScope
from crm_pipeline.api.door import may, reads, writes
from crm_pipeline.api.types import Count, Filters, Line, MaybeText, Name
from crm_pipeline.receivables import promise_checks
from crm_pipeline.receivables.promise_states import PROMISE


@reads(may("read", PROMISE))
def get_documents_of_overdue(
	filters: Filters = None, group: Line | None = None, bucket: Count | None = None, start: Count = 0
) -> dict:
	"""A page of the documents behind a number of Overdue Receivables, the oldest first: of a group, of a bucket, or of all."""
	return overdue.documents(OverdueScope.of(filters), group, bucket, start)


@reads(may("create", PROMISE))
def get_promise_of_invoice(invoice: Name) -> dict:
	"""What a new promise to pay about an invoice starts with; see receivables/promise_checks.py."""
	return promise_checks.prefill(invoice)


@reads(may("read", "Customer", "customer"), may("create", PROMISE))
def get_owed_invoices(customer: Name) -> list[dict]:
	"""Invoices of a customer that may be promised for, those due first; see receivables/promise_checks.py."""
	return promise_checks.owed_by(customer)


@writes(may("write", PROMISE, "name"))
def withdraw_promise(name: Name, reason: MaybeText = None) -> None:
	"""Take back a promise to pay that no longer holds."""
	promise_checks.withdraw(name, reason)


@reads(may("read", "Sales Contract", "contract"))
def get_documents_of_contract(
	contract: Name,
	number: Literal["ordered", "delivered", "billed", "paid"],
	start: Count = 0,
	shown_in: Literal["Company Currency", "Contract Currency"] = contract_money.COMPANY,
) -> dict:
	"""A page of the documents behind a number of a contract in Contract to Cash, the oldest first, in a currency of the
	report."""
	return contract_money.documents(contract, number, start, shown_in)

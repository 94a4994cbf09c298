"""Overdue receivables: what is due and not settled, by age, of what the reader sees; and its groups.

The amounts are those of ERPNext's Accounts Receivable, aged by due date with payment terms; see erp/open_items.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import frappe
from frappe import _
from frappe.utils import flt, getdate, nowdate

from crm_pipeline.analytics import figure_documents, scope
from crm_pipeline.core import ageing as rules
from crm_pipeline.core.promises import still_promised
from crm_pipeline.erp import open_items
from crm_pipeline.parties import people
from crm_pipeline.receivables import invoice_owners, promise_states, seen_invoices
from crm_pipeline.wording import bold

INVOICE, REP, CUSTOMER, CONTRACT = GROUPS = ("Invoice", "Sales Owner", "Customer", "Contract")
NOBODY = ""


@dataclass(frozen=True)
class OverdueScope(scope.Scope):
	"""As of `report_date`, today without one; `account_currency`: the items of accounts in that currency, and amounts in it."""

	report_date: date | None = None
	customer: str | None = None
	contract: str | None = None
	account_currency: str | None = None
	group_by: str = INVOICE

	def __post_init__(self):
		"""Raises ValidationError for a group that there is not."""
		if self.group_by not in GROUPS:
			frappe.throw(_("{0} is not a group of this report").format(bold(self.group_by)))

	@property
	def day(self) -> date:
		return getdate(self.report_date or nowdate())

	@property
	def shown_currency(self) -> str:
		return self.account_currency or self.currency


@dataclass
class Row:
	"""One document that is due: `ages` by bucket, `overdue` their sum, `outstanding` with what is not due yet. `credit`: of
	credit notes for this invoice that nobody has set off against it."""

	item: dict
	invoice: dict | None
	behind: invoice_owners.Behind
	ages: list[float]
	outstanding: float
	due_date: date
	promise: dict | None = None
	dunned_on: date | None = None
	credit: float = 0.0

	@property
	def overdue(self) -> float:
		return sum(self.ages)


@dataclass
class Group:
	"""Rows with the same `key`; sums of them."""

	key: str
	rows: list[Row] = field(default_factory=list)

	@property
	def ages(self) -> list[float]:
		return [sum(column) for column in zip(*(row.ages for row in self.rows), strict=True)]

	@property
	def overdue(self) -> float:
		return sum(self.ages)

	@property
	def outstanding(self) -> float:
		return sum(row.outstanding for row in self.rows)

	@property
	def promised(self) -> float:
		return sum(row.promise["open"] for row in self.rows if row.promise)


@dataclass
class Found:
	"""Debts, the longest overdue first, and credits: payments and credit notes that are set off against nothing."""

	debts: list[Row]
	credits: list[Row]

	@property
	def overdue(self) -> float:
		return sum(row.overdue for row in self.debts)

	@property
	def credited(self) -> float:
		return -sum(row.overdue for row in self.credits)

	@property
	def ages(self) -> list[float]:
		return Group("", self.debts).ages or [0.0] * rules.BUCKETS


def found(asked: OverdueScope) -> Found:
	"""What is overdue within a scope, of what the reader sees."""
	customers = [asked.customer] if asked.customer else None
	items = open_items.of_company(asked.company, asked.day, customers)
	if asked.account_currency:
		items = [item for item in items if item.currency == asked.account_currency]
	behind = invoice_owners.of_items(items)
	items = seen_invoices.seen(items, behind)
	rows = _rows(
		asked, [item for item in items if _is_asked(asked, behind[item.voucher_type, item.voucher_no])], behind
	)
	return Found(
		sorted((row for row in rows if row.outstanding > 0), key=lambda row: (row.due_date, row.item.voucher_no)),
		sorted((row for row in rows if row.outstanding <= 0), key=lambda row: (row.due_date, row.item.voucher_no)),
	)


def _is_asked(asked: OverdueScope, behind: invoice_owners.Behind) -> bool:
	if asked.sales_owner and behind.sales_owner != asked.sales_owner:
		return False
	if asked.contract and behind.contract != asked.contract:
		return False
	return not asked.sales_person or behind.sales_person in _below(asked.sales_person)


def _below(person: str) -> set[str]:
	below = getattr(frappe.local, "crm_pipeline_below", None)
	if not below or below[0] != person:
		below = frappe.local.crm_pipeline_below = (person, {row.name for row in people.below(person)})
	return below[1]


def _rows(asked: OverdueScope, items: list[dict], behind: dict) -> list[Row]:
	rows = []
	for item, invoice, parts in open_items.with_parts(items, bool(asked.account_currency)):
		due = [part for part in parts if rules.bucket(part.due, asked.day) is not None]
		if not due:
			continue
		rows.append(
			Row(
				item=item,
				invoice=invoice,
				behind=behind[item.voucher_type, item.voucher_no],
				ages=rules.by_age(parts, asked.day),
				outstanding=sum(part.amount for part in parts),
				due_date=min(part.due for part in due),
			)
		)
	_add_promises(rows)
	_add_credits(rows)
	return rows


def _add_promises(rows: list[Row]) -> None:
	"""The promise that counts now, where the reader sees it, and the last Dunning."""
	names = {row.invoice.name for row in rows if row.invoice}
	dunned, latest = open_items.dunned_on(names), promise_states.latest_of(names)
	seen = _seen_promises([stored.name for stored, _verdict in latest.values()])
	for row in rows:
		if not row.invoice:
			continue
		row.dunned_on = dunned.get(row.invoice.name)
		stored, verdict = latest.get(row.invoice.name, (None, None))
		if stored and stored.name in seen:
			row.promise = {
				**stored,
				"status": verdict.status,
				"open": still_promised(flt(stored.amount), verdict),
			}


def _add_credits(rows: list[Row]) -> None:
	own = {row.item.voucher_no: row for row in rows if row.invoice and not row.invoice.is_return}
	for row in rows:
		if row.invoice and row.invoice.is_return and row.invoice.return_against in own:
			own[row.invoice.return_against].credit -= row.outstanding


def _seen_promises(names: list[str]) -> set[str]:
	if not names or not frappe.has_permission(promise_states.PROMISE, "read"):
		return set()
	rows = frappe.get_list(
		promise_states.PROMISE, filters={"name": ("in", names)}, pluck="name", order_by="name asc", limit=0
	)
	return set(rows)


def grouped(rows: Iterable[Row], group_by: str) -> list[Group]:
	"""By owner, customer or contract; the largest amount first, those without one as NOBODY."""
	groups: dict[str, Group] = {}
	for row in rows:
		key = key_of(row, group_by)
		groups.setdefault(key, Group(key)).rows.append(row)
	return sorted(groups.values(), key=lambda group: (-group.overdue, group.key))


def key_of(row: Row, group_by: str) -> str:
	if group_by == REP:
		return row.behind.sales_owner or NOBODY
	if group_by == CONTRACT:
		return row.behind.contract or NOBODY
	return row.item.customer


def documents(asked: OverdueScope, group: str | None = None, bucket: int | None = None, start: int = 0) -> dict:
	"""A page of the documents behind a number of the report, what is overdue of each as its amount, the oldest first: of
	one `group`, of one `bucket`, or of all."""
	rows = found(asked).debts
	if group is not None:
		rows = [row for row in rows if key_of(row, asked.group_by) == group]
	keys = []
	for row in rows:
		amount = row.overdue if bucket is None else row.ages[bucket]
		if abs(amount) > rules.TOLERANCE:
			keys.append((row.item.voucher_type, row.item.voucher_no, amount))
	page = figure_documents.page(keys, start, asked.company)
	for document in page["documents"]:
		document.company_currency = asked.shown_currency
	return page

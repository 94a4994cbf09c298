"""What customers owe, for all screens alike: the open items of the Payment Ledger (erp/open_items.py) by payment terms, as far
as somebody may know them. What of it is overdue says core/ageing.py.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from crm_pipeline.core.ageing import Document
from crm_pipeline.erp import open_items
from crm_pipeline.receivables import invoice_owners, seen_invoices

# Documents by company, in the currency of each, in the order of the companies' names.
ByCompany = dict[str, list[Document]]


@dataclass
class Debts:
	"""Of some customers at the end of a day, in one company or in all; asked for once, whoever needs them."""

	customers: list[str]
	day: date
	company: str | None = None

	@cached_property
	def _rows(self) -> list[dict]:
		return open_items.of_customers(self.customers, self.day, self.company)

	@cached_property
	def _documents(self) -> dict[tuple[str, str, str], Document]:
		found = {}
		for item, invoice, parts in open_items.with_parts(self._rows):
			against = invoice.return_against if invoice and invoice.is_return else None
			found[_key(item)] = Document(item.voucher_no, tuple(parts), against or None)
		return found

	def all(self) -> ByCompany:
		"""Whoever may know them."""
		return self._by_company(self._rows)

	@cached_property
	def readable(self) -> ByCompany:
		"""Those that are documents of the reader's lists; nothing for who reads none."""
		return self._by_company(seen_invoices.readable(self._rows))

	def of_own_sales(self) -> ByCompany:
		"""Those that the reader has to ask for, also who reads no Sales Invoices; as in Overdue Receivables."""
		if not self._rows:
			return {}
		return self._by_company(seen_invoices.seen(self._rows, invoice_owners.of_items(self._rows)))

	def _by_company(self, rows: Iterable[dict]) -> ByCompany:
		found = defaultdict(list)
		for row in rows:
			found[row.company].append(self._documents[_key(row)])
		return dict(sorted(found.items()))


def _key(item: dict) -> tuple[str, str, str]:
	"""One document may stand on several accounts, and for several customers."""
	return item.voucher_no, item.account, item.customer

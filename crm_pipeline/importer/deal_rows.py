"""Several rows of one id: the items of one opportunity. What is said of the opportunity itself must agree."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from crm_pipeline.importer.field_labels import named
from crm_pipeline.importer.sentences import Sentence, _
from crm_pipeline.importer.tables import Row
from crm_pipeline.importer.values import Values

# What differs from row to row.
OF_ITEMS = ("product", "quantity", "price", "item_amount")


class DealRows:
	"""The rows of one opportunity; `reader` is the DealReader that knows what a row means."""

	def __init__(self, reader, rows: list[Row]):
		self.reader, self.rows = reader, rows

	def deal(self, reject: Callable[[Row, list[str]], None]):
		"""The opportunity, or None with each row rejected: by its own reasons, or because of the others."""
		found, refused = [], {}
		for row in self.rows:
			values = Values(row, self.reader.mapping)
			deal = self.reader.deal_of(values)
			self._check_same(values)
			if deal and not values.problems:
				found.append(deal)
			else:
				refused[row.line] = values.problems
		problem = self._problem(found) if not refused else ""
		if not refused and not problem:
			return self._whole(found)
		line = next(iter(refused), self.rows[0].line)
		for row in self.rows:
			why = refused.get(row.line) or [
				problem or Sentence(_("line {0} of the same opportunity is rejected"), line)
			]
			reject(row, why)
		return None

	def _check_same(self, values: Values) -> None:
		first = self.rows[0]
		for name in values.row.columns:
			told, here = first.values.get(name, ""), values.row.values.get(name, "")
			if name not in OF_ITEMS and told and here and told != here:
				values.refuse(name, _('"{0}" differs from "{1}" in line {2}'), here, told, first.line)

	def _problem(self, deals: list) -> str:
		items = [item for deal in deals for item in deal.items]
		if len(items) > 1 and not {"price", "item_amount"} & self.rows[0].columns.keys():
			return Sentence(
				_("the price of each item is unknown; map a column to {0} or {1}"), named("price"), named("item_amount")
			)
		if any(item.rate is None for item in items):
			return Sentence(_("the price of an item is empty")) if len(items) > 1 else ""
		total, amounts = self._total(deals), {d.amount for d in deals} if "amount" in self.rows[0].columns else set()
		if len(items) > 1 and amounts and abs(total - max(amounts)) > Decimal("0.01") * len(items):
			return Sentence(_("the items come to {0}, the amount of the opportunity is {1}"), total, max(amounts))
		return ""

	@staticmethod
	def _total(deals: list) -> Decimal:
		return sum((item.quantity * (item.rate or 0) for deal in deals for item in deal.items), Decimal(0))

	def _whole(self, deals: list):
		if len(deals) == 1:
			return deals[0]
		items = tuple(item for deal in deals for item in deal.items)
		first = next((deal for deal in deals if deal.items), deals[0])
		amount = self._total(deals) if items else max(deal.amount for deal in deals)
		return replace(first, items=items, amount=amount, lines=len(self.rows))

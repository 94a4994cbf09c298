"""Items of a deal in the other system: rows here where Item has them, else lines of text."""

import frappe
from frappe.utils import flt

from crm_pipeline.core import moving_in as rules


class OldItems:
	"""Asked once per item."""

	def __init__(self):
		self.known: dict[str, frappe._dict | None] = {}

	def of(self, rows: list, is_open: bool) -> tuple[list[dict], str]:
		"""([{"product", "quantity", "price"}], text): all rows as items, or none of them and a text that lists them."""
		rows = [row for row in rows if row.item_code or row.item_name]
		self._ask({row.item_code for row in rows if row.item_code})
		if rows and all(self._fits(row, is_open) for row in rows):
			return [{"product": row.item_code, "quantity": flt(row.qty), "price": flt(row.rate)} for row in rows], ""
		texts = [(row.item_code or row.item_name, f"{flt(row.qty):g} x {flt(row.rate):.2f}") for row in rows]
		return [], rules.lines(*texts)

	def _ask(self, codes: set[str]) -> None:
		new = [code for code in codes if code not in self.known]
		if not new:
			return
		self.known.update(dict.fromkeys(new))
		fields = ["name", "disabled", "has_variants", "is_sales_item"]
		for row in frappe.get_all("Item", filters={"name": ("in", new)}, fields=fields, order_by="name asc", limit=0):
			self.known[row.name] = row

	def _fits(self, row, is_open: bool) -> bool:
		item = self.known.get(row.item_code)
		if not item or item.has_variants or not item.is_sales_item or (is_open and item.disabled):
			return False
		return flt(row.qty) > 0 and flt(row.rate) >= 0

"""Names for many documents at once, by the framework's own counters."""

import frappe
from frappe.model.naming import getseries, make_autoname, parse_naming_series, set_new_name

OPPORTUNITY = "Sales Opportunity"


class Naming:
	"""Names for many documents of one type at once.

	The framework's own getseries() locks the counter and gives the first number; the following ones are
	counted here, and the counter is set to the last in the same transaction. It stays locked until the
	commit, so no number is given twice and none is lost by a rollback.
	"""

	def __init__(self, doctype: str = OPPORTUNITY):
		self.doctype = doctype
		rules = frappe.db.exists("Document Naming Rule", {"document_type": doctype, "disabled": 0})
		autoname = (frappe.get_meta(doctype).autoname or "").lower()
		self.by_series = autoname.startswith("naming_series") and not rules

	def give_names(self, series: str, rows: list[dict]) -> None:
		"""Fill "name" of every row. A site that names documents its own way gets its way, one by one."""
		if not self.by_series:
			for row in rows:
				doc = frappe.get_doc({"doctype": self.doctype, **row})
				set_new_name(doc)
				row["name"] = doc.name
			return
		last: dict[str, int] = {}

		def next_number(prefix: str, digits: int) -> str:
			last[prefix] = last[prefix] + 1 if prefix in last else int(getseries(prefix, digits))
			return str(last[prefix]).zfill(digits)

		for row in rows:
			doc = frappe._dict(row, doctype=self.doctype)
			row["name"] = parse_naming_series(series, self.doctype, doc, next_number)
		counter = frappe.qb.DocType("Series")
		for prefix, number in last.items():
			frappe.qb.update(counter).set(counter.current, number).where(counter.name == prefix).run()

	@staticmethod
	def of_row(doctype: str) -> str:
		"""The name of a row that no series counts."""
		return make_autoname("hash", doctype)

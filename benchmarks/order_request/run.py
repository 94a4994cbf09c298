"""Accepting an order request beside ERPNext's own way from a Quotation to a submitted Sales Order.

Needs a bench site with the app; writes to it, the commit being part of what is measured, and removes what it wrote:

	CRM_SITE=site.example SITES_PATH=/path/to/bench/sites python benchmarks/order_request/run.py [--pairs 30] [--rows 5]

Theirs: make_sales_order from a submitted Quotation, insert, submit, commit. Ours: accept of a submitted
request of a contract of an opportunity, or of a request of a Quotation, with the commit. Same customer, items
and prices; making Quotation, opportunity, contract and request is not counted. The three take turns.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import frappe

from benchmarks.keeping import keep

SIDES = ("erpnext", "contract", "quotation")
MADE = (
	"Sales Opportunity", "Quotation", "Sales Contract", "Sales Order Request", "Sales Order", "Pipeline Event",
	"Customer", "Item", "Item Price", "Bin", "Comment", "Version",
)  # fmt: skip


def main() -> None:
	options = argparse.ArgumentParser(description=__doc__)
	options.add_argument("--pairs", type=int, default=30)
	options.add_argument("--rows", type=int, default=5)
	options.add_argument("--queries", action="store_true", help="count the queries of one order per side instead")
	given = options.parse_args()
	os.chdir(os.environ["SITES_PATH"])
	frappe.init(site=os.environ["CRM_SITE"], sites_path=".")
	frappe.connect()
	frappe.flags.mute_emails = True
	frappe.set_user("Administrator")
	before = _names()
	try:
		bench = Bench(given.rows)
		for side in SIDES * 2:
			bench.order(side)
		if given.queries:
			return [print(f"{side:10} {bench.count(side)} queries") for side in SIDES] and None
		seconds = {side: [] for side in SIDES}
		for turn in range(given.pairs):
			for side in SIDES if turn % 2 else reversed(SIDES):
				seconds[side].append(bench.order(side))
		_report(seconds, given)
	finally:
		frappe.db.rollback()
		_remove(before)
		frappe.destroy()


class Bench:
	"""One customer and its items; every order is made of them."""

	def __init__(self, rows: int):
		from tests.site.world import Sale, build

		self.sale = Sale(world := build(), None)
		items = (world.pump, world.filter, world.service)
		self.rows = lambda: self.sale.rows(*((items[n % 3], n + 1, 10.5 * (n + 1)) for n in range(rows)))
		# Both sides start from what is stored, and end with the commit of a request.
		keep()

	def order(self, side: str) -> float:
		"""Seconds of one order from its source document to the commit."""
		source = getattr(self, f"before_{side}")()
		# Both sides start from what is stored, and end with the commit of a request.
		keep()
		start = time.perf_counter()
		getattr(self, f"run_{side}")(source)
		# Both sides start from what is stored, and end with the commit of a request.
		keep()
		return time.perf_counter() - start

	def count(self, side: str) -> int:
		source = getattr(self, f"before_{side}")()
		# Both sides start from what is stored, and end with the commit of a request.
		keep()
		counted, sql = [0], frappe.db.sql

		def counting(*args, **kwargs):
			counted[0] += 1
			return sql(*args, **kwargs)

		frappe.db.sql = counting
		try:
			getattr(self, f"run_{side}")(source)
		finally:
			frappe.db.sql = sql
		return counted[0]

	def before_erpnext(self):
		return self.sale.quotation(items=self.rows())

	def run_erpnext(self, quotation):
		self.sale.native_order(quotation)

	def before_contract(self):
		from crm_pipeline import api

		deal = self.sale.opportunity(items=self.rows())
		contract = frappe.get_doc("Sales Contract", api.make_contract(deal.doctype, deal.name)["name"])
		contract.submit()
		return self.sale.request(contract)

	def before_quotation(self):
		return self.sale.request(self.sale.quotation(items=self.rows()))

	def run_contract(self, request):
		from crm_pipeline import api

		api.accept_request(request.name)

	run_quotation = run_contract


def _report(seconds: dict[str, list[float]], given) -> None:
	medians = {side: statistics.median(times) for side, times in seconds.items()}
	print(f"{given.pairs} turns, {given.rows} rows per order, medians")
	print("| Order | Time | Ratio (median of the turns' ratios) |\n|---|---|---|")
	print(f"| ERPNext, from a Quotation | {medians['erpnext'] * 1000:.0f} ms | 1 |")
	for side in SIDES[1:]:
		ratios = [ours / theirs for ours, theirs in zip(seconds[side], seconds["erpnext"], strict=True)]
		print(
			f"| Accepting a request of a {side} | {medians[side] * 1000:.0f} ms"
			f" | {medians[side] / medians['erpnext']:.2f} ({statistics.median(ratios):.2f}) |"
		)


def _names() -> dict[str, set[str]]:
	return {doctype: set(frappe.get_all(doctype, pluck="name", order_by="name asc", limit=0)) for doctype in MADE}


def _remove(before: dict[str, set[str]]) -> None:
	for doctype, names in _names().items():
		new = sorted(names - before[doctype])
		for table in frappe.get_meta(doctype).get_table_fields() if new else ():
			frappe.db.delete(table.options, {"parent": ("in", new), "parenttype": doctype})
		if new:
			frappe.db.delete(doctype, {"name": ("in", new)})
	# Both sides start from what is stored, and end with the commit of a request.
	keep()


if __name__ == "__main__":
	main()

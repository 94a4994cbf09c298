"""The page of a customer at growing lengths of its history, beside ERPNext's own Customer form in the same run.

Needs a bench site with the app on MariaDB; writes to it and removes the history that it wrote (see data.py):

	CRM_SITE=site.example SITES_PATH=/path/to/bench/sites python -m benchmarks.customer360.run [--sizes 10 1000 50000]

Every number is a median of calls. In brackets ERPNext: its form with dashboard and connections, asked as Desk asks for it.
"""

import argparse
import sys

from benchmarks.customer360 import data
from benchmarks.pipeline.measuring import connect, table, timed


def measure(name: str) -> dict[str, tuple[float, float | None]]:
	"""{what: (milliseconds of ours, of ERPNext's form or None)}; the two that are compared take turns."""
	from crm_pipeline import api

	def first_paint():
		return api.get_customer_page("Customer", name)

	def deep():
		place = [f"{data.days_back(500)} 00:00:00", "order", "z"]
		return api.get_customer_timeline("Customer", name, place=place)

	ours, theirs = [], []
	for _turn in range(3):
		ours.append(timed(first_paint))
		theirs.append(timed(lambda: customer_form(name)))
	return {
		"First paint: what has to be known, what is open, first page of the timeline": (min(ours), min(theirs)),
		"A page far down the timeline": (timed(deep), None),
		"Beside a form: the panel": (timed(lambda: api.get_customer_panel("Customer", name)), None),
		"Afterwards: credit, revenue, margin, products": (
			timed(lambda: api.get_customer_figures("Customer", name)),
			None,
		),
	}


def customer_form(name: str) -> None:
	"""What Desk asks for when it opens ERPNext's Customer form: document with dashboard, connections."""
	import frappe
	from frappe.desk.form.load import getdoc
	from frappe.desk.notifications import get_open_count

	frappe.response.docs = []
	getdoc("Customer", name)
	get_open_count("Customer", name)


def main() -> None:
	options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
	options.add_argument("--sizes", type=int, nargs="+", default=[10, 1000, 50000])
	given = options.parse_args()
	connect()
	results = {}
	try:
		for size in given.sizes:
			name = data.make(size)
			results[size] = measure(name)
			print(f"{size}: measured", file=sys.stderr)
	finally:
		data.clear()
	print(f"\n{table(results)}")


if __name__ == "__main__":
	main()

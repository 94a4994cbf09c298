"""Funnel, forecast and board at growing numbers of opportunities, six ledger events each.

Needs a bench site with the app; writes to it and removes what it wrote (see data.py):

	CRM_SITE=site.example SITES_PATH=/path/to/bench/sites python -m benchmarks.pipeline.run [--sizes 1000 10000 100000]

Every number is a median of calls; in brackets the bare SQL that computes the same counts and sums (or, in the
last table, ERPNext on as many of its own opportunities in the same run) and how many times that long it takes.
"""

import argparse
import sys

from benchmarks.pipeline import board, data, erpnext_crm, forecast, funnel
from benchmarks.pipeline.measuring import connect, table

PARTS = {"funnel": funnel, "forecast": forecast, "board": board}


def main() -> None:
	options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
	options.add_argument("--sizes", type=int, nargs="+", default=[1000, 10000, 100000])
	options.add_argument("--only", choices=(*PARTS, "erpnext"), nargs="+", default=[*PARTS, "erpnext"])
	given = options.parse_args()
	connect()
	results: dict[str, dict] = {part: {} for part in given.only}
	try:
		for size in given.sizes:
			data.make(size)
			for part in given.only:
				if part == "erpnext":
					erpnext_crm.make(size)
				results[part][size] = (PARTS.get(part) or erpnext_crm).measure()
				print(f"{size}: {part} measured", file=sys.stderr)
	finally:
		data.clear()
		erpnext_crm.clear()
	for part, measured in results.items():
		print(f"\n{part}\n\n{table(measured)}")


if __name__ == "__main__":
	main()

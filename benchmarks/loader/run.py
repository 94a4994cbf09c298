"""Loader beside Frappe's own Data Import: rows per second, growth, peak memory.

Needs a bench site with the app; writes to it, committed, because each measurement is another process, and removes what it wrote:

	CRM_SITE=site.example SITES_PATH=/path/to/bench/sites python -m benchmarks.loader.run [--sizes 1000 4000 8800]

Both sides get the same rows into Sales Opportunity, one item row each; customers, items and sales persons are
there already and are not counted. Each measurement is a process of its own. The loader also checks the file
twice, writes the history of each deal (two events instead of one) and reads back what it stored: all counted.
"""

import argparse
import contextlib
import csv
import io
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.keeping import keep

ROOT = Path(__file__).parents[2]
TAG = "BENCH"
COMPARED = 500
REPEATS = 3


def main() -> None:
	options = argparse.ArgumentParser(description=__doc__)
	options.add_argument("--sizes", type=int, nargs="+", default=[1000, 4000, 8800])
	options.add_argument("--only", choices=("loader", "data_import"), help=argparse.SUPPRESS)
	options.add_argument("--rows", type=int, default=COMPARED, help=argparse.SUPPRESS)
	given = options.parse_args()
	if given.only:
		print(json.dumps(measure(given.only, given.rows)))
		return
	pairs = [(in_process("data_import", COMPARED), in_process("loader", COMPARED)) for _turn in range(REPEATS)]
	theirs, ours = (statistics.median(pair[side]["seconds"] for pair in pairs) for side in (0, 1))
	ratios = [their["seconds"] / our["seconds"] for their, our in pairs]
	print(f"{COMPARED} rows, median of {REPEATS} (each pair measured in turn)")
	print(f"  Data Import  {theirs:6.2f} s  {COMPARED / theirs:7.0f} rows/s")
	print(f"  Loader       {ours:6.2f} s  {COMPARED / ours:7.0f} rows/s")
	print(f"  Loader is {statistics.median(ratios):.1f} times as fast (from {min(ratios):.1f} to {max(ratios):.1f})")
	print("Loader alone")
	for size in given.sizes:
		result = in_process("loader", size)
		print(
			f"  {size:6} rows  {result['seconds']:6.2f} s  {size / result['seconds']:6.0f} rows/s"
			f"  memory above the start {result['memory_mb']:.0f} MB"
		)


def in_process(what: str, rows: int) -> dict:
	"""One measurement, as printed by `measure`: {"seconds", "memory_mb"}."""
	done = subprocess.run(
		[sys.executable, "-m", "benchmarks.loader.run", "--only", what, "--rows", str(rows)],
		cwd=ROOT,
		capture_output=True,
		text=True,
	)
	if done.returncode:
		raise SystemExit(done.stderr)
	return json.loads(done.stdout.splitlines()[-1])


def measure(what: str, rows: int) -> dict:
	import frappe

	os.chdir(os.environ["SITES_PATH"])
	frappe.init(site=os.environ["CRM_SITE"], sites_path=".")
	frappe.connect()
	frappe.set_user("Administrator")
	from tests.site.bench.loading import Traces, company, small_export

	with tempfile.TemporaryDirectory() as place:
		folder, path, mapping = small_export(Path(place), TAG, rows)
		traces = Traces(folder, mapping)
		traces.remove()
		try:
			opportunities = prepare(folder, path, mapping, company())
			run = {"loader": load_file, "data_import": import_file}[what]
			# What only a first call pays (imports, meta data) is no part of the rate.
			run(folder, opportunities, company(), 4)
			remove_deals()
			before, start = peak_mb(), time.perf_counter()
			run(folder, opportunities, company(), rows)
			seconds = time.perf_counter() - start
			found = frappe.db.count("Sales Opportunity", {"external_id": ("like", f"{TAG}-%")})
			assert found == rows, f"{what} stored {found} of {rows}"
			return {"seconds": seconds, "memory_mb": peak_mb() - before}
		finally:
			frappe.db.rollback()
			allow_win_by_hand(0)
			traces.remove()


def peak_mb() -> float:
	return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def prepare(folder: Path, path: Path, mapping: dict, company: str) -> Path:
	"""Store the masters, unmeasured; answers a mapping that has the opportunities only."""
	import frappe

	from crm_pipeline.importer.load import load

	files = mapping["files"]
	for name, part in (
		("masters", {k: v for k, v in files.items() if k != "opportunities"}),
		("opportunities", {"opportunities": files["opportunities"]}),
	):
		(folder / f"{name}.json").write_text(json.dumps({**mapping, "files": part}), encoding="utf-8")
	load(folder, company, folder / "masters.json")
	prospect = {
		"doctype": "Sales Prospect",
		"prospect_name": mapping["defaults"]["unnamed_account"],
		"company": company,
	}
	frappe.get_doc(prospect).insert()
	# Data Import saves won deals by hand, which pipelines refuse by default.
	allow_win_by_hand(1)
	return folder / "opportunities.json"


def allow_win_by_hand(value: int) -> None:
	import frappe

	frappe.db.set_value("Sales Pipeline", "Standard Sales", "allow_win_by_hand", value)
	# The next load, in a process of its own, has to see it.
	keep()


def remove_deals() -> None:
	import frappe

	names = frappe.get_all(
		"Sales Opportunity", filters={"external_id": ("like", f"{TAG}-%")}, pluck="name", order_by="name asc"
	)
	for doctype, field in (
		("Sales Deal Item", "parent"),
		("Pipeline Event", "reference_name"),
		("Sales Opportunity", "name"),
	):
		frappe.db.delete(doctype, {field: ("in", names)})
	# The next load, in a process of its own, has to see it.
	keep()


def first_rows(folder: Path, rows: int) -> list[dict]:
	with open(folder / "sales_pipeline.csv", encoding="utf-8", newline="") as file:
		return [row for row, _n in zip(csv.DictReader(file), range(rows), strict=False)]


def load_file(folder: Path, mapping: Path, company: str, rows: int) -> None:
	from crm_pipeline.importer.load import load

	with tempfile.TemporaryDirectory() as place:
		with open(folder / "sales_pipeline.csv", encoding="utf-8") as file:
			lines = [line for line, _n in zip(file, range(rows + 1), strict=False)]
		(Path(place) / "sales_pipeline.csv").write_text("".join(lines), encoding="utf-8")
		load(place, company, mapping)


def import_file(folder: Path, mapping: Path, company: str, rows: int) -> None:
	"""The same rows as a file of Frappe's Data Import."""
	import frappe
	from frappe.core.doctype.data_import.importer import Importer

	prospect = frappe.db.get_value("Sales Prospect", {"prospect_name": f"Unnamed {TAG}"}, "name")
	stage = {"Won": "won", "Lost": "lost", "Engaging": "needs_analysis", "Prospecting": "qualification"}
	path = folder / "data_import.csv"
	with open(path, "w", encoding="utf-8", newline="") as file:
		writer = csv.writer(file)
		writer.writerow(
			"external_id title customer prospect company pipeline stage sales_person currency opened_on lost_reason".split()
			+ ["items.item_code", "items.qty", "items.rate"]
		)
		for row in first_rows(folder, rows):
			writer.writerow(
				[
					row["opportunity_id"],
					row["opportunity_id"],
					row["account"],
					"" if row["account"] else prospect,
					company,
					"Standard Sales",
					f"Standard Sales-{stage[row['deal_stage']]}",
					row["sales_agent"],
					frappe.get_cached_value("Company", company, "default_currency"),
					"2016-10-20",
					"No Decision" if row["deal_stage"] == "Lost" else "",
					f"GTX {TAG}",
					1,
					row["close_value"] or 0,
				]
			)
	job = frappe.get_doc(
		{
			"doctype": "Data Import",
			"reference_doctype": "Sales Opportunity",
			"import_type": "Insert New Records",
		}
	).insert()
	with contextlib.redirect_stdout(io.StringIO()) as shown:
		Importer("Sales Opportunity", data_import=job, file_path=str(path), console=True).import_data()
	frappe.db.delete("Data Import Log", {"data_import": job.name})
	frappe.delete_doc("Data Import", job.name, force=True)
	# The next load, in a process of its own, has to see it.
	keep()
	found = frappe.db.count("Sales Opportunity", {"external_id": ("like", f"{TAG}-%")})
	if found != rows:
		raise SystemExit(f"{found} of {rows}: {shown.getvalue()[-500:]}")


if __name__ == "__main__":
	main()

"""A file of leads: Sales Import beside Frappe's own Data Import on the same rows, growth and memory by size, and one new
lead looked for among all that are there, beside one indexed look-up.

Needs a bench site with the app; writes to it, committed, because each measurement is another process, and removes what it wrote:

	CRM_SITE=site.example SITES_PATH=/path/to/bench/sites python -m benchmarks.prospecting.importing [--sizes 1000 10000 100000]
"""

import argparse
import contextlib
import csv
import gc
import io
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.keeping import keep

LEAD, IMPORT = "Sales Lead", "Sales Import"
TAG = "BMI"
COMPARED, REPEATS, TURNS = 500, 3, 60
HEAD = "Company,Contact,E-mail,Phone,Source,Title".split(",")
# What the same columns are to Data Import.
THEIRS = "prospect_name contact_name email_id phone channel title company currency".split()


def main() -> None:
	options = argparse.ArgumentParser(description=__doc__)
	options.add_argument("--sizes", type=int, nargs="*", default=[1000, 10_000, 100_000])
	options.add_argument("--rows", type=int, default=COMPARED)
	options.add_argument("--only", choices=("ours", "theirs", "look_up"), help=argparse.SUPPRESS)
	given = options.parse_args()
	if given.only:
		print(json.dumps(measure(given.only, given.rows)))
		return
	pairs = [(in_process("theirs", given.rows), in_process("ours", given.rows)) for _turn in range(REPEATS)]
	ratios = [their["seconds"] / our["seconds"] for their, our in pairs]
	for what, side in (("Data Import", 0), ("Sales Import", 1)):
		seconds = statistics.median(pair[side]["seconds"] for pair in pairs)
		print(f"{given.rows} rows  {what:12}  {seconds:6.2f} s  {given.rows / seconds:6.0f} rows/s")
	print(f"  {statistics.median(ratios):.1f} times as fast ({min(ratios):.1f} to {max(ratios):.1f})")
	for size in given.sizes:
		show(size, in_process("look_up" if size == max(given.sizes) else "ours", size))


def show(size: int, found: dict) -> None:
	print(
		f"{size:7} rows  {found['seconds']:6.1f} s  {size / found['seconds']:6.0f} rows/s"
		f"  memory above the start {found['memory_mb']:.0f} MB  preview {found['preview']:.1f} s  undo {found['undo']:.1f} s"
	)
	for what, (one, ours, ratio) in found.get("look_ups", {}).items():
		print(f"  {what}: one look-up {one:.2f} ms, ours {ours:.2f} ms, {ratio:.2f} times")


def in_process(what: str, rows: int) -> dict:
	done = subprocess.run(
		[sys.executable, "-m", "benchmarks.prospecting.importing", "--only", what, "--rows", str(rows)],
		capture_output=True,
		text=True,
	)
	if done.returncode:
		raise SystemExit(done.stderr)
	return json.loads(done.stdout.splitlines()[-1])


def row(n: int) -> list[str]:
	return [
		f"{TAG} Works {n}",
		f"Ann Lee {n}",
		f"ann.{n}@{TAG}{n % 997}.example",
		f"+49 30 {9018200 + n}",
		"Fair",
		f"{TAG} {n}",
	]


def measure(what: str, rows: int) -> dict:
	import frappe

	os.chdir(os.environ["SITES_PATH"])
	frappe.init(site=os.environ["CRM_SITE"], sites_path=".")
	frappe.connect()
	frappe.set_user("Administrator")
	company = frappe.get_all("Company", pluck="name", order_by="creation asc", limit=1)[0]
	if not frappe.db.exists("Sales Channel", "Fair"):
		frappe.get_doc({"doctype": "Sales Channel", "channel_name": "Fair"}).insert()
	remove()
	try:
		run = theirs if what == "theirs" else ours
		# What only a first call pays (imports, meta data) is no part of the rate.
		run(range(4), company)
		remove()
		found = run(range(rows), company)
		stored = frappe.db.count(LEAD, {"prospect_name": ("like", f"{TAG} %")})
		assert stored == rows, f"{what} stored {stored} of {rows}"
		if what == "look_up":
			found["look_ups"] = look_ups(rows)
		if what != "theirs":
			found["undo"] = undo(found["name"])
		return found
	finally:
		frappe.db.rollback()
		remove()


def forget_peak() -> None:
	"""What the process held before is no part of what follows."""
	Path("/proc/self/clear_refs").write_text("5")


def peak_mb() -> float:
	"""The most that the process held since."""
	status = Path("/proc/self/status").read_text()
	return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def remove() -> None:
	"""What was written, straight from the tables: it is test data."""
	import frappe

	frappe.set_user("Administrator")
	imports = frappe.get_all(IMPORT, filters={"source": TAG}, pluck="name", order_by="name asc")
	frappe.db.sql(
		"delete e from `tabPipeline Event` e join `tabSales Lead` l on l.name = e.reference_name where l.prospect_name like %s",
		f"{TAG} %",
	)
	frappe.db.delete(LEAD, {"prospect_name": ("like", f"{TAG} %")})
	frappe.db.delete("Imported Record", {"source": TAG})
	for name in imports:
		for child in ("Sales Import Column", "Sales Import Value"):
			frappe.db.delete(child, {"parent": name})
		frappe.db.delete(IMPORT, {"name": name})
	for file in frappe.get_all("File", filters={"file_name": ("like", f"{TAG}%")}, pluck="name", order_by="name asc"):
		frappe.delete_doc("File", file, force=True)
	# The next measurement, in a process of its own, has to see it.
	keep()


def as_csv(head: list[str], rows, delimiter: str = ",") -> str:
	text = io.StringIO()
	csv.writer(text, delimiter=delimiter).writerows([head, *rows])
	return text.getvalue()


def ours(numbers: range, company: str) -> dict:
	"""From the file to the end of the job; checking all of it first is counted, what people look at before is not."""
	import frappe

	from crm_pipeline.importer import desk_import, import_check

	content = as_csv(HEAD, map(row, numbers))
	file = frappe.get_doc({"doctype": "File", "file_name": f"{TAG}.csv", "is_private": 1, "content": content}).insert()
	doc = frappe.get_doc(
		{"doctype": IMPORT, "file": file.file_url, "document_type": LEAD, "company": company, "source": TAG}
	).insert()
	begin = time.perf_counter()
	import_check.preview(doc.name)
	seconds = time.perf_counter() - begin
	doc.db_set("status", "Queued")
	# As the queue would find it.
	keep()
	gc.collect()
	forget_peak()
	before, begin = peak_mb(), time.perf_counter()
	desk_import.run(doc.name)
	found = {"name": doc.name, "preview": seconds, "seconds": time.perf_counter() - begin}
	found["memory_mb"] = peak_mb() - before
	doc.reload()
	assert doc.rows_stored == len(numbers), (doc.status, doc.message)
	return found


def undo(name: str) -> float:

	from crm_pipeline.importer import undo_import

	begin = time.perf_counter()
	undo_import.undo(name)
	# A measurement ends where the transaction ends.
	keep()
	return time.perf_counter() - begin


def theirs(numbers: range, company: str) -> dict:
	"""The same rows as a file of Frappe's Data Import."""
	import frappe
	from frappe.core.doctype.data_import.importer import Importer

	currency = frappe.get_cached_value("Company", company, "default_currency")
	path = f"/tmp/{TAG}-theirs.csv"
	with open(path, "w", encoding="utf-8", newline="") as file:
		file.write(as_csv(THEIRS, ([*row(n), company, currency] for n in numbers)))
	job = {"doctype": "Data Import", "reference_doctype": LEAD, "import_type": "Insert New Records"}
	job = frappe.get_doc(job).insert()
	begin = time.perf_counter()
	with contextlib.redirect_stdout(io.StringIO()) as shown:
		Importer(LEAD, data_import=job, file_path=path, console=True).import_data()
	# A measurement ends where the transaction ends.
	keep()
	seconds = time.perf_counter() - begin
	frappe.db.delete("Data Import Log", {"data_import": job.name})
	frappe.delete_doc("Data Import", job.name, force=True)
	# The next measurement, in a process of its own, has to see it.
	keep()
	if frappe.db.count(LEAD, {"prospect_name": ("like", f"{TAG} %")}) != len(numbers):
		raise SystemExit(shown.getvalue()[-800:])
	return {"seconds": seconds}


def look_ups(rows: int) -> dict:
	"""{what: [one look-up in ms, ours in ms, ratio]}: is this lead there already?"""
	import frappe

	from crm_pipeline.duplicates import while_typing

	frappe.set_user("rep@crm-test.example")

	def one(email: str) -> list:
		filters = {"email_id": email}
		return frappe.get_list(LEAD, filters=filters, fields=["name"], order_by="email_id asc", limit=5)

	def typed(n: int, shift: int) -> dict:
		_company, name, email, phone = row(n + shift)[:4]
		return {"name": name, "email": email, "phone": phone, "kind": "Organisation"}

	cases = {"one that is there": 0, "a new one": 10 * rows}
	found = {}
	for what, shift in cases.items():
		times = []
		for turn in range(TURNS):
			n = turn * (rows // TURNS)
			begin = time.perf_counter()
			one(row(n + shift)[2])
			middle = time.perf_counter()
			while_typing.similar(LEAD, typed(n, shift))
			times.append((middle - begin, time.perf_counter() - middle))
		found[f"form, {what}"] = _medians(times[6:])
		found[f"import, {what}"] = _medians(_checked(rows, shift, one)[6:])
	frappe.set_user("Administrator")
	return found


def _checked(rows: int, shift: int, one) -> list[tuple]:
	"""The check of one row of an import."""
	from crm_pipeline.importer.known_parties import PartyFacts
	from crm_pipeline.importer.mapping import parse_mapping
	from crm_pipeline.importer.party_rows import ImportedParty
	from crm_pipeline.importer.tables import Row

	class Site:
		company, country_code = None, "DE"
		mapping = parse_mapping({"files": {"leads": {"file": "x", "columns": {"x": "email"}}}, "source": TAG})

	facts, times = PartyFacts(Site()), []
	for turn in range(TURNS):
		company, _contact, email, phone = row(turn * (rows // TURNS) + shift)[:4]
		party = ImportedParty(f"new {turn}", company, {"email": email.lower(), "phone": phone}, Row(2, (), {}, {}))
		begin = time.perf_counter()
		one(email)
		middle = time.perf_counter()
		facts.there("leads", [party])
		times.append((middle - begin, time.perf_counter() - middle))
	return times


def _medians(times: list[tuple]) -> list[float]:
	one, ours = (statistics.median(column) * 1000 for column in zip(*times, strict=True))
	return [one, ours, statistics.median(b / a for a, b in times)]


if __name__ == "__main__":
	main()

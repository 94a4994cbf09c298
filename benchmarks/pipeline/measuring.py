"""How the benchmarks of this folder measure, and the table they print."""

import functools
import os
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
REPEATS = 15
# Calls that take long are measured less often.
LONG_MS = 300
REPEATS_OF_LONG = 5


def connect() -> None:
	import frappe

	sys.path.insert(0, str(ROOT))
	os.chdir(os.environ["SITES_PATH"])
	frappe.init(site=os.environ["CRM_SITE"], sites_path=".")
	frappe.connect()
	frappe.set_user("Administrator")


def timed(call) -> float:
	"""Median milliseconds of a call, after one that warms up; nothing it writes stays."""
	first = _once(call)
	turns = REPEATS_OF_LONG if first > LONG_MS else REPEATS
	return statistics.median(_once(call) for _turn in range(turns))


def clock() -> float:
	"""Seconds; with CRM_PROCESSOR_TIME set those that this process and its connection's thread of the server have worked,
	for a machine that is busy with other things (the server on the same one, its /proc readable)."""
	if not os.environ.get("CRM_PROCESSOR_TIME"):
		return time.perf_counter()
	return time.process_time() + int(_server_thread().read_text().split()[0]) / 1e9


@functools.cache
def _server_thread() -> Path:
	import frappe

	thread = frappe.db.sql("select tid from information_schema.processlist where id = connection_id()")[0][0]
	return next(Path("/proc").glob(f"[0-9]*/task/{thread}/schedstat"))


def _once(call) -> float:
	import frappe

	start = clock()
	call()
	spent = (clock() - start) * 1000
	frappe.db.rollback()
	frappe.local.message_log = []
	return spent


def table(results: dict[int, dict]) -> str:
	"""A Markdown table: a row per measurement, a column per size, the growth from the first to the last size."""
	sizes = list(results)
	lines = [
		f"| | {' | '.join(f'{size:,}' for size in sizes)} | Growth |",
		f"|---|{'---|' * len(sizes)}---|",
	]
	for what in results[sizes[0]]:
		cells = []
		for size in sizes:
			ours, bare = results[size][what]
			cells.append(f"{ours:.1f} ms" + (f" ({bare:.1f}, {ours / bare:.1f} times)" if bare else ""))
		growth = results[sizes[-1]][what][0] / results[sizes[0]][what][0]
		lines.append(f"| {what} | {' | '.join(cells)} | {growth:.1f} times |")
	return "\n".join(lines)

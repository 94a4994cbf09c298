"""One of several processes that work on a site at the same moment, round after round; see tests/soak/__main__.py.

Reads JSON lines {"call", "args", "isolated", "look_at", "break"}, says "ready", waits for "go", calls and commits, and
writes {"result"} or {"error", "message", "worded"}. A line {"ping"} is answered with its connection's id.
"""

import importlib
import json
import os
import sys

import frappe


class Injected(Exception):
	"""A fault that was put in."""


def main(site: str) -> None:
	os.chdir(os.environ["SITES_PATH"])
	for line in sys.stdin:
		print(json.dumps(work(site, json.loads(line)), default=str), flush=True)


def work(site: str, job: dict) -> dict:
	frappe.init(site=site, sites_path=".")
	try:
		frappe.connect()
		frappe.flags.mute_emails = True
		if frappe.db.sql("SHOW VARIABLES LIKE 'innodb_snapshot_isolation'"):
			frappe.db.sql("SET SESSION innodb_snapshot_isolation = %s" % ("ON" if job["isolated"] else "OFF"))
		frappe.db.sql("SET SESSION innodb_lock_wait_timeout = 20")
		if job.get("look_at"):
			frappe.get_doc(*job["look_at"])
		print(json.dumps({"ready": frappe.db.sql("SELECT CONNECTION_ID()")[0][0]}), flush=True)
		sys.stdin.readline()
		restore = broken(job.get("break"))
		try:
			answer = {"result": found(job["call"])(*job["args"])}
			frappe.db.commit()
		finally:
			restore()
	except Exception as error:
		answer = {"error": type(error).__name__, "message": str(error)[:300], "worded": isinstance(error, frappe.ValidationError)}
	finally:
		close()
	return answer


def close() -> None:
	try:
		frappe.db.rollback()
	except Exception:
		pass
	frappe.destroy()


def found(path: str):
	module, name = path.rsplit(".", 1)
	return getattr(importlib.import_module(module), name)


def broken(path: str | None):
	"""Let a function fail in this call; answers how to mend it."""
	if not path:
		return lambda: None
	module, name = path.rsplit(".", 1)
	module = importlib.import_module(module)
	original = getattr(module, name)

	def fails(*args, **kwargs):
		raise Injected(path)

	setattr(module, name, fails)
	return lambda: setattr(module, name, original)


# ---- steps that are no endpoint


def submit(doctype: str, name: str) -> str:
	"""As the form does."""
	doc = frappe.get_doc(doctype, name)
	doc.submit()
	return doc.status


def cancel(doctype: str, name: str) -> str:
	doc = frappe.get_doc(doctype, name)
	doc.cancel()
	return name


if __name__ == "__main__":
	main(sys.argv[1])

"""One of several processes that race for the same documents; see test_concurrency.py.

Reads one JSON line {"site", "user", "call", "args", "snapshot_isolation", "look_at"}, connects, looks at
the document (as a web request does before it locks anything), says "ready", waits for "go", calls and
commits. Writes {"result"} or {"error", "message"} as its last line.
"""

import importlib
import json
import os
import sys
import traceback

import frappe


def main():
	job = json.loads(sys.stdin.readline())
	os.chdir(os.environ["SITES_PATH"])
	frappe.init(site=job["site"], sites_path=".")
	frappe.connect()
	frappe.flags.mute_emails = True
	frappe.db.sql(
		"SET SESSION innodb_snapshot_isolation = %s" % ("ON" if job["snapshot_isolation"] else "OFF")
	)
	frappe.set_user(job["user"])
	if job["look_at"]:
		frappe.get_doc(*job["look_at"])
		frappe.db.sql("SELECT COUNT(*) FROM `tabSales Order`")
	print("ready", flush=True)
	sys.stdin.readline()
	try:
		module, name = job["call"].rsplit(".", 1)
		answer = {"result": getattr(importlib.import_module(module), name)(*job["args"])}
		frappe.db.commit()
	except Exception as error:
		frappe.db.rollback()
		answer = {"error": type(error).__name__, "message": str(error), "at": traceback.format_exc()[-1500:]}
	print(json.dumps(answer, default=str), flush=True)
	frappe.destroy()


def submit(doctype: str, name: str) -> str:
	"""Submit a document as the form does; answers its status."""
	doc = frappe.get_doc(doctype, name)
	doc.submit()
	return doc.status


def update_quantity(order: str, item_code: str, qty: float) -> float:
	"""ERPNext's Update Items with one quantity changed."""
	from tests.site.world import Sale

	Sale(None, None).update_items(frappe.get_doc("Sales Order", order), {item_code: {"qty": qty}})
	return qty


if __name__ == "__main__":
	main()

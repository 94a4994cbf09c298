"""One of several processes that race for the same documents; racers.py starts them.

For each JSON line {"site", "user", "call", "args", "snapshot_isolation", "look_at"} it connects, looks at the document (as
a web request does before it locks anything), says "ready", waits for "go", calls and commits, and says {"result"} or
{"error", "message", "at"}.
"""

import importlib
import json
import os
import sys
import traceback

import frappe


def main():
	os.chdir(os.environ["SITES_PATH"])
	for line in sys.stdin:
		_say(json.dumps(_run(json.loads(line)), default=str))


def _run(job: dict) -> dict:
	frappe.init(site=job["site"], sites_path=".")
	frappe.connect()
	frappe.flags.mute_emails = True
	if frappe.db.sql("SHOW VARIABLES LIKE 'innodb_snapshot_isolation'"):
		frappe.db.sql(f"SET SESSION innodb_snapshot_isolation = {'ON' if job['snapshot_isolation'] else 'OFF'}")
	frappe.set_user(job["user"])
	if job["look_at"]:
		frappe.get_doc(*job["look_at"])
		frappe.db.sql("SELECT COUNT(*) FROM `tabSales Order`")
	_say("ready")
	sys.stdin.readline()
	try:
		module, name = job["call"].rsplit(".", 1)
		answer = {"result": getattr(importlib.import_module(module), name)(*job["args"])}
		frappe.db.commit()
	except Exception as error:
		frappe.db.rollback()
		answer = {"error": type(error).__name__, "message": str(error), "at": traceback.format_exc()[-1500:]}
	frappe.destroy()
	return answer


def _say(text: str) -> None:
	print(f"racer: {text}", flush=True)


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

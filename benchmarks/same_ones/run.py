"""How long it takes to say who is there already while somebody types, beside one indexed look-up of the same name.

CRM_SITE=... SITES_PATH=... python -m benchmarks.same_ones.run [names]   Everything is rolled back.
"""

import os
import statistics
import sys
import time

import frappe

TURNS = 60
USER = "rep@crm-test.example"


def fill(count: int) -> None:
	"""Customers and Contacts as rows, names that begin alike in groups of five."""
	now = frappe.utils.now()
	for doctype, title, key in (
		("Customer", "customer_name", "crm_match_name"),
		("Contact", "full_name", "crm_match_name"),
		("Sales Prospect", "prospect_name", "match_name"),
	):
		rows = [
			(f"BM {doctype} {n}", f"Bench {n // 5:06d} {n % 5}", f"bench{n // 5:06d}{n % 5}", now, now, "Administrator")
			for n in range(count)
		]
		fields = ["name", title, key, "creation", "modified", "owner"]
		frappe.db.bulk_insert(doctype, fields, rows, chunk_size=10_000)
		if doctype == "Sales Prospect":
			frappe.db.set_value(doctype, {"name": ("like", "BM %")}, "status", "Unverified", update_modified=False)
		print(f"{doctype}: {frappe.db.count(doctype)} rows", flush=True)


def look_up(doctype: str, key: str) -> list:
	filters = {"crm_match_name": ("like", f"{key}%")}
	return frappe.get_list(doctype, filters=filters, fields=["name"], order_by="crm_match_name asc", limit=5)


def main() -> None:
	count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
	os.chdir(os.environ["SITES_PATH"])
	frappe.init(site=os.environ["CRM_SITE"], sites_path=".")
	frappe.connect()
	from crm_pipeline.duplicates import while_typing

	try:
		fill(count)
		frappe.db.sql("set session innodb_lock_wait_timeout = 5")
		frappe.set_user(USER)
		cases = {
			"a customer's name": lambda n: while_typing.similar("Customer", {"name": f"Bench {n:06d}"}),
			"a contact's name": lambda n: while_typing.similar("Contact", {"name": f"Bench {n:06d}"}),
			"a name that nobody has": lambda n: while_typing.similar("Customer", {"name": f"Nobody {n:06d}"}),
			"a number": lambda n: while_typing.similar("Customer", {"phone": f"+49 30 {1000000 + n}"}),
		}
		for name, ask in cases.items():
			ratios, times = [], []
			for turn in range(TURNS):
				n = turn * (count // 5 // TURNS)
				start = time.perf_counter()
				look_up("Contact" if "contact" in name else "Customer", f"bench{n:06d}")
				middle = time.perf_counter()
				ask(n)
				end = time.perf_counter()
				if turn > 5:
					times.append((middle - start, end - middle))
					ratios.append((end - middle) / (middle - start))
			one, ours = (statistics.median(column) * 1000 for column in zip(*times, strict=True))
			print(
				f"{name}: one look-up {one:.2f} ms, ours {ours:.2f} ms, {statistics.median(ratios):.2f} times",
				flush=True,
			)
	finally:
		frappe.db.rollback()
		frappe.destroy()


if __name__ == "__main__":
	main()

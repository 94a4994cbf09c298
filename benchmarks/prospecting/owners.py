"""How long it takes to give many leads by rules, and to judge as many for the public pool; linear is asked for.

CRM_SITE=... SITES_PATH=... python -m benchmarks.prospecting.owners [leads ...]   Everything is rolled back. With
CRM_PROCESSOR_TIME set the seconds are those that the process and its thread in the server have worked.
"""

import os
import sys

import frappe

from benchmarks.pipeline import measuring

SIZES = (10_000, 100_000)

USERS = ("rep@crm-test.example", "rep2@crm-test.example", "manager@crm-test.example")


def fill(count: int, company: str) -> None:
	"""Open leads as rows, without an owner, a tenth of them in each of ten territories."""
	now = frappe.utils.now_datetime()
	territories = frappe.get_all("Territory", pluck="name", order_by="name asc", limit=10)
	fields = ["name", "title", "prospect_name", "party_name", "status", "company", "territory", "creation", "modified"]
	rows = [
		(
			f"BMO {n:07d}",
			f"Lead {n}",
			f"Mill {n}",
			f"Mill {n}",
			"New",
			company,
			territories[n % len(territories)],
			now,
			now,
		)
		for n in range(count)
	]
	frappe.db.bulk_insert("Sales Lead", fields, rows, chunk_size=10_000)


def rules() -> None:
	"""Of every kind that costs something: by territory in turn, by a segment and load with a limit, by filters."""
	territory, other = frappe.get_all("Territory", pluck="name", order_by="name asc", limit=2)
	segment = {"doctype": "Sales Segment", "segment_name": "BMO", "applies_to": "Sales Lead"}
	asked = [["Sales Lead", "territory", "=", other]]
	calls = [{"kind": "Contacted", "days": 30, "negated": 1}]
	segment = frappe.get_doc({**segment, "filters": frappe.as_json(asked), "behaviours": calls}).insert()
	members = [{"user": user, "weight": place + 1} for place, user in enumerate(USERS)]
	limited = [{**member, "capacity": 10_000_000} for member in members]
	for title, values in (
		("BMO one", {"territory": territory, "members": members}),
		("BMO load", {"segment": segment.name, "method": "Least Open Load", "members": limited}),
		("BMO rest", {"own_filters": '[["title", "like", "Lead%"]]', "members": members}),
	):
		frappe.get_doc({"doctype": "Lead Assignment Rule", "title": title, **values}).insert()
	pool = {"doctype": "Pool Rule", "untouched_days": 30, "warn_days": 0}
	frappe.get_doc({**pool, "title": "BMO", "position": 1, "segment": segment.name}).insert()
	frappe.get_doc({**pool, "title": "BMO rest", "position": 2}).insert()


def timed(what: str, count: int, work) -> None:
	start = measuring.clock()
	done = sum(work())
	seconds = measuring.clock() - start
	print(f"{what}: {done} of {count} in {seconds:.1f} s, {1e6 * seconds / count:.0f} µs each", flush=True)


def measure(count: int) -> None:
	from crm_pipeline.assignment import assigning
	from crm_pipeline.pool import pooling

	frappe.set_user("Administrator")
	for doctype in ("Lead Assignment Rule", "Pool Rule"):
		for name in frappe.get_all(doctype, pluck="name", order_by="name asc", limit=0):
			frappe.db.set_value(doctype, name, "disabled", 1)
	fill(count, frappe.get_all("Company", pluck="name", order_by="name asc", limit=1)[0])
	rules()
	ours = {"name": ("like", "BMO%")}
	timed("given by rules", count, lambda: (assigning.assign_chunk(*chunk) for chunk in assigning.chunks(None)))
	timed("judged, and kept", count, lambda: (pooling.judge_chunk(*chunk) for chunk in pooling.chunks(None)))
	old = frappe.utils.add_to_date(None, days=-60)
	leads = frappe.qb.DocType("Sales Lead")
	frappe.qb.update(leads).set(leads.assigned_on, old).where(leads.name.like("BMO%")).run()
	timed("judged, and fell", count, lambda: (pooling.judge_chunk(*chunk) for chunk in pooling.chunks(None)))
	assert not frappe.db.count("Sales Lead", {**ours, "pool_since": ("is", "not set")})


def main() -> None:
	sizes = [int(size) for size in sys.argv[1:]] or SIZES
	os.chdir(os.environ["SITES_PATH"])
	frappe.init(site=os.environ["CRM_SITE"], sites_path=".")
	frappe.connect()
	frappe.db.MAX_WRITES_PER_TRANSACTION = 10_000_000
	try:
		for size in sizes:
			measure(size)
			frappe.db.rollback()
	finally:
		frappe.db.rollback()
		frappe.destroy()


if __name__ == "__main__":
	main()

"""How long it takes to give many leads by rules, and to judge as many for the public pool; linear is asked for.

CRM_SITE=... SITES_PATH=... python -m benchmarks.prospecting.owners [leads]   Everything is rolled back.
"""

import os
import sys
import time

import frappe

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
	territory = frappe.get_all("Territory", pluck="name", order_by="name asc", limit=1)[0]
	members = [{"user": user, "weight": place + 1} for place, user in enumerate(USERS)]
	for title, values in (
		("BMO one", {"territory": territory}),
		("BMO rest", {"own_filters": '[["title", "like", "Lead%"]]'}),
	):
		frappe.get_doc({"doctype": "Lead Assignment Rule", "title": title, "members": members, **values}).insert()
	frappe.get_doc({"doctype": "Pool Rule", "title": "BMO", "untouched_days": 30, "warn_days": 0}).insert()


def timed(what: str, count: int, work) -> None:
	start = time.perf_counter()
	done = sum(work())
	seconds = time.perf_counter() - start
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
	old = frappe.utils.add_to_date(None, days=-60)
	leads = frappe.qb.DocType("Sales Lead")
	frappe.qb.update(leads).set(leads.assigned_on, old).where(leads.name.like("BMO%")).run()
	timed("judged, and fell", count, lambda: (pooling.judge_chunk(*chunk) for chunk in pooling.chunks(None)))
	assert not frappe.db.count("Sales Lead", {**ours, "pool_since": ("is", "not set")})


def main() -> None:
	count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
	os.chdir(os.environ["SITES_PATH"])
	for part in (count // 4, count):
		frappe.init(site=os.environ["CRM_SITE"], sites_path=".")
		frappe.connect()
		frappe.db.MAX_WRITES_PER_TRANSACTION = 10_000_000
		try:
			measure(part)
		finally:
			frappe.db.rollback()
			frappe.destroy()


if __name__ == "__main__":
	main()

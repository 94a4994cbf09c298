"""How long a night of lead scores takes as leads grow, beside bare SQL of the same counts.

CRM_SITE=... SITES_PATH=... python -m benchmarks.prospecting.scores [leads ...]   Everything is rolled back. With
CRM_PROCESSOR_TIME set the seconds are those that the process and its thread in the server have worked.
"""

import os
import random
import sys

import frappe

from benchmarks.pipeline import measuring

SIZES = (10_000, 30_000, 100_000)
# Activities of a lead, on average.
EACH = 4
RULES = (
	{"kind": "Field", "fieldname": "channel", "operator": "is", "value": "Referral", "points": 20},
	{"kind": "Field", "fieldname": "email_id", "operator": "is set", "points": 5},
	{"kind": "Field", "fieldname": "prospect.no_of_employees", "operator": "at least", "value": "50", "points": 15},
	{"kind": "Field", "fieldname": "industry", "operator": "is not set", "points": -3},
	{"kind": "Activities", "days": 30, "result": "Reached", "points": 5, "most": 3},
	{"kind": "Activities", "days": 90, "direction": "Inbound", "points": 8, "most": 3},
	{"kind": "E-mails", "days": 30, "direction": "Inbound", "points": 6, "most": 3},
	{"kind": "Silence", "points": -2, "most": 10},
)


def fill(count: int, company: str) -> None:
	"""Open leads and what happened with them, as rows."""
	chance, now = random.Random(count), frappe.utils.now_datetime()
	day = lambda most: frappe.utils.add_to_date(now, days=-chance.randrange(most), seconds=-chance.randrange(86_400))  # noqa: E731
	leads, activities, mails = [], [], []
	for n in range(count):
		name, at = f"BS-{n:07d}", day(200)
		channel = chance.choice(("Referral", "Hotline", "Web Form"))
		mail = f"a{n}@b.example" if n % 3 else None
		leads.append((name, name, "New", channel, mail, company, "Administrator", at, at, "Administrator"))
		for k in range(chance.randrange(2 * EACH + 1)):
			result, way = chance.choice(("Reached", "Not Reached")), chance.choice(("Inbound", "Outbound"))
			row = (f"BS-{n}-{k}", "Call", "Phone", "Done", way, result, "Sales Lead", name, day(120))
			activities.append((*row, at, at, "Administrator"))
		if n % 4 == 0:
			row = (f"BS-{n}-m", "Re", "Communication", "Received", "Sales Lead", name, day(60))
			mails.append((*row, at, at, "Administrator"))
	stamps = ["creation", "modified", "owner"]
	fields = ["name", "title", "status", "channel", "email_id", "company", "sales_owner", *stamps]
	frappe.db.bulk_insert("Sales Lead", fields, leads, chunk_size=10_000)
	about = ["reference_doctype", "reference_name"]
	fields = ["name", "subject", "way", "status", "direction", "result", *about, "starts_on", *stamps]
	frappe.db.bulk_insert("Sales Activity", fields, activities, chunk_size=10_000)
	fields = ["name", "subject", "communication_type", "sent_or_received", *about, "communication_date", *stamps]
	frappe.db.bulk_insert("Communication", fields, mails, chunk_size=10_000)


def empty() -> None:
	for doctype in ("Sales Lead", "Sales Activity", "Communication"):
		frappe.db.delete(doctype, {"name": ("like", "BS-%")})


def night() -> tuple[int, float]:
	"""(leads that changed, seconds) of all chunks, one after the other."""
	from crm_pipeline.scoring import lead_scores

	start = measuring.clock()
	changed = sum(lead_scores.score_chunk(*record) for record in lead_scores.chunks(None))
	return changed, measuring.clock() - start


def bare() -> float:
	"""Seconds that the counts of the rules take the database alone, grouped by lead, and the rows of the leads to be read."""
	start = measuring.clock()
	for doctype, day in (
		("Sales Activity", "starts_on"),
		("Sales Activity", "starts_on"),
		("Communication", "communication_date"),
	):
		frappe.db.sql(
			f"select reference_name, count(*), max({day}) from `tab{doctype}`"
			" where reference_doctype = 'Sales Lead' group by reference_name"
		)
	frappe.db.sql(
		"select name, creation, status, channel, email_id, industry, prospect, score, score_told from `tabSales Lead`"
	)
	return measuring.clock() - start


def main() -> None:
	sizes = [int(size) for size in sys.argv[1:]] or SIZES
	os.chdir(os.environ["SITES_PATH"])
	frappe.init(site=os.environ["CRM_SITE"], sites_path=".")
	frappe.connect()
	frappe.flags.in_import = True
	company = frappe.db.get_value("Company", {}, "name", order_by="creation asc")
	try:
		frappe.db.delete("Lead Score Rule")
		for n, values in enumerate(RULES):
			frappe.get_doc({"doctype": "Lead Score Rule", "rule_name": f"BS {n}", **values}).insert()
		print(
			"leads, changed in the first night, seconds; in the second, seconds; bare SQL, seconds; microseconds a lead",
			flush=True,
		)
		for size in sizes:
			fill(size, company)
			first, again, alone = night(), night(), bare()
			print(
				f"{size}: {first[0]} {first[1]:.2f}; {again[0]} {again[1]:.2f}; {alone:.2f}; {1e6 * first[1] / size:.0f}, {1e6 * again[1] / size:.0f}",
				flush=True,
			)
			empty()
	finally:
		frappe.db.rollback()
		frappe.destroy()


if __name__ == "__main__":
	main()

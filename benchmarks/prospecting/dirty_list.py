"""A dirty list of leads, from the file to the reps' lists: brought in, cleaned, scored, given, each rejected row with its reason.

CRM_SITE=... SITES_PATH=... python -m benchmarks.prospecting.dirty_list [rows]   By hand; commits, and removes what it wrote.
"""

import os
import sys
import time

from benchmarks.keeping import keep
from benchmarks.prospecting.importing import IMPORT, LEAD, TAG, as_csv, forget_peak, peak_mb, remove

HEAD = "Firma;Vorname;Nachname;E-Mail;Telefon;Quelle;Land;Erstellt am;Status".split(";")
ORIGINS = "Messe|Web|Empfehlung|Anruf|Mailing|Partner|LinkedIn|Anzeige|Vortrag|Altbestand|Sonstige".split("|")
MEMBERS = ("rep@crm-test.example", "rep2@crm-test.example", "manager@crm-test.example")
# Every tenth row is broken, each in another way.
BROKEN = (
	{"E-Mail": "ann(at)example"},
	{"Telefon": "4.930123456E+11"},
	{"Land": "Atlantis"},
	{"Erstellt am": "31.02.2023"},
	{"Erstellt am": "01.01.2091"},
	{"Firma": "", "Vorname": "", "Nachname": "", "E-Mail": ""},
	{"Firma": "x" * 200},
	{"Status": "Weiß nicht"},
)


def row(n: int) -> list[str]:
	values = {
		"Firma": f'  "{TAG}  Werk {n}" ' if n % 7 == 0 else f"{TAG} Werk {n}",
		"Vorname": f"Ann{n % 90}",
		"Nachname": f"Müller {n}",
		"E-Mail": f"Ann Müller <Ann.{n}@{TAG}{n % 997}.example>"
		if n % 3
		else f"ann.{n}@{TAG}{n % 997}.example; info@x.example",
		"Telefon": f"(030) {9018200 + n}" if n % 2 else f"+49 30 {9018200 + n}",
		"Quelle": ORIGINS[n % len(ORIGINS)],
		"Land": ("Germany", "germany ", "")[n % 3],
		"Erstellt am": f"{1 + n % 28:02}.{1 + n % 12:02}.{2022 + n % 4}",
		"Status": "",
	}
	if n % 10 == 9:
		values |= BROKEN[n // 10 % len(BROKEN)]
	if n % 50 == 8:
		# The same as one before.
		values["E-Mail"] = f"ANN.{n - 1}@{TAG}{(n - 1) % 997}.example"
	return list(values.values())


def rules() -> None:
	import frappe

	members = [{"user": user, "weight": place + 1} for place, user in enumerate(MEMBERS)]
	values = {"title": f"{TAG} all", "members": members, "own_filters": f'[["prospect_name", "like", "{TAG}%"]]'}
	frappe.get_doc({"doctype": "Lead Assignment Rule", **values}).insert()
	for n, fieldname in enumerate(("phone", "email_id", "channel", "contact_name")):
		score = {"rule_name": f"{TAG} {fieldname}", "kind": "Field", "points": 10 * (n + 1), "fieldname": fieldname}
		frappe.get_doc({"doctype": "Lead Score Rule", "operator": "is set", **score}).insert()


def timed(what: str, work) -> None:
	begin = time.perf_counter()
	found = work()
	print(f"{what}: {time.perf_counter() - begin:.1f} s {found if found is not None else ''}", flush=True)


def measure(rows: int) -> None:
	import frappe

	from crm_pipeline.assignment import assigning
	from crm_pipeline.chain import jobs
	from crm_pipeline.importer import desk_import, import_check
	from crm_pipeline.scoring import lead_scores

	company = frappe.get_all("Company", pluck="name", order_by="creation asc", limit=1)[0]
	rules()
	content = as_csv(HEAD, map(row, range(rows)), ";").encode("cp1252")
	file = frappe.get_doc({"doctype": "File", "file_name": f"{TAG}.csv", "is_private": 1, "content": content}).insert()
	values = {"file": file.file_url, "document_type": LEAD, "company": company, "source": TAG, "duplicates": "Skip"}
	doc = frappe.get_doc({"doctype": IMPORT, **values}).insert()
	# As the queue and its workers would find it.
	keep()
	timed("preview", lambda: {k: v for k, v in import_check.preview(doc.name).items() if isinstance(v, int)})
	doc.db_set("status", "Queued")
	forget_peak()
	before = peak_mb()
	timed("import", lambda: desk_import.run(doc.name))
	print(f"memory above the start: {peak_mb() - before:.0f} MB")
	timed("scores", lambda: jobs.run(lead_scores.JOB).done)
	timed("owners", lambda: jobs.run(assigning.JOB).changed)
	doc.reload()
	print(doc.rows_total, "=", doc.rows_stored, "+", doc.rows_already, "+", doc.rows_rejected, "+", doc.rows_left_out)
	assert doc.rows_total == doc.rows_stored + doc.rows_already + doc.rows_rejected + doc.rows_left_out == rows
	content = frappe.get_doc("File", {"file_url": doc.rejected_file}).get_content()
	text = content.decode("cp1252") if isinstance(content, bytes) else content
	lines = text.strip().splitlines()[1:]
	assert len(lines) == doc.rows_rejected and all(line.rpartition(";")[2].strip() for line in lines)
	print("with a score:", frappe.db.count(LEAD, {"prospect_name": ("like", f"{TAG} %"), "score": (">", 0)}))
	open_leads = {"prospect_name": ("like", f"{TAG} %"), "status": "New"}
	print(
		"with an owner:",
		frappe.db.count(LEAD, {**open_leads, "sales_owner": ("in", MEMBERS)}),
		"of",
		frappe.db.count(LEAD, open_leads),
	)
	for user in MEMBERS[:2]:
		frappe.set_user(user)
		timed(
			f"first page of {user}",
			lambda: len(frappe.get_list(LEAD, {"sales_owner": frappe.session.user}, order_by="score desc", limit=20)),
		)


def main() -> None:
	import frappe

	os.chdir(os.environ["SITES_PATH"])
	frappe.init(site=os.environ["CRM_SITE"], sites_path=".")
	frappe.connect()
	remove()
	others = frappe.get_all("Lead Assignment Rule", {"disabled": 0}, pluck="name", order_by="name asc")
	for name in others:
		frappe.db.set_value("Lead Assignment Rule", name, "disabled", 1)
	try:
		measure(int(sys.argv[1]) if len(sys.argv) > 1 else 8000)
	finally:
		frappe.db.rollback()
		frappe.set_user("Administrator")
		for name in others:
			frappe.db.set_value("Lead Assignment Rule", name, "disabled", 0)
		for doctype, field in (("Lead Assignment Rule", "title"), ("Lead Score Rule", "rule_name")):
			for name in frappe.get_all(doctype, {field: ("like", f"{TAG} %")}, pluck="name", order_by="name asc"):
				frappe.delete_doc(doctype, name, force=True)
		remove()


if __name__ == "__main__":
	main()

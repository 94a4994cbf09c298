# ruff: noqa: F811
"""The preview of a large file: its first rows at once, all of them in the background, and nobody waits for a stale answer."""

import io
import json

import frappe
import pytest
from frappe.utils import add_to_date

from crm_pipeline import api
from crm_pipeline.importer import desk_import, import_check, import_form, tables
from tests.site.portable.test_desk_import import LEAD, imported, of, run  # noqa: F401


@pytest.fixture
def small(monkeypatch):
	"""Five rows are as many as a request checks."""
	monkeypatch.setattr(import_check, "SMALL", 5)
	monkeypatch.setattr(import_check, "PAUSE", 0)
	monkeypatch.setattr(tables, "OFTEN", 2)


def listed(bad: int, rows: int = 12) -> str:
	"""A list whose row `bad` has no address in the e-mail's place."""
	mails = ["no" if n == bad else f"p{n}@TAG.example" for n in range(1, rows + 1)]
	return "Company,E-mail\n" + "".join(f"Firm {n:02} TAG,{mail}\n" for n, mail in enumerate(mails, start=1))


def checked(doc, run: str) -> None:
	"""Do what the queue would do."""
	frappe.db.commit()
	import_check.check_whole(doc.name, run)


def run_of(doc) -> str:
	return json.loads(doc.reload().check_report)["run"]


def test_the_first_rows_are_known_at_once_and_all_of_them_later(imported, small):
	doc = imported(listed(bad=11))
	found = api.preview_import(doc.name)
	assert (found["whole"], found["checked"], found["total"], found["usable"], found["rejected"]) == (
		False,
		5,
		12,
		5,
		0,
	)
	assert api.get_import_check(doc.name)["state"] == "Queued"
	modified = doc.modified
	checked(doc, run_of(doc))
	kept = api.get_import_check(doc.name)
	assert (kept["state"], kept["checked"], kept["total"]) == ("Done", 12, 12)
	assert {k: kept["found"][k] for k in ("whole", "rows", "usable", "rejected")} == {
		"whole": True, "rows": 12, "usable": 11, "rejected": 1,
	}  # fmt: skip
	assert kept["found"]["lines"] == [{"line": 12, "reasons": 'E-mail: "no" is not an e-mail address'}]
	assert (of(imported.tag), str(doc.reload().modified)) == ([], str(modified)), (
		"whoever has the form open may save it"
	)


def test_a_small_file_is_checked_at_once(imported, small):
	doc = imported(listed(bad=3, rows=5))
	found = api.preview_import(doc.name)
	assert (found["whole"], found["rows"], found["rejected"]) == (True, 5, 1)
	assert (api.get_import_check(doc.name), doc.reload().check_report) == ({}, None)


def test_a_check_of_another_mapping_says_nothing(imported, small):
	doc = imported(listed(bad=11))
	api.preview_import(doc.name)
	checked(doc, run_of(doc))
	doc.reload()
	doc.columns[1].field = None
	doc.save()
	assert api.get_import_check(doc.name) == {}


def test_the_last_preview_counts_and_a_run_takes_its_place(imported, small):
	doc = imported(listed(bad=11))
	api.preview_import(doc.name)
	first = run_of(doc)
	api.preview_import(doc.name)
	checked(doc, first)
	assert api.get_import_check(doc.name)["state"] == "Queued", "the first one ends without a word"
	second = run_of(doc)
	run(doc)
	checked(doc, second)
	assert (doc.reload().status, doc.rows_stored, doc.rows_rejected, doc.check_report) == ("Done", 11, 1, None)


def test_a_run_says_how_far_its_check_is_and_can_be_stopped_in_it(imported, small, monkeypatch):
	doc = imported(listed(bad=11))
	seen = []

	def stop_soon(event, message=None, **kwargs):
		kept = frappe.db.get_value("Sales Import", doc.name, "check_report")
		seen.append(json.loads(kept)["checked"] if kept else None)
		if len(seen) == 2:
			desk_import.stop(doc.name)

	monkeypatch.setattr(frappe, "publish_realtime", stop_soon)
	run(doc)
	assert (seen[:2], doc.status, of(imported.tag)) == ([2, 4], "Stopped", [])
	run(doc)
	assert (doc.status, doc.rows_stored, doc.rows_rejected) == ("Done", 11, 1)


def test_of_a_large_workbook_nobody_counts_the_rows_first(imported, small):
	from openpyxl import Workbook

	book, file = Workbook(), io.BytesIO()
	for line in listed(bad=11).replace("TAG", imported.tag).splitlines():
		book.active.append(line.split(","))
	book.save(file)
	doc = imported(file.getvalue(), name="list.xlsx")
	found = api.preview_import(doc.name)
	assert (found["whole"], found["checked"], found["total"], found["rejected"]) == (False, 5, None, 0)
	checked(doc, run_of(doc))
	assert api.get_import_check(doc.name)["found"]["rejected"] == 1


def test_what_fails_in_the_background_is_said(imported, small):
	doc = imported(listed(bad=11))
	api.preview_import(doc.name)
	frappe.get_doc("File", {"file_url": doc.file}).db_set("is_private", 0)
	checked(doc, run_of(doc))
	kept = api.get_import_check(doc.name)
	assert kept["state"] == "Failed" and "is public" in kept["message"]


def test_a_file_that_a_colleague_uploaded_as_well_is_still_one_s_own(imported, as_user):
	doc = imported("Company\nAcme TAG\n")
	as_user("Administrator")
	own = frappe.get_doc("File", {"file_url": doc.file})
	other = frappe.get_doc(
		{"doctype": "File", "file_name": own.file_name, "is_private": 1, "file_url": doc.file}
	).insert()
	frappe.db.set_value("File", other.name, "creation", add_to_date(own.creation, days=1), update_modified=False)
	as_user("manager")
	assert import_form.path_of(doc).name == own.file_name

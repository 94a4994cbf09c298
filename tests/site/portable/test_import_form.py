# ruff: noqa: F811
"""The form of an import: what it refuses, what it offers, how a run is told, checked and ended."""

import json
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime

from crm_pipeline import api
from crm_pipeline.importer import desk_import, import_check, import_form, load, tables
from crm_pipeline.importer.import_fields import FIELDS
from crm_pipeline.importer.load_steps import Lines, Report, sum_of
from crm_pipeline.importer.mapping import DEAL_STATUSES, LEAD_STATUSES, InputError
from crm_pipeline.importer.report import row_lines
from tests.site.portable.test_desk_import import IMPORT, LEAD, imported, of, run  # noqa: F401
from tests.site.uncommitted import within_the_test
from tests.site.world import refused, without_right

DEAL = "Sales Opportunity"
TEXT = "Company,Mail\nAcme TAG,ann@TAG.example\nBluth TAG,\n"


@pytest.fixture
def small(imported, monkeypatch):
	"""What is committed is the test's own."""
	within_the_test(monkeypatch)
	return imported


# ---- the form


def test_what_was_imported_keeps_its_file_and_its_system_and_stays_while_its_records_are_here(small, monkeypatch):
	doc = run(small(TEXT))
	other = small("Company\nOther TAG\n", name="other.csv")
	doc.file = other.file
	with refused(match="was imported already. Make a new import for another file"):
		doc.save()
	doc.reload()
	doc.import_from = "ERPNext's CRM"
	with refused(match="was imported already. Make a new import for another system"):
		import_form.follow(
			SimpleNamespace(get_doc_before_save=lambda: doc.reload(), **{"status": "Done", "import_from": "X"})
		)
	doc.reload()
	with refused(match=f"Records of .*{doc.name}.* are here. Undo the import first"):
		doc.delete()
	api.undo_import(doc.name)
	doc.reload().delete()
	assert not frappe.db.exists(IMPORT, doc.name)


def test_an_import_needs_a_file_that_is_there_and_holds_rows(small):
	doc = small(TEXT)
	doc.file = None
	with refused(frappe.MandatoryError, match="Please upload a file"):
		import_form.follow(doc)
	doc.file = "/private/files/nowhere.csv"
	with refused(match="File: the file .*nowhere.csv.* is not there"):
		import_form.path_of(doc)
	with refused(
		match=r"is not a file of rows. Known endings are \.csv, \.txt, \.tsv, \.xlsx, \.xlsm, \.jsonl, \.ndjson, \.json"
	):
		small("Company\nX TAG\n", name="list.docx")


def test_a_new_file_preset_encoding_or_header_guesses_the_columns_anew_and_nothing_else_does(small):
	doc = small("Company;Mail\nAcme TAG;a@TAG.example\n")
	doc.columns[0].field = "contact"
	doc.save()
	assert [row.field for row in doc.columns] == ["contact", "email"], "a choice stays"
	doc.no_header = 1
	doc.save()
	assert [row.column_name for row in doc.columns] == ["1", "2"]
	assert [row.sample for row in doc.columns] == ["Company", "Mail"]
	doc.no_header = 0
	doc.save()
	assert [row.column_name for row in doc.columns] == ["Company", "Mail"]
	doc.file = small("Firma;Telefon;rejected_line\nAcme TAG;030;3\n", name="other.csv").file
	doc.save()
	assert [(row.column_name, row.field) for row in doc.columns] == [("Firma", "company_name"), ("Telefon", "phone")]


def test_the_form_offers_the_fields_and_meanings_of_its_kind(small):
	doc = small(TEXT)
	doc.run_method("onload")
	told = doc.get("__onload")
	assert [row["value"] for row in told["fields"]] == list(FIELDS["leads"])
	assert {"value": "company_name", "label": "Company Name"} in told["fields"]
	assert [row["value"] for row in told["meanings"]["status"]] == list(LEAD_STATUSES)
	assert (told["meanings"]["stage"], told["is_killed"]) == ([], False)
	deals = small("Name,Stage,Account\nA TAG,Proposal,B TAG\n", DEAL, pipeline="Standard Sales")
	found = import_form.meanings_of(deals)
	assert [row["value"] for row in found["status"]] == list(DEAL_STATUSES)
	assert {"value": "Proposal", "label": "Proposal"} in found["stage"] and len(found["stage"]) == 6
	moving = SimpleNamespace(import_from="Frappe CRM", document_type=None, pipeline=None)
	moving.get = lambda field: getattr(moving, field)
	assert [row["value"] for row in import_form.fields_of(moving)] == [
		"stage",
		"status",
		"owner",
		"lost_reason",
		"channel",
	]
	assert import_form.meanings_of(moving)["status"] == found["status"][:0] + told["meanings"]["status"]


@pytest.mark.parametrize(("doctype", "meant"), [("Sales Activity", "Done"), ("Sales Campaign", "Running")])
def test_states_of_activities_and_campaigns_mean_states_of_theirs(small, doctype, meant):
	doc = small("Campaign,Subject,Related To,Start Date,Status\nA,A,D1,2024-05-01,Erledigt\n", doctype)
	offered = [row["value"] for row in import_form.meanings_of(doc)["status"]]
	assert meant in offered and "Won" not in offered
	doc.append("value_rows", {"field": "status", "file_value": "Erledigt", "meaning": meant})
	mapping = import_form.mapping_of(doc, import_form.path_of(doc))
	assert (mapping.aliases["status"], mapping.statuses) == ({"erledigt": meant}, {})


@pytest.mark.parametrize(("said", "day"), [("Day First", "2024-03-02"), ("Month First", "2024-02-03")])
def test_the_order_of_days_is_that_which_the_form_says(small, said, day):
	run(small("Company,Created On\nAcme TAG,02/03/2024\n", date_format=said))
	[lead] = of(small.tag, LEAD, "creation")
	assert str(lead.creation)[:10] == day


def test_rows_of_one_id_are_items_where_the_file_has_ids_and_products(small):
	def mapping(head: str):
		doc = small(f"{head}\n1,A TAG,Proposal,B TAG\n", DEAL, name=f"{len(head)}.csv")
		return import_form.mapping_of(doc, import_form.path_of(doc))

	several = lambda head: mapping(head).files["opportunities"].several_rows  # noqa: E731
	assert (several("ID,Name,Stage,Product"), several("Title,Name,Stage,Product"), several("ID,Name,Stage,Account")) == (
		True, False, False,
	)  # fmt: skip
	stages = mapping("ID,Name,Stage,Account").stages
	assert stages["proposal"].key == stages["needs analysis"].key.replace("needs_analysis", "proposal") == "proposal"


# ---- a run


def test_a_run_waits_for_nobody_who_runs_and_begins_where_one_was_killed(small, monkeypatch):
	doc = small(TEXT)
	doc.db_set({"status": "Running", "message": "x", "progress": 40, "stop_requested": 1})
	with refused(match=f"Sales Import .*{doc.name}.* is Running"):
		api.start_import(doc.name)
	long_ago = add_to_date(now_datetime(), minutes=-import_form.KILLED - 1)
	frappe.db.set_value(IMPORT, doc.name, "modified", long_ago, update_modified=False)
	assert import_form.is_killed(doc.reload())
	api.start_import(doc.name)
	doc.reload()
	assert (doc.status, doc.message, doc.progress, doc.stop_requested) == ("Queued", None, 0, 0)
	api.stop_import(doc.name)
	assert doc.reload().stop_requested == 1


def test_who_may_not_make_such_records_does_not_import_them(small, as_user, monkeypatch):
	doc = small(TEXT, by="rep")
	without_right(monkeypatch, LEAD, "create")
	with refused(frappe.PermissionError, match="You are not allowed to create Sales Lead"):
		api.start_import(doc.name)


@pytest.mark.parametrize(
	("error", "told"),
	[
		(InputError("{0}: is gone", "a.csv"), "a.csv: is gone"),
		(frappe.ValidationError("<b>No</b> way"), "No way"),
		(frappe.PermissionError("Not you"), "Not you"),
		(
			ZeroDivisionError(),
			"It failed. What is stored stays; the Error Log has the details. Start it again to go on.",
		),
	],
)
def test_a_run_that_fails_says_why_and_a_fault_is_in_the_error_log(small, monkeypatch, error, told):
	doc = small(TEXT)

	def fails(*args):
		raise error

	logged = []
	monkeypatch.setattr(frappe, "log_error", lambda title=None, **more: logged.append(title))
	monkeypatch.setattr(desk_import, "_run", fails)
	run(doc)
	assert (doc.status, doc.message, doc.progress) == ("Failed", told, 0)
	assert logged == ([f"Sales Import {doc.name}"] if isinstance(error, ZeroDivisionError) else [])


def test_progress_is_told_chunk_by_chunk(small, monkeypatch):
	monkeypatch.setattr(desk_import, "CHUNK", 2)
	doc = small("Company\n" + "".join(f"Firm {n} TAG\n" for n in range(5)))
	seen = []
	monkeypatch.setattr(
		frappe,
		"publish_realtime",
		lambda *about, **to: seen.append((about[0], frappe.db.get_value(IMPORT, doc.name, "progress"))),
	)
	run(doc)
	assert [round(done) for event, done in seen if event == "crm_import_progress"] == [40, 80, 100, 100]


def test_only_one_load_runs_at_a_time(site, monkeypatch):
	from contextlib import contextmanager

	waited = []

	@contextmanager
	def taken(name, timeout):
		waited.append((name, timeout))
		raise load.LockTimeoutError
		yield

	monkeypatch.setattr(load, "filelock", taken)
	with pytest.raises(InputError, match="another load is running on this site; wait until it is done"):
		with load.alone(7):
			pass
	assert waited == [("crm_pipeline_load", 7)]


def test_nobody_is_mailed_about_the_past_and_mails_go_on_after_it(site):
	for before in (True, False):
		frappe.flags.mute_emails = before
		with pytest.raises(ZeroDivisionError), load.muted():
			assert frappe.flags.mute_emails is True
			raise ZeroDivisionError
		assert frappe.flags.mute_emails is before
	frappe.flags.mute_emails = True


# ---- a check


def test_a_check_says_how_far_it_is_and_gives_way_to_another(small, monkeypatch):
	monkeypatch.setattr(import_check, "SMALL", 1)
	monkeypatch.setattr(import_check, "PAUSE", 0)
	monkeypatch.setattr(tables, "OFTEN", 2)
	doc = small("Company\n" + "".join(f"Firm {n} TAG\n" for n in range(5)))
	found = api.preview_import(doc.name)
	assert (found["whole"], found["checked"], found["total"]) == (False, 1, 5)
	state, seen = api.get_import_check(doc.name), []
	assert (state["state"], state["checked"], state["total"]) == ("Queued", 0, 5)
	told = lambda *about, **to: seen.append(json.loads(frappe.db.get_value(IMPORT, doc.name, "check_report")))  # noqa: E731
	monkeypatch.setattr(frappe, "publish_realtime", told)
	import_check.check_whole(doc.name, state["run"])
	assert [(one["state"], one["checked"]) for one in seen] == [("Running", 2), ("Running", 4), ("Done", 4)]
	assert api.get_import_check(doc.name)["found"]["usable"] == 5


@pytest.mark.parametrize(
	("error", "told"),
	[
		(InputError("{0}: is gone", "a.csv"), "a.csv: is gone"),
		(frappe.ValidationError("<b>No</b> way"), "No way"),
		(ZeroDivisionError(), "It failed. The Error Log has the details."),
	],
)
def test_a_check_that_fails_says_why(small, monkeypatch, error, told):
	monkeypatch.setattr(import_check, "SMALL", 1)
	doc = small(TEXT)
	api.preview_import(doc.name)
	state, logged = api.get_import_check(doc.name), []
	frappe.db.commit()

	def fails(*args):
		raise error

	monkeypatch.setattr(frappe, "log_error", lambda title=None, **more: logged.append(title))
	monkeypatch.setattr(import_check, "_check_whole", fails)
	import_check.check_whole(doc.name, state["run"])
	after = api.get_import_check(doc.name)
	assert (after["state"], after["message"], after["run"]) == ("Failed", told, state["run"])
	assert logged == ([f"Sales Import {doc.name}"] if isinstance(error, ZeroDivisionError) else [])
	monkeypatch.setattr(import_check, "open_import", fails)
	if isinstance(error, InputError):
		with refused(frappe.ValidationError, match="a.csv: is gone"):
			api.preview_import(doc.name)


def test_a_check_of_what_was_changed_since_is_none(small, monkeypatch):
	monkeypatch.setattr(import_check, "SMALL", 1)
	doc = small(TEXT, pipeline=None)
	for field, value in (
		("duplicates", "Ask"), ("date_format", "Day First"), ("encoding", "UTF-8"), ("unknown_accounts", "Reject"),
		("source", "Another"), ("no_header", 1),
	):  # fmt: skip
		api.preview_import(doc.reload().name)
		assert api.get_import_check(doc.name)
		frappe.db.set_value(IMPORT, doc.name, field, value, update_modified=False)
		assert api.get_import_check(doc.name) == {}, field
		frappe.db.set_value(IMPORT, doc.name, field, doc.get(field), update_modified=False)
	api.preview_import(doc.reload().name)
	doc.append("value_rows", {"field": "status", "file_value": "x", "meaning": "New"})
	doc.save()
	assert api.get_import_check(doc.name) == {}


def test_a_run_checks_all_before_it_stores_and_can_be_ended_there(small, monkeypatch):
	monkeypatch.setattr(import_check, "PAUSE", 0)
	monkeypatch.setattr(tables, "OFTEN", 2)
	doc = small("Company\n" + "".join(f"Firm {n} TAG\n" for n in range(5)))
	seen = []

	def told(*about, **to):
		kept = frappe.db.get_value(IMPORT, doc.name, "check_report")
		seen.append(json.loads(kept)["checked"] if kept else None)
		if len(seen) == 2:
			api.stop_import(doc.name)

	monkeypatch.setattr(frappe, "publish_realtime", told)
	run(doc)
	assert (doc.status, doc.message, seen[:2]) == ("Stopped", "Stopped. Start it again to go on.", [2, 4])
	assert of(small.tag) == []


# ---- undo


def test_an_import_that_runs_or_is_another_s_is_not_undone(small, as_user, monkeypatch):
	doc = run(small(TEXT, by="rep"))
	doc.db_set("status", "Running")
	with refused(match=f"Sales Import .*{doc.name}.* is Running"):
		api.undo_import(doc.name)
	doc.db_set("status", "Done")
	as_user("manager")
	without_right(monkeypatch, LEAD, "delete")
	with refused(frappe.PermissionError, match="You are not allowed to delete Sales Lead"):
		api.undo_import(doc.name)
	assert len(of(small.tag)) == 2


# ---- what became of the rows


def test_a_file_whose_rows_do_not_add_up_is_marked():
	lines = {
		"a.csv": Lines(1200, 1000, 100, 60, 40),
		"b.csv": Lines(3, 1, 0, 1),
		"c.csv": Lines(2, 1, 1, 0),
	}
	assert list(row_lines(lines)) == [
		"a.csv: 1,200 rows = 1,000 stored + 100 there already + 60 rejected + 40 left out as deleted",
		"b.csv: 3 rows = 1 stored + 0 there already + 1 rejected  DOES NOT ADD UP",
		"c.csv: 2 rows = 1 stored + 1 there already + 0 rejected",
	]
	assert sum_of(lines.values()) == Lines(1205, 1002, 101, 61, 40)
	assert sum_of([]) is None
	assert not Report(lines=lines).adds_up and Report(lines={"a": lines["a.csv"]}).adds_up

"""An import from Desk: preview, run in the background in chunks, stop, report. The engine is that of load.py."""

import re
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import frappe
from frappe import _
from frappe.translate import get_user_lang, print_language
from frappe.utils import get_system_timezone, strip_html

from crm_pipeline.chain import status
from crm_pipeline.chain.locks import locked_doc
from crm_pipeline.importer import afterwards, import_form, load
from crm_pipeline.importer.import_fields import DAYS, NUMBERS
from crm_pipeline.importer.import_form import DOCTYPE, DRAFT, FAILED, QUEUED, RUNNING, STOPPED, TABLES
from crm_pipeline.importer.load_steps import Report, check, store, sum_of
from crm_pipeline.importer.mapping import InputError
from crm_pipeline.importer.moving_in import move_form, move_run
from crm_pipeline.importer.naming import Naming
from crm_pipeline.importer.rejects import Rejects
from crm_pipeline.importer.site import Site
from crm_pipeline.importer.store_deals import DealStore
from crm_pipeline.importer.tables import open_tables
from crm_pipeline.wording import bold

SHOWN = 50
CHUNK = 500
# Seconds that an import waits for one that runs.
WAIT = 1800
# What belongs to nobody alone, or is about records of others: it takes the right to import.
BY_RIGHT = ("Customer", "Contact", "Sales Campaign", "Sales Activity", "Sales Memo")
# Values that are of one row alone are mended in the file.
OWN_VALUES = frozenset(("email", "phone", "mobile", "contact_email", "contact_phone", *DAYS, *NUMBERS))
UNKNOWN_VALUE = re.compile(r'(?P<column>.+?): "(?P<value>.*)" is (?:unknown|not a|the name)')


class _StopRequested(Exception):
	pass


# ---- before


def preview(name: str) -> dict:
	"""Read and check the whole file, without storing: {"rows", "usable", "already", "rejected", "lines": [{"line",
	"reasons"}] of the first rejected rows, "unknown": [{"field", "value", "rows"}], "unmapped": [column]}."""
	doc = frappe.get_doc(DOCTYPE, name)
	if move_form.is_move(doc):
		return _rehearse(doc)
	found = _Told()
	report = Report(rejects=found)
	try:
		tables, site = _open(doc)
		check(report, tables, site)
	except InputError as error:
		frappe.throw(error.said(_))
	table = tables[TABLES[doc.document_type]]
	fields = {column: field for field, column in table.columns.items()}
	unknown = Counter()
	for (column, value), rows in found.unknown.items():
		if column in fields and fields[column] not in OWN_VALUES:
			unknown[fields[column], value] += rows
	usable = report.file.total_count + sum(report.parties.values()) + sum(report.masters.values())
	return {
		"rows": table.count,
		"usable": usable,
		"already": report.already,
		"rejected": found.count,
		"lines": found.lines,
		"unknown": [
			{"field": field, "value": value, "rows": rows} for (field, value), rows in unknown.most_common(200)
		],
		"unmapped": table.unmapped,
	}


def _rehearse(doc) -> dict:
	report = Report(rejects=move_run.MoveRejects())
	try:
		tables, site = move_run.open_system(doc, rehearses=True)
		check(report, tables, site)
	except InputError as error:
		frappe.throw(error.said(_))
	return move_run.rehearsal_of(doc, tables, site, report)


class _Told(Rejects):
	"""Rejected rows as the preview shows them."""

	def __init__(self):
		super().__init__(translate=_)
		self.lines: list[dict] = []
		self.unknown: Counter = Counter()

	def add(self, table, row, reasons) -> None:
		super().add(table, row, reasons)
		if len(self.lines) < SHOWN:
			self.lines.append({"line": row.line, "reasons": self.said(reasons)})
		for reason in reasons:
			if found := UNKNOWN_VALUE.match(reason):
				self.unknown[found["column"], found["value"]] += 1


def _open(doc):
	"""The opened tables and the facts of the site. Raises InputError."""
	if move_form.is_move(doc):
		return move_run.open_system(doc)
	path = import_form.path_of(doc)
	mapping = replace(import_form.mapping_of(doc, path), zone=get_system_timezone())
	tables = open_tables(path.parent, mapping)
	site = Site(doc.company, mapping)
	site.sales_import = doc.name
	site.only_owner = None if may_import(doc.document_type) else frappe.session.user
	return tables, site


def may_import(doctype: str) -> bool:
	"""Whether the user has the framework's right to import documents of a type, for whomever."""
	return bool(frappe.has_permission(doctype, "import"))


def need_rights(doc) -> None:
	"""Raises PermissionError for a user who may not create what the import makes, or import in its company."""
	if move_form.is_move(doc):
		move_form.need_role()
		return
	if not frappe.has_permission(doc.document_type, "create"):
		frappe.throw(_("You are not allowed to create {0}").format(_(doc.document_type)), frappe.PermissionError)
	if doc.document_type in BY_RIGHT and not may_import(doc.document_type):
		frappe.throw(_("You are not allowed to import {0}").format(_(doc.document_type)), frappe.PermissionError)


# ---- run


def start(name: str) -> None:
	"""Run it in the background: anew, or on from where it stopped."""
	doc = locked_doc(DOCTYPE, name)
	need_rights(doc)
	if doc.status not in (DRAFT, STOPPED, FAILED, "Done") and not import_form.is_killed(doc):
		frappe.throw(_("{0} {1} is {2}").format(_(DOCTYPE), bold(name), _(doc.status)))
	doc.db_set({"stop_requested": 0, "message": None, "progress": 0})
	_set(doc, QUEUED)
	frappe.enqueue(
		"crm_pipeline.importer.desk_import.run", queue="long", timeout=6 * 3600, enqueue_after_commit=True, name=name
	)


def stop(name: str) -> None:
	"""Have a run end after the chunk that it is at."""
	locked_doc(DOCTYPE, name).db_set("stop_requested", 1)


def run(name: str) -> None:
	"""The background job. What it stored stays when it is stopped or killed, and is not stored again."""
	# A worker speaks the site's language; its messages and reasons are for whoever started it.
	with print_language(get_user_lang()):
		_run_and_tell(name)


def _run_and_tell(name: str) -> None:
	doc = frappe.get_doc(DOCTYPE, name)
	_set(doc, RUNNING)
	_commit()
	report, folder = Report(sales_import=name), Path(tempfile.mkdtemp(prefix="crm-import-"))
	message, after = None, "Done"
	try:
		_run(doc, report, folder)
	except _StopRequested:
		message, after = _("Stopped. Start it again to go on."), STOPPED
	except (InputError, frappe.ValidationError, frappe.PermissionError) as error:
		frappe.db.rollback()
		text = error.said(_) if isinstance(error, InputError) else strip_html(str(error))
		message, after = text, FAILED
	except Exception:
		frappe.db.rollback()
		frappe.log_error(title=f"{DOCTYPE} {name}")
		message, after = (
			_("It failed. What is stored stays; the Error Log has the details. Start it again to go on."),
			FAILED,
		)
	_finish(doc, report, message, after)


def _run(doc, report: Report, folder: Path) -> None:
	need_rights(doc)
	is_move = move_form.is_move(doc)
	tables, site = _open(doc)
	check(report, tables, site)
	usable = report.file.total_count + sum(report.parties.values())
	report.already = 0

	done_of: dict[str, int] = {}

	def progress(text: str, done: int, total: int) -> None:
		done_of[text] = done
		doc.db_set("progress", 100 * min(sum(done_of.values()) / max(usable or total, 1), 1))
		_commit()
		frappe.publish_realtime("crm_import_progress", {"name": doc.name}, doctype=DOCTYPE, docname=doc.name)
		if frappe.db.get_value(DOCTYPE, doc.name, "stop_requested"):
			raise _StopRequested

	with load.alone(WAIT), load.muted():
		report.rejects = move_run.MoveRejects(folder) if is_move else Rejects(folder, _, "utf-8-sig")
		try:
			store(report, tables, site, lambda: DealStore(site, Naming()), CHUNK, progress)
			if is_move:
				after = move_run.link_all(doc, progress)
				report.told = move_run.report_of(doc, tables, site, report, after)
				report.followed = site.following.doctypes
		finally:
			report.rejects.close()
	afterwards.follow(report)


def _finish(doc, report: Report, message: str | None, after: str) -> None:
	"""Store what became of the rows, and the file of those that were rejected."""
	lines = sum_of(report.lines.values())
	# What this import stored before it was stopped is its own, too.
	stored = import_form.stored_rows(doc)
	if lines and doc.document_type == "Sales Opportunity" and not move_form.is_move(doc):
		# Several rows may be one deal.
		stored += lines.stored - report.loaded
	values = {"message": message, "rows_stored": stored}
	if lines:
		values |= {
			"rows_total": lines.rows,
			"rows_already": lines.already - max(stored - lines.stored, 0),
			"rows_rejected": lines.rejected,
			"rows_left_out": lines.left_out,
		}
	if after == "Done":
		values["progress"] = 100
	if report.told:
		values["move_report"] = report.told
	if report.rejects.files and after == "Done":
		values["rejected_file"] = [_attach(doc, file) for file in report.rejects.files][0]
	doc.reload()
	doc.db_set(values)
	_set(doc, after)
	_commit()
	frappe.publish_realtime("crm_import_progress", {"name": doc.name}, doctype=DOCTYPE, docname=doc.name)


def _attach(doc, path: Path) -> str:
	file = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": path.name,
			"attached_to_doctype": DOCTYPE,
			"attached_to_name": doc.name,
			"attached_to_field": "rejected_file",
			"is_private": 1,
			"content": path.read_bytes(),
		}
	)
	return file.insert().file_url


def _set(doc, wanted: str) -> None:
	if doc.status == wanted:
		return
	status.check(doc, wanted)
	doc.db_set("status", wanted)


def _commit() -> None:
	frappe.db.commit()  # a run commits chunk by chunk - nosemgrep

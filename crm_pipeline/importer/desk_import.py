"""An import from Desk: run in the background in chunks, stop, report. The engine is that of load.py."""

import tempfile
from pathlib import Path

import frappe
from frappe import _
from frappe.translate import get_user_lang, print_language

from crm_pipeline.chain import status
from crm_pipeline.chain.locks import locked_doc
from crm_pipeline.importer import afterwards, import_check, import_form, load
from crm_pipeline.importer.import_form import DOCTYPE, DRAFT, FAILED, QUEUED, RUNNING, STOPPED
from crm_pipeline.importer.load_steps import Report, store, sum_of
from crm_pipeline.importer.mapping import InputError
from crm_pipeline.importer.moving_in import move_form, move_run
from crm_pipeline.importer.naming import Naming
from crm_pipeline.importer.rejects import Rejects
from crm_pipeline.importer.store_deals import DealStore
from crm_pipeline.wording import bold

CHUNK = 500
# Seconds that an import waits for one that runs.
WAIT = 1800
# What belongs to nobody alone, or is about records of others: it takes the right to import.
BY_RIGHT = ("Customer", "Contact", "Sales Campaign", "Sales Activity", "Sales Memo")


class _StopRequested(Exception):
	pass


def need_rights(doc) -> None:
	"""Raises PermissionError for a user who may not create what the import makes, or import in its company."""
	if move_form.is_move(doc):
		move_form.need_role()
		return
	if not frappe.has_permission(doc.document_type, "create"):
		frappe.throw(_("You are not allowed to create {0}").format(_(doc.document_type)), frappe.PermissionError)
	if doc.document_type in BY_RIGHT and not import_form.may_import(doc.document_type):
		frappe.throw(_("You are not allowed to import {0}").format(_(doc.document_type)), frappe.PermissionError)


# ---- run


def start(name: str) -> None:
	"""Run it in the background: anew, or on from where it stopped."""
	doc = locked_doc(DOCTYPE, name)
	need_rights(doc)
	if doc.status not in (DRAFT, STOPPED, FAILED, "Done") and not import_form.is_killed(doc):
		frappe.throw(_("Sales Import {0} is {1}").format(bold(name), _(doc.status)))
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
		message, after = import_check.said_of(error), FAILED
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
	tables, site = import_check.open_import(doc)

	def go_on() -> None:
		if frappe.db.get_value(DOCTYPE, doc.name, "stop_requested"):
			raise _StopRequested

	import_check.check_first(doc, report, tables, site, go_on)
	usable = report.file.total_count + sum(report.parties.values())
	report.already = 0

	done_of: dict[str, int] = {}

	def progress(text: str, done: int, total: int) -> None:
		done_of[text] = done
		doc.db_set("progress", 100 * min(sum(done_of.values()) / max(usable or total, 1), 1))
		_commit()
		frappe.publish_realtime("crm_import_progress", {"name": doc.name}, doctype=DOCTYPE, docname=doc.name)
		go_on()

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

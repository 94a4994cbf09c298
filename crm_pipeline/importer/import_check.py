"""What an import would do, without storing anything: a small file is checked at once; of a large one the first rows are, and
all of it in the background."""

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import frappe
from frappe import _
from frappe.translate import get_user_lang, print_language
from frappe.utils import add_to_date, get_datetime, get_system_timezone, now_datetime

from crm_pipeline.importer import import_form
from crm_pipeline.importer.import_fields import DAYS, NUMBERS
from crm_pipeline.importer.import_form import DOCTYPE, FAILED, KILLED, QUEUED, RUNNING, TABLES
from crm_pipeline.importer.load_steps import Report, check
from crm_pipeline.importer.mapping import InputError
from crm_pipeline.importer.moving_in import move_form, move_run
from crm_pipeline.importer.rejects import Rejects
from crm_pipeline.importer.site import Site
from crm_pipeline.importer.tables import open_tables
from crm_pipeline.wording import text_of

SHOWN = 50
# Rows that a request checks; of a larger file it checks so many.
SMALL = 2_000
# Seconds between two words about how far a check is.
PAUSE = 2
DONE = "Done"
# Values that are of one row alone are mended in the file.
OWN_VALUES = frozenset(("email", "phone", "mobile", "contact_email", "contact_phone", *DAYS, *NUMBERS))
UNKNOWN_VALUE = re.compile(r'(?P<column>.+?): "(?P<value>.*)" is (?:unknown|not a|the name)')


class _Superseded(Exception):
	"""Another check, or the import itself, has begun."""


class Told(Rejects):
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


# ---- a check


def open_import(doc, most: int | None = None, rehearses: bool = False):
	"""The opened tables, with no more than the first rows where `most` says how many, and the facts of the site. Raises
	InputError."""
	if move_form.is_move(doc):
		return move_run.open_system(doc, rehearses=rehearses)
	path = import_form.path_of(doc)
	mapping = replace(import_form.mapping_of(doc, path), zone=get_system_timezone())
	tables = open_tables(path.parent, mapping, most)
	site = Site(doc.company, mapping)
	site.sales_import = doc.name
	site.only_owner = None if import_form.may_import(doc.document_type) else frappe.session.user
	return tables, site


def preview(name: str) -> dict:
	"""{"rows", "usable", "already", "rejected", "lines": [{"line", "reasons"}] of the first rejected rows, "unknown":
	[{"field", "value", "rows"}], "unmapped": [column], "prospects": how many are made for unknown accounts, "whole"} of a
	file; move_run.rehearsal_of says it of another system.

	Where it is not `whole`, this is what is known of the first rows, and all of them are checked in the background; then
	`total` is how many rows there are, None where nobody has counted them yet."""
	doc = frappe.get_doc(DOCTYPE, name)
	try:
		if move_form.is_move(doc):
			small = _records_there(doc) <= SMALL
			found = (
				_rehearsed(doc, *open_import(doc, rehearses=True))
				if small
				else {"whole": False, "checked": 0, "total": None}
			)
		else:
			found = _checked(doc, *open_import(doc, SMALL))
	except InputError as error:
		frappe.throw(error.said(_))
	if not found["whole"]:
		_begin(doc, found["total"])
	return found


def _checked(doc, tables: dict, site: Site) -> dict:
	told = Told()
	report = Report(rejects=told)
	check(report, tables, site)
	table = tables[TABLES[doc.document_type]]
	fields = {column: field for field, column in table.columns.items()}
	unknown = Counter()
	for (column, value), rows in told.unknown.items():
		if column in fields and fields[column] not in OWN_VALUES:
			unknown[fields[column], value] += rows
	return {
		"rows": table.count,
		"usable": report.file.total_count + sum(report.parties.values()) + sum(report.masters.values()),
		"already": report.already,
		"rejected": told.count,
		"lines": told.lines,
		"unknown": [
			{"field": field, "value": value, "rows": rows} for (field, value), rows in unknown.most_common(200)
		],
		"unmapped": table.unmapped,
		"prospects": len(site.named_prospects.new),
		"whole": not table.is_cut,
		"checked": table.count,
		"total": table.total,
	}


def _rehearsed(doc, tables: dict, site: Site) -> dict:
	report = Report(rejects=move_run.MoveRejects())
	check(report, tables, site)
	return {**move_run.rehearsal_of(doc, tables, site, report), "whole": True}


def _records_there(doc) -> int:
	return sum(frappe.db.count(doctype) for doctype in move_form.system_of(doc).became)


# ---- in the background


def state_of(name: str) -> dict:
	"""{"state", "checked", "total", "message", "found"} of the check in the background; {} where there is none, or it
	was of another file or mapping."""
	doc = frappe.get_doc(DOCTYPE, name)
	kept = _kept(doc.check_report)
	if not kept or kept["key"] != import_form.key_of(doc):
		return {}
	if kept["state"] in (QUEUED, RUNNING) and get_datetime(kept["at"]) < add_to_date(now_datetime(), minutes=-KILLED):
		return {}
	return kept


def _kept(text: str | None) -> dict:
	return json.loads(text) if text else {}


def _begin(doc, total: int | None) -> None:
	key, run = import_form.key_of(doc), frappe.generate_hash(length=10)
	_keep(doc.name, {"key": key, "run": run, "state": QUEUED, "checked": 0, "total": total})
	frappe.enqueue(
		"crm_pipeline.importer.import_check.check_whole",
		queue="long",
		timeout=3600,
		enqueue_after_commit=True,
		name=doc.name,
		run=run,
	)


def check_whole(name: str, run: str) -> None:
	"""The background job: read and check all rows, and keep what was found on the document."""
	# A worker speaks the site's language; what is found is for whoever asked.
	with print_language(get_user_lang()):
		try:
			_check_whole(frappe.get_doc(DOCTYPE, name), run)
		except _Superseded:
			frappe.db.rollback()
		except (InputError, frappe.ValidationError, frappe.PermissionError) as error:
			frappe.db.rollback()
			_note(name, run, {"state": FAILED, "message": said_of(error)})
		except Exception:
			frappe.db.rollback()
			frappe.log_error(title=f"{DOCTYPE} {name}")
			_note(name, run, {"state": FAILED, "message": _("It failed. The Error Log has the details.")})


def said_of(error: Exception) -> str:
	return error.said(_) if isinstance(error, InputError) else text_of(str(error))


def _check_whole(doc, run: str) -> None:
	tables, site = open_import(doc, rehearses=True)
	watch(tables, lambda count: _update(doc.name, run, {"state": RUNNING, "checked": count}))
	found = (_rehearsed if move_form.is_move(doc) else _checked)(doc, tables, site)
	_note(doc.name, run, {"state": DONE, "found": found})


def watch(tables: dict, note: Callable[[int], None]) -> None:
	"""Call note(rows read) every few seconds while one of these tables is read."""
	last = time.monotonic()

	def at(count: int) -> None:
		nonlocal last
		if time.monotonic() - last >= PAUSE:
			last = time.monotonic()
			note(count)

	for table in tables.values():
		table.watch = at


def _update(name: str, run: str, values: dict) -> None:
	frappe.db.commit()  # what is read is as it is now, not as it was when this transaction began - nosemgrep
	kept = _kept(frappe.db.get_value(DOCTYPE, name, "check_report"))
	if kept.get("run") != run:
		raise _Superseded
	_write(name, kept | values)
	frappe.publish_realtime("crm_import_progress", {"name": name}, doctype=DOCTYPE, docname=name)


def _note(name: str, run: str, values: dict) -> None:
	"""The same for a check that need not end because another one has begun."""
	try:
		_update(name, run, values)
	except _Superseded:
		pass


def _write(name: str, kept: dict | None) -> None:
	"""As a transaction of its own, which another run of the same import does not trip over."""
	frappe.db.commit()  # a check stores nothing but this - nosemgrep
	_keep(name, kept)
	frappe.db.commit()  # how far a check is, for others to see - nosemgrep


def _keep(name: str, kept: dict | None) -> None:
	text = json.dumps({**kept, "at": str(now_datetime())}) if kept else None
	# Who has the form open did not change it.
	frappe.db.set_value(DOCTYPE, name, "check_report", text, update_modified=False)


# ---- the check of a run


def check_first(doc, report: Report, tables: dict, site: Site, go_on: Callable[[], None]) -> None:
	"""Check all before anything is stored; it takes the place of a check in the background. `go_on` raises what ends it."""
	run, total = frappe.generate_hash(length=10), max(_totals(tables), default=None)
	_write(doc.name, {"key": "", "run": run, "state": RUNNING, "checked": 0, "total": total})

	def note(count: int) -> None:
		_note(doc.name, run, {"checked": count})
		go_on()

	watch(tables, note)
	check(report, tables, site)
	for table in tables.values():
		table.watch = None
	_write(doc.name, None)


def _totals(tables: dict) -> list[int]:
	return [table.total for table in tables.values() if table.total]

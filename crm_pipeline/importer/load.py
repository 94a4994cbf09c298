"""The loader's one entry point: check everything first, then store chunk by chunk, then compare with the file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import frappe
from frappe.utils import get_system_timezone
from frappe.utils.file_lock import LockTimeoutError
from frappe.utils.synchronization import filelock

from crm_pipeline.importer.load_steps import Progress, Report, check, store
from crm_pipeline.importer.mapping import InputError, read_mapping
from crm_pipeline.importer.naming import Naming
from crm_pipeline.importer.rejects import Rejects
from crm_pipeline.importer.sentences import _
from crm_pipeline.importer.site import Site
from crm_pipeline.importer.store_deals import DealStore
from crm_pipeline.importer.tables import open_tables

# Deals per transaction: large enough to be fast, small enough for flat memory and little repeated work.
CHUNK = 500


def load(
	folder: str | Path,
	company: str,
	mapping: str | Path,
	rejects: str | Path | None = None,
	dry_run: bool = False,
	chunk: int = CHUNK,
	progress: Progress | None = None,
	source: str = "",
) -> Report:
	"""Load an export into the site. Needs the role System Manager.

	`source` names the system that the ids are of, where the mapping does not. Nothing is stored before every file was read to its end. Raises InputError, with nothing stored, when the
	input as a whole can't be used; single rows are rejected into a file in `rejects` (the folder itself by
	default). Stored chunks stay when a load is interrupted; loading again goes on where it stopped.
	"""
	frappe.only_for("System Manager")
	progress = progress or (lambda text, done, total: None)
	parsed = replace(read_mapping(mapping), zone=get_system_timezone())
	parsed = replace(parsed, source=source) if source else parsed
	tables = open_tables(folder, parsed)
	site = Site(company, parsed)
	report = Report(unmapped={table.file: table.unmapped for table in tables.values()})
	check(report, tables, site)
	if dry_run:
		return report
	with alone(), muted():
		report.rejects = Rejects(Path(rejects) if rejects else Path(folder))
		report.rejects.prepare(tables)
		try:
			store(report, tables, site, lambda: DealStore(site, Naming()), max(chunk, 1), progress)
		except BaseException:
			frappe.db.rollback()
			raise
		finally:
			report.rejects.close()
	return report


@contextmanager
def alone(wait: int = 0) -> Iterator[None]:
	"""Two loads at once would only trip over each other: the second waits so many seconds."""
	try:
		with filelock("crm_pipeline_load", timeout=wait):
			yield
	except LockTimeoutError:
		frappe.db.rollback()
		raise InputError(_("another load is running on this site; wait until it is done")) from None


@contextmanager
def muted() -> Iterator[None]:
	"""Nobody gets mail about records of the past."""
	before = frappe.flags.mute_emails
	frappe.flags.mute_emails = True
	try:
		yield
	finally:
		frappe.flags.mute_emails = before

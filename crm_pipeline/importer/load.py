"""The loader's one entry point: check everything first, then store chunk by chunk, then compare with the file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path

import frappe
from frappe.utils.file_lock import LockTimeoutError
from frappe.utils.synchronization import filelock

from crm_pipeline.core.pricing import rounded
from crm_pipeline.importer import store_masters
from crm_pipeline.importer.deals import DealReader, ImportedDeal, tally_of
from crm_pipeline.importer.mapping import InputError, read_mapping
from crm_pipeline.importer.masters import Masters, read_masters
from crm_pipeline.importer.rejects import Rejects
from crm_pipeline.importer.site import Site
from crm_pipeline.importer.store_deals import DealStore
from crm_pipeline.importer.tables import Table, open_tables
from crm_pipeline.importer.tally import Comparison, Tally, compare

# Deals per transaction: large enough to be fast, small enough for flat memory and little repeated work.
CHUNK = 500

TABLES = ("products", "agents", "accounts")

Progress = Callable[[str, int, int], None]


@dataclass
class Report:
	"""What a load did, or would do. `comparisons` is empty without opportunities or in a dry run.

	`masters` counts the usable rows and `made` the new records by table; `already` counts opportunities that an
	earlier run stored, `unnamed` those without an account.
	"""

	file: Tally = field(default_factory=Tally)
	made: dict[str, int] = field(default_factory=dict)
	loaded: int = 0
	already: int = 0
	rejects: Rejects = field(default_factory=Rejects)
	comparisons: list[Comparison] = field(default_factory=list)
	unmapped: dict[str, list[str]] = field(default_factory=dict)
	masters: dict[str, int] = field(default_factory=dict)
	unnamed: int = 0

	@property
	def equal(self) -> bool:
		return all(line.equal for line in self.comparisons)


def load(
	folder: str | Path,
	company: str,
	mapping: str | Path,
	rejects: str | Path | None = None,
	dry_run: bool = False,
	chunk: int = CHUNK,
	progress: Progress | None = None,
) -> Report:
	"""Load an export into the site. Needs the role System Manager.

	Nothing is stored before every file was read to its end. Raises InputError, with nothing stored, when the
	input as a whole can't be used; single rows are rejected into a file in `rejects` (the folder itself by
	default). Stored chunks stay when a load is interrupted; loading again goes on where it stopped.
	"""
	frappe.only_for("System Manager")
	progress = progress or (lambda text, done, total: None)
	tables = open_tables(folder, parsed := read_mapping(mapping))
	site = Site(company, parsed)
	report = Report(unmapped={table.file: table.unmapped for table in tables.values()})
	_check(report, tables, site)
	if dry_run:
		return report
	with _alone(), _muted():
		report.rejects = Rejects(Path(rejects) if rejects else Path(folder))
		report.rejects.prepare(tables)
		try:
			_store(report, tables, site, max(chunk, 1), progress)
		except BaseException:
			frappe.db.rollback()
			raise
		finally:
			report.rejects.close()
	return report


def _check(report: Report, tables: dict[str, Table], site: Site) -> None:
	"""Read everything once, without storing: what the files hold and what will be rejected."""
	masters = read_masters(tables, site.mapping, site, report.rejects.add)
	report.masters = {name: len(getattr(masters, name)) for name in TABLES if name in tables}
	if "opportunities" in tables:
		reader = _reader(masters, site)
		report.file = tally_of(reader.read(tables["opportunities"], report.rejects.add))
		report.unnamed = reader.without_account
		if report.unnamed:
			site.find_prospect()


def _store(report: Report, tables: dict[str, Table], site: Site, chunk: int, progress: Progress) -> None:
	reject = report.rejects.add
	masters = read_masters(tables, site.mapping, site, reject)
	report.made = store_masters.store(masters, tables, site, reject, progress)
	if "opportunities" not in tables:
		return
	site.make_missing(with_prospect=report.unnamed > 0)
	# The second reading leaves out what ERPNext refused to store as a master.
	total, expected, found = report.file.total_count, Tally(), Tally()
	store = DealStore(site)
	deals = _reader(masters, site).read(tables["opportunities"], reject)
	while part := list(islice(deals, chunk)):
		made = store.store(part)
		report.loaded += made
		report.already += len(part) - made
		for deal in part:
			_add_expected(expected, deal, site)
		for row in store.read_back(part):
			amount = Decimal(repr(rounded(float(row.total or 0), store.precision)))
			found.add(amount, row.count, stage=row.stage, product=row.product, agent=row.agent)
		progress("Opportunities", expected.total_count, total)
	report.file = expected
	report.comparisons = compare(expected, found)


def _add_expected(tally: Tally, deal: ImportedDeal, site: Site) -> None:
	"""Count a deal of the file under the names that its product and agent have here."""
	tally.add(
		deal.amount,
		stage=deal.stage.name,
		product=site.product(deal.product) if deal.product else None,
		agent=site.agent(deal.agent) if deal.agent else None,
	)


def _reader(masters: Masters, site: Site) -> DealReader:
	return DealReader(site.mapping, site.stages, masters, site, site.today)


@contextmanager
def _alone() -> Iterator[None]:
	"""Two loads at once would only trip over each other."""
	try:
		with filelock("crm_pipeline_load", timeout=0):
			yield
	except LockTimeoutError:
		frappe.db.rollback()
		raise InputError("another load is running on this site; wait until it is done") from None


@contextmanager
def _muted() -> Iterator[None]:
	"""Nobody gets mail about records of the past."""
	before = frappe.flags.mute_emails
	frappe.flags.mute_emails = True
	try:
		yield
	finally:
		frappe.flags.mute_emails = before

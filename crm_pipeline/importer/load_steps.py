"""What a load does one after the other, and its report. Nothing here knows of other loads; see load.py."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from decimal import Decimal
from functools import partial
from itertools import islice

from crm_pipeline.core.pricing import rounded
from crm_pipeline.importer import source_ids, store_masters
from crm_pipeline.importer.deals import DealReader, ImportedDeal, tally_of
from crm_pipeline.importer.known_parties import DOCTYPES
from crm_pipeline.importer.masters import Masters, Reject, read_masters
from crm_pipeline.importer.moves import read_moves
from crm_pipeline.importer.naming import Naming
from crm_pipeline.importer.party_rows import PartyReader
from crm_pipeline.importer.record_rows import DOCTYPES as RECORD_TYPES
from crm_pipeline.importer.record_rows import RecordReader
from crm_pipeline.importer.rejects import Rejects
from crm_pipeline.importer.site import Site
from crm_pipeline.importer.store_deals import OPPORTUNITY, DealStore
from crm_pipeline.importer.store_parties import PartyStore
from crm_pipeline.importer.store_records import RecordFacts, RecordStore
from crm_pipeline.importer.tables import Table
from crm_pipeline.importer.tally import Comparison, Tally, compare

TABLES = ("products", "agents", "accounts")
PARTIES = ("contacts", "prospects", "leads")
# What stands by itself comes before what names it, what is about another record after it.
RECORDS_BEFORE, RECORDS_AFTER = ("campaigns",), ("activities", "memos")
# Ids that the database is asked about at once.
ASKED = 1000

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
	sales_import: str | None = None
	# Of a move from another system: what its form shows of it, as JSON.
	told: str = ""
	# DocTypes of which records changed that were here already.
	followed: frozenset[str] = frozenset()
	lines: dict[str, "Lines"] = field(default_factory=dict)
	parties: dict[str, int] = field(default_factory=dict)

	@property
	def equal(self) -> bool:
		return all(line.equal for line in self.comparisons)

	@property
	def adds_up(self) -> bool:
		return all(lines.adds_up for lines in self.lines.values())


@dataclass
class Lines:
	"""What became of the rows of one file; `left_out` are those that the other system has deleted."""

	rows: int = 0
	stored: int = 0
	already: int = 0
	rejected: int = 0
	left_out: int = 0

	@property
	def adds_up(self) -> bool:
		return self.rows == self.stored + self.already + self.rejected + self.left_out


def sum_of(files: Iterable[Lines]) -> Lines | None:
	"""What became of the rows of all files together; None where nothing was read."""
	files = list(files)
	names = [one.name for one in fields(Lines)]
	return Lines(*(sum(getattr(one, name) for one in files) for name in names)) if files else None


def check(report: Report, tables: dict[str, Table], site: Site) -> None:
	"""Read everything once, without storing: what the files hold, what is there already and what will be rejected."""
	masters = read_masters(tables, site.mapping, site, report.rejects.add)
	report.masters = {name: len(getattr(masters, name)) for name in TABLES if name in tables}
	_check_records(report, tables, site, RECORDS_BEFORE)
	for name in PARTIES:
		if name in tables:
			reader = PartyReader(tables[name], site.mapping, site, site.today, site.country_code)
			follow = _rehearsed(site, lambda name=name: PartyStore(site, name, None))
			parties, report.parties[name] = reader.read(report.rejects.add), 0
			while part := list(islice(parties, ASKED)):
				report.parties[name] += len(part)
				report.already += site.parties.there(name, part)
				follow(part)
				site.coming.update((DOCTYPES[name], party.key) for party in part)
	if "opportunities" in tables:
		reader = _reader(masters, site, tables.get("history"), report.rejects.add)
		report.file = tally_of(_counted(reader.read(tables["opportunities"], report.rejects.add), report, site))
		report.unnamed = reader.without_account
		if report.unnamed:
			site.find_prospect()
	_check_records(report, tables, site, RECORDS_AFTER)


def _rehearsed(site: Site, store: Callable) -> Callable[[list], None]:
	"""What follows the other system in a rehearsal, which writes nothing; nothing elsewhere."""
	if not (site.following and site.following.rehearses):
		return lambda part: None
	return store().follow


def _check_records(report: Report, tables: dict[str, Table], site: Site, names: tuple[str, ...]) -> None:
	facts = RecordFacts(site)
	for name in names:
		if name not in tables:
			continue
		records = RecordReader(tables[name], site.mapping, facts, site.today).read(report.rejects.add)
		follow = _rehearsed(site, lambda name=name: RecordStore(site, facts, name, None))
		report.parties[name] = 0
		while part := list(islice(records, ASKED)):
			known = {one.key for one in part} if name in RECORDS_BEFORE else facts.subjects_of(part)
			for record in part:
				if record.key not in known:
					report.rejects.add(tables[name], record.row, [record.unknown_subject])
			doctype, keys = RECORD_TYPES[name], [one.key for one in part if one.key in known]
			report.parties[name] += len(keys)
			report.already += len(source_ids.records_of(site.mapping.source, doctype, keys))
			follow(part)
			site.coming.update((doctype, key) for key in keys)


def _counted(deals: Iterator[ImportedDeal], report: Report, site: Site) -> Iterator[ImportedDeal]:
	"""The deals, with those counted that are there already."""
	follow = _rehearsed(site, lambda: DealStore(site, Naming()))
	while part := list(islice(deals, ASKED)):
		follow(part)
		keys = [source_ids.key_of(site.mapping.source, site.company, deal.external_id) for deal in part]
		there = site.stored_keys(keys)
		report.already += sum(key in there for key in keys)
		site.coming.update((OPPORTUNITY, source_ids.same_id(deal.external_id)) for deal in part)
		yield from part


def store(
	report: Report,
	tables: dict[str, Table],
	site: Site,
	deal_store: Callable[[], DealStore],
	chunk: int,
	progress: Progress,
) -> None:
	"""Store what the tables hold: masters, what deals stand on, then deals, `chunk` at a time."""
	reject = report.rejects.add
	masters = read_masters(tables, site.mapping, site, reject)
	report.made = store_masters.store(masters, tables, site, reject, progress)
	for name in report.made:
		found = len(getattr(masters, name))
		_count(report, tables[name], Lines(stored=report.made[name], already=found - report.made[name]))
	if {"opportunities", *PARTIES} & tables.keys():
		site.make_missing(with_prospect=report.unnamed > 0)
	_store_records(report, tables, site, RECORDS_BEFORE, chunk, progress)
	for name in PARTIES:
		if name in tables:
			_store_parties(report, tables[name], site, name, chunk, progress)
	if "opportunities" in tables:
		_store_opportunities(report, tables, masters, site, deal_store, chunk, progress)
	_store_records(report, tables, site, RECORDS_AFTER, chunk, progress)


def _store_opportunities(report, tables, masters, site, deal_store, chunk, progress) -> None:
	reject = report.rejects.add
	# The second reading leaves out what ERPNext refused to store as a master.
	table, reader = tables["opportunities"], _reader(masters, site, tables.get("history"), reject)
	lines = Lines()
	report.already = 0
	store_deals(report, reader.read(table, reject), site, deal_store(), chunk, progress, lines)
	lines.left_out = reader.left_out
	_count(report, table, lines)


def _store_parties(report: Report, table: Table, site: Site, name: str, chunk: int, progress: Progress) -> None:
	"""Store prospects, leads or contacts, `chunk` at a time."""
	reader = PartyReader(table, site.mapping, site, site.today, site.country_code)
	store = PartyStore(site, name, lambda row, why: report.rejects.add(table, row, why), report.sales_import)
	_store_chunks(report, table, reader, store, name, chunk, progress)


def _store_records(report, tables, site: Site, names: tuple[str, ...], chunk: int, progress: Progress) -> None:
	"""Store campaigns, activities or memos, `chunk` at a time."""
	facts = RecordFacts(site)
	for name in names:
		if name in tables:
			table = tables[name]
			reader = RecordReader(table, site.mapping, facts, site.today)
			store = RecordStore(site, facts, name, partial(report.rejects.add, table), report.sales_import)
			_store_chunks(report, table, reader, store, name, chunk, progress)


def _store_chunks(report, table, reader, store, name: str, chunk: int, progress: Progress) -> None:
	lines, total, records = Lines(), report.parties.get(name, 0), reader.read(report.rejects.add)
	done = 0
	while part := list(islice(records, chunk)):
		stored, already = store.store(part)
		store.tell_refused()
		lines.stored, lines.already, done = lines.stored + stored, lines.already + already, done + len(part)
		progress(name.title(), done, total)
	lines.left_out = reader.left_out
	report.made[name] = lines.stored
	_count(report, table, lines)


def _count(report: Report, table: Table, lines: Lines) -> None:
	"""What became of the rows of a table, beside how many it has."""
	lines.rows, lines.rejected = getattr(table, "count", 0), report.rejects.counts.get(getattr(table, "file", ""), 0)
	if lines.rows:
		report.lines[table.file] = lines


def store_deals(
	report: Report,
	deals: Iterator[ImportedDeal],
	site: Site,
	store: DealStore,
	chunk: int,
	progress: Progress,
	lines: Lines | None = None,
) -> None:
	"""Store deals and compare what the database holds of them with what the file says; both as they are stored."""
	total, expected, found = report.file.total_count, Tally(), Tally()
	lines = lines or Lines()
	while part := list(islice(deals, chunk)):
		there = store.stored_keys(part)
		made = store.store(part)
		report.loaded += made
		report.already += len(part) - made
		for deal in part:
			was = store.key_of(deal) in there
			lines.stored, lines.already = lines.stored + deal.lines * (not was), lines.already + deal.lines * was
			_add_expected(expected, deal, store.amount_of(deal), site)
		for row in store.read_back(part):
			amount = Decimal(repr(rounded(float(row.total or 0), store.precision)))
			found.add(amount, row.count, stage=row.stage, product=row.product, agent=row.agent)
		progress("Opportunities", expected.total_count, total)
	report.file = expected
	report.comparisons = compare(expected, found)


def _add_expected(tally: Tally, deal: ImportedDeal, amount: float, site: Site) -> None:
	"""Count a deal of the file under the names that its product and agent have here."""
	tally.add(
		Decimal(repr(amount)),
		stage=deal.stage.name,
		product=site.product(deal.product) if deal.product else None,
		agent=site.agent(deal.agent) if deal.agent else None,
	)


def _reader(masters: Masters, site: Site, history: Table | None = None, reject: Reject | None = None) -> DealReader:
	stages = (site.stages, site.pipelines)
	moves = read_moves(history, site.mapping, stages, site.today, reject) if history else {}
	return DealReader(site.mapping, site.stages, masters, site, site.today, site.pipelines, moves)

"""What a load does one after the other, and its report. Nothing here knows of other loads; see load.py."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice

from crm_pipeline.core.pricing import rounded
from crm_pipeline.importer import store_masters
from crm_pipeline.importer.deals import DealReader, ImportedDeal, tally_of
from crm_pipeline.importer.masters import Masters, read_masters
from crm_pipeline.importer.rejects import Rejects
from crm_pipeline.importer.site import Site
from crm_pipeline.importer.store_deals import DealStore
from crm_pipeline.importer.tables import Table
from crm_pipeline.importer.tally import Comparison, Tally, compare

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


def check(report: Report, tables: dict[str, Table], site: Site) -> None:
	"""Read everything once, without storing: what the files hold and what will be rejected."""
	masters = read_masters(tables, site.mapping, site, report.rejects.add)
	report.masters = {name: len(getattr(masters, name)) for name in TABLES if name in tables}
	if "opportunities" in tables:
		reader = _reader(masters, site)
		report.file = tally_of(reader.read(tables["opportunities"], report.rejects.add))
		report.unnamed = reader.without_account
		if report.unnamed:
			site.find_prospect()


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
	if "opportunities" not in tables:
		return
	site.make_missing(with_prospect=report.unnamed > 0)
	# The second reading leaves out what ERPNext refused to store as a master.
	deals = _reader(masters, site).read(tables["opportunities"], reject)
	store_deals(report, deals, site, deal_store(), chunk, progress)


def store_deals(
	report: Report, deals: Iterator[ImportedDeal], site: Site, store: DealStore, chunk: int, progress: Progress
) -> None:
	"""Store deals and compare what the database holds of them with what the file says."""
	total, expected, found = report.file.total_count, Tally(), Tally()
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

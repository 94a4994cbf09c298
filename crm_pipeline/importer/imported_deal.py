"""An opportunity of the export as it is stored: what the file says of it, and no more."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm_pipeline.core.stages import OPEN, Stage

# A passage of a deal: a stage, and the day on which it was entered, None where nobody knows.
Passages = tuple[tuple[Stage, date | None], ...]


@dataclass(frozen=True)
class ImportedItem:
	"""One row of items; `rate` is for one piece, None where only the deal's amount is known."""

	product: str
	quantity: Decimal = Decimal(1)
	rate: Decimal | None = None


@dataclass(frozen=True)
class ImportedPerson:
	"""Somebody at the customer, as the deal names them."""

	name: str = ""
	email: str = ""
	phone: str = ""


@dataclass(frozen=True)
class ImportedDeal:
	"""An opportunity ready to be stored. Empty texts mean none.

	`history` holds the stages it is known to have entered, oldest first: (stage, day); the last is where it stands, and
	its day may be unknown. `opened` is the day on which it began, by default that of its first stage; `closed_from` the
	last open stage of a closed one, by default that of its history.
	"""

	external_id: str
	stage: Stage
	history: Passages
	amount: Decimal
	product: str = ""
	account: str = ""
	# The name of an account that is no Customer: the deal is about the prospect of that name.
	company_name: str = ""
	agent: str = ""
	title: str = ""
	closed_on: date | None = None
	expected_close: date | None = None
	details: str = ""
	opened: date | None = None
	closed_from: Stage | None = None
	items: tuple[ImportedItem, ...] = ()
	currency: str = ""
	probability: Decimal | None = None
	lost_reason: str = ""
	person: ImportedPerson | None = None
	owner: str = ""
	channel: str = ""
	lead: str = ""
	prospect: str = ""
	campaign: str = ""
	# Of the currency, where the file knows it.
	exchange_rate: Decimal | None = None
	next_step: str = ""
	notes: str = ""
	own: tuple[tuple[str, object], ...] = ()
	# How many rows of the file it is.
	lines: int = 1

	@property
	def has_party(self) -> bool:
		return bool(self.account or self.prospect or self.company_name)

	@property
	def opened_on(self) -> date | None:
		first, day = self.history[0]
		return self.opened or (day if first.type == OPEN else None)

	@property
	def rows(self) -> tuple[ImportedItem, ...]:
		if self.items:
			return self.items
		return (ImportedItem(self.product, rate=self.amount),) if self.product else ()

	@property
	def last_open_stage(self) -> Stage | None:
		"""Out of which stage a closed deal was closed, where that is known."""
		if self.stage.type == OPEN:
			return None
		known = [stage for stage, _day in self.history if stage.type == OPEN]
		return self.closed_from or (known[-1] if known else None)

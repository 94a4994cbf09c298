"""Opportunities of the export: one row becomes one deal with its history, or is rejected with its reasons."""

import unicodedata
from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm_pipeline.core.stages import OPEN, WON, Stage
from crm_pipeline.importer.mapping import Mapping, folded
from crm_pipeline.importer.masters import Known, Masters, Reject
from crm_pipeline.importer.tables import Table
from crm_pipeline.importer.tally import Tally
from crm_pipeline.importer.values import Values

# A year that nobody means: mistyped, or read by another form than it was written in.
EARLIEST, YEARS_AHEAD = date(1970, 1, 1), 20

HAPPENED = ("created_on", "engaged_on", "closed_on")


@dataclass(frozen=True)
class ImportedDeal:
	"""An opportunity ready to be stored. Empty texts mean none.

	`history` holds the stages it is known to have entered, oldest first: (stage, day). The first is
	where it was created, the last is where it stands.
	"""

	external_id: str
	stage: Stage
	history: tuple[tuple[Stage, date], ...]
	amount: Decimal
	product: str = ""
	account: str = ""
	agent: str = ""
	title: str = ""
	closed_on: date | None = None
	expected_close: date | None = None
	details: str = ""


class DealReader:
	"""Turns rows into deals. `stages` maps the folded stage values of the file to stages of the pipeline."""

	def __init__(self, mapping: Mapping, stages: MappingType[str, Stage], masters: Masters, known: Known, today: date):
		self.mapping = mapping
		self.stages = stages
		self.masters = masters
		self.known = known
		self.today = today
		self.fallback = mapping.created_on() or today
		self.first = min(
			(s for s in stages.values() if s.type == OPEN), key=lambda s: (s.position, s.name), default=None
		)
		self.entries = {stages[key]: spec.entered_on for key, spec in mapping.stages.items() if spec.entered_on}
		if self.first and "created_on" not in self.entries.values():
			self.entries.setdefault(self.first, "created_on")
		self.without_account = 0

	def read(self, table: Table, reject: Reject) -> Iterator[ImportedDeal]:
		"""The deals of a table, in its order. An id that came before is a duplicate, and the first row wins."""
		seen: dict[str, int] = {}
		for row in table:
			values = Values(row, self.mapping)
			deal = self._deal(values)
			if deal:
				first = seen.setdefault(same_id(deal.external_id), row.line)
				if first == row.line:
					self.without_account += not deal.account
					yield deal
					continue
				values.refuse("external_id", f'"{deal.external_id}" is there already, in line {first}')
			reject(table, row, values.problems)

	def _deal(self, values: Values) -> ImportedDeal | None:
		external_id = values.text("external_id", required=True)
		if "<" in external_id or ">" in external_id:
			values.refuse("external_id", "must not hold < or >")
		stage = self._stage(values)
		dates = {name: values.date(name) for name in ("created_on", "engaged_on", "closed_on", "expected_close")}
		amount = values.amount("amount")
		is_open = bool(stage and stage.type == OPEN)
		references = {name: self._reference(values, name, is_open) for name in ("product", "account", "agent")}
		title, details = values.text("title"), values.text("details")
		self._check_years(values, dates)
		if stage and not values.problems:
			self._check_order(values, stage, dates)
			if stage.type == WON and amount is None and "amount" in values.row.columns:
				values.refuse("amount", "is empty for a won opportunity")
		if values.problems or not stage:
			return None
		return ImportedDeal(
			external_id=external_id,
			stage=stage,
			history=tuple(self._history(stage, dates)),
			amount=amount or Decimal(0),
			title=title,
			closed_on=dates["closed_on"],
			expected_close=dates["expected_close"],
			details=details,
			**references,
		)

	def _stage(self, values: Values) -> Stage | None:
		text = values.text("stage", required=True)
		if not text:
			return None
		stage = self.stages.get(folded(text))
		if not stage:
			values.refuse("stage", f'"{text}" is not a stage of the mapping')
		return stage

	def _reference(self, values: Values, kind: str, is_open: bool) -> str:
		text = values.text(kind)
		if not text:
			return ""
		name = self.masters.find(f"{kind}s", text) or getattr(self.known, kind)(text)
		if not name:
			several = self.known.ambiguous(kind, text)
			values.refuse(kind, f'"{text}" is {"the name of several records" if several else "unknown"}')
			return ""
		why = self.known.unusable(kind, name, is_open)
		if why:
			values.refuse(kind, f'"{text}" {why}')
		return name

	def _check_years(self, values: Values, dates: dict[str, date | None]) -> None:
		"""What happened has happened by today, and what is expected is within sight."""
		for name, day in dates.items():
			if not day:
				continue
			if name in HAPPENED and day > self.today:
				values.refuse(name, f"{day} is in the future")
			elif day.year > self.today.year + YEARS_AHEAD:
				values.refuse(name, f"{day} is more than {YEARS_AHEAD} years ahead")
			elif day < EARLIEST:
				values.refuse(name, f"{day} is before {EARLIEST}")

	def _check_order(self, values: Values, stage: Stage, dates: dict[str, date | None]) -> None:
		if stage.type == OPEN:
			if dates["closed_on"]:
				values.refuse("closed_on", f'is filled, but the opportunity is in "{values.text("stage")}"')
		elif not dates["closed_on"]:
			values.refuse("closed_on", f'is empty, but the opportunity is "{values.text("stage")}"')
		given = [(name, dates[name]) for name in HAPPENED if dates[name]]
		for (earlier, first), (later, second) in zip(given, given[1:], strict=False):
			if second < first:
				values.refuse(later, f"{second} is before {values.row.columns[earlier]} ({first})")

	def _history(self, stage: Stage, dates: dict[str, date | None]) -> Iterator[tuple[Stage, date]]:
		"""Only what the file knows: open stages on the way whose day is known, then the stage of today.

		A closed deal of which no earlier stage is known was created in the first mapped open stage.
		"""
		start = dates["created_on"] or dates["engaged_on"] or dates["closed_on"] or self.fallback
		passed = [
			(entered, dates[name])
			for entered, name in self.entries.items()
			if dates[name] and (stage.type != OPEN or entered.position < stage.position)
		]
		passed.sort(key=lambda step: (step[1], step[0].position))
		if stage.type != OPEN:
			yield from passed or ([(self.first, start)] if self.first else [])
			yield stage, dates["closed_on"]
		else:
			yield from passed
			own = self.entries.get(stage)
			yield stage, (own and dates[own]) or max([start, *(day for _stage, day in passed)])


def same_id(external_id: str) -> str:
	"""Ids with one result are the same to the database's unique index, which ignores case and accents."""
	plain = unicodedata.normalize("NFKD", external_id)
	return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def tally_of(deals: Iterator[ImportedDeal]) -> Tally:
	"""What a spreadsheet of the accepted rows would sum up to."""
	tally = Tally()
	for deal in deals:
		tally.add(deal.amount, stage=deal.stage.name, product=deal.product, agent=deal.agent)
	return tally

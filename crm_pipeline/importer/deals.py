"""Opportunities of the export: one row, or several rows of one id, become one deal with its history, or are rejected."""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from datetime import date
from decimal import Decimal

from crm_pipeline.core.stages import LOST, OPEN, WON, Stage
from crm_pipeline.importer.deal_rows import DealRows
from crm_pipeline.importer.field_labels import named
from crm_pipeline.importer.imported_deal import ImportedDeal, ImportedItem, ImportedPerson, Passages
from crm_pipeline.importer.mapping import Mapping, folded
from crm_pipeline.importer.masters import Known, Masters, Reject, same_id
from crm_pipeline.importer.sentences import Sentence, _
from crm_pipeline.importer.tables import Row, Table
from crm_pipeline.importer.tally import Tally
from crm_pipeline.importer.values import Values

__all__ = ["DealReader", "ImportedDeal", "ImportedItem", "ImportedPerson", "same_id", "tally_of"]

# A year that nobody means: mistyped, or read by another form than it was written in.
EARLIEST, YEARS_AHEAD = date(1970, 1, 1), 20

HAPPENED = ("created_on", "engaged_on", "closed_on")
DAYS = (*HAPPENED, "expected_close")


class DealReader:
	"""Turns rows into deals. `stages` maps the folded stage values of the file to stages of the pipeline; where the file
	has several pipelines, `pipelines` maps their folded values to such stages."""

	def __init__(
		self,
		mapping: Mapping,
		stages: MappingType[str, Stage],
		masters: Masters,
		known: Known,
		today: date,
		pipelines: MappingType[str, MappingType[str, Stage]] | None = None,
		moves: MappingType[str, Passages] | None = None,
	):
		self.mapping = mapping
		self.stages = stages
		self.pipelines = pipelines or {}
		self.masters = masters
		self.known = known
		self.today = today
		self.moves = moves or {}
		self.fallback = mapping.created_on()
		self.first = _first_open(stages)
		self.entries = {stages[key]: spec.entered_on for key, spec in mapping.stages.items() if spec.entered_on}
		self.without_account = 0
		self.left_out = 0

	def read(self, table: Table, reject: Reject) -> Iterator[ImportedDeal]:
		"""The deals of a table, in its order. An id that came before is a duplicate, and the first row wins; where a file
		has several rows per deal they are its items."""
		if table.spec.several_rows:
			yield from self._read_several(table, reject)
			return
		seen: dict[str, int] = {}
		for row in table:
			values = Values(row, self.mapping)
			if self._is_left_out(values):
				continue
			deal = self.deal_of(values)
			if deal:
				first = seen.setdefault(same_id(deal.external_id), row.line)
				if first == row.line:
					self.without_account += not deal.has_party
					yield deal
					continue
				values.refuse("external_id", _('"{0}" is there already, in line {1}'), deal.external_id, first)
			reject(table, row, values.problems)

	def _read_several(self, table: Table, reject: Reject) -> Iterator[ImportedDeal]:
		"""Rows of one id may stand anywhere: those that have come are held until the last one has."""
		ahead = Counter(same_id(row.values.get("external_id", "")) for row in table)
		held: dict[str, list[Row]] = {}
		for row in table:
			key = same_id(row.values.get("external_id", ""))
			ahead[key] -= 1
			held.setdefault(key, []).append(row)
			if key and ahead[key]:
				continue
			rows = held.pop(key)
			if all(self._is_left_out(Values(one, self.mapping)) for one in rows):
				continue
			deal = DealRows(self, rows).deal(lambda one, why: reject(table, one, why))
			if deal:
				self.without_account += not deal.has_party
				yield deal

	def _is_left_out(self, values: Values) -> bool:
		"""Whether the other system has deleted it."""
		if "is_deleted" not in values.row.columns or not values.flag("is_deleted"):
			return False
		self.left_out += 1
		return True

	# ---- one row

	def deal_of(self, values: Values) -> ImportedDeal | None:
		has_ids = "external_id" in values.row.columns
		external_id = values.text("external_id", required=has_ids) if has_ids else values.row.key
		if "<" in external_id or ">" in external_id:
			values.refuse("external_id", _("must not hold < or >"))
		stage, left = self._stage(values)
		dates = self._dates(values, stage)
		amount = values.amount("amount")
		is_open = bool(stage and stage.type == OPEN)
		references = {name: self._reference(values, name, is_open) for name in ("product", "account", "agent")}
		title, details = values.text("title"), values.text("details")
		self._check_years(values, dates)
		if stage and not values.problems:
			self._check_order(values, stage, dates)
			if stage.type == WON and amount is None and "amount" in values.row.columns:
				values.refuse("amount", _("is empty for a won opportunity"))
		more = self._more(values, stage, references["agent"])
		item = self._item(values, references["product"], amount)
		if values.problems or not stage:
			return None
		company_name = "" if references["account"] or more["prospect"] else values.text("account")
		self.known.named_prospects.note(company_name, more["owner"])
		history = self.moves.get(same_id(external_id)) or tuple(self._history(stage, dates))
		history = _ending_in(history, stage, dates["closed_on"])
		return ImportedDeal(
			external_id=external_id,
			stage=stage,
			history=history,
			amount=amount if amount is not None else (item.rate * item.quantity if item and item.rate else Decimal(0)),
			title=title,
			closed_on=dates["closed_on"],
			expected_close=dates["expected_close"],
			details=details,
			opened=self._opened(stage, dates, history),
			closed_from=left,
			items=(item,) if item else (),
			company_name=company_name,
			**references,
			**more,
		)

	def _stage(self, values: Values) -> tuple[Stage | None, Stage | None]:
		"""The stage of a row, and the open stage out of which it was closed where the row tells that, too."""
		stages = self._stages_of(values)
		text = values.text("stage", required=True)
		if not text or stages is None:
			return None, None
		stage = stages.get(folded(text))
		if not stage:
			values.refuse("stage", _('"{0}" is not a known stage; say which it is'), text)
		status = values.text("status")
		if not stage or not status:
			return stage, None
		return self._by_status(values, stages, stage, status)

	def _stages_of(self, values: Values) -> MappingType[str, Stage] | None:
		text = values.text("pipeline")
		if not self.pipelines:
			return self.stages
		if not text and self.stages:
			return self.stages
		found = self.pipelines.get(folded(text))
		if found is None:
			why = _('"{0}" is not a known pipeline; say which it is') if text else _("is empty")
			values.refuse("pipeline", why, text)
		return found

	def _by_status(self, values: Values, stages, stage: Stage, text: str) -> tuple[Stage | None, Stage | None]:
		status = self.mapping.statuses.get(folded(text)) or _usual_status(text)
		if not status:
			values.refuse("status", _('"{0}" is not a known status; say which it is'), text)
			return None, None
		if status == stage.type:
			return stage, None
		if stage.type != OPEN:
			values.refuse("status", _('"{0}" does not go with "{1}"'), text, values.text("stage"))
			return None, None
		closed = min((s for s in stages.values() if s.type == status), key=lambda s: s.position, default=None)
		if not closed:
			values.refuse("status", _('"{0}": no value of the mapping is a stage of type {1}'), text, Sentence(status))
			return None, None
		return closed, stage

	def _dates(self, values: Values, stage: Stage | None) -> dict[str, date | None]:
		dates = {name: values.date(name) for name in DAYS}
		if values.given("close_date"):
			# One column for both, as most systems have it.
			day = values.date("close_date")
			name = "expected_close" if not stage or stage.type == OPEN else "closed_on"
			dates[name] = dates[name] or day
		return dates

	def _reference(self, values: Values, kind: str, is_open: bool) -> str:
		text = values.text(kind)
		if not text:
			return ""
		handle = self.masters.find(f"{kind}s", text)
		twice = not handle and self.masters.several(f"{kind}s", text)
		name = handle or (None if twice else getattr(self.known, kind)(text))
		if not name:
			several = twice or self.known.ambiguous(kind, text)
			if kind == "account" and not several:
				if why := self.known.named_prospects.why_not(text):
					values.refuse(kind, why)
				return ""
			values.refuse(kind, _('"{0}" is the name of several records') if several else _('"{0}" is unknown'), text)
			return ""
		why = self.known.unusable(kind, name, is_open)
		if why:
			values.refuse(kind, why, text)
		return name

	def _more(self, values: Values, stage: Stage | None, agent: str) -> dict:
		"""What a row says beside: currency, owner, person, reason, notes and fields of the site's own."""
		spec = self._spec_of(values)
		reason = values.text("lost_reason") or (spec.lost_reason if spec else "") or ""
		person = ImportedPerson(*(values.text(name) for name in ("contact", "contact_email", "contact_phone")))
		found = {
			"currency": values.text("currency"),
			"owner": values.text("owner"),
			"external_id": values.text("external_id"),
			"title": values.text("title"),
			"agent": agent,
			"lead": values.text("lead"),
			"prospect": values.text("prospect"),
			"campaign": values.text("campaign"),
			"exchange_rate": values.amount("exchange_rate"),
			"channel": values.text("channel"),
			"next_step": values.text("next_step"),
			"notes": values.text("notes"),
			"probability": values.percent("probability"),
			"lost_reason": reason if stage and stage.type == LOST else "",
			"person": person if person != ImportedPerson() else None,
			"own": tuple((name, text) for name, text in values.row.values.items() if name.startswith("field:")),
		}
		check = getattr(self.known, "check_more", None)
		for name, why in check(found) if check else ():
			values.refuse(name, why)
		for name in ("external_id", "title", "agent"):
			del found[name]
		return found

	def _spec_of(self, values: Values):
		pipeline = self.mapping.pipelines.get(folded(values.text("pipeline")))
		return (pipeline.stages if pipeline else self.mapping.stages).get(folded(values.text("stage")))

	def _item(self, values: Values, product: str, amount: Decimal | None) -> ImportedItem | None:
		quantity, price, line = (values.amount(name) for name in ("quantity", "price", "item_amount"))
		if not product:
			return None
		if quantity is not None and not quantity:
			values.refuse("quantity", _("is 0"))
			return None
		quantity = quantity if quantity is not None else Decimal(1)
		total = line if line is not None else amount
		if price is None and total is not None:
			price = total / quantity
		return ImportedItem(product, quantity, price)

	# ---- days

	def _check_years(self, values: Values, dates: dict[str, date | None]) -> None:
		"""What happened has happened by today, and what is expected is within sight."""
		for name, day in dates.items():
			if not day:
				continue
			name = name if name in values.row.columns or "close_date" not in values.row.columns else "close_date"
			if (
				name in HAPPENED
				and day > self.today
				or (name == "close_date" and day == dates["closed_on"] and day > self.today)
			):
				values.refuse(name, _("{0} is in the future"), day)
			elif day.year > self.today.year + YEARS_AHEAD:
				values.refuse(name, _("{0} is more than {1} years ahead"), day, YEARS_AHEAD)
			elif day < EARLIEST:
				values.refuse(name, _("{0} is before {1}"), day, EARLIEST)

	def _check_order(self, values: Values, stage: Stage, dates: dict[str, date | None]) -> None:
		if stage.type == OPEN:
			if dates["closed_on"]:
				values.refuse("closed_on", _('is filled, but the opportunity is in "{0}"'), values.text("stage"))
		elif not dates["closed_on"] and not self.mapping.from_site:
			name = "close_date" if "close_date" in values.row.columns else "closed_on"
			values.refuse(name, _('is empty, but the opportunity is "{0}"'), values.text("stage"))
		given = [(name, dates[name]) for name in HAPPENED if dates[name]]
		for (earlier, first), (later, second) in zip(given, given[1:], strict=False):
			if second < first:
				later = later if later in values.row.columns else "close_date"
				values.refuse(later, _("{0} is before {1} ({2})"), second, named(values.row.columns[earlier]), first)

	def _history(self, stage: Stage, dates: dict[str, date | None]) -> Iterator[tuple[Stage, date | None]]:
		"""Only what the file knows: open stages on the way whose day is known, then the stage of today, with its day
		where that is known. The first stage of a pipeline is entered when a deal begins."""
		passed = [
			(entered, dates[name])
			for entered, name in self.entries.items()
			if dates[name]
			and entered.pipeline == stage.pipeline
			and (stage.type != OPEN or entered.position < stage.position)
		]
		passed.sort(key=lambda step: (step[1], step[0].position))
		yield from self._before(passed, stage, dates["created_on"])
		yield from passed
		if stage.type != OPEN:
			yield stage, dates["closed_on"]
			return
		own = self.entries.get(stage)
		day = own and dates[own]
		if not day and stage == self._first_of(stage):
			day = dates["created_on"] or dates["engaged_on"] or self.fallback
		yield stage, day

	def _before(self, passed: list, stage: Stage, created: date | None) -> Iterator[tuple[Stage, date]]:
		"""Where a deal was between its creation and the first stage whose day is known: known where the file has one
		open stage before that one, and it was there for a day at least."""
		if not passed or not created or created >= passed[0][1]:
			return
		stages = self._stages_like(stage).values()
		earlier = {s for s in stages if s.type == OPEN and s.position < passed[0][0].position}
		if len(earlier) == 1:
			yield earlier.pop(), created

	def _stages_like(self, stage: Stage) -> MappingType[str, Stage]:
		"""The values of the file for the pipeline of a stage."""
		every = (self.stages, *self.pipelines.values())
		return next((one for one in every if stage in one.values()), self.stages)

	def _first_of(self, stage: Stage) -> Stage | None:
		return self.first if self.first == stage else _first_open(self._stages_like(stage))

	def _opened(self, stage: Stage, dates: dict[str, date | None], history: Passages) -> date | None:
		"""When the deal began: the first day on which it is known to have been open."""
		open_days = [day for passed, day in history if day and passed.type == OPEN]
		day = dates["created_on"] or min((d for d in (dates["engaged_on"], *open_days) if d), default=None)
		return day or (self.fallback if stage.type == OPEN else None)


def _first_open(stages: MappingType[str, Stage]) -> Stage | None:
	return min((s for s in stages.values() if s.type == OPEN), key=lambda s: (s.position, s.name), default=None)


def _ending_in(history: Passages, stage: Stage, closed_on: date | None) -> Passages:
	"""A history that ends where the deal stands."""
	if history and history[-1][0] == stage:
		return history
	return (*history, (stage, closed_on if stage.type != OPEN else None))


def _usual_status(text: str) -> str | None:
	"""What the usual words for a status mean, where the mapping names none."""
	words = folded(text).replace("closed", "").strip(" -_")
	return {"open": OPEN, "won": WON, "lost": LOST}.get(words)


def tally_of(deals: Iterator[ImportedDeal]) -> Tally:
	"""What a spreadsheet of the accepted rows would sum up to."""
	tally = Tally()
	for deal in deals:
		tally.add(deal.amount, stage=deal.stage.name, product=deal.product, agent=deal.agent)
	return tally

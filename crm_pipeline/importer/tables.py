"""Reads a mapped file row by row; never more than one row is in memory."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path

from crm_pipeline.importer import amount_forms, day_forms
from crm_pipeline.importer.import_fields import DAYS, LONG, NUMBERS, REPEATABLE
from crm_pipeline.importer.mapping import FileMap, InputError, Mapping, folded
from crm_pipeline.importer.readers import Reader, Record, open_reader
from crm_pipeline.importer.sentences import Sentence, _

# A header stands within the first rows; what is above it are titles.
HEADER_WITHIN = 20
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
UNNAMED = re.compile(r"Column \d+")
FORMULA = ("=", "+", "-", "@")
# Rows between two calls of `watch`.
OFTEN = 500
# What a spreadsheet shows where it could not calculate (#N/A, which is nothing, is not among them).
ERRORS = frozenset(("#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#SPILL!", "#CALC!"))


@dataclass
class Forms:
	"""How the columns of a file write days and numbers: {field: order of day and month}, {field: decimal mark}, and which
	fields are shares of one, so that 1 is the whole: no value of theirs is more."""

	days: dict[str, str | None] = field(default_factory=dict)
	decimals: dict[str, str] = field(default_factory=dict)
	shares: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Row:
	"""One row: `cells` as in the file, `values` by field (spaces trimmed, aliases applied), `columns` field -> column.

	`problem` says why the row can't even be taken apart; `values` is empty then. `forms` is None where the mapping
	names the forms.
	"""

	line: int
	cells: tuple[str, ...]
	values: dict[str, str]
	columns: dict[str, str]
	problem: str = ""
	forms: Forms | None = None

	@property
	def key(self) -> str:
		"""What stands for the id of a row without one: its content, so that it is known again when it is loaded again."""
		return f"row {hashlib.sha256(chr(31).join(self.cells).encode()).hexdigest()[:20]}"


class Table:
	"""A mapped file. Opening it checks that it is there, readable, and has the mapped columns.

	`most` is how many rows it gives, where that is not all of them. Raises InputError, also while iterating: a file that
	turns unreadable halfway is no input.
	"""

	def __init__(self, folder: Path, spec: FileMap, mapping: Mapping, most: int | None = None):
		self.spec = spec
		self.mapping = mapping
		self.path = Path(folder) / spec.file
		self.header: list[str] = []
		self.columns = {target: column for column, target in spec.columns.items()}
		self.above = 0
		self.most = most
		# Rows of the last reading to the end, whether that left rows out, and how many there are where that is known.
		self.count, self.is_cut = 0, False
		self.total: int | None = None
		# Called with the number of rows read, every so many rows.
		self.watch: Callable[[int], None] | None = None
		self.reader = self._open()
		self._check_header()

	@property
	def file(self) -> str:
		return self.spec.file

	@property
	def unmapped(self) -> list[str]:
		"""Columns of the file that are not loaded."""
		return [
			column for column in self.header if column not in self.spec.columns and not column.startswith("rejected_")
		]

	def _open(self) -> Reader:
		guessed = self.mapping.guessed
		return open_reader(
			self.path,
			self.file,
			None if "encoding" in guessed else self.mapping.encoding,
			None if "delimiter" in guessed else self.mapping.delimiter,
			self.spec.columns,
		)

	def __iter__(self) -> Iterator[Row]:
		return map(self._row, self._records(self.most))

	def count_rows(self) -> None:
		"""Find out how many rows there are, where that takes no time worth mentioning."""
		if self.total is None and self.reader.is_quick:
			self.total = sum(1 for _record in self._records())

	def _records(self, most: int | None = None) -> Iterator[Record]:
		count, self.is_cut = 0, False
		for record in islice(self.reader, self.above, None):
			if record.problem or record.formulas or any(cell.strip() for cell in record.cells):
				if count == most:
					self.is_cut = True
					break
				count += 1
				if self.watch and not count % OFTEN:
					self.watch(count)
				yield record
		self.count = count

	def _values_alone(self, fields: set[str]) -> Iterator[dict[str, str]]:
		"""What the rows that can be taken apart say of a few fields, without all else of them."""
		for record in self._records(None if self.reader.is_quick else self.most):
			cells, problem = self._cells_of(record)
			if not problem:
				yield self._values(cells, fields)

	# ---- header

	def _check_header(self) -> None:
		self.above, self.header = self._find_header()
		# Columns without a name behind the last one with a name need not be there.
		named = [place for place, name in enumerate(self.header, start=1) if not UNNAMED.fullmatch(name)]
		self.width = max(named, default=len(self.header)) if self.spec.header else len(self.header)
		if not any(self.header):
			raise InputError(_("{0}: the file is empty"), self.file)
		for column in self.spec.columns:
			if column in self.header:
				continue
			if f"{column} (1)" in self.header:
				raise InputError(
					_('{0}: column "{1}" is there twice; say "{1} (1)" or "{1} (2)" in the mapping'), self.file, column
				)
			raise InputError(
				_('{0}: column "{1}" is missing; found are {2}'), self.file, column, ", ".join(self.header)
			)
		if not any(True for _row in self):
			raise InputError(_("{0}: there is no row below the header"), self.file)

	def _find_header(self) -> tuple[int, list[str]]:
		"""How many records stand above the rows, and the names of the columns."""
		first = None
		for number, record in enumerate(islice(self.reader, HEADER_WITHIN), start=1):
			if record.problem or not any(cell.strip() for cell in record.cells):
				continue
			if not self.spec.header:
				return number - 1, [str(place) for place in range(1, len(record.cells) + 1)]
			names = _named(record.cells)
			if set(self.spec.columns) <= set(names):
				return number, names
			first = first or (number, names)
		return first or (0, [])

	# ---- rows

	def _row(self, record: Record) -> Row:
		cells, problem = self._cells_of(record)
		if problem:
			return Row(record.line, tuple(cells), {}, self.columns, problem)
		return Row(record.line, tuple(cells), self._values(cells), self.columns, forms=self._forms)

	def _cells_of(self, record: Record) -> tuple[list[str], str]:
		"""The cells of a row, and why they can't be loaded."""
		cells, width = record.cells, len(self.header)
		problem = record.problem
		if not problem and self.width <= len(cells) < width:
			cells = cells + [""] * (width - len(cells))
		if not problem and len(cells) > width and not any(cell.strip() for cell in cells[width:]):
			cells = cells[:width]
		elif not problem and len(cells) < width and not self._is_csv:
			cells = cells + [""] * (width - len(cells))
		if not problem and len(cells) != width:
			problem = Sentence(_("the row has {0} cells, the header has {1}"), len(cells), width)
		return cells, problem or self._cell_problem(record)

	def _cell_problem(self, record: Record) -> str:
		"""Why a cell that is to be loaded says nothing: a formula without a value, or with an error for one."""
		if not record.formulas and not any("#" in cell for cell in record.cells):
			return ""
		for place, (column, cell) in enumerate(zip(self.header, record.cells, strict=False)):
			if column not in self.spec.columns:
				continue
			if place in record.formulas:
				return Sentence(
					_("{0}: is a formula without a value; calculate and save the workbook in a spreadsheet program"),
					column,
				)
			if cell.strip() in ERRORS:
				return Sentence(_("{0}: {1} is an error of the spreadsheet"), column, cell.strip())
		return ""

	@property
	def _is_csv(self) -> bool:
		return type(self.reader).__name__ == "CsvReader"

	def _values(self, cells: list[str], fields: set[str] | None = None) -> dict[str, str]:
		values: dict[str, str] = {}
		for place, column, target in self._loaded:
			cell = cells[place]
			if not cell or (fields is not None and target not in fields):
				continue
			# No text has them, and whoever shows or searches it stumbles.
			cell = CONTROLS.sub("", cell)
			text = _lines(cell) if target in LONG else " ".join(cell.split())
			if text[:1] == "'" and text[1:2] in FORMULA:
				# So a spreadsheet is kept from taking a text for a formula.
				text = text[1:]
			if aliases := self.mapping.aliases.get(target):
				text = aliases.get(folded(text), text)
			if not text or text in amount_forms.NOTHING:
				continue
			if target == REPEATABLE:
				before = values.get(target)
				values[target] = f"{before}\n{column}: {text}" if before else f"{column}: {text}"
			else:
				values[target] = text
		return values

	@cached_property
	def _loaded(self) -> list[tuple[int, str, str]]:
		"""(place, column, field) of the columns that are loaded."""
		return [
			(place, name, self.spec.columns[name])
			for place, name in enumerate(self.header)
			if name in self.spec.columns
		]

	# ---- forms of days and numbers

	@property
	def _forms(self) -> Forms | None:
		return self.__dict__.get("forms")

	@cached_property
	def forms(self) -> Forms:
		"""The forms of the columns, found from all rows; kept with each row from then on."""
		days: dict[str, Counter] = defaultdict(Counter)
		decimals: dict[str, Counter] = defaultdict(Counter)
		percents: set[str] = set()
		day_fields, number_fields = self._fields_of(DAYS, "date_format"), self._fields_of(NUMBERS, "decimal")
		shares = {"probability"} & set(number_fields)
		if day_fields or number_fields:
			for values in self._values_alone({*day_fields, *number_fields}):
				for name in day_fields:
					if (text := values.get(name)) and (shown := day_forms.evidence(text)):
						days[name][shown] += 1
				for name in number_fields:
					if (text := values.get(name)) and (shown := amount_forms.decimal_shown(text)):
						decimals[name][shown] += 1
				for name in shares - percents:
					if (text := values.get(name)) and _is_percent(text):
						percents.add(name)
			self.total = None if self.is_cut else self.count
		every_day, every_number = sum(days.values(), Counter()), sum(decimals.values(), Counter())
		return Forms(
			{name: day_forms.order_of(days[name] or every_day) for name in day_fields},
			{name: amount_forms.decimal_of(decimals[name] or every_number) for name in number_fields},
			frozenset(shares - percents),
		)

	def _fields_of(self, kinds: tuple[str, ...], key: str) -> list[str]:
		return [name for name in kinds if name in self.columns] if key in self.mapping.guessed else []


def _is_percent(text: str) -> bool:
	"""Whether a number can be no share of one, whatever its decimal mark is."""
	numbers = [amount_forms.parse_number(text, decimal) for decimal in (".", ",")]
	return "%" in text or all(number is None or number > 1 for number in numbers)


def _lines(text: str) -> str:
	"""A text with its line breaks; spaces within a line are one."""
	return "\n".join(
		" ".join(line.split()) for line in text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")
	)


def _named(cells: list[str]) -> list[str]:
	"""Names of columns: those without one by their place, those of one name by their number."""
	names = [" ".join(cell.split()) or f"Column {place}" for place, cell in enumerate(cells, start=1)]
	count, seen, found = Counter(names), Counter(), []
	for name in names:
		seen[name] += 1
		found.append(f"{name} ({seen[name]})" if count[name] > 1 else name)
	return found


def open_tables(folder: str | Path, mapping: Mapping, most: int | None = None) -> dict[str, Table]:
	"""The mapped files of a folder, header checked and forms found; with `most` they give no more than so many rows. Raises
	InputError."""
	folder = Path(folder)
	if not folder.is_dir():
		raise InputError(_("{0}: there is no such folder"), folder)
	tables = {table: Table(folder, spec, mapping, most) for table, spec in mapping.files.items()}
	for table in tables.values():
		if table.mapping.guessed & {"date_format", "decimal"}:
			table.forms  # noqa: B018 found once, before rows are judged by them
		if most:
			table.count_rows()
	return tables

"""Reads a mapped CSV file row by row; never more than one row is in memory."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crm_pipeline.importer.mapping import REPEATABLE, FileMap, InputError, Mapping, folded


@dataclass(frozen=True)
class Row:
	"""One row: `cells` as in the file, `values` by field (spaces trimmed, aliases applied), `columns` field -> column.

	`problem` says why the row can't even be taken apart; `values` is empty then.
	"""

	line: int
	cells: tuple[str, ...]
	values: dict[str, str]
	columns: dict[str, str]
	problem: str = ""


class Table:
	"""A mapped file. Opening it checks that it is there, readable, and has the mapped columns.

	Raises InputError, also while iterating: a file that turns unreadable halfway is no input.
	"""

	def __init__(self, folder: Path, spec: FileMap, mapping: Mapping):
		self.spec = spec
		self.mapping = mapping
		self.path = Path(folder) / spec.file
		self.header: list[str] = []
		self.columns = {target: column for column, target in spec.columns.items()}
		self._check_header()

	@property
	def file(self) -> str:
		return self.spec.file

	@property
	def unmapped(self) -> list[str]:
		"""Columns of the file that are not loaded."""
		return [column for column in self.header if column not in self.spec.columns]

	def __iter__(self) -> Iterator[Row]:
		lines = self._lines()
		next(lines)
		for line, cells in lines:
			if any(cell.strip() for cell in cells):
				yield self._row(line, cells)

	def _check_header(self) -> None:
		lines = self._lines()
		_line, header = next(lines, (0, []))
		self.header = [name.strip() for name in header]
		if not any(self.header):
			raise InputError(f"{self.file}: the file is empty")
		for column in self.spec.columns:
			if column not in self.header:
				raise InputError(f'{self.file}: column "{column}" is missing; found are {", ".join(self.header)}')
			if self.header.count(column) > 1:
				raise InputError(f'{self.file}: column "{column}" is there twice')
		if not any(any(cell.strip() for cell in cells) for _line, cells in lines):
			raise InputError(f"{self.file}: there is no row below the header")

	def _lines(self) -> Iterator[tuple[int, list[str]]]:
		line = 0
		try:
			with open(self.path, encoding=self.mapping.encoding, newline="") as file:
				reader = csv.reader(file, delimiter=self.mapping.delimiter, strict=True)
				for cells in reader:
					line = reader.line_num
					yield line, cells
		except FileNotFoundError:
			raise InputError(f"{self.file}: there is no such file in {self.path.parent}") from None
		except OSError as error:
			raise InputError(f"{self.file}: can't be read ({error.strerror})") from None
		except UnicodeError:
			raise InputError(
				f"{self.file}: some text after line {line} is not {self.mapping.encoding.removesuffix('-sig')}; "
				'set "encoding" in the mapping'
			) from None
		except csv.Error as error:
			raise InputError(f"{self.file}: line {line + 1} is not CSV ({error})") from None

	def _row(self, line: int, cells: list[str]) -> Row:
		if len(cells) != len(self.header):
			problem = f"the row has {len(cells)} cells, the header has {len(self.header)}"
			return Row(line, tuple(cells), {}, self.columns, problem)
		values: dict[str, str] = {}
		for column, text in zip(self.header, cells, strict=True):
			target = self.spec.columns.get(column)
			text = " ".join(text.split())
			if not target or not text:
				continue
			if target == REPEATABLE:
				before = values.get(target)
				values[target] = f"{before}\n{column}: {text}" if before else f"{column}: {text}"
			else:
				values[target] = self.mapping.aliases.get(target, {}).get(folded(text), text)
		return Row(line, tuple(cells), values, self.columns)


def open_tables(folder: str | Path, mapping: Mapping) -> dict[str, Table]:
	"""The mapped files of a folder, header checked. Raises InputError."""
	folder = Path(folder)
	if not folder.is_dir():
		raise InputError(f"{folder}: there is no such folder")
	return {table: Table(folder, spec, mapping) for table, spec in mapping.files.items()}

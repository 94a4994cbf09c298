"""Readers: a CSV file, a workbook or JSON lines as rows of text. One broken row is one broken row, whatever it is.

A reader is iterated as often as needed, holds no more than a row at a time, and answers `Record`s: the first is not
special to it. It raises InputError where the file as a whole can't be read.
"""

import csv
import json
import re
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from crm_pipeline.importer import detect
from crm_pipeline.importer.mapping import InputError
from crm_pipeline.importer.sentences import Sentence, _

# A row longer than this is a quote that nobody closed.
MOST_LINES, MOST_CHARACTERS = 5_000, 20_000_000
# How a workbook begins, whatever the file is called, and how one of the time before XLSX or with a password does.
PACKAGE, OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
SEPARATOR = re.compile(r"sep=(.)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Record:
	"""A row of a file: the line on which it ends, its cells as text, and why it could not be taken apart. `formulas` are
	the places (from 0) of cells that are formulas whose value the file does not hold."""

	line: int
	cells: list[str]
	problem: str = ""
	formulas: frozenset[int] = frozenset()


class Reader(Protocol):
	"""`encoding` and `delimiter` are those in which rejected rows are written; one `is_quick` where all rows are read in a
	moment."""

	is_quick: bool
	encoding: str
	delimiter: str

	def __iter__(self) -> Iterator[Record]: ...


def open_reader(path: Path, file: str, encoding: str | None, delimiter: str | None, wanted: Collection[str]) -> Reader:
	"""The reader for a file, by its ending; `file` may name a sheet of a workbook behind a #. What is None is guessed."""
	name, _mark, sheet = file.partition("#")
	path = path.with_name(path.name.partition("#")[0]) if sheet else path
	ending, start = Path(name).suffix.lower(), _start(path, file)
	if start.startswith(OLD_WORKBOOK):
		raise InputError(_("{0}: is an old or encrypted workbook; save it as XLSX without a password"), file)
	if start.startswith(PACKAGE) or ending in (".xlsx", ".xlsm"):
		from crm_pipeline.importer.workbook import WorkbookReader

		return WorkbookReader(path, file, sheet)
	if ending in (".jsonl", ".ndjson", ".json"):
		return JsonReader(path, file, encoding)
	return CsvReader(path, file, encoding, delimiter, wanted)


def _start(path: Path, file: str) -> bytes:
	try:
		with open(path, "rb") as opened:
			return opened.read(8)
	except FileNotFoundError:
		raise InputError(_("{0}: there is no such file in {1}"), file, path.parent) from None
	except OSError as error:
		raise InputError(_("{0}: can't be read ({1})"), file, error.strerror) from None


class _TooLong(Exception):
	pass


class _Lines:
	"""Lines of a file, which can be given again from the second line of the row that was read last."""

	def __init__(self, file):
		self.file = file
		self.number = 0
		self.taken: list[str] = []
		self.again: deque[str] = deque()
		self.size = 0

	def __iter__(self):
		return self

	def __next__(self) -> str:
		line = self.again.popleft() if self.again else next(self.file)
		self.number += 1
		self.taken.append(line)
		self.size += len(line)
		if len(self.taken) > MOST_LINES or self.size > MOST_CHARACTERS:
			raise _TooLong
		return line

	def begin(self) -> None:
		self.taken, self.size = [], 0

	def back_to_second(self) -> str:
		"""Answers the first line of the row; the next row begins with the line after it."""
		first, *rest = self.taken
		self.again.extendleft(reversed(rest))
		self.number -= len(rest)
		self.begin()
		return first


class CsvReader:
	"""Rows of a CSV file. A row that is not CSV is its first line; reading goes on with the next line."""

	is_quick = True

	def __init__(
		self, path: Path, file: str, encoding: str | None, delimiter: str | None, wanted: Collection[str] = ()
	):
		# Cells may be long: the limit of the csv module is that of the whole process.
		csv.field_size_limit(max(csv.field_size_limit(), MOST_CHARACTERS))
		self.path, self.file = path, file
		self.encoding = detect.mark_of(path) or encoding or detect.encoding_of(path)
		lines = self._head()
		head = [line for line in lines if line.strip()]
		named = SEPARATOR.fullmatch(head[0]) if head else None
		# Lines up to the one that names the separator, empty ones before it included.
		self.skipped = lines.index(head.pop(0)) + 1 if named else 0
		self.delimiter = delimiter or (named and named[1]) or detect.delimiter_of(head, wanted)
		self.format = {"delimiter": self.delimiter, "strict": True}
		if detect.escapes(head, self.delimiter):
			self.format.update(escapechar="\\", doublequote=False)

	def _head(self) -> list[str]:
		try:
			with open(self.path, encoding=self.encoding, newline="") as file:
				return list(islice(file, 200))
		except UnicodeError:
			# Said where the rows are read, with its line.
			return []

	def __iter__(self) -> Iterator[Record]:
		line = 0
		try:
			with open(self.path, encoding=self.encoding, newline="") as file:
				for record in self._records(file):
					line = record.line
					yield record
		except OSError as error:
			raise InputError(_("{0}: can't be read ({1})"), self.file, error.strerror) from None
		except UnicodeError:
			raise InputError(
				_("{0}: some text after line {1} is not {2}; name its encoding"),
				self.file,
				line,
				self.encoding.removesuffix("-sig"),
			) from None

	def _records(self, file) -> Iterator[Record]:
		lines, width = _Lines(file), 0
		reader = csv.reader(lines, **self.format)
		for _line in range(self.skipped):
			next(lines)
		while True:
			lines.begin()
			try:
				cells = next(reader)
			except StopIteration:
				return
			except (csv.Error, _TooLong) as error:
				first = lines.back_to_second()
				yield Record(lines.number, [first.rstrip("\r\n")], _broken(isinstance(error, _TooLong)))
				reader = csv.reader(lines, **self.format)
				continue
			if len(lines.taken) > 1 and width and len(cells) != width and self._is_row(lines.taken[1], width):
				first = lines.back_to_second()
				yield Record(lines.number, [first.rstrip("\r\n")], _broken(is_open=True))
				continue
			width = width or len(cells)
			yield Record(lines.number, cells)

	def _is_row(self, line: str, width: int) -> bool:
		try:
			return any(len(cells) == width for cells in csv.reader([line], **self.format))
		except csv.Error:
			return False


def _broken(is_open: bool) -> Sentence:
	if is_open:
		return Sentence(_("the line is not CSV (a quote is not closed)"))
	return Sentence(_("the line is not CSV (its quotes or line breaks are wrong)"))


class JsonReader:
	"""Objects of a JSON lines file, or of one JSON list, as rows; the first record holds the names of all keys."""

	delimiter, is_quick = ",", True

	def __init__(self, path: Path, file: str, encoding: str | None):
		self.path, self.file = path, file
		self.encoding = detect.mark_of(path) or encoding or detect.encoding_of(path)
		self.keys: dict[str, None] = {}
		for _line, found, _problem in self._objects():
			self.keys.update(dict.fromkeys(found))

	def __iter__(self) -> Iterator[Record]:
		yield Record(0, list(self.keys))
		for line, found, problem in self._objects():
			yield Record(
				line, [problem[1]] if problem else [found.get(key, "") for key in self.keys], problem and problem[0]
			)

	def _objects(self) -> Iterator[tuple[int, dict, tuple | str]]:
		try:
			with open(self.path, encoding=self.encoding) as file:
				start = file.read(1)
				while start.isspace():
					start = file.read(1)
				file.seek(0)
				if start == "[":
					for number, value in enumerate(json.load(file), start=1):
						yield self._object(number, value, "")
					return
				for number, line in enumerate(file, start=1):
					if line.strip():
						yield self._line(number, line)
		except json.JSONDecodeError as error:
			text = _("{0}: is not JSON (line {1}, character {2})")
			raise InputError(text, self.file, error.lineno, error.colno) from None
		except ValueError:
			raise InputError(_("{0}: is not JSON, or not {1}"), self.file, self.encoding) from None

	def _line(self, number: int, line: str) -> tuple:
		try:
			return self._object(number, json.loads(line), line)
		except ValueError as error:
			place = getattr(error, "pos", 0) + 1
			return number, {}, (Sentence(_("the line is not JSON (character {0})"), place), line.strip())

	def _object(self, number: int, value: object, line: str) -> tuple:
		if not isinstance(value, dict):
			return number, {}, (Sentence(_("the line is not an object in braces")), line.strip() or str(value))
		return number, dict(_flat(value)), ""


def _flat(value: dict, prefix: str = "") -> Iterator[tuple[str, str]]:
	"""{"owner": {"email": "a@b"}} is the column owner.email; a list is its values, separated by semicolons."""
	for key, one in value.items():
		name = f"{prefix}{key}"
		if isinstance(one, dict):
			yield from _flat(one, f"{name}.")
		elif isinstance(one, list):
			yield name, "; ".join(text_of(part) for part in one)
		else:
			yield name, text_of(one)


def text_of(value: object) -> str:
	"""A cell as text: dates as ISO, whole numbers without a point, truth as true and false."""
	if value is None:
		return ""
	if isinstance(value, bool):
		return "true" if value else "false"
	if isinstance(value, float):
		return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
	if hasattr(value, "isoformat"):
		text = value.isoformat()
		return text.removesuffix("T00:00:00")
	return json.dumps(value) if isinstance(value, dict | list) else str(value)

"""A sheet of an XLSX workbook as rows. Formulas count as what the workbook stored of them; nothing is calculated."""

import re
import weakref
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, iterparse
from zipfile import BadZipFile, ZipFile

from crm_pipeline.importer.mapping import InputError
from crm_pipeline.importer.readers import Record, text_of
from crm_pipeline.importer.sentences import _

# A sheet may claim a million rows; so many empty ones in a row are its end.
EMPTY_AT_END = 10_000
# A column further right than this is no list.
MOST_COLUMNS = 1_000

MERGED_OR_FORMULA = re.compile(rb"[<:](?:f|mergeCell)[ />]")
# Line and column of a cell, from 1.
Place = tuple[int, int]


def _mentions(xml) -> bool:
	"""Whether a sheet has merged cells or formulas at all: most have none, and need not be taken apart for them."""
	before = b""
	while block := xml.read(1 << 20):
		if MERGED_OR_FORMULA.search(before + block):
			return True
		before = block[-20:]
	return False


class WorkbookReader:
	"""The first sheet that is shown, or the one that is named. Cells that are merged all hold the value of the first of them."""

	encoding, delimiter, is_quick = "utf-8-sig", ",", False

	def __init__(self, path: Path, file: str, sheet: str = ""):
		self.path, self.file, self.sheet = path, file, sheet
		self.merged: dict[int, dict[int, Place]] = {}
		self.formulas: dict[int, set[int]] = {}
		self._look_through()

	def __iter__(self) -> Iterator[Record]:
		values, empty = {}, 0
		for line, row in enumerate(self._sheet.iter_rows(values_only=True), start=1):
			cells = [text_of(value) for value in row]
			self._fill(line, cells, values)
			empty = 0 if any(cells) or line in self.formulas else empty + 1
			if empty > EMPTY_AT_END:
				return
			unknown = frozenset(column - 1 for column in self.formulas.get(line, ()))
			while cells and not cells[-1] and len(cells) - 1 not in unknown:
				cells.pop()
			yield Record(line, cells, formulas=unknown)

	def _fill(self, line: int, cells: list[str], values: dict[Place, str]) -> None:
		"""Give merged cells what the first of them holds; `values` keeps it for the lines below."""
		for column, first in sorted(self.merged.get(line, {}).items()):
			if first == (line, column):
				values[first] = cells[column - 1] if column <= len(cells) else ""
				continue
			cells.extend([""] * (column - len(cells)))
			cells[column - 1] = cells[column - 1] or values.get(first, "")

	@cached_property
	def _sheet(self):
		"""The sheet, of a workbook that is opened once: opening one reads it through where it does not tell its size."""
		from openpyxl import load_workbook

		try:
			# By its content: openpyxl refuses a path with another ending.
			file = self.path.open("rb")
			book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
		except (BadZipFile, KeyError, ValueError, OSError, ParseError) as error:
			raise InputError(_("{0}: is not an XLSX workbook ({1})"), self.file, type(error).__name__) from None
		weakref.finalize(self, file.close)
		if self.sheet and self.sheet not in book.sheetnames:
			raise InputError(
				_('{0}: there is no sheet "{1}"; it has {2}'), self.file, self.sheet, ", ".join(book.sheetnames)
			)
		# Hidden ones hold what the others choose from.
		shown = [one for one in book.worksheets if one.sheet_state == "visible"] or book.worksheets
		sheet = book[self.sheet] if self.sheet else shown[0]
		# Many programs write a size that is not true, such as A1; what lies outside of it would not be read.
		sheet.reset_dimensions()
		return sheet

	def _look_through(self) -> None:
		"""Find what read-only sheets of openpyxl do not tell: `merged`, {line: {column: the first of the merged cells}},
		and `formulas`, {line: columns of formulas of which the workbook holds no value}."""
		# Where the sheet is in the package.
		place = getattr(self._sheet, "_worksheet_path", None)
		if not place:
			return
		with ZipFile(self.path) as package, package.open(place.lstrip("/")) as xml:
			if not _mentions(xml):
				return
		with ZipFile(self.path) as package, package.open(place.lstrip("/")) as xml:
			rows, line = None, 0
			for event, element in iterparse(xml, events=("start", "end")):
				tag = element.tag.rpartition("}")[2]
				if event == "start":
					rows = element if tag == "sheetData" else rows
				elif tag == "mergeCell":
					self._note_merged(element.get("ref"))
				elif tag == "row":
					line = int(element.get("r") or line + 1)
					self._note_formulas(line, element)
					# Neither the row nor its empty shell is kept.
					rows.clear()

	def _note_merged(self, reference: str) -> None:
		from openpyxl.utils import range_boundaries

		left, top, right, bottom = range_boundaries(reference)
		for line in range(top, min(bottom, top + EMPTY_AT_END) + 1):
			for column in range(left, min(right, left + MOST_COLUMNS) + 1):
				self.merged.setdefault(line, {})[column] = (top, left)

	def _note_formulas(self, line: int, row: Element) -> None:
		from openpyxl.utils.cell import column_index_from_string, coordinate_from_string

		for number, cell in enumerate(row, start=1):
			formula, value = cell.find("{*}f"), cell.find("{*}v")
			if formula is None or (value is not None and (value.text or cell.get("t") == "str")):
				continue
			name = cell.get("r")
			column = column_index_from_string(coordinate_from_string(name)[0]) if name else number
			if column <= MOST_COLUMNS:
				self.formulas.setdefault(line, set()).add(column)

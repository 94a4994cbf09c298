"""A sheet of an XLSX workbook as rows. Formulas count as what the workbook stored of them; nothing is calculated."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import iterparse
from zipfile import BadZipFile, ZipFile

from crm_pipeline.importer.mapping import InputError
from crm_pipeline.importer.readers import Record, text_of

# A sheet may claim a million rows; so many empty ones in a row are its end.
EMPTY_AT_END = 10_000


class WorkbookReader:
	"""The first sheet, or the one that is named. Cells that are merged all hold the value of the first of them."""

	encoding, delimiter = "utf-8-sig", ","

	def __init__(self, path: Path, file: str, sheet: str = ""):
		self.path, self.file, self.sheet = path, file, sheet
		self._with_sheet(lambda sheet: None)
		self.merged = self._merged_cells()

	def __iter__(self) -> Iterator[Record]:
		book = self._book()
		try:
			values, empty = {}, 0
			for line, row in enumerate(self._sheet(book).iter_rows(values_only=True), start=1):
				cells = [text_of(value) for value in row]
				for column, first in self.merged.get(line, {}).items():
					if first == (line, column):
						values[first] = cells[column - 1] if column <= len(cells) else ""
					elif column <= len(cells) and not cells[column - 1]:
						cells[column - 1] = values.get(first, "")
				empty = 0 if any(cells) else empty + 1
				if empty > EMPTY_AT_END:
					return
				while cells and not cells[-1]:
					cells.pop()
				yield Record(line, cells)
		finally:
			book.close()

	def _book(self):
		from openpyxl import load_workbook

		try:
			return load_workbook(self.path, read_only=True, data_only=True, keep_links=False)
		except (BadZipFile, KeyError, ValueError, OSError) as error:
			raise InputError(f"{self.file}: is not an XLSX workbook ({type(error).__name__})") from None

	def _sheet(self, book):
		if self.sheet and self.sheet not in book.sheetnames:
			raise InputError(f'{self.file}: there is no sheet "{self.sheet}"; it has {", ".join(book.sheetnames)}')
		return book[self.sheet] if self.sheet else book.worksheets[0]

	def _with_sheet(self, do):
		book = self._book()
		try:
			return do(self._sheet(book))
		finally:
			book.close()

	def _merged_cells(self) -> dict[int, dict[int, tuple[int, int]]]:
		"""{line: {column: (line, column) of the first cell of the merged ones}}."""
		from openpyxl.utils import range_boundaries

		# Where the sheet is in the package; read-only sheets of openpyxl do not know their merged cells.
		place = self._with_sheet(lambda sheet: getattr(sheet, "_worksheet_path", None))
		found: dict[int, dict[int, tuple[int, int]]] = {}
		if not place:
			return found
		with ZipFile(self.path) as package, package.open(place.lstrip("/")) as xml:
			for _event, element in iterparse(xml):
				if element.tag.endswith("}mergeCell"):
					left, top, right, bottom = range_boundaries(element.get("ref"))
					for line in range(top, min(bottom, top + EMPTY_AT_END) + 1):
						for column in range(left, right + 1):
							found.setdefault(line, {})[column] = (top, left)
				elif element.tag.endswith("}row"):
					element.clear()
		return found

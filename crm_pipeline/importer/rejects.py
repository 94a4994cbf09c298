"""Rejected rows: the original row with its line and the reasons, one file per input file."""

import csv
import re
from pathlib import Path

from crm_pipeline.importer.mapping import InputError
from crm_pipeline.importer.sentences import Translate, _, said
from crm_pipeline.importer.tables import Row, Table

NUMBER = re.compile(r"[+-][\d.,' ]*")
LINE, REASON = "rejected_line", "rejected_reason"

# Rows shown on the screen; all of them are in the file.
SHOWN = 10


def harmless(cell: str) -> str:
	"""A cell that no spreadsheet takes for a formula; reading takes the mark off again."""
	if cell[:1] in ("=", "@", "\t", "\r") or (cell[:1] in ("+", "-") and not NUMBER.fullmatch(cell)):
		return f"'{cell}"
	return cell


class Rejects:
	"""Collects rejected rows. With a `folder` it writes `<name>.rejected.csv` there, in the file's encoding or in `encoding`,
	else it only counts. Reasons are said in the language of `translate`."""

	def __init__(self, folder: Path | None = None, translate: Translate = str, encoding: str | None = None):
		self.folder, self.translate, self.encoding = folder, translate, encoding
		self.counts: dict[str, int] = {}
		self.samples: list[str] = []
		self.files: list[Path] = []
		self._open: dict[str, tuple] = {}

	def add(self, table: Table, row: Row, reasons: list[str]) -> None:
		self.counts[table.file] = self.counts.get(table.file, 0) + 1
		if len(self.samples) < SHOWN:
			self.samples.append(f"{table.file} line {row.line}: {self.said(reasons)}")
		if self.folder:
			self._writer(table).writerow([*map(harmless, row.cells), row.line, harmless(self.said(reasons))])

	def said(self, reasons: list[str]) -> str:
		return "; ".join(said(reason, self.translate) for reason in reasons)

	@property
	def count(self) -> int:
		return sum(self.counts.values())

	def prepare(self, tables: dict[str, Table]) -> None:
		"""Remove what an earlier run left, so that the files are of this run only. Raises InputError."""
		if not self.folder:
			return
		try:
			self.folder.mkdir(parents=True, exist_ok=True)
			for table in tables.values():
				path = self.path_of(table)
				path.touch()
				path.unlink()
		except OSError as error:
			raise InputError(
				_("{0}: rejected rows can't be written there ({1}); choose a folder with --rejects"),
				self.folder,
				error.strerror,
			) from None

	def path_of(self, table: Table) -> Path:
		return self.folder / f"{Path(table.file).stem}.rejected.csv"

	def _writer(self, table: Table):
		if table.file not in self._open:
			path = self.path_of(table)
			encoding, delimiter = self.encoding or table.reader.encoding, table.reader.delimiter
			file = open(path, "w", encoding=encoding, newline="", errors="backslashreplace")
			writer = csv.writer(file, delimiter=delimiter)
			writer.writerow([*table.header, LINE, REASON])
			self._open[table.file] = (file, writer)
			self.files.append(path)
		return self._open[table.file][1]

	def close(self) -> None:
		for file, _writer in self._open.values():
			file.close()
		self._open = {}

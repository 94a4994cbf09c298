"""A table of another app as the import reads a file: rows of texts by field, as often as needed."""

from collections.abc import Iterator
from datetime import date, datetime
from types import SimpleNamespace

from crm_pipeline.importer.import_fields import FIELDS
from crm_pipeline.importer.mapping import FileMap, Mapping
from crm_pipeline.importer.tables import OFTEN, Row

# What is longer there than a name may be here is cut, rather than the record left out.
NAMES, SHORT = ("contact", "contact_phone", "designation", "subject", "title"), 140


class SystemTable:
	"""What tables.Table is to a file. The method of `source` that is called as the table gives {field: value} anew on each
	call; `title` is what people call it."""

	# In which rejected rows are written.
	reader = SimpleNamespace(encoding="utf-8-sig", delimiter=",")

	def __init__(self, table: str, title: str, source, mapping: Mapping):
		self.header = list(FIELDS[table])
		self.spec = FileMap(
			table, title, {field: field for field in self.header}, several_rows=table == "opportunities"
		)
		self.columns = {field: field for field in self.header}
		self.file, self.source, self.mapping = title, source, mapping
		self.unmapped: list[str] = []
		self.total, self.watch = None, None
		# Of the last reading to the end: rows, records (rows of one id stand together), closed deals without a day.
		self.count = self.records = self.without_day = 0

	def __iter__(self) -> Iterator[Row]:
		count = records = without_day = 0
		last = None
		for found in getattr(self.source, self.spec.table)():
			count += 1
			if self.watch and not count % OFTEN:
				self.watch(count)
			if last is None or found["external_id"] != last:
				records, last = records + 1, found["external_id"]
				without_day += found.get("is_closed", False) and not found.get("closed_on")
			values = {field: text for field in self.header if (text := text_of(found.get(field)))}
			values |= {field: values[field][:SHORT].strip() for field in NAMES if len(values.get(field, "")) > SHORT}
			yield Row(count, tuple(values.get(field, "") for field in self.header), values, self.columns)
		self.count, self.records, self.without_day = count, records, without_day


def text_of(value: object) -> str:
	"""A value as an import reads it: days in ISO, numbers as they are counted, texts without spaces around them."""
	if value is None:
		return ""
	if isinstance(value, datetime):
		return value.replace(microsecond=0).isoformat(" ")
	if isinstance(value, date):
		return value.isoformat()
	if isinstance(value, float):
		return f"{value:.9f}".rstrip("0").rstrip(".")
	return str(value).strip()

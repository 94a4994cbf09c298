"""What a document holds: values, rows, flags; as an object, as a dict and as a database row."""

from datetime import date, datetime

from benchless import metadata, store
from benchless.database import db
from benchless.errors import NotOffered, NotOfferedAttribute, Offering
from benchless.metadata import STANDARD, TABLES
from benchless.records import Record
from benchless.values import cint, flt, get_datetime, getdate


class Fields(Offering, called="Document", error=NotOfferedAttribute):
	def __init__(self, values: dict):
		self.__dict__["doctype"] = values["doctype"]
		self.flags = Record()
		self._doc_before_save = None
		# Columns of every field are there from the start, empty.
		for column in self.meta.get_valid_columns():
			self.__dict__.setdefault(column, None)
		self.__dict__["docstatus"], self.__dict__["idx"] = 0, 0
		for field in self.meta.get_table_fields():
			self.__dict__[field.fieldname] = []
		self.update(values)

	# Fields that get no default value.
	dont_update_if_missing = ()

	@property
	def meta(self) -> metadata.Meta:
		return metadata.get_meta(self.__dict__["doctype"])

	def __setattr__(self, name: str, value) -> None:
		self.__dict__[name] = cint(value) if name == "docstatus" else value

	# ---- values

	def get(self, key: str, filters: dict | None = None, default=None):
		if key in self.__dict__:
			value = self.__dict__[key]
		else:
			# A controller may have a plain attribute where others have a field.
			value = getattr(type(self), key, default)
			value = default if callable(value) else value
		if isinstance(value, list) and isinstance(filters, dict):
			if any(isinstance(wanted, list | tuple) for wanted in filters.values()):
				raise NotOffered(f"Document.get with the filter {filters}")
			return [row for row in value if all(row.get(name) == wanted for name, wanted in filters.items())]
		return value if value is not None or isinstance(filters, dict) else default or filters

	def set(self, key: str, value, as_value: bool = False) -> None:
		field = self.meta.get_field(key)
		if field and field.fieldtype in TABLES and not as_value:
			self.__dict__[key] = []
			self.extend(key, value or [])
		else:
			setattr(self, key, value)

	def update(self, values: dict):
		for key, value in values.items():
			self.set(key, value)
		return self

	def update_if_missing(self, values: dict) -> None:
		for key, value in values.items():
			if value is not None and self.get(key) is None and key not in self.dont_update_if_missing:
				self.set(key, value)

	def is_new(self):
		return self.__dict__.get("__islocal")

	def set_onload(self, key: str, value) -> None:
		self.__dict__.setdefault("__onload", Record())[key] = value

	def get_onload(self, key: str):
		return self.__dict__.get("__onload", Record()).get(key)

	# ---- rows

	def append(self, key: str, value=None):
		"""Add a row to a table; answers it as a document."""
		from benchless.documents import make

		field = self.meta.get_field(key)
		if not field or field.fieldtype not in TABLES:
			raise AttributeError(key)
		rows = self.__dict__.setdefault(key, [])
		row = value if isinstance(value, Fields) else make({**(value or {}), "doctype": field.options})
		row.parent, row.parenttype, row.parentfield = self.name, self.doctype, key
		row.idx = row.idx or len(rows) + 1
		if not row.name:
			row.__dict__["__islocal"] = 1
		rows.append(row)
		return row

	def extend(self, key: str, rows) -> None:
		for row in rows:
			self.append(key, row)

	def remove(self, row) -> None:
		rows = self.__dict__[row.parentfield]
		rows.remove(row)
		for idx, each in enumerate(rows, start=1):
			each.idx = idx

	def get_all_children(self, parenttype: str | None = None) -> list:
		return [row for field in self.meta.get_table_fields() for row in self.get(field.fieldname) or []]

	def get_parentfield_of_doctype(self, doctype: str) -> str | None:
		return next((f.fieldname for f in self.meta.get_table_fields() if f.options == doctype), None)

	# ---- other forms

	def as_dict(self, no_default_fields: bool = False, no_nulls: bool = False) -> Record:
		found = Record(doctype=self.doctype, **{name: self.get(name) for name in self.meta.get_valid_columns()})
		for field in self.meta.get_table_fields():
			rows = self.get(field.fieldname) or []
			found[field.fieldname] = [row.as_dict(no_default_fields, no_nulls) for row in rows]
		if self.is_new():
			found["__islocal"] = 1
		left_out = ("doctype", *STANDARD) if no_default_fields else ()
		return Record({k: v for k, v in found.items() if k not in left_out and not (no_nulls and v is None)})

	def get_valid_dict(self, *args, **kwargs) -> Record:
		"""The row as it goes into the database."""
		columns = self.meta.get_valid_columns()
		return Record({name: store.column_value(self.doctype, name, self.get(name)) for name in columns})

	def fix_numbers(self) -> None:
		for field in self.meta.fields:
			value = self.get(field.fieldname)
			if field.fieldtype == "Check":
				setattr(self, field.fieldname, cint(value))
			elif value is not None and field.fieldtype == "Int":
				setattr(self, field.fieldname, cint(value))
			elif value is not None and field.fieldtype in metadata.DECIMALS:
				setattr(self, field.fieldname, flt(value))

	def precision(self, fieldname: str) -> int | None:
		field = self.meta.get_field(fieldname)
		if not field or field.fieldtype not in (*metadata.DECIMALS, "Int"):
			return None
		if field.precision not in (None, ""):
			return cint(field.precision)
		name, usual = ("currency_precision", 2) if field.fieldtype == "Currency" else ("float_precision", 3)
		return cint(db.get_default(name)) or usual

	# ---- comparing

	def get_doc_before_save(self):
		return self._doc_before_save

	def has_value_changed(self, fieldname: str) -> bool:
		before = self.get_doc_before_save()
		if not before:
			return True
		old, new = before.get(fieldname), self.get(fieldname)
		if isinstance(old, datetime):
			new = get_datetime(new)
		elif isinstance(old, date):
			new = getdate(new)
		return old != new

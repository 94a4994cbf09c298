"""The tables: one per DocType, made from its fields, in one SQLite file."""

import json
import sqlite3
from datetime import date, datetime, timedelta

from benchless import metadata
from benchless.values import cint, cstr, flt, get_datetime, getdate

TEXT = "text collate nocase"  # as MariaDB compares
KINDS = {
	**dict.fromkeys(("Int", "Check"), "integer not null default 0"),
	**dict.fromkeys(metadata.DECIMALS, "real not null default 0"),
	**{"Duration": "real", "Rating": "real", "Date": "date", "Datetime": "datetime", "Key": f"{TEXT} primary key"},
}
# Columns of every table that hold no text, as types of fields.
STANDARD = {"name": "Key", "creation": "Datetime", "modified": "Datetime", "docstatus": "Int", "idx": "Int"}

sqlite3.register_converter("date", lambda raw: date.fromisoformat(raw.decode()[:10]))
sqlite3.register_converter("datetime", lambda raw: datetime.fromisoformat(raw.decode()))


def type_of(doctype: str, column: str) -> str | None:
	"""The fieldtype of a column; None for one of the framework's that holds text."""
	field = metadata.get_meta(doctype).get_field(column)
	return field.fieldtype if field else STANDARD.get(column)


def create_table(db, doctype: str) -> None:
	meta = metadata.get_meta(doctype)
	if meta.issingle:
		return
	columns = ", ".join(f"`{name}` {KINDS.get(type_of(doctype, name), TEXT)}" for name in meta.get_valid_columns())
	db.sql_ddl(f"create table `tab{doctype}` ({columns})")
	for field in meta.stored_fields():
		index_column(db, doctype, field)
	if meta.istable:
		db.sql_ddl(f"create index `{doctype} parent` on `tab{doctype}` (parent)")


def add_column(db, doctype: str, field) -> None:
	if field.fieldtype in (*metadata.LAYOUT, *metadata.TABLES) or field.fieldname in db.get_table_columns(doctype):
		return
	db.sql_ddl(f"alter table `tab{doctype}` add column `{field.fieldname}` {KINDS.get(field.fieldtype, TEXT)}")
	index_column(db, doctype, field)


def index_column(db, doctype: str, field) -> None:
	if field.unique or field.search_index:
		kind = "unique index" if field.unique else "index"
		db.sql_ddl(f"create {kind} `{doctype} {field.fieldname}` on `tab{doctype}` (`{field.fieldname}`)")


def stored(value):
	"""A value as a column holds it: dates as texts that sort by time."""
	if isinstance(value, datetime):
		return value.strftime("%Y-%m-%d %H:%M:%S.%f")
	if isinstance(value, date):
		return value.isoformat()
	if isinstance(value, timedelta):
		return value.total_seconds()
	if isinstance(value, bool):
		return int(value)
	if isinstance(value, dict | list):
		return json.dumps(value, default=str)
	return value


def column_value(doctype: str, column: str, value):
	"""The value as the column of this field takes it: numbers are never empty, texts may be."""
	field, kind = metadata.get_meta(doctype).get_field(column), type_of(doctype, column)
	if kind == "Check":
		return 1 if cint(value) else 0
	if kind == "Int":
		return cint(value)
	if kind in metadata.DECIMALS:
		return round(flt(value), 9)
	if value in (None, "") and kind in ("Date", "Datetime", "Duration", "Rating"):
		return None
	if field and field.unique and not cstr(value).strip():
		return None
	if kind == "Datetime":
		return stored(get_datetime(value))
	if kind == "Date":
		return stored(getdate(value))
	if kind in ("Duration", "Rating"):
		return flt(value)
	value = stored(value)
	return value if value is None else str(value)


def put_row(doctype: str, row: dict) -> None:
	"""Write a row as it is, by its name, without any rule; columns that this host does not know are left out."""
	from benchless.database import db

	meta = metadata.get_meta(doctype)
	if meta.issingle:
		for field, value in row.items():
			db.set_single(doctype, field, value)
		return
	known = [column for column in meta.get_valid_columns() if column in row]
	values = [column_value(doctype, column, row[column]) for column in known]
	names = ", ".join(f"`{column}`" for column in known)
	updates = ", ".join(f"`{column}` = excluded.`{column}`" for column in known)
	db.sql(
		f"insert into `tab{doctype}` ({names}) values ({', '.join(['%s'] * len(known))})"
		f" on conflict (name) do update set {updates}",
		values,
	)


def drop_row(doctype: str, name: str) -> None:
	from benchless.database import db

	db.sql(f"delete from `tab{doctype}` where name = %s", (name,))

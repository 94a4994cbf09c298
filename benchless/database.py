"""`frappe.db` on one SQLite file."""

import re
import sqlite3
from datetime import datetime
from pathlib import Path

from pypika.terms import Term

from benchless import filters as conditions
from benchless import metadata, sql_functions, store
from benchless.errors import DuplicateEntryError, NotOffered, Offering, UniqueValidationError, only
from benchless.records import Record
from benchless.values import cint, flt, get_datetime, getdate, now

OperationalError = sqlite3.OperationalError
MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}")
# What MariaDB refuses or takes in another way than SQLite, outside of texts.
MISREAD = re.compile(r"\bin\s*\(\s*\)|\"|\|\|", re.IGNORECASE)
QUOTED = re.compile(r"'(?:[^']|'')*'")


class Callbacks(list):
	"""Functions to be run once at a commit or a rollback."""

	add = list.append
	reset = list.clear

	def run(self) -> None:
		while self:
			self.pop(0)()


class Database(Offering, called="frappe.db"):
	def __init__(self):
		self._connection = None
		self.after_commit, self.after_rollback = Callbacks(), Callbacks()
		self.value_cache: dict = {}
		# Nobody else writes here: there is never a reason to begin anew.
		self.transaction_writes = 1

	# ---- connection and transaction

	@property
	def connected(self) -> bool:
		return self._connection is not None

	def connect(self, path: str | Path) -> None:
		self.close()
		self._connection = sqlite3.connect(path, detect_types=sqlite3.PARSE_DECLTYPES, isolation_level=None, timeout=2)
		self._connection.execute("pragma case_sensitive_like = off")
		sql_functions.register(self._connection)

	def copy_from(self, path: str | Path) -> None:
		"""Take over the content of another file, into memory or a file."""
		with sqlite3.connect(path) as source:
			source.backup(self._connection)
		source.close()

	def close(self) -> None:
		if self._connection is not None:
			self._connection.close()
		self._connection = None

	def begin(self) -> None:
		if not self._connection.in_transaction:
			self._connection.execute("begin")

	def commit(self) -> None:
		self.after_rollback.reset()
		if self._connection.in_transaction:
			self._connection.execute("commit")
		self.after_commit.run()
		if self._connection.in_transaction:
			self._connection.execute("commit")

	def rollback(self, *, save_point: str | None = None) -> None:
		if save_point:
			self.sql(f"rollback to savepoint `{save_point}`")
			return
		self.after_commit.reset()
		if self._connection.in_transaction:
			self._connection.execute("rollback")
		self.after_rollback.run()

	def savepoint(self, save_point: str) -> None:
		self.sql(f"savepoint `{save_point}`")

	# ---- SQL

	def sql(self, query, values=(), *, as_dict=False, as_list=False, pluck=False):
		"""Rows of a query in MariaDB's writing (%s, %(name)s, backticks): tuples, lists, records or first values."""
		self.begin()
		text = str(query)
		if MISREAD.search(text) and (found := MISREAD.search(QUOTED.sub("''", text))):
			raise NotOffered(f"{found[0]} in SQL")
		if isinstance(values, dict):
			values = {key: store.stored(value) for key, value in values.items()}
			text = re.sub(r"%\((\w+)\)s", r":\1", text).replace("%%", "%")
		elif values not in ((), None):
			values = [store.stored(v) for v in (values if isinstance(values, list | tuple) else (values,))]
			text = re.sub(r"%s", "?", text).replace("%%", "%")
		try:
			cursor = self._connection.execute(text, values or ())
			rows = cursor.fetchall()
		except sqlite3.IntegrityError as error:
			raise self._as_frappe_says(error) from error
		except sqlite3.OperationalError as error:
			missing = re.fullmatch(r"no such (table|function): (?:tab)?(.+)", str(error))
			if missing:
				kind = "the DocType" if missing[1] == "table" else "the SQL function"
				raise NotOffered(f"{kind} {missing[2]}") from error
			raise OperationalError(f"{error}: {text}") from error
		if not cursor.description:
			return ()
		rows = [tuple(_restored(value) for value in row) for row in rows]
		if pluck:
			return [row[0] for row in rows]
		if as_dict:
			columns = [column[0].split(":")[0] for column in cursor.description]
			return [Record(zip(columns, row, strict=True)) for row in rows]
		return [list(row) for row in rows] if as_list else tuple(rows)

	@staticmethod
	def _as_frappe_says(error: sqlite3.IntegrityError) -> Exception:
		column = str(error).rpartition(".")[2]
		return (DuplicateEntryError if column == "name" else UniqueValidationError)(str(error))

	def column(self, query: str, values=()) -> list:
		return self.sql(query, values, pluck=True)

	def sql_ddl(self, query: str) -> None:
		self.sql(query)

	@staticmethod
	def escape(value, percent: bool = True) -> str:
		text = str(store.stored(value)).replace("'", "''")
		return f"'{text.replace('%', '%%') if percent else text}'"

	# ---- reading

	def get_value(self, doctype, filters=None, fieldname="name", as_dict=False, order_by="newest", **options):
		"""The first row that fits: one value, a tuple of several, or a record; None for no row."""
		rows = self.get_values(doctype, filters, fieldname, as_dict=as_dict, order_by=order_by, limit=1, **options)
		if not rows:
			return None
		return rows[0] if as_dict or len(rows[0]) > 1 else rows[0][0]

	def get_values(
		self, doctype, filters=None, fieldname="name", as_dict=False, order_by="newest", pluck=False, distinct=False,
		limit=None, **options,
	):  # fmt: skip
		only(options, "frappe.db.get_values")
		fields = [fieldname] if isinstance(fieldname, str) else list(fieldname)
		if metadata.get_meta(doctype).issingle:
			row = self._single_row(doctype, fields)
			return [row if as_dict else tuple(row.values())]
		if filters is None:
			return []
		where, values = conditions.condition(doctype, filters, lenient=False)
		columns = ", ".join(_selected(doctype, field) for field in fields)
		query = f"select {'distinct ' if distinct else ''}{columns} from `tab{doctype}`"
		query += conditions.joins(doctype, filters)
		query += f" where {where}" if where else ""
		query += f" order by {in_order(order_by)}" if order_by and not distinct else ""
		query += f" limit {cint(limit)}" if limit else ""
		return self.sql(query, values, as_dict=as_dict, pluck=pluck)

	def _single_row(self, doctype: str, fields: list[str]) -> Record:
		names = metadata.get_meta(doctype).get_valid_columns() if fields == ["*"] else fields
		return Record({name: self.get_single_value(doctype, name) for name in names})

	def get_single_value(self, doctype: str, fieldname: str, cache: bool = True):
		found = self.sql("select value from tabSingles where doctype = %s and field = %s", (doctype, fieldname))
		value = found[0][0] if found else None
		field = metadata.get_meta(doctype).get_field(fieldname)
		if field is None and fieldname not in metadata.STANDARD:
			raise OperationalError(f"Field {fieldname} does not exist on {doctype}")
		return _cast(field.fieldtype if field else "Data", value)

	def get_singles_dict(self, doctype: str) -> Record:
		return Record(self.sql("select field, value from tabSingles where doctype = %s", (doctype,)))

	def exists(self, dt, dn=None, cache: bool = False, *, debug: bool = False):
		"""The name of a document that fits, or None."""
		if isinstance(dt, dict):
			dt = dict(dt)
			dt, dn = dt.pop("doctype"), dt
		if dt != "DocType" and dt == dn:
			return dn
		if dn is None or (isinstance(dn, str) and not dn):
			return None
		return self.get_value(dt, dn, "name", order_by=None)

	def count(self, dt: str, filters=None, debug=False, cache=False, distinct: bool = True) -> int:
		where, values = conditions.condition(dt, filters, lenient=False)
		query = f"select count(*) from `tab{dt}`{conditions.joins(dt, filters)}{' where ' + where if where else ''}"
		return self.sql(query, values)[0][0]

	def get_default(self, key: str, parent: str = "__default"):
		found = self.column("select defvalue from tabDefaultValue where parent = %s and defkey = %s", (parent, key))
		return found[0] if found else None

	def get_table_columns(self, doctype: str) -> list[str]:
		return self.column("select name from pragma_table_info(%s)", (f"tab{doctype}",))

	def table_exists(self, doctype: str, cached: bool = True) -> bool:
		return bool(self.get_table_columns(doctype))

	def get_descendants(self, doctype: str, name: str) -> list[str]:
		where, values = conditions.condition(doctype, {"name": ("descendants of", name)}, lenient=False)
		return self.column(f"select name from `tab{doctype}` where {where}", values)

	# ---- writing past the documents

	def set_value(self, dt, dn, field, val=None, modified=None, modified_by=None, update_modified=True, **options):
		only(options, "frappe.db.set_value")
		from benchless import context

		values = dict(field) if isinstance(field, dict) else {field: val}
		if metadata.get_meta(dt).issingle:
			self.set_single_value(dt, values)
			return
		if update_modified:
			values.update(modified=modified or now(), modified_by=modified_by or context.session.user)
		where, wanted = conditions.condition(dt, dn, lenient=False)
		terms = {name: value.get_sql(quote_char="`") for name, value in values.items() if isinstance(value, Term)}
		new = [store.column_value(dt, name, value) for name, value in values.items() if name not in terms]
		names = (f"{conditions.column(dt, name).partition('.')[2]} = {terms.get(name, '%s')}" for name in values)
		self.sql(f"update `tab{dt}` set {', '.join(names)} where {where}", [*new, *wanted])

	def set_single_value(self, doctype: str, fieldname, value=None, update_modified: bool = True) -> None:
		values = fieldname if isinstance(fieldname, dict) else {fieldname: value}
		for name, each in values.items():
			self.set_single(doctype, name, each)

	def set_single(self, doctype: str, field: str, value) -> None:
		self.sql("delete from tabSingles where doctype = %s and field = %s", (doctype, field))
		self.sql("insert into tabSingles (doctype, field, value) values (%s, %s, %s)", (doctype, field, value))

	def delete(self, doctype: str, filters=None, **options) -> None:
		only(options, "frappe.db.delete")
		where, values = conditions.condition(doctype, filters, lenient=False)
		self.sql(f"delete from `tab{doctype}`{' where ' + where if where else ''}", values)

	def bulk_insert(self, doctype: str, fields: list[str], values, ignore_duplicates: bool = False, **options) -> None:
		only(options, "frappe.db.bulk_insert", "chunk_size")
		columns, marks = ", ".join(f"`{field}`" for field in fields), ", ".join(["%s"] * len(fields))
		conflict = " on conflict do nothing" if ignore_duplicates else ""
		for row in values:
			stored = [store.column_value(doctype, field, value) for field, value in zip(fields, row, strict=True)]
			self.sql(f"insert into `tab{doctype}` ({columns}) values ({marks}){conflict}", stored)

	def add_index(self, doctype: str, fields: list[str], index_name: str | None = None) -> None:
		name = index_name or "_".join(fields) + "_index"
		self.sql_ddl(f"create index if not exists `{name}` on `tab{doctype}` ({', '.join(f'`{f}`' for f in fields)})")


def in_order(order_by: str) -> str:
	"""The order where none was asked for: 15 takes what was changed last, 16 what was made last."""
	from benchless import back_office

	return {"newest": "modified desc" if back_office.version() == "15" else "creation desc"}.get(order_by, order_by)


def _selected(doctype: str, field: str) -> str:
	"""One field of a SELECT: a column, perhaps under another name, or all of them."""
	if field == "*":
		return f"`tab{doctype}`.*"
	name, _, alias = field.partition(" as ")
	name = name.strip().replace(f"`tab{doctype}`.", "").strip("`")
	return f"{conditions.column(doctype, name)} as `{alias.strip().strip('`') or name}`"


def _cast(fieldtype: str, value):
	if fieldtype in ("Int", "Check"):
		return cint(value)
	if fieldtype in metadata.DECIMALS:
		return flt(value)
	if fieldtype in ("Date", "Datetime"):
		return (getdate if fieldtype == "Date" else get_datetime)(value) if value else None
	return value


def _restored(value):
	"""A moment that came through a function (max, say) has lost its kind of column."""
	if isinstance(value, str) and len(value) == 26 and MOMENT.fullmatch(value):
		return datetime.fromisoformat(value)
	return value


db = Database()

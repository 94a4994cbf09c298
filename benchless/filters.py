"""Filters of Frappe as SQL conditions, in its two dialects.

`get_all` and `get_list` take an empty field for an empty text, zero or the first day of all time;
`frappe.db` (get_value, exists, count, delete ...) compares as SQL does, so an empty field fits nothing.
"""

from benchless import metadata
from benchless.errors import NotOffered
from benchless.store import column_value, stored, type_of
from benchless.values import cstr, flt, getdate

COMPARISONS = ("=", "!=", "<", ">", "<=", ">=", "like", "not like", "in", "not in", "is", "between")
TREE = ("descendants of", "descendants of (inclusive)")
NEVER_EMPTY = ("name", "creation", "modified")
FIRST_DAY = {"Date": "0001-01-01", "Datetime": "0001-01-01 00:00:00.000000"}


def listed(doctype: str, filters) -> list[tuple]:
	"""Filters of any of the accepted forms as (doctype, field, operator, value)."""
	if filters is None:
		return []
	if isinstance(filters, str | int):
		return [(doctype, "name", "=", filters)]
	if isinstance(filters, dict):
		rows = ((field, value if isinstance(value, list | tuple) else ("=", value)) for field, value in filters.items())
		return [(doctype, field, *comparison) for field, comparison in rows]
	if filters and all(isinstance(part, str | int) for part in filters):
		return [(doctype, "name", "in", list(filters))]
	if not all(isinstance(row, list | tuple) and len(row) in (3, 4) for row in filters):
		raise NotOffered(f"the filters {filters!r}")
	return [(doctype, *row) if len(row) == 3 else tuple(row) for row in filters]


def condition(doctype: str, filters, lenient: bool, joiner: str = " and ") -> tuple[str, list]:
	"""SQL and its values; "" for no filters. `lenient` is the dialect of get_all."""
	parts, values = [], []
	for row in listed(doctype, filters):
		sql, more = _one(*row, lenient=lenient)
		parts.append(sql)
		values += more
	return (f"({joiner.join(parts)})" if parts else ""), values


def column(doctype: str, field: str) -> str:
	"""The quoted column of a field, which must exist."""
	field = field.strip("`")
	if not field.isidentifier():
		raise NotOffered(f"the field {field!r} (use frappe.qb for functions and joins)")
	if field not in metadata.get_meta(doctype).columns:
		from benchless.database import OperationalError

		raise OperationalError(f"Unknown column '{field}' in '{doctype}'")
	return f"`tab{doctype}`.`{field}`"


def joins(doctype: str, *several) -> str:
	"""The tables of rows that filters name; a document without rows stays, with empty fields in their place."""
	tables = {row[0]: None for filters in several for row in listed(doctype, filters) if row[0] != doctype}
	return "".join(
		f" left join `tab{table}` on `tab{table}`.parent = `tab{doctype}`.name and `tab{table}`.parenttype = '{doctype}'"
		for table in tables
	)


def _one(doctype: str, field: str, operator: str, value, lenient: bool) -> tuple[str, list]:
	operator = operator.lower().strip()
	name = column(doctype, field)
	df, of_time = metadata.get_meta(doctype).get_field(field), type_of(doctype, field) in FIRST_DAY
	odd = operator == "is" and value not in ("set", "not set") or operator == "between" and lenient and not of_time
	if odd or operator not in (*COMPARISONS, *TREE):
		raise NotOffered(f"the filter {field} {operator} {value!r}")
	if operator in TREE:
		return _tree(name, df.options if df else doctype, operator, value)
	if operator == "is":
		return _presence(name, df, value == "set"), []
	if operator in ("in", "not in"):
		return _among(name, operator, value, lenient)
	if operator == "between":
		first, last = (column_value(doctype, field, part) for part in value)
		if lenient and type_of(doctype, field) == "Datetime" and len(str(value[1])) == 10:
			last = f"{last[:10]} 23:59:59.999999"
		return f"{name} between %s and %s", [first, last]
	if value is None and not lenient:
		return f"{name} is null", []
	if lenient and df and df.fieldtype == "Date" and "like" in operator:
		value = cstr(getdate(value))
	value, empty = _comparable(doctype, field, df, operator, value)
	keeps_null = lenient and _may_be_empty(field, df, operator) and not (value and operator in ("=", "like"))
	# A function forgets how the column compares texts.
	compared = f"ifnull({name}, {empty}) collate nocase" if keeps_null else name
	return f"{compared} {operator} %s", [value]


def _presence(name: str, df, wanted: bool) -> str:
	"""Set or not: an empty text and a zero are as little set as NULL."""
	empty = "0" if df and df.fieldtype in metadata.NUMBERS else "''"
	return f"ifnull({name}, {empty}) {'!=' if wanted else '='} {empty}"


def _comparable(doctype: str, field: str, df, operator: str, value) -> tuple:
	"""The value to compare with, and what stands for an empty field, as SQL."""
	kind = type_of(doctype, field)
	if operator in ("like", "not like"):
		return cstr(value), "''"
	if kind in FIRST_DAY:
		return (column_value(doctype, field, value) or FIRST_DAY[kind]), f"'{FIRST_DAY[kind]}'"
	if kind in metadata.NUMBERS:
		return (flt(value) if not isinstance(value, int) else int(value)), "0"
	return cstr(stored(value)), "''"


def _may_be_empty(field: str, df, operator: str) -> bool:
	if field in NEVER_EMPTY or (df and df.fieldtype in ("Check", "Float", "Int", "Currency", "Percent")):
		return False
	return not (operator in (">", ">=") and df and df.fieldtype in FIRST_DAY)


def _among(name: str, operator: str, values, lenient: bool) -> tuple[str, list]:
	if isinstance(values, str):
		values = values.split(",")
	values = [stored(value) for value in values or ()] or [""]
	has_empty = any(value in (None, "") for value in values)
	if lenient:
		values = ["" if value is None else value for value in values]
		if has_empty or operator == "not in":
			name = f"ifnull({name}, '') collate nocase"
	return f"{name} {operator} ({', '.join(['%s'] * len(values))})", values


def _tree(name: str, doctype: str, operator: str, value) -> tuple[str, list]:
	from benchless.database import db

	bounds = db.get_value(doctype, value, ["lft", "rgt"]) or (0, 0)
	inside = "lft >= %s and rgt <= %s" if "inclusive" in operator else "lft > %s and rgt < %s"
	return f"{name} in (select name from `tab{doctype}` where {inside})", list(bounds)

"""`get_all` and `get_list`: rows by filters, without and with the user's rights."""

import re

from benchless import filters as conditions
from benchless import metadata, permissions
from benchless.database import _selected, db, in_order
from benchless.errors import NotOffered, only
from benchless.values import cint


def get_all(doctype: str, *args, **kwargs):
	kwargs["ignore_permissions"] = True
	kwargs.setdefault("limit_page_length", 0)
	return get_list(doctype, *args, **kwargs)


def get_list(
	doctype: str, fields=None, filters=None, order_by: str | None = None, limit_start: int = 0,
	limit_page_length: int | None = 20, *, or_filters=None, group_by: str | None = None, limit: int | None = None,
	pluck: str | None = None, distinct: bool = False, as_list: bool = False, ignore_permissions: bool = False,
	parent_doctype: str | None = None, user: str | None = None, **unknown,
):  # fmt: skip
	only(unknown, "get_list")
	for given in (filters, or_filters):
		if any(isinstance(part, str | int) for part in (given if isinstance(given, list | tuple) else [given])):
			raise NotOffered(f"get_list(filters={given!r})")
	if isinstance(fields, dict) or not all(isinstance(field, str) for field in fields or ()):
		raise NotOffered(f"get_list(fields={fields!r})")
	wanted = [pluck] if pluck else [fields] if isinstance(fields, str) else list(fields or ["name"])
	wanted = [part.strip() for field in wanted for part in field.split(",")]
	visible = "" if ignore_permissions else permissions.match_conditions(doctype, user, parent_doctype)
	where, values = [], []
	for joiner, given in ((" and ", filters), (" or ", or_filters)):
		sql, more = conditions.condition(doctype, given, lenient=True, joiner=joiner)
		where += [sql] if sql else []
		values += more
	where += [f"({visible.replace('%', '%%')})"] if visible else []
	query = f"select {'distinct ' if distinct else ''}{', '.join(_selected(doctype, field) for field in wanted)}"
	query += f" from `tab{doctype}`{conditions.joins(doctype, filters, or_filters)}"
	query += f" where {' and '.join(where)}" if where else ""
	query += f" group by {_columns(doctype, group_by)}" if group_by else ""
	query += "" if distinct else f" order by {_columns(doctype, in_order(order_by or 'newest'))}"
	size = cint(limit_page_length if limit is None else limit)
	if size or limit_start:
		query += f" limit {size or -1} offset {cint(limit_start)}"
	return db.sql(query, values, as_dict=not (as_list or pluck), pluck=bool(pluck))


def _columns(doctype: str, text: str) -> str:
	"""Columns to sort or group by, each of which must be a plain one."""
	parts = []
	for part in text.split(","):
		found = re.fullmatch(rf"(?:`tab{doctype}`\.)?`?(\w+)`?(\s+(?:asc|desc))?", part.strip(), re.IGNORECASE)
		if not found:
			raise NotOffered(f"order_by or group_by {part!r}")
		known = found[1] in metadata.get_meta(doctype).columns
		parts.append((f"`tab{doctype}`.`{found[1]}`" if known else f"`{found[1]}`") + (found[2] or ""))
	return ", ".join(parts)

"""Reading the tables of another app: by name and chunk, only the columns that they have."""

from collections.abc import Iterator

import frappe

CHUNK = 500
STANDARD = ("name", "owner", "creation", "modified", "parent", "parenttype", "parentfield", "idx", "docstatus")
# Kinds of fields whose value is a line of text.
TOLD = (
	*(
		"Data",
		"Small Text",
		"Text",
		"Long Text",
		"Select",
		"Link",
		"Autocomplete",
		"Phone",
		"Date",
		"Datetime",
		"Check",
	),
	*("Int", "Float", "Currency", "Percent", "Duration"),
)
LAZY = ("_user_tags", "_assign", "_comments", "_liked_by")


def is_there(doctype: str) -> bool:
	return bool(frappe.db.exists("DocType", doctype)) and frappe.db.table_exists(doctype)


def columns_of(doctype: str) -> set[str]:
	return set(frappe.db.get_table_columns(doctype)) if is_there(doctype) else set()


def first_column(doctype: str, *names: str) -> str | None:
	"""The first of several names that a column has: releases call the same thing by different ones."""
	columns = columns_of(doctype)
	return next((name for name in names if name in columns), None)


def rows(doctype: str, fields: list[str], filters: dict | list | None = None) -> list[frappe._dict]:
	"""All rows, oldest first; a field that the table does not have is None."""
	columns = columns_of(doctype)
	if not columns:
		return []
	asked = [field for field in dict.fromkeys(["name", *fields]) if field in columns]
	order = "parent asc, idx asc, name asc" if "parent" in asked else "creation asc, name asc"
	found = frappe.get_all(doctype, filters=filters, fields=asked, order_by=order, limit=0)
	missing = dict.fromkeys(field for field in fields if field not in asked)
	return [frappe._dict({**missing, **row}) for row in found] if missing else found


def names(doctype: str, filters: dict | list | None = None) -> list[str]:
	"""Names of all records, oldest first."""
	if not is_there(doctype):
		return []
	return frappe.get_all(doctype, filters=filters, pluck="name", order_by="creation asc, name asc", limit=0)


def chunks(doctype: str, fields: list[str], of: list[str]) -> Iterator[list[frappe._dict]]:
	"""The records of these names, so many at a time, in the order of the names."""
	for start in range(0, len(of), CHUNK):
		part = of[start : start + CHUNK]
		found = {row.name: row for row in rows(doctype, fields, {"name": ("in", part)})}
		yield [found[name] for name in part if name in found]


def children(doctype: str, parenttype: str, parents: list, fields: list[str], parentfield: str = "") -> dict[str, list]:
	"""{parent: its rows, in order} of these parents."""
	filters = {"parenttype": parenttype, "parent": ("in", parents or [""])}
	if parentfield:
		filters["parentfield"] = parentfield
	found: dict[str, list] = {}
	for row in rows(doctype, ["parent", "idx", *fields], filters):
		found.setdefault(row.parent, []).append(row)
	return found


def children_by(doctype: str, key: str, of: list, fields: list[str]) -> dict[str, list]:
	"""{value of `key`: the records that have it} of these values, oldest first."""
	found: dict[str, list] = {}
	# To look for an empty text finds what is NULL as well.
	for row in rows(doctype, [key, "creation", *fields], {key: ("in", of)}) if of else ():
		found.setdefault(row[key], []).append(row)
	return found


def first_by(doctype: str, key: str, value: str, of: list[str], filters: dict | None = None) -> dict[str, str]:
	"""{value of `key`: the first `value`}, oldest first, for these keys."""
	found: dict[str, str] = {}
	for row in rows(doctype, [key, value, "creation"], {key: ("in", of), **(filters or {})}) if of else ():
		if row.get(value):
			found.setdefault(row[key], row[value])
	return found


def own_fields(doctype: str) -> dict[str, str]:
	"""{label: field} of those that somebody added to a DocType, in their order; those of apps are not theirs."""
	filters = {"dt": doctype, "is_system_generated": 0, "fieldname": ("not like", "crm\\_%"), "fieldtype": ("in", TOLD)}
	fields = ["fieldname", "label"]
	rows = frappe.get_all("Custom Field", filters=filters, fields=fields, order_by="idx asc, name asc", limit=0)
	return {row.label or row.fieldname: row.fieldname for row in rows}

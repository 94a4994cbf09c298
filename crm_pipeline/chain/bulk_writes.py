"""Many rows in few statements, by their keys, so that nothing else is locked: written with values of their own, deleted."""

import frappe
from frappe.query_builder import Case


def set_each(doctype: str, rows: dict[str, dict], together: int = 200) -> None:
	"""Write {name: {field: value}}, the same fields of each: by their keys, in order of name, and nothing but them. A value
	that many rows have is written to all of them at once."""
	table, names = frappe.qb.DocType(doctype), sorted(rows)
	for start in range(0, len(names), together):
		part = names[start : start + together]
		query = frappe.qb.update(table).where(table.name.isin(part))
		for field in rows[part[0]]:
			query = query.set(table[field], _value_of_each(table, field, rows, part))
		query.run()


def delete_named(doctype: str, names: list[str]) -> None:
	"""Delete these rows in one statement, which locks nothing but them."""
	if names:
		frappe.db.delete(doctype, {"name": ("in", names)})


def _value_of_each(table, field: str, rows: dict[str, dict], names: list[str]):
	"""The values of a field by name, as one expression; just the value where all have the same."""
	having: dict[object, list[str]] = {}
	for name in names:
		having.setdefault(rows[name][field], []).append(name)
	if len(having) == 1:
		return rows[names[0]][field]
	case = Case()
	for value, some in having.items():
		case = case.when(table.name.isin(some), value)
	return case.else_(table[field])

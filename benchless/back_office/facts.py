"""What is compared and recorded of a document: the fields of its shape, in plain values, and what changed in them.

Facts of a document: {field: value, ..., table field: [(key, facts of the row), ...]}; empty values are left out,
because None, "" and 0 mean the same to ERPNext's documents. A row's key is its identity while it lasts.
The app's own fields on native documents are none of ERPNext's business and never part of facts.
"""

import frappe

from benchless.back_office import shape

NUMBERS = {"Int": int, "Check": int, "Float": float, "Currency": float, "Percent": float}
LENGTHS = {"Date": len("2026-01-31"), "Datetime": len("2026-01-31 12:00:00"), "Time": len("12:00:00")}


# Positions in a tree count from what the site has of it when the story begins: {DocType: last position then}.
TREE = ("lft", "rgt")
TREES = ("Sales Person", "Territory", "Customer Group", "Item Group")
grown: dict[str, int] = {}


def begin() -> None:
	"""A story begins."""
	for doctype in TREES:
		last = frappe.get_all(doctype, pluck="rgt", order_by="rgt desc", limit=1)
		grown[doctype] = last[0] if last else 0


def plain(value, fieldtype: str):
	"""A value as the database would give it back, or None when empty."""
	if value in (None, "", 0):
		return None
	if fieldtype in NUMBERS:
		number = round(float(value), 6)
		return (int(number) if number == int(number) else number) or None
	if fieldtype in LENGTHS:
		return str(value)[: LENGTHS[fieldtype]]
	return value


def of_document(doc, key=lambda row: row, named: bool = False, child: bool = False) -> dict:
	"""Facts of a document in memory; `key(row)` identifies its rows (the object itself), `named` adds the names."""
	facts: dict = {"name": doc.name} if named and doc.name else {}
	facts |= of_row(doc, doc.doctype)
	if not child:
		for field, table in shape.tables(doc.doctype).items():
			rows = [(key(row), of_document(row, key, named, child=True)) for row in doc.get(field) or []]
			if rows and shape.columns(table):
				facts[field] = rows
	return facts


def of_row(row: dict, doctype: str) -> dict:
	"""Facts of a database row, without its children."""
	values = {field: plain(row.get(field), kind) for field, kind in shape.columns(doctype).items()}
	for field in TREE if values.get("rgt") else ():
		values[field] -= grown.get(doctype, 0)
	return {field: value for field, value in values.items() if value is not None}


def changes(old: dict, new: dict) -> dict:
	"""What turns `old` into `new`: {field: value or None}; tables as {"0": changes, ...} by position, or as a list of
	[position in the old table or None, changes] where rows were added, removed or moved."""
	found: dict = {}
	for field in [*new, *(f for f in old if f not in new)]:
		before, after = old.get(field), new.get(field)
		if before == after:
			continue
		if isinstance(before, list) or isinstance(after, list):
			rows = _row_changes(before or [], after or [])
			if rows:
				found[field] = rows
		else:
			found[field] = after
	return found


def _row_changes(old: list, new: list) -> dict | list:
	position = {key: (i, facts) for i, (key, facts) in enumerate(old)}
	if [key for key, _facts in old] == [key for key, _facts in new]:
		rows = {str(i): changes(position[key][1], facts) for i, (key, facts) in enumerate(new)}
		return {i: change for i, change in rows.items() if change}
	before = [position.get(key, (None, {})) for key, _facts in new]
	return [[at, changes(was, facts)] for (at, was), (_key, facts) in zip(before, new, strict=True)]


def apply(doc, change: dict, reveal, name_of) -> None:
	"""Recorded changes in memory; `reveal(value)` and `name_of(value, doctype)` turn what was recorded into this run's."""
	tables = shape.tables(doc.doctype)
	for field, value in change.items():
		if field in tables:
			_apply_rows(doc, field, value, reveal, name_of)
		elif field == "name":
			doc.name = name_of(value, doc.doctype)
		else:
			doc.set(field, typed(doc.doctype, field, reveal(value)))


def _apply_rows(doc, field: str, change: dict | list, reveal, name_of) -> None:
	rows = list(doc.get(field) or [])
	if isinstance(change, list):
		kept = [rows[position] if position is not None else None for position, _change in change]
		doc.set(field, [])
		for row, (_position, values) in zip(kept, change, strict=True):
			row = doc.append(field, row if row is not None else {})
			apply(row, values, reveal, name_of)
	else:
		for position, values in change.items():
			apply(rows[int(position)], values, reveal, name_of)


def typed(doctype: str, field: str, value):
	"""An empty number is 0, as in the database; the fraction of a whole amount got lost in JSON."""
	fieldtype = shape.columns(doctype).get(field)
	if field in TREE:
		return value + grown.get(doctype, 0)
	if fieldtype in NUMBERS:
		return NUMBERS[fieldtype](value or 0)
	return value

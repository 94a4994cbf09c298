"""How a question to the back office is written down; the same on the real site and here.

An exchange is {"ask": what, "with": its input, "as": the user (Administrator is left out), checks that
were switched off, "then": steps}. Input and steps hold placeholders (names.py), fields as in
facts.py. Steps, in the order in which they happened:

	["set", changes]                         the document in question changed in memory
	["store"]                                ... and was written as it is
	["row", DocType, name, values]           a row was written by ERPNext (values of the changed fields)
	["drop", DocType, name]                  a row was deleted
	["fire", event]                          the app's handlers ran for the document in question
	["fire", event, DocType, name, changes, before]  ... for another one: changes against its row, fields before the save
	["answer", value]                        what a function or method gave back
	["document", DocType, changes, flags]    ... where that is a new document
	["error", class, message]                it was refused by ERPNext
	["refused"]                              ... by a handler of the app
"""

import json

from benchless.back_office import facts, shape


def of_operation(op: str, doc, stored: dict, base: dict | None, options: dict, user: str, names, args=()) -> dict:
	"""`insert`, `save`, `submit`, `cancel` or `delete` of a document, or a method of it with `args`.

	`stored` are the facts of the document in the database ({} for a new one), `base` those that the last
	answer about this very object left in memory, which is what a new document is compared with.
	"""
	old, key = (stored, row_name) if stored else (base or {}, id)
	given = facts.changes(old, facts.of_document(doc, key)) if op != "delete" else {}
	if stored and op in ("submit", "cancel"):
		given.pop("docstatus", None)
	about = [op, doc.doctype, names.hide(doc.name)] if stored else [op, doc.doctype]
	if args:
		given["args"] = [_argument(a) for a in args]
	return _question(" ".join(about), given, options, user, names)


def of_call(dotted: str, args, kwargs: dict, user: str, names) -> dict:
	given = {"args": [_argument(a) for a in args], **{k: _argument(v) for k, v in kwargs.items()}}
	return _question(f"call {dotted}", {k: v for k, v in given.items() if v not in (None, [])}, {}, user, names)


def _question(ask: str, given: dict, options: dict, user: str, names) -> dict:
	question = {"ask": ask, "with": names.hide(given)}
	if user != "Administrator":
		question["as"] = names.hide(user)
	for option in sorted(options):
		question[option] = names.hide(options[option])
	return question


def row_name(row):
	return row.name or id(row)


def _argument(value):
	"""Documents by name, JSON texts and dicts by content, without what is empty."""
	if hasattr(value, "doctype") and hasattr(value, "meta"):
		return f"{value.doctype} {value.name}" if not value.is_new() else facts.of_document(value)
	if isinstance(value, str) and value[:1] in ("{", "["):
		return _argument(json.loads(value))
	if isinstance(value, dict):
		return {k: _argument(v) for k, v in value.items() if v not in (None, "")}
	if isinstance(value, list | tuple):
		return [_argument(v) for v in value]
	return value


def option_flags(doc, options: dict) -> dict:
	"""Switched-off checks are part of a question, however they were switched off."""
	given = {k: 1 for k, v in options.items() if v}
	if doc.flags.ignore_permissions:
		given["ignore_permissions"] = 1
	return given


def stored_facts(doctype: str, row: dict | None, rows: dict[str, list[dict]]) -> dict:
	"""Facts of a document from its database row and {table field: its children's rows}; {} when there is none."""
	if not row:
		return {}
	found = facts.of_row(row, doctype)
	for field, table in shape.tables(doctype).items():
		if rows.get(field) and shape.columns(table):
			found[field] = [(r["name"], facts.of_row(r, table)) for r in rows[field]]
	return found

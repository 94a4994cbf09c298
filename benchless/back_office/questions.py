"""How a question to the back office is written down; the same on the real site and here.

An exchange is {"ask": what, "with": its input, "as": the user, checks that were switched off, "then": steps}. Input and
steps hold placeholders (names.py) and fields as in facts.py; README.md lists the steps, replay.py has a method for each.
"""

import json

import frappe

from benchless.back_office import facts, shape


def of_operation(op: str, doc, base: dict, options: dict, names, args=()) -> dict:
	"""`insert`, `save`, `submit`, `cancel` or `delete` of a document, or a method of it with `args`.

	A stored document is compared with its rows, a new one with `base`: the facts that the last answer about
	this very object left in memory.
	"""
	stored = {} if doc.is_new() else stored_facts(doc.doctype, doc.name)
	now = facts.of_document(doc, row_name) if stored else facts.of_document(doc)
	given = facts.changes(stored or base, now) if op != "delete" else {}
	if stored and op in ("submit", "cancel"):
		given.pop("docstatus", None)
	about = [op, doc.doctype, names.hide(doc.name)] if stored else [op, doc.doctype]
	if args:
		given["args"] = [_argument(a) for a in args]
	return _question(" ".join(about), given, options, names)


def of_call(dotted: str, args, kwargs: dict, names) -> dict:
	given = {"args": [_argument(a) for a in args], **{k: _argument(v) for k, v in kwargs.items()}}
	return _question(f"call {dotted}", {k: v for k, v in given.items() if v not in (None, [])}, {}, names)


def _question(ask: str, given: dict, options: dict, names) -> dict:
	question = {"ask": ask, "with": names.hide(given)}
	if frappe.session.user != "Administrator":
		question["as"] = names.hide(frappe.session.user)
	for option in sorted(options):
		question[option] = names.hide(options[option])
	return question


class Bases:
	"""What the last answer about a document object left in its memory."""

	def __init__(self):
		self._kept: dict[int, tuple] = {}

	def keep(self, doc) -> None:
		self._kept[id(doc)] = (doc, facts.of_document(doc))

	def of(self, doc) -> dict:
		return self._kept.get(id(doc), (doc, {}))[1]


def row_name(row):
	return row.name or row


def _argument(value):
	"""Documents by name, JSON texts and dicts by content, without what is empty."""
	if isinstance(value, str) and value[:1] in ("{", "["):
		return _argument(json.loads(value))
	if isinstance(value, dict):
		return {k: _argument(v) for k, v in value.items() if v not in (None, "")}
	if isinstance(value, list | tuple):
		return [_argument(v) for v in value]
	if hasattr(value, "doctype"):
		return facts.of_document(value) if value.is_new() else f"{value.doctype} {value.name}"
	return value


def option_flags(doc, options: dict) -> dict:
	"""Switched-off checks are part of a question, however they were switched off."""
	given = {k: 1 for k, v in options.items() if v}
	if doc.flags.ignore_permissions:
		given["ignore_permissions"] = 1
	return given


def stored_facts(doctype: str, name: str) -> dict:
	"""Facts of a document as the database has it, rows by name; {} when there is none."""
	row = frappe.db.get_value(doctype, name, [*shape.columns(doctype)], as_dict=True) if name else None
	if not row:
		return {}
	found = facts.of_row(row, doctype)
	for field, table in shape.tables(doctype).items():
		rows = frappe.get_all(
			table,
			filters={"parent": name, "parenttype": doctype, "parentfield": field},
			fields=["name", *shape.columns(table)],
			order_by="idx asc",
			limit=0,
		)
		if rows:
			found[field] = [(r.name, facts.of_row(r, table)) for r in rows]
	return found

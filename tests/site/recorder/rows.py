"""Which rows of native tables a story changed, seen by re-reading the tables that were written to."""

import re

import frappe
from frappe.database.database import Database

from benchless.back_office import facts, shape

WRITES = re.compile(r"^\s*(insert|update|delete|replace)\b", re.IGNORECASE)
TABLES = re.compile(r"`tab([^`]+)`")


class Rows:
	"""The rows that this story inserted in native tables, as last seen."""

	def __init__(self):
		self.order: dict[tuple[str, str], int] = {}
		self.seen: dict[tuple[str, str], dict] = {}
		self.dirty: set[str] = set()

	def note(self, name: str, doctype: str) -> None:
		if shape.columns(doctype):
			self.order.setdefault((doctype, name), len(self.order))
			self.dirty.add(doctype)

	def note_write(self, query) -> None:
		text = str(query)
		if WRITES.match(text):
			self.dirty.update(TABLES.findall(text[:2000]))

	def note_rollback(self) -> None:
		self.dirty.update(doctype for doctype, _name in self.order)

	def changed(self) -> dict[tuple[str, str], tuple[dict | None, dict | None]]:
		"""{(DocType, name): (before, after)} since the last look, in the order in which the rows were made."""
		found = {}
		for doctype in {d for d, _name in self.order} & self.dirty:
			now = self._read(doctype, [name for d, name in self.order if d == doctype])
			for key in (k for k in self.order if k[0] == doctype):
				before, after = self.seen.get(key), now.get(key[1])
				if before != after:
					found[key] = (before, after)
		self.dirty.clear()
		for key, (_before, after) in found.items():
			self.expect(key, after)
		return dict(sorted(found.items(), key=lambda item: self.order[item[0]]))

	def expect(self, key: tuple[str, str], row: dict | None) -> None:
		if row is None:
			self.seen.pop(key, None)
		else:
			self.seen[key] = row

	def _read(self, doctype: str, names: list[str]) -> dict[str, dict]:
		links = shape.LINK_OF_ROW if frappe.get_meta(doctype).istable else ()
		rows = frappe.get_all(
			doctype,
			filters={"name": ("in", names)},
			fields=["name", *shape.columns(doctype), *links],
			order_by="name asc",
			limit=0,
		)
		return {r.name: facts.of_row(r, doctype) | {link: r[link] for link in links} for r in rows}


def watch(listener) -> None:
	"""Tell `listener()`, the running story's Rows or None, of every write and rollback."""
	sql, rollback = Database.sql, Database.rollback

	def watched_sql(self, query, *args, **kwargs):
		rows = listener()
		if rows:
			rows.note_write(query)
		return sql(self, query, *args, **kwargs)

	def watched_rollback(self, *args, **kwargs):
		rows = listener()
		if rows:
			rows.note_rollback()
		return rollback(self, *args, **kwargs)

	Database.sql, Database.rollback = watched_sql, watched_rollback

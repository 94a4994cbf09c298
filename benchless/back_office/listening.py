"""Learns the names and random tags of a run, for their placeholders; the same on both hosts."""

import frappe
from frappe.model.document import Document

_names = None
_originals: dict = {}


def start(names) -> None:
	"""`names` learns from now on what is inserted and drawn at random."""
	global _names
	_names = names
	if not _originals:
		_originals.update(hash=frappe.generate_hash, insert=Document.db_insert)
		frappe.generate_hash = _generate_hash
		Document.db_insert = _db_insert


def stop() -> None:
	global _names
	_names = None
	if _originals:
		frappe.generate_hash = _originals.pop("hash")
		Document.db_insert = _originals.pop("insert")


def _generate_hash(*args, **kwargs):
	made = _originals["hash"](*args, **kwargs)
	_names.note_tag(made)
	return made


def _db_insert(self, *args, **kwargs):
	result = _originals["insert"](self, *args, **kwargs)
	_names.note_document(self)
	return result

"""Before 0.4 rows of the ledger named the document that they were about in a note or a value: now in columns."""

import frappe

from crm_pipeline.core.chain import Ref
from crm_pipeline.core.registry import ORDER, WINNERS
from crm_pipeline.patches.pages import pages, write

QUOTATION = "Quotation"
FIELDS = ("reference_doctype", "reference_name", "kind", "from_value", "to_value", "note")


def execute():
	"""Killed, it goes on with those that have no related document; a site may have hundreds of thousands."""
	for rows in pages("Pipeline Event", FIELDS, _may_name_one):
		named = {row.name: related(row) for row in rows}
		there = _there({ref for refs in named.values() for ref in refs})
		found = {name: next((ref for ref in refs if ref in there), None) for name, refs in named.items()}
		values = {
			name: {"related_doctype": ref.doctype, "related_name": ref.name} for name, ref in found.items() if ref
		}
		write("Pipeline Event", values)


def _may_name_one(event):
	# Moves by hand have no note, and most rows of a ledger are moves by hand.
	of_winner = event.kind.isin(("Stage", "State")) & event.note.isnotnull()
	return event.related_name.isnull() & (event.kind.isin(("Quotation", "Override", "Conversion")) | of_winner)


def related(row: dict) -> list[Ref]:
	"""What an event may name, the likeliest first."""
	if row.kind == "Quotation":
		return [Ref(QUOTATION, name) for name in _beginnings(row.note)]
	if row.kind == "Override":
		return [Ref(QUOTATION, row.to_value)] if row.to_value else []
	return [ref for text in (row.to_value, row.from_value, row.note) for ref in _in_words(text)]


def _beginnings(note: str | None) -> list[str]:
	"""Whatever a note may begin with, the longest first: "NAME", or "NAME reasons", and a name may have spaces."""
	words = (note or "").split(" ")
	return [" ".join(words[:end]) for end in range(len(words), 0, -1)]


def _in_words(text: str | None) -> list[Ref]:
	"""Of "Sales Contract CON-1"; of a win that moved also "Sales Contract CON-1, 2026-03-01"."""
	for doctype in (*ORDER, "Customer"):
		if (text or "").startswith(f"{doctype} "):
			name = text.removeprefix(f"{doctype} ")
			return [Ref(doctype, name), *([Ref(doctype, name.rpartition(", ")[0])] if doctype in WINNERS else [])]
	return []


def _there(refs: set[Ref]) -> set[Ref]:
	"""Those of these documents that are there: one query per DocType."""
	named: dict[str, list[str]] = {}
	for ref in sorted(refs, key=lambda ref: (ref.doctype, ref.name)):
		named.setdefault(ref.doctype, []).append(ref.name)
	return {
		Ref(doctype, name)
		for doctype, names in named.items()
		for name in frappe.get_all(doctype, filters={"name": ("in", names)}, pluck="name", order_by="name asc", limit=0)
	}

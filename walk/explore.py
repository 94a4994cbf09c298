"""`make explore`: looks around in the file that the demo left behind.

python -m walk.explore [--file FILE]              the kinds of documents and how many there are
python -m walk.explore [--file FILE] "Sales Lead" the documents of one kind
python -m walk.explore [--file FILE] NAME         one document: fields, rows, ribbon, chain, history
"""

import argparse
import sys
from pathlib import Path

from benchless import host
from walk.demo import FILE
from walk.screen import Screen, say

HIDDEN = ("owner", "creation", "modified", "modified_by", "idx", "docstatus", "name", "naming_series")


def overview() -> None:
	from benchless import metadata
	from benchless.database import db

	ours = metadata.app_doctypes()
	say("Documents in this file; make explore ARGS=\"'Sales Lead'\" lists one kind, ARGS=NAME shows one document:")
	for doctype in sorted(metadata.shapes(), key=lambda name: (name not in ours, name)):
		meta = metadata.get_meta(doctype)
		count = 0 if meta.issingle or meta.istable or meta.module == "Core" else db.count(doctype)
		if count:
			say(f"  {doctype:<34} {count:>4}{'' if doctype in ours else '   ERPNext'}")


def documents_of(doctype: str) -> None:
	import frappe

	meta = frappe.get_meta(doctype)
	fields = [f for f in ("status", meta.title_field, "amount", "grand_total") if f and meta.has_field(f)]
	for row in frappe.get_all(doctype, fields=["name", *fields], order_by="creation asc", limit=0):
		say(
			"  "
			+ "  ".join(
				str(row[field] if row[field] is not None else "")[:36].ljust(20)
				for field in ("name", *fields)
			)
		)


def find(name: str) -> tuple[str, str] | None:
	"""The document of a name, whatever kind it is."""
	from benchless import metadata
	from benchless.database import db

	ours = list(metadata.app_doctypes())
	for doctype in [*ours, *(each for each in metadata.shapes() if each not in ours)]:
		meta = metadata.get_meta(doctype)
		if not (meta.issingle or meta.istable) and db.exists(doctype, name):
			return doctype, db.exists(doctype, name)
	return None


def one(doctype: str, name: str) -> None:
	import frappe

	from crm_pipeline import api
	from crm_pipeline.core.chain import ORDER
	from crm_pipeline.erp.flow import DOWNSTREAM

	doc = frappe.get_doc(doctype, name)
	say(f"{doctype} {name}")
	for field in doc.meta.stored_fields():
		value = doc.get(field.fieldname)
		if value not in (None, "", 0, 0.0) and field.fieldname not in HIDDEN:
			say(f"  {field.label or field.fieldname:<28} {value}")
	for table in doc.meta.get_table_fields():
		for row in doc.get(table.fieldname):
			shown = {
				f.fieldname: row.get(f.fieldname) for f in row.meta.stored_fields() if row.get(f.fieldname)
			}
			say(f"  {table.label} {row.idx}: " + ", ".join(f"{k} {v}" for k, v in list(shown.items())[:6]))
	if doctype in (*ORDER, *DOWNSTREAM):
		screen = Screen()
		screen.picture("ribbon", api.get_ribbon(doctype, name))
		screen.picture("chain", api.get_chain(doctype, name))
		if doctype in ORDER and api.get_history(doctype, name):
			screen.picture("history", api.get_history(doctype, name))


def main(arguments: list[str]) -> int:
	parser = argparse.ArgumentParser(prog="explore")
	parser.add_argument("--file", type=Path, default=FILE)
	parser.add_argument("what", nargs="*")
	given = parser.parse_args(arguments)
	what = " ".join(given.what)
	if not given.file.exists():
		say(f"explore: {given.file.name} is not there yet: run make demo first")
		return 1
	try:
		host.start(given.file)
	except host.Refused as refused:
		say(f"explore: {refused}")
		return 1
	from benchless import metadata

	if not what:
		overview()
	elif what in metadata.shapes():
		documents_of(what)
	elif found := find(what):
		one(*found)
	else:
		say(
			f"explore: no document and no kind of document is called {what}; make explore lists what there is"
		)
		return 1
	return 0


if __name__ == "__main__":
	try:
		sys.exit(main(sys.argv[1:]))
	except BrokenPipeError:
		# Whoever reads along (head, less) has seen enough.
		sys.stderr.close()

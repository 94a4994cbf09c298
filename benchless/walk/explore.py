"""`make explore`: looks around in the file that the demo left behind.

python -m benchless.walk.explore [--file FILE]              the kinds of documents and how many there are
python -m benchless.walk.explore [--file FILE] "Sales Lead" the documents of one kind
python -m benchless.walk.explore [--file FILE] NAME         one document: fields, rows, ribbon, chain, history
"""

import argparse
import re
import sqlite3
import sys
from pathlib import Path

from benchless import host
from benchless.errors import NotOffered
from benchless.walk.demo import FILE, is_ours
from benchless.walk.screen import Screen, columns, say, shown

HIDDEN = (
	"owner",
	"creation",
	"modified",
	"modified_by",
	"idx",
	"docstatus",
	"name",
	"naming_series",
	"stalled_reasons",
)
OF_AN_ITEM = ("item_code", "qty", "rate", "amount")


def overview() -> None:
	from benchless import metadata
	from benchless.database import db

	ours = metadata.app_doctypes()
	say('Documents in this file; make explore ARGS="Sales Lead" lists one kind,\nARGS=NAME shows one document:')
	for doctype in sorted(metadata.shapes(), key=lambda name: (name not in ours, name)):
		meta = metadata.get_meta(doctype)
		count = 0 if meta.issingle or meta.istable or meta.module == "Core" else db.count(doctype)
		if count:
			say(f"  {doctype:<34} {count:>4}{'' if doctype in ours else '   ERPNext'}")


def documents_of(doctype: str) -> None:
	import frappe

	meta = frappe.get_meta(doctype)
	fields = [f for f in ("status", meta.title_field, "amount", "grand_total") if f and meta.has_field(f)]
	rows = frappe.get_all(doctype, fields=["name", *fields], order_by="creation asc", limit=0)
	shown_as = [[row.name, *(readable(frappe.get_doc(doctype, row.name), f) for f in fields)] for row in rows]
	for line in columns(shown_as):
		say(f"  {line}")
	if not rows:
		say(f"  there is no {doctype}")


def find(name: str) -> list[tuple[str, str]]:
	"""The document of a name, whatever kind it is; else those that show it as their title, in any case."""
	from benchless import metadata
	from benchless.database import db

	ours = list(metadata.app_doctypes())
	kinds = []
	for doctype in [*ours, *(each for each in metadata.shapes() if each not in (*ours, "DocType"))]:
		meta = metadata.get_meta(doctype)
		if meta.issingle or meta.istable:
			continue
		if found := db.exists(doctype, name):
			return [(doctype, found)]
		# Of a native document the title may be a field that nobody recorded.
		if meta.title_field and meta.has_field(meta.title_field):
			kinds.append((doctype, meta.title_field))
	return [
		(doctype, row.name)
		for doctype, title in kinds
		for row in db.get_values(doctype, {}, ["name", title], as_dict=True, order_by="creation asc")
		if str(row.get(title) or "").lower() == name.lower()
	]


def readable(doc, fieldname: str):
	"""A field's value as a person reads it: stages by their label, templates of titles filled in."""
	import frappe

	value = doc.get(fieldname)
	field = doc.meta.get_field(fieldname)
	if field and field.options == "Pipeline Stage" and value:
		return frappe.db.get_value("Pipeline Stage", value, "label") or value
	if isinstance(value, str) and "{" in value:
		return re.sub(r"\{(\w+)\}", lambda part: str(doc.get(part[1]) or ""), value)
	return value


def one(doctype: str, name: str) -> None:
	import frappe

	from benchless.walk.story import family
	from crm_pipeline import api
	from crm_pipeline.core.chain import ORDER
	from crm_pipeline.erp.flow import DOWNSTREAM

	doc = frappe.get_doc(doctype, name)
	say(doctype if doc.meta.issingle else f"{doctype} {name}")
	filled = [f for f in doc.meta.stored_fields() if doc.get(f.fieldname) and f.fieldname not in HIDDEN]
	for line in columns([[f.label or f.fieldname, shown(readable(doc, f.fieldname))] for f in filled], longest=60):
		say(f"  {line}")
	for table in doc.meta.get_table_fields():
		for row in doc.get(table.fieldname):
			filled = {f.fieldname: row.get(f.fieldname) for f in row.meta.stored_fields() if row.get(f.fieldname)}
			names = [name for name in OF_AN_ITEM if name in filled] if "item_code" in filled else list(filled)[:6]
			say(f"  {table.label} {row.idx}: " + ", ".join(f"{name} {shown(filled[name])}" for name in names))
	if doctype in (*ORDER, *DOWNSTREAM):
		screen = Screen()
		screen.picture("ribbon", api.get_ribbon(doctype, name))
		screen.picture("chain", family(api.get_chain(doctype, name)))
		if doctype in ORDER and api.get_history(doctype, name):
			screen.picture("history", api.get_history(doctype, name))


def look(what: str) -> int:
	"""Show what is asked for; 1 when there is no such thing."""
	from benchless import metadata

	kind = {name.lower(): name for name in metadata.shapes()}.get(what.lower())
	if not what:
		overview()
	elif kind and metadata.get_meta(kind).issingle:
		one(kind, kind)
	elif kind:
		documents_of(kind)
	elif found := find(what):
		if len(found) == 1:
			one(*found[0])
		else:
			say(f"Several documents are called {what}; make explore ARGS=NAME shows one of them:")
			for doctype, name in found:
				say(f"  {doctype} {name}")
	else:
		say(f"explore: no document and no kind of document is called {what}; make explore lists what there is")
		return 1
	return 0


def main(arguments: list[str]) -> int:
	parser = argparse.ArgumentParser(prog="explore")
	parser.add_argument("--file", type=Path, default=FILE)
	parser.add_argument("what", nargs="*")
	given = parser.parse_args(arguments)
	file = given.file.expanduser()
	try:
		if not file.exists():
			raise host.Refused(f"{file.name} is not there yet: run make demo first")
		if not is_ours(file):
			raise host.Refused(f"{file} is not a database of the demo: name the file of one, or run make demo again")
		host.start(file)
		return look(" ".join(given.what).strip("'\" "))
	except host.Refused as refused:
		say(f"explore: {refused}")
	except (NotOffered, sqlite3.Error) as error:
		fault = str(error).partition(": ")[0]
		say(f"explore: {file.name} was made by another version of the app ({fault}): run make demo again")
	except KeyboardInterrupt:
		say()
		return 130
	return 1


if __name__ == "__main__":
	sys.exit(main(sys.argv[1:]))

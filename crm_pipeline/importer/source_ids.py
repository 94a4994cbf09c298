"""Ids of other systems: an id belongs to a named source, and is another record's in every other source.

Of opportunities the deal itself holds it, per company; of all else the DocType Imported Record does.
"""

import hashlib
import json

import frappe
from frappe.utils import now_datetime

from crm_pipeline.chain import link_kinds, locks
from crm_pipeline.importer.masters import same_id

DOCTYPE = "Imported Record"


def key_of(source: str, scope: str, external_id: str) -> str:
	"""A key that only equal ids of one source and scope (a company, or a DocType) share, case included."""
	text = json.dumps([source.strip().casefold(), scope, same_id(external_id)], ensure_ascii=False)
	return hashlib.sha256(text.encode()).hexdigest()[:40]


def record_of(source: str, doctype: str, external_id: str) -> str | None:
	"""The record that an id stands for, where it is there still."""
	name = frappe.db.get_value(DOCTYPE, {"external_key": key_of(source, doctype, external_id)}, "document")
	return name if name and frappe.db.exists(doctype, name) else None


def keep(source: str, doctype: str, external_id: str, name: str, sales_import: str | None = None) -> None:
	"""Note that an id stands for a record; one that is gone has no claim to it any more."""
	key = key_of(source, doctype, external_id)
	if row := frappe.db.get_value(DOCTYPE, {"external_key": key}, ["name", "document"], as_dict=True):
		if row.document != name:
			frappe.db.set_value(DOCTYPE, row.name, {"document": name, "sales_import": sales_import})
		return
	values = {"source": source, "document_type": doctype, "document": name, "record_id": external_id}
	doc = frappe.get_doc({"doctype": DOCTYPE, **values, "external_key": key, "sales_import": sales_import})
	# The loader's own note, made in the transaction of the record that it is about.
	doc.insert(ignore_permissions=True)


def records_of(source: str, doctype: str, ids: list[str]) -> dict[str, str]:
	"""{id: its record} of those of these ids whose record is there."""
	keys = {key_of(source, doctype, one): one for one in ids}
	note, record = frappe.qb.DocType(DOCTYPE), frappe.qb.DocType(doctype)
	rows = (
		frappe.qb.from_(note)
		.join(record)
		.on(record.name == note.document)
		.select(note.external_key, record.name)
		.where(note.external_key.isin(list(keys) or [""]))
		.orderby(note.name)
	).run()
	return {keys[key]: document for key, document in rows}


def all_of(source: str, doctype: str) -> dict[str, str]:
	"""{key: record} of all ids of a source that stand for a record of this type."""
	note, record = frappe.qb.DocType(DOCTYPE), frappe.qb.DocType(doctype)
	return dict(
		(
			frappe.qb.from_(note)
			.join(record)
			.on(record.name == note.document)
			.select(note.external_key, record.name)
			.where((note.source == source) & (note.document_type == doctype))
			.orderby(note.name)
		).run()
	)


def keep_many(
	source: str,
	doctype: str,
	keys: list[tuple[str, str, int]],
	sales_import: str | None,
	moved: dict[str, str] | None = None,
) -> None:
	"""Note many at once: (id, name of the record, line of the file); none of the ids is known yet. `moved` is {id: what a
	move keeps of its record}."""
	if not keys:
		return
	# Of a record that is gone there may be a note still.
	stale = [key_of(source, doctype, one) for one, _name, _line in keys]
	locks.delete_rows(DOCTYPE, {"external_key": ("in", stale)})
	now, user = now_datetime(), frappe.session.user
	fields = [
		"name",
		"creation",
		"modified",
		"owner",
		"modified_by",
		"source",
		"document_type",
		"document",
		"record_id",
	]
	fields += ["external_key", "sales_import", "line", "moved_values"]
	rows = [
		(
			frappe.generate_hash(length=10),
			now,
			now,
			user,
			user,
			source,
			doctype,
			name,
			one,
			key_of(source, doctype, one),
		)
		+ (sales_import, line, (moved or {}).get(one))
		for one, name, line in keys
	]
	frappe.db.bulk_insert(DOCTYPE, fields, rows, chunk_size=len(rows))
	link_kinds.note(DOCTYPE, {"document_type": doctype})


def unclaimed(source: str, doctype: str, names: list[str]) -> list[str]:
	"""Those of these records for which no id of the source stands."""
	taken = frappe.get_all(
		DOCTYPE,
		filters={"source": source, "document_type": doctype, "document": ("in", names or [""])},
		pluck="document",
		order_by="name asc",
		limit=0,
	)
	return [name for name in names if name not in taken]

"""Ids of other systems: an id belongs to a named source, and is another record's in every other source.

Of opportunities the deal itself holds it, per company; of all else the DocType Imported Record does.
"""

import hashlib
import json

import frappe

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
			frappe.db.set_value(DOCTYPE, row.name, "document", name)
		return
	values = {"source": source, "document_type": doctype, "document": name, "record_id": external_id}
	doc = frappe.get_doc({"doctype": DOCTYPE, **values, "external_key": key, "sales_import": sales_import})
	# The loader's own note, made in the transaction of the record that it is about.
	doc.insert(ignore_permissions=True)


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

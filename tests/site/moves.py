"""Moves of another system's records, as tests start them and look at what became of a record."""

import frappe

from crm_pipeline import api
from crm_pipeline.importer import desk_import

IMPORT, LEAD, DEAL = "Sales Import", "Sales Lead", "Sales Opportunity"


def a_move(old, system: str, **values):
	values = {"company": old.world.company, "pipeline": "Standard Sales", **values}
	return frappe.get_doc({"doctype": IMPORT, "import_from": system, **values}).insert()


def moved(old, system: str, **values):
	doc = a_move(old, system, **values)
	api.start_import(doc.name)
	desk_import.run(doc.name)
	doc.reload()
	assert doc.status == "Done", doc.message
	return doc


def here(name: str, source: str):
	"""The deal that a deal of the other system became."""
	found = frappe.db.get_value(DEAL, {"external_id": name, "external_source": source}, "name")
	return frappe.get_doc(DEAL, found) if found else None


def record(name: str, doctype: str = LEAD):
	found = frappe.db.get_value("Imported Record", {"record_id": name, "document_type": doctype}, "document")
	return frappe.get_doc(doctype, found) if found else None

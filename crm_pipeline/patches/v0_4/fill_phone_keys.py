"""Leads and contacts of earlier versions get the numbers by which they are searched."""

import frappe
from pypika import Case

from crm_pipeline.core import matching
from crm_pipeline.erp import identity

CHUNK = 500
TABLES = {"Sales Lead": {"phone": "match_phone", "mobile_no": "match_mobile"}, "Sales Deal Contact": {"phone": "match_phone"}}


def execute():
	"""Killed, it goes on the next time with the rows that have no key yet: an empty text is a key too."""
	country = identity.country_code(None)
	for doctype, fields in TABLES.items():
		after = ""
		while rows := _next(doctype, list(fields), after):
			_fill(doctype, fields, rows, country)
			after = rows[-1].name


def _fill(doctype: str, fields: dict[str, str], rows: list[dict], country: str) -> None:
	"""One statement per chunk: a transaction may hold a limited number of them."""
	table = frappe.qb.DocType(doctype)
	query = frappe.qb.update(table).where(table.name.isin([row.name for row in rows]))
	for field, key in fields.items():
		values = Case()
		for row in rows:
			values = values.when(table.name == row.name, matching.normal_phone(row[field], country))
		query = query.set(table[key], values)
	query.run()


def _next(doctype: str, fields: list[str], after: str) -> list[dict]:
	table = frappe.qb.DocType(doctype)
	query = frappe.qb.from_(table).select(table.name, *(table[field] for field in fields))
	query = query.where(table.match_phone.isnull() & (table.name > after))
	return query.orderby(table.name).limit(CHUNK).run(as_dict=True)

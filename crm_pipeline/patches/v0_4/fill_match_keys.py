"""Parties of earlier versions, and all that are not ours, get the keys by which they are found."""

import frappe
from pypika import Case

from crm_pipeline.erp import custom_fields, identity

CHUNK = 500


def execute():
	# Fields of ours are made after the patches; this one needs them now.
	custom_fields.create()
	fill_missing_keys()


def fill_missing_keys() -> None:
	"""Give keys to what has none: records from before this app, or written past it. Interrupted, it goes on the next
	time: an empty text is a key too."""
	site = identity.country_code(None)
	customer = ("customer_name", "customer_type", "tax_id")
	_fill("Customer", "crm_match_name", customer, identity.customer_keys)
	_fill("Contact Email", "crm_match_email", ("email_id",), lambda row: identity.email_keys(row.email_id))
	_fill("Contact Phone", "crm_match_phone", ("phone",), lambda row: identity.phone_keys(row.phone, site))
	_fill("Sales Prospect", "match_name", identity.PROSPECT_FIELDS, identity.prospect_keys)


def _fill(doctype: str, mark: str, fields: tuple[str, ...], keys_of) -> None:
	table = frappe.qb.DocType(doctype)
	after = ""
	while rows := _next(doctype, mark, fields, after):
		keys = {row.name: keys_of(row) for row in rows}
		# One statement per chunk: a transaction may hold a limited number of them.
		query = frappe.qb.update(table).where(table.name.isin(list(keys)))
		for column in next(iter(keys.values())):
			values = Case()
			for name, found in keys.items():
				values = values.when(table.name == name, found[column])
			query = query.set(table[column], values)
		query.run()
		after = rows[-1].name


def _next(doctype: str, mark: str, fields: tuple[str, ...], after: str) -> list[dict]:
	table = frappe.qb.DocType(doctype)
	names = dict.fromkeys(("name", *fields))
	return (
		frappe.qb.from_(table)
		.select(*(table[name] for name in names))
		.where(table[mark].isnull() & (table.name > after))
		.orderby(table.name)
		.limit(CHUNK)
	).run(as_dict=True)
